// format/text/byte-size.ts: sizes as people and Spark write them: "1073741824", "128m", "1.5 GB".

/** Bytes, rounded down, or null when the text is not a size. A bare number is bytes; k, m, g, t, p are powers of 1024, in any case. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) return null;
  const power = " kmgtp".indexOf((match[2] ?? "").toLowerCase() || " ");
  const bytes = Math.floor(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
