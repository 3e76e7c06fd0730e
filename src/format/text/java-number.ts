// format/text/java-number.ts: floating-point numbers as Java, and so Spark, spells them: "1.0", "1.5E10", "NaN", "-Infinity".

/** The shortest text that reads back as the same 64-bit float. */
export function formatDouble(value: number): string {
  return javaLayout(value, Number.isFinite(value) ? value.toExponential() : "");
}

/** The shortest text that reads back as the same 32-bit float. */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return javaLayout(value, "");
  for (let digits = 0; digits < 9; digits += 1) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) return javaLayout(value, text);
  }
  return formatDouble(value);
}

/** The number of such a text, or null. */
export function parseFloatingPoint(text: string): number | null {
  const trimmed = text.trim();
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/.test(trimmed))
    return Number(trimmed.replace(/[dDfF]$/, ""));
  const match = /^([+-]?)(nan|inf|infinity)$/i.exec(trimmed);
  if (match === null) return null;
  if (match[2]?.toLowerCase() === "nan") return Number.NaN;
  return match[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

// Java writes plain digits from 10^-3 up to 10^7 and scientific notation elsewhere, always with a digit after the point.
function javaLayout(value: number, exponential: string): string {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}Infinity`;
  if (value === 0) return `${sign}0.0`;
  const [mantissa = "", exponentText = "0"] = exponential
    .replace("-", (dash, at: number) => (at === 0 ? "" : dash))
    .split("e");
  const digits = mantissa.replace(".", "").replace(/0+$/, "") || "0";
  const exponent = Number(exponentText);
  if (exponent < -3 || exponent >= 7) return `${sign}${digits[0]}.${digits.slice(1) || "0"}E${exponent}`;
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}
