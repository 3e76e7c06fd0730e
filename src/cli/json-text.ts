// cli/json-text.ts: values as JSON lines: 64-bit integers as bare digits, so that nothing is rounded.

/** JSON text of a row's value. */
export function jsonText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? numberText(value) : JSON.stringify(String(value));
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value instanceof Map) return objectText([...value].map(([key, entry]) => [plainText(key), entry]));
  if (typeof value === "object") return objectText(Object.entries(value));
  return JSON.stringify(value);
}

/** A value as a person reads it in a cell; null is `NULL`. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex").toUpperCase()}`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return jsonText(value);
}

const numberText = (value: number): string => (Object.is(value, -0) ? "-0.0" : String(value));

const objectText = (entries: readonly (readonly [string, unknown])[]): string =>
  `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${jsonText(entry)}`).join(",")}}`;
