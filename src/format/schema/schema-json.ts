// format/schema/schema-json.ts: schemas to the JSON of the log and back. PROTOCOL.md, "Schema Serialization Format".
import { AlluviumError, messageOf } from "../text/error.ts";
import { corruptLog, expectString, fieldPlace, optionalBoolean, optionalObject } from "../text/expect.ts";
import type { Place } from "../text/expect.ts";
import { formatJson, isJsonObject, parseJson } from "../text/json-int64.ts";
import type { JsonObject, JsonValue } from "../text/json.ts";
import type { ArrayType, DataType, DecimalType, MapType, PrimitiveName, StructField, StructType } from "./schema.ts";

/**
 * Parses a table's schema. A text that is empty, as in tables that have no schema yet, is a schema without columns.
 * @throws AlluviumError `CORRUPT_LOG` when it is not a schema, with the path of the wrong part;
 *   `UNSUPPORTED_FEATURE` when a type belongs to Spark and is unknown to Delta's protocol
 */
export function parseSchema(text: string): StructType {
  if (text === "") return { kind: "struct", fields: [] };
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw corruptLog(schemaPlace, `the schema is not JSON (${messageOf(cause)})`, cause);
  }
  return schemaFromJson(value);
}

/** As `parseSchema`, of JSON that is parsed already. @throws AlluviumError as `parseSchema` */
export function schemaFromJson(value: JsonValue): StructType {
  if (!isJsonObject(value) || value["type"] !== "struct") throw corruptLog(schemaPlace, "the schema is not a struct");
  return parseStruct(value, schemaPlace);
}

/** Writes a schema as Spark does: compact, fields in its order, metadata as it was read. */
export function formatSchema(schema: StructType): string {
  return formatJson(typeToJson(schema));
}

const schemaPlace: Place = { path: "metaData.schemaString" };

const primitiveNames: ReadonlyMap<string, PrimitiveName> = new Map<string, PrimitiveName>([
  ["boolean", "boolean"],
  ["byte", "byte"],
  ["short", "short"],
  ["integer", "integer"],
  ["long", "long"],
  ["float", "float"],
  ["double", "double"],
  ["string", "string"],
  ["binary", "binary"],
  ["date", "date"],
  ["timestamp", "timestamp"],
  ["timestamp_ntz", "timestamp_ntz"],
  ["void", "void"],
  ["variant", "variant"],
  // Spark's older name of void, and its alias of timestamp.
  ["null", "void"],
  ["timestamp_ltz", "timestamp"],
]);

function parseType(value: JsonValue | undefined, place: Place): DataType {
  if (typeof value === "string") return parseNamedType(value, place);
  if (!isJsonObject(value)) throw corruptLog(place, "expected the name of a type or a nested type");
  const kind = value["type"];
  if (kind === "struct") return parseStruct(value, place);
  if (kind === "array") return parseArray(value, place);
  if (kind === "map") return parseMap(value, place);
  if (kind === "udt") throw unsupportedType("a user-defined type", place);
  throw corruptLog(fieldPlace(place, "type"), "a nested type is a struct, an array or a map");
}

function parseNamedType(name: string, place: Place): DataType {
  const primitive = primitiveNames.get(name);
  if (primitive !== undefined) return { kind: "primitive", name: primitive };
  if (name === "decimal") return { kind: "decimal", precision: 10, scale: 0 };
  const decimal = /^decimal\(\s*(\d{1,3})\s*,\s*(-?\d{1,3})\s*\)$/.exec(name);
  if (decimal) return parseDecimal(Number(decimal[1]), Number(decimal[2]), place);
  // Spark keeps the length in the field's metadata too, and stores plain strings.
  if (/^(?:var)?char\(\d+\)$/.test(name) || /^string collate /i.test(name))
    return { kind: "primitive", name: "string" };
  if (/^(?:interval|geometry|geography|time\b|object)/.test(name)) throw unsupportedType(`the type ${name}`, place);
  throw corruptLog(place, `there is no type named ${JSON.stringify(name)}`);
}

function parseDecimal(precision: number, scale: number, place: Place): DecimalType {
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
    throw corruptLog(place, `decimal(${precision},${scale}) is no type: precision is 1 to 38, scale 0 to precision`);
  }
  return { kind: "decimal", precision, scale };
}

function parseStruct(value: JsonObject, place: Place): StructType {
  const fields = value["fields"];
  if (!Array.isArray(fields)) throw corruptLog(fieldPlace(place, "fields"), "expected a list of fields");
  const list = fields as readonly JsonValue[];
  return {
    kind: "struct",
    fields: list.map((field, index) => parseField(field, fieldPlace(place, `fields[${index}]`))),
  };
}

function parseField(value: JsonValue, place: Place): StructField {
  if (!isJsonObject(value)) throw corruptLog(place, "expected a field");
  return {
    name: expectString(value, "name", place),
    type: parseType(value["type"], fieldPlace(place, "type")),
    nullable: optionalBoolean(value, "nullable", place) ?? true,
    metadata: optionalObject(value, "metadata", place) ?? noMetadata,
  };
}

function parseArray(value: JsonObject, place: Place): ArrayType {
  return {
    kind: "array",
    elementType: parseType(value["elementType"], fieldPlace(place, "elementType")),
    containsNull: optionalBoolean(value, "containsNull", place) ?? true,
  };
}

function parseMap(value: JsonObject, place: Place): MapType {
  return {
    kind: "map",
    keyType: parseType(value["keyType"], fieldPlace(place, "keyType")),
    valueType: parseType(value["valueType"], fieldPlace(place, "valueType")),
    valueContainsNull: optionalBoolean(value, "valueContainsNull", place) ?? true,
  };
}

function unsupportedType(what: string, place: Place): AlluviumError {
  const message = `The column at ${place.field ?? "the root"} has ${what}, which this build cannot read. Read it with Spark, or drop the column.`;
  return new AlluviumError("UNSUPPORTED_FEATURE", { field: place.field }, message);
}

const noMetadata: JsonObject = Object.freeze(Object.create(null) as JsonObject);

function typeToJson(type: DataType): JsonValue {
  switch (type.kind) {
    case "primitive":
      return type.name;
    case "decimal":
      return `decimal(${type.precision},${type.scale})`;
    case "array":
      return { type: "array", elementType: typeToJson(type.elementType), containsNull: type.containsNull };
    case "map": {
      const { keyType, valueType, valueContainsNull } = type;
      return { type: "map", keyType: typeToJson(keyType), valueType: typeToJson(valueType), valueContainsNull };
    }
    case "struct":
      return structToJson(type);
  }
}

function structToJson(type: StructType): JsonObject {
  const fields = type.fields.map((field) => ({
    name: field.name,
    type: typeToJson(field.type),
    nullable: field.nullable,
    metadata: field.metadata,
  }));
  return { type: "struct", fields };
}
