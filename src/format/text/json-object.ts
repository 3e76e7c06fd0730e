// format/text/json-object.ts: builds JSON objects field by field, leaving out what is absent.
import type { JsonObject, JsonValue } from "./json.ts";

/** The fields that are not undefined, in order, then those of `rest` that `fields` does not have. No prototype. */
export function jsonObject(fields: { readonly [name: string]: JsonValue | undefined }, rest?: JsonObject): JsonObject {
  const object = Object.create(null) as Record<string, JsonValue>;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value !== undefined) object[name] = value;
  }
  if (rest !== undefined) {
    for (const name of Object.keys(rest)) object[name] ??= rest[name] ?? null;
  }
  return object;
}

/** A map of texts as a JSON object. */
export function settingsToJson(map: ReadonlyMap<string, string | null>): JsonObject {
  const object = Object.create(null) as Record<string, JsonValue>;
  for (const [key, value] of map) object[key] = value;
  return object;
}
