// expression/function/json-schema.ts: the type of a JSON text, as Spark tells it: schema_of_json.
import type { DataType, StructField } from "../../format/schema/schema.ts";
import { isJsonObject, parseJson } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";
import { primitive } from "../tree/syntax.ts";
import { commonType, isNumeric, isOneOf, typeName } from "../tree/value-type.ts";

/** Spark's text of the type of a JSON text, fields in the order of their names. @throws SyntaxError when it is no JSON */
export function schemaOfJson(text: string): string {
  // A number with a point or an exponent is a double, even where its value is whole.
  const halves = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^[-\d].*[.eE]/.test(token) ? "0.5" : token,
  );
  return shown(text.trim() === "" ? primitive("void") : typeOf(parseJson(halves)));
}

function typeOf(value: JsonValue): DataType {
  if (Array.isArray(value)) {
    const elementType = (value as readonly JsonValue[]).map(typeOf).reduce(merged, primitive("void"));
    return { kind: "array", elementType, containsNull: true };
  }
  if (isJsonObject(value)) {
    const fields = Object.entries(value).map(([name, child]) => fieldOf(name, typeOf(child)));
    return { kind: "struct", fields: fields.toSorted(byName) };
  }
  if (value === null) return primitive("void");
  if (typeof value === "bigint") return wholeType(value);
  if (typeof value === "number") return primitive(Number.isInteger(value) ? "long" : "double");
  return primitive(typeof value === "boolean" ? "boolean" : "string");
}

function wholeType(value: bigint): DataType {
  const precision = String(value).replace("-", "").length;
  if (BigInt.asIntN(64, value) === value) return primitive("long");
  return precision > 38 ? primitive("double") : { kind: "decimal", precision, scale: 0 };
}

/** The type for both; what has nothing in common is text. */
function merged(a: DataType, b: DataType): DataType {
  if (isOneOf(a, ["void"])) return b;
  if (isOneOf(b, ["void"])) return a;
  if (a.kind === "array" && b.kind === "array") return { ...a, elementType: merged(a.elementType, b.elementType) };
  if (a.kind === "struct" && b.kind === "struct") {
    const types = new Map(a.fields.map(({ name, type }) => [name, type]));
    for (const { name, type } of b.fields) types.set(name, merged(types.get(name) ?? primitive("void"), type));
    return { kind: "struct", fields: [...types].map(([name, type]) => fieldOf(name, type)).toSorted(byName) };
  }
  const common = isNumeric(a) && isNumeric(b) ? commonType(a, b) : null;
  if (common !== null && common !== "none") return common;
  return typeName(a) === typeName(b) ? a : primitive("string");
}

const fieldOf = (name: string, type: DataType): StructField => ({ name, type, nullable: true, metadata: {} });

const byName = (a: StructField, b: StructField): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** In Spark's SQL; of what is null nothing more is known than that it is a text. */
function shown(type: DataType): string {
  if (isOneOf(type, ["void"])) return "STRING";
  if (type.kind === "array") return `ARRAY<${shown(type.elementType)}>`;
  if (type.kind !== "struct") return typeName(type);
  const name = (text: string): string => (/^\w+$/.test(text) ? text : `\`${text.replaceAll("`", "``")}\``);
  return `STRUCT<${type.fields.map((field) => `${name(field.name)}: ${shown(field.type)}`).join(", ")}>`;
}
