// stream/source/option-values.ts: numbers in options, read as the JVM reads them.

/** A whole number of 32 bits as Java reads it, or null. */
export function parseInt32(text: string): number | null {
  const number = parseInt64(text);
  return number === null || number > 2_147_483_647n || number < -2_147_483_648n ? null : Number(number);
}

/** A whole number of 64 bits as Java reads it, or null. */
export function parseInt64(text: string): bigint | null {
  if (!/^[+-]?\d+$/.test(text)) return null;
  const number = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return BigInt.asIntN(64, number) === number ? number : null;
}
