// format/text/decimal.ts: exact decimal numbers as text. The value is `unscaled` divided by ten to the power of `scale`.

/** An exact decimal number. */
export interface DecimalValue {
  readonly unscaled: bigint;
  readonly scale: number;
}

/** Parses `-12.340`, `1E-7` and the like; null for anything else. The scale is that of the text, at least 0. */
export function parseDecimal(text: string): DecimalValue | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim());
  if (match === null) return null;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return null;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction) * (scale < 0 ? 10n ** BigInt(-scale) : 1n);
  return { unscaled: sign === "-" ? -digits : digits, scale: Math.max(scale, 0) };
}

/** Plain notation with exactly `scale` digits after the point. */
export function formatDecimal(value: DecimalValue): string {
  const digits = (value.unscaled < 0n ? -value.unscaled : value.unscaled).toString().padStart(value.scale + 1, "0");
  const point = digits.length - value.scale;
  const sign = value.unscaled < 0n ? "-" : "";
  return `${sign}${digits.slice(0, point)}${value.scale > 0 ? `.${digits.slice(point)}` : ""}`;
}

/** The same number at another scale, or null when digits other than zero would be lost. */
export function rescaleDecimal(value: DecimalValue, scale: number): DecimalValue | null {
  if (scale >= value.scale) return { unscaled: value.unscaled * 10n ** BigInt(scale - value.scale), scale };
  const divisor = 10n ** BigInt(value.scale - scale);
  return value.unscaled % divisor === 0n ? { unscaled: value.unscaled / divisor, scale } : null;
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: DecimalValue, b: DecimalValue): number {
  const scale = Math.max(a.scale, b.scale);
  const x = a.unscaled * 10n ** BigInt(scale - a.scale);
  const y = b.unscaled * 10n ** BigInt(scale - b.scale);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** True when the number fits `decimal(precision, scale)` without loss. */
export function fitsDecimal(value: DecimalValue, precision: number, scale: number): boolean {
  const rescaled = rescaleDecimal(value, scale);
  if (rescaled === null) return false;
  const limit = 10n ** BigInt(precision);
  return rescaled.unscaled < limit && rescaled.unscaled > -limit;
}
