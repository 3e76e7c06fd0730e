// format/text/property-value.ts: the values of table properties; each parser answers null for a text it does not take.
import { parseByteSize } from "./byte-size.ts";
import { parseInterval } from "./interval.ts";

/** How strictly a transaction is kept apart from those that commit while it works. */
export type IsolationLevel = "WriteSerializable" | "Serializable";

/** "true" or "false" in any case, else null. */
export function parseBoolean(text: string): boolean | null {
  const lower = text.trim().toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : null;
}

/** A parser of whole numbers of at least `least`; null for anything else. */
export function atLeast(least: number): (text: string) => number | null {
  return (text) => {
    if (!/^[+-]?\d{1,15}$/.test(text.trim())) return null;
    const number = Number(text);
    return number >= least ? number : null;
  };
}

/** Milliseconds of an interval of at least 0, else null. */
export function parseRetention(text: string): number | null {
  const ms = parseInterval(text);
  return ms !== null && ms >= 0 ? ms : null;
}

/** The isolation level in any case, else null. */
export function parseIsolationLevel(text: string): IsolationLevel | null {
  const lower = text.trim().toLowerCase();
  if (lower === "serializable") return "Serializable";
  return lower === "writeserializable" ? "WriteSerializable" : null;
}

/** Bytes of a size above 0, else null. */
export function parseTargetSize(text: string): number | null {
  const bytes = parseByteSize(text);
  return bytes !== null && bytes > 0 ? bytes : null;
}

/** A Parquet codec in lower case, else null. */
export function parseCodec(text: string): string | null {
  const codec = text.trim().toLowerCase();
  return compressionCodecs.includes(codec) ? codec : null;
}

/** The codecs that PROTOCOL.md, "Table Properties", names. */
export const compressionCodecs: readonly string[] = [
  "uncompressed",
  "none",
  "snappy",
  "gzip",
  "lz4",
  "lz4_raw",
  "zstd",
];
