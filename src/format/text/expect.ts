// format/text/expect.ts: takes parsed JSON apart, with the path of the wrong field in the message.
import { AlluviumError } from "./error.ts";
import { formatJson, isJsonObject } from "./json-int64.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/** Where a value stands: a file, a line of it (from 1), and the path of the value inside the line. */
export interface Place {
  readonly path: string;
  readonly line?: number;
  readonly field?: string;
}

/** The place of a field below `place`. */
export function fieldPlace(place: Place, name: string): Place {
  const { path, line } = place;
  const field = place.field === undefined || place.field === "" ? name : `${place.field}.${name}`;
  return line === undefined ? { path, field } : { path, line, field };
}

/** An AlluviumError `CORRUPT_LOG` that says what is wrong and where. */
export function corruptLog(place: Place, problem: string, cause?: unknown): AlluviumError {
  const line = place.line === undefined ? "" : `, line ${place.line}`;
  const field = place.field === undefined || place.field === "" ? "" : `, field ${place.field}`;
  const context = { path: place.path, line: place.line, field: place.field };
  const advice = "The file was damaged or written by a program that does not follow Delta's protocol.";
  return new AlluviumError("CORRUPT_LOG", context, `${place.path}${line}${field}: ${problem}. ${advice}`, { cause });
}

/** A field that is an object, null or absent. @throws AlluviumError `CORRUPT_LOG` */
export function optionalObject(object: JsonObject, name: string, place: Place): JsonObject | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  return isJsonObject(value) ? value : wrong({ value, name, place }, "an object");
}

/** A field that must be text. @throws AlluviumError `CORRUPT_LOG` */
export function expectString(object: JsonObject, name: string, place: Place): string {
  return optionalString(object, name, place) ?? wrong({ value: object[name], name, place }, "text");
}

/** A field that is text, null or absent. @throws AlluviumError `CORRUPT_LOG` */
export function optionalString(object: JsonObject, name: string, place: Place): string | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : wrong({ value, name, place }, "text");
}

/** A field that is true, false, null or absent. @throws AlluviumError `CORRUPT_LOG` */
export function optionalBoolean(object: JsonObject, name: string, place: Place): boolean | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === "boolean" ? value : wrong({ value, name, place }, "true or false");
}

/** A field that must be a whole number within ±(2^53 - 1). @throws AlluviumError `CORRUPT_LOG` */
export function expectInteger(object: JsonObject, name: string, place: Place): number {
  return optionalInteger(object, name, place) ?? wrong({ value: object[name], name, place }, "a whole number");
}

/** A field that is a whole number within ±(2^53 - 1), null or absent. @throws AlluviumError `CORRUPT_LOG` */
export function optionalInteger(object: JsonObject, name: string, place: Place): number | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number)
    ? number
    : wrong({ value, name, place }, "a whole number within 2^53");
}

/**
 * A field that is a time, null or absent: a 64-bit whole number. One beyond ±(2^53 - 1), of a writer that took another unit than
 * milliseconds, counts as the last or first that there is. @throws AlluviumError `CORRUPT_LOG`
 */
export function optionalTime(object: JsonObject, name: string, place: Place): number | undefined {
  const time = optionalInt64(object, name, place);
  if (time === undefined) return undefined;
  return Math.max(Math.min(Number(time), Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER);
}

/** A field that must be a whole number of at least 0. @throws AlluviumError `CORRUPT_LOG` */
export function expectCount(object: JsonObject, name: string, place: Place): number {
  const value = expectInteger(object, name, place);
  return value >= 0 ? value : wrong({ value, name, place }, "a whole number of at least 0");
}

/** A field that is a whole number of at least 0, null or absent. @throws AlluviumError `CORRUPT_LOG` */
export function optionalCount(object: JsonObject, name: string, place: Place): number | undefined {
  const value = optionalInteger(object, name, place);
  return value === undefined || value >= 0 ? value : wrong({ value, name, place }, "a whole number of at least 0");
}

/** A field that must be a 64-bit whole number. @throws AlluviumError `CORRUPT_LOG` */
export function expectInt64(object: JsonObject, name: string, place: Place): bigint {
  return optionalInt64(object, name, place) ?? wrong({ value: object[name], name, place }, "a 64-bit whole number");
}

/** A field that is a 64-bit whole number, null or absent. @throws AlluviumError `CORRUPT_LOG` */
export function optionalInt64(object: JsonObject, name: string, place: Place): bigint | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  const wide =
    typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value)) ? BigInt(value) : null;
  return wide !== null && BigInt.asIntN(64, wide) === wide
    ? wide
    : wrong({ value, name, place }, "a 64-bit whole number");
}

/** A field that is a list of texts, null or absent. @throws AlluviumError `CORRUPT_LOG` */
export function optionalStringList(object: JsonObject, name: string, place: Place): readonly string[] | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return wrong({ value, name, place }, "a list of texts");
  const list = value as readonly JsonValue[];
  return list.map((item, index) =>
    typeof item === "string" ? item : wrong({ value: item, name: `${name}[${index}]`, place }, "text"),
  );
}

/**
 * A field that is a map from text to text or null; the field itself may be null or absent. Numbers and truth values of writers that
 * left the quotes out are taken as their text, as the reference implementation does. @throws AlluviumError `CORRUPT_LOG`
 */
export function optionalTextMap(
  object: JsonObject,
  name: string,
  place: Place,
): ReadonlyMap<string, string | null> | undefined {
  const value = optionalObject(object, name, place);
  if (value === undefined) return undefined;
  const map = new Map<string, string | null>();
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined || (typeof item === "object" && item !== null))
      return wrong({ value: item, name: key, place: fieldPlace(place, name) }, "text or null");
    map.set(key, item === null || typeof item === "string" ? item : formatJson(item));
  }
  return map;
}

/** As `optionalTextMap`, but entries that are null count as absent. @throws AlluviumError `CORRUPT_LOG` */
export function optionalSettings(
  object: JsonObject,
  name: string,
  place: Place,
): ReadonlyMap<string, string> | undefined {
  const map = optionalTextMap(object, name, place);
  if (map === undefined) return undefined;
  return new Map([...map].filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The fields that are not in `known`, or undefined when there are none. The result has no prototype. */
export function unknownFields(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: Record<string, JsonValue> | undefined;
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (known.has(name) || value === undefined) continue;
    rest ??= Object.create(null) as Record<string, JsonValue>;
    rest[name] = value;
  }
  return rest;
}

interface WrongField {
  readonly value: JsonValue | undefined;
  readonly name: string;
  readonly place: Place;
}

function wrong(field: WrongField, wanted: string): never {
  throw corruptLog(fieldPlace(field.place, field.name), `expected ${wanted}, found ${describe(field.value)}`);
}

function describe(value: JsonValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
