// format/text/json-int64.ts: JSON text to values and back, with whole numbers of any size kept whole.
import type { JsonObject, JsonValue } from "./json.ts";

/** Decides what becomes of one number that is written with many digits; `undefined` leaves it to `JSON.parse`. */
export type NumberReader = (token: string) => unknown;

/**
 * Parses JSON. Whole numbers beyond ±(2^53 - 1) become `bigint`; objects have no prototype, so `__proto__` is a key
 * like any other; of duplicate keys the last one wins.
 * @throws SyntaxError when the text is not JSON, is nested deeper than 1000 levels, or holds a number beyond a double
 */
export function parseJson(text: string): JsonValue {
  const value: unknown = JSON.parse(text);
  // Nearly no text has such a number: to look at the values takes less than to look for digits in all texts.
  return (isExact(value, 0) ? value : parseJsonWith(text, readBigInteger)) as JsonValue;
}

/**
 * Writes compact JSON: no spaces, no line breaks, keys in the order they were set, bigints as bare digits.
 * @throws RangeError when a number is not finite, for JSON cannot say it
 */
export function formatJson(value: JsonValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return formatNumber(value);
  if (typeof value !== "object" || value === null) return String(value);
  return isArray(value) ? `[${value.map(formatJson).join(",")}]` : formatJsonObject(value);
}

/** True for a JSON object: not null, not an array. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parses JSON as `parseJson` does, but asks `read` about every number of 16 digits or more (a point counts as one).
 * @throws SyntaxError as `parseJson`
 */
export function parseJsonWith(text: string, read: NumberReader): unknown {
  const long = longNumber.test(text);
  const marked = long ? markNumbers(text, read) : null;
  const value: unknown = JSON.parse(marked === null ? text : marked.text);
  return tidy(value, marked, 0);
}

// As many levels as Jackson, the parser of the reference implementation, takes.
const depthMax = 1000;
const longNumber = /\d[\d.]{15}/;
const numberToken = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

interface Marked {
  readonly text: string;
  readonly mark: string;
  readonly values: readonly unknown[];
}

function readBigInteger(token: string): bigint | undefined {
  if (!/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) return undefined;
  return BigInt(token);
}

// JSON.parse rounds long numbers, so those that `read` takes are put into the text as strings that say where their
// value is kept. Walking from quote to quote is many times faster than a parser written in JavaScript.
function markNumbers(text: string, read: NumberReader): Marked {
  const mark = unusedMark(text);
  const values: unknown[] = [];
  const markToken = (token: string): string => {
    const value = token.length < 16 || /^-?0\d/.test(token) ? undefined : read(token);
    if (value === undefined) return token;
    values.push(value);
    return `"${mark}${values.length - 1}"`;
  };
  const pieces: string[] = [];
  for (let position = 0; position < text.length;) {
    const quote = text.indexOf('"', position);
    const outside = text.slice(position, quote < 0 ? text.length : quote);
    pieces.push(longNumber.test(outside) ? outside.replace(numberToken, markToken) : outside);
    if (quote < 0) break;
    position = endOfString(text, quote);
    pieces.push(text.slice(quote, position));
  }
  return { text: pieces.join(""), mark, values };
}

function endOfString(text: string, openingQuote: number): number {
  for (let from = openingQuote + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === backslash) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

const backslash = 0x5c;

// The mark must not occur in any string of the text, also not spelled with \u escapes.
function unusedMark(text: string): string {
  const unescaped = text.includes("\\u")
    ? text.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
  for (let attempt = 0; ; attempt += 1) {
    const mark = `number${attempt}:`;
    if (!text.includes(mark) && !unescaped.includes(mark)) return mark;
  }
}

/** False where a number may have been rounded, or is none; what is true has been made tidy. */
function isExact(value: unknown, depth: number): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value) || !(Math.abs(value) > Number.MAX_SAFE_INTEGER);
  if (typeof value !== "object" || value === null) return true;
  requireDepth(depth + 1);
  const parent = value as Record<string, unknown>;
  if (!Array.isArray(parent)) Object.setPrototypeOf(parent, null);
  for (const key in parent) if (!isExact(parent[key], depth + 1)) return false;
  return true;
}

function requireDepth(depth: number): void {
  if (depth > depthMax) throw new SyntaxError(`the JSON is nested deeper than ${depthMax} levels`);
}

function tidy(value: unknown, marked: Marked | null, depth: number): unknown {
  if (typeof value === "string" && marked !== null && value.startsWith(marked.mark)) {
    return marked.values[Number(value.slice(marked.mark.length))];
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new SyntaxError("a number is too large for a double");
  if (typeof value === "object" && value !== null) tidyChildren(value as Record<string, unknown>, marked, depth + 1);
  return value;
}

function tidyChildren(parent: Record<string, unknown>, marked: Marked | null, depth: number): void {
  requireDepth(depth);
  if (!Array.isArray(parent)) Object.setPrototypeOf(parent, null);
  for (const key in parent) {
    if (marked !== null && key.startsWith(marked.mark)) throw new SyntaxError("a number stands where a key must be");
    const before = parent[key];
    const after = tidy(before, marked, depth);
    if (after !== before) parent[key] = after;
  }
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`JSON cannot say ${value}`);
  return Object.is(value, -0) ? "-0.0" : String(value);
}

function formatJsonObject(object: JsonObject): string {
  const fields: string[] = [];
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value !== undefined) fields.push(`${JSON.stringify(key)}:${formatJson(value)}`);
  }
  return `{${fields.join(",")}}`;
}

function isArray(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
