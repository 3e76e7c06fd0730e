// expression/function/functions-json.ts: Spark's functions of JSON. from_json as JacksonParser reads it: what is not of its type is null.
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import type { DataType, PrimitiveName } from "../../format/schema/schema.ts";
import { finalError, meaningError, opaque, textOf } from "../tree/bound.ts";
import { argument, fixed, spec } from "./function-spec.ts";
import type { FunctionTable } from "./function-spec.ts";
import { schemaOfJson } from "./json-schema.ts";
import { jsonText } from "../operator/json-text.ts";
import { parseSchemaDdl } from "../parse/parse-schema.ts";
import { parseType } from "../parse/parse-type.ts";
import { primitive } from "../tree/syntax.ts";
import { TokenCursor } from "../parse/token-cursor.ts";

const string = primitive("string");

function schemaIn(text: string): string {
  try {
    return schemaOfJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw finalError(`schema_of_json was given a text that is no JSON: ${error.message}`, "CAST_INVALID_INPUT");
  }
}

/** By their names in lower case. */
export const jsonFunctions: FunctionTable = {
  schema_of_json: spec([1, 2], (args) => {
    const text = textOf(args[0]);
    if (text === undefined) throw finalError("schema_of_json takes a JSON text in quotes", "DATATYPE_MISMATCH");
    return opaque(sqlLiteral(schemaIn(text)), primitive("string"), args);
  }),
  /** The value at a path as text; null for a text that is no JSON. */
  get_json_object: spec(2, (args) => {
    const [json, path] = [argument(args, 0).sql, argument(args, 1)];
    const text = textOf(path);
    const sql = text === undefined ? path.sql : sqlLiteral(text.replaceAll(/\['([^']*)'\]/g, '."$1"'));
    return opaque(`(CASE WHEN json_valid(${json}) THEN json_extract_string(${json}, ${sql}) END)`, string, args);
  }),
  json_array_length: fixed(primitive("integer"), {
    count: 1,
    sql: ([a]) => `(CASE WHEN json_valid(${a}) AND json_type(${a}) = 'ARRAY' THEN json_array_length(${a}) END)`,
  }),
  json_object_keys: fixed(
    { kind: "array", elementType: string, containsNull: true },
    { count: 1, sql: ([a]) => `(CASE WHEN json_valid(${a}) AND json_type(${a}) = 'OBJECT' THEN json_keys(${a}) END)` },
  ),
  to_json: spec(1, (args) => {
    const { sql, type } = argument(args, 0);
    if (type === null || type.kind === "primitive" || type.kind === "decimal")
      throw finalError("to_json takes a struct, an array or a map", "DATATYPE_MISMATCH");
    return opaque(jsonText(sql, type), string, args);
  }),
  from_json: spec(2, (args) => {
    const [text, schema] = [argument(args, 0), textOf(args[1])];
    if (schema === undefined) throw finalError("from_json takes a schema in quotes", "DATATYPE_MISMATCH");
    const type = typeOf(schema);
    return opaque(fromJson(text.sql, type), type, [text]);
  }),
};

/** `a INT, b DOUBLE`, or a type by itself. */
function typeOf(text: string): DataType {
  if (!/^\s*(?:array|map|struct)\s*</i.test(text)) return parseSchemaDdl(text);
  const cursor = new TokenCursor(text);
  const type = parseType(cursor);
  if (!cursor.isAtEnd) throw cursor.fail("this does not belong here:");
  return type;
}

/** A text that is no JSON is a struct of nulls, and null for an array or a map. */
// Casts are tried, for DuckDB may make them before it asks whether the text is JSON.
function fromJson(text: string, type: DataType): string {
  const read = readJson(`TRY_CAST(${text} AS JSON)`, type, 0);
  if (type.kind !== "struct") return `(CASE WHEN json_valid(${text}) THEN ${read} END)`;
  return `(CASE WHEN json_valid(${text}) AND json_type(${text}) = 'OBJECT' THEN ${read} WHEN trim(${text}) <> '' THEN CAST(${structOf(type, () => "NULL")} AS ${duckdbType(type)}) END)`;
}

const structOf = (
  type: Extract<DataType, { kind: "struct" }>,
  value: (name: string, type: DataType) => string,
): string =>
  `struct_pack(${type.fields.map((field) => `${sqlIdentifier(field.name)} := ${value(field.name, field.type)}`).join(", ")})`;

function readJson(json: string, type: DataType, depth: number): string {
  const isA = (kinds: string, sql: string): string => `(CASE WHEN json_type(${json}) IN (${kinds}) THEN ${sql} END)`;
  // No column has such a name, which would come before that of the parameter.
  const parameter = `alluvium_item${depth}`;
  const items = (list: string, itemType: DataType): string =>
    `list_transform(${list}, lambda ${parameter}: ${readJson(parameter, itemType, depth + 1)})`;
  switch (type.kind) {
    case "array":
      return isA("'ARRAY'", items(`TRY_CAST(${json} AS JSON[])`, type.elementType));
    case "map": {
      if (type.keyType.kind !== "primitive" || type.keyType.name !== "string")
        throw finalError("from_json reads maps whose keys are texts", "DATATYPE_MISMATCH");
      const map = `TRY_CAST(${json} AS MAP(VARCHAR, JSON))`;
      return isA("'OBJECT'", `map(map_keys(${map}), ${items(`map_values(${map})`, type.valueType)})`);
    }
    case "struct": {
      const at = (name: string): string => `json_extract(${json}, ${sqlLiteral(`$."${name}"`)})`;
      if (type.fields.some(({ name }) => name.includes('"')))
        throw meaningError("from_json reads no fields with quotes in their names");
      return isA(
        "'OBJECT'",
        structOf(type, (name, fieldType) => readJson(at(name), fieldType, depth)),
      );
    }
    case "decimal":
      // Numbers pass a double, which has fifteen digits for certain.
      if (type.precision > 15) throw finalError("from_json reads decimals of at most 15 digits", "DATATYPE_MISMATCH");
      return isA("'BIGINT', 'UBIGINT', 'DOUBLE'", `TRY_CAST(CAST(${json} AS VARCHAR) AS ${duckdbType(type)})`);
    case "primitive":
      return readScalar(json, type, isA);
  }
}

const textAt = (json: string): string => `json_extract_string(${json}, '$')`;

function readScalar(
  json: string,
  type: { readonly kind: "primitive"; readonly name: PrimitiveName },
  isA: (kinds: string, sql: string) => string,
): string {
  const wanted = duckdbType(type);
  switch (type.name) {
    case "string":
      return `(CASE json_type(${json}) WHEN 'NULL' THEN NULL WHEN 'VARCHAR' THEN ${textAt(json)} ELSE CAST(${json} AS VARCHAR) END)`;
    case "byte":
    case "short":
    case "integer":
    case "long":
      return isA("'BIGINT', 'UBIGINT'", `TRY_CAST(CAST(${json} AS VARCHAR) AS ${wanted})`);
    case "float":
    case "double": {
      const isNamed = `${textAt(json)} IN ('NaN', 'Infinity', '+Infinity', '-Infinity', 'INF', '+INF', '-INF')`;
      return `(CASE WHEN json_type(${json}) IN ('BIGINT', 'UBIGINT', 'DOUBLE') OR (json_type(${json}) = 'VARCHAR' AND ${isNamed}) THEN TRY_CAST(${textAt(json)} AS ${wanted}) END)`;
    }
    case "boolean":
      return isA("'BOOLEAN'", `TRY_CAST(CAST(${json} AS VARCHAR) AS BOOLEAN)`);
    case "date":
    case "timestamp":
    case "timestamp_ntz":
      return isA("'VARCHAR'", `TRY_CAST(${textAt(json)} AS ${wanted})`);
    case "binary":
    case "void":
    case "variant":
      throw finalError(`from_json reads no values of type ${type.name}`, "DATATYPE_MISMATCH");
  }
}
