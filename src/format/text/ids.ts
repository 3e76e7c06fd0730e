// format/text/ids.ts: the numbers and ids that must never be mixed up.

declare const versionBrand: unique symbol;

/** Number of a table commit: a whole number from 0 to 2^53 - 1. PROTOCOL.md, "Delta Log Entries". */
export type Version = number & { readonly [versionBrand]: true };

/**
 * Makes a table version of a number.
 * @throws RangeError when `n` is not a whole number from 0 to 2^53 - 1
 */
export function version(n: number): Version {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`not a table version: ${n}`);
  return n as Version; // the only cast
}
