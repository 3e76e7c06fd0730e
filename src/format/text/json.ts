// format/text/json.ts: JSON as data, with 64-bit integers kept whole.

/** A JSON value. Whole numbers outside ±(2^53 - 1) are `bigint`; all other numbers are `number`. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;

/** A JSON object as parsed: it has no prototype, so `__proto__` is a key like any other. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
