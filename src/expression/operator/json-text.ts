// expression/operator/json-text.ts: values as JSON text. Spark's JacksonGenerator with its default options.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { floatText } from "../../engine/duckdb/spark-macros.ts";
import type { DataType, PrimitiveName } from "../../format/schema/schema.ts";
import { castBound } from "./bind-cast.ts";
import { meaningError, opaque } from "../tree/bound.ts";
import { primitive } from "../tree/syntax.ts";

/**
 * DuckDB SQL of the JSON of a value; null for null. Fields that are null are left out.
 * @throws AlluviumError `INVALID_PREDICATE` for a type that has no JSON
 */
export function jsonText(sql: string, type: DataType, depth = 0): string {
  // No column has such a name, which would come before that of the parameter.
  const parameter = `alluvium_json${depth}`;
  const inner = (part: string, partType: DataType): string => jsonText(part, partType, depth + 1);
  const listed = (list: string, part: string): string =>
    `array_to_string(list_transform(${list}, lambda ${parameter}: ${part}), ',')`;
  switch (type.kind) {
    case "array":
      return bracketed(sql, ["[", "]"], listed(sql, `coalesce(${inner(parameter, type.elementType)}, 'null')`));
    case "map": {
      const key = quoted(castBound(opaque(`${parameter}.key`, type.keyType, []), primitive("string")).sql);
      const entry = `${key} || ':' || coalesce(${inner(`${parameter}.value`, type.valueType)}, 'null')`;
      return bracketed(sql, ["{", "}"], listed(`map_entries(${sql})`, entry));
    }
    case "struct": {
      const fields = type.fields.map((field) => {
        const name = sqlLiteral(`${JSON.stringify(field.name)}:`);
        return `${name} || ${inner(`struct_extract(${sql}, ${sqlLiteral(field.name)})`, field.type)}`;
      });
      return bracketed(sql, ["{", "}"], fields.length === 0 ? "''" : `concat_ws(',', ${fields.join(", ")})`);
    }
    case "decimal":
      return castBound(opaque(sql, type, []), primitive("string")).sql;
    case "primitive":
      return scalarJson(sql, type.name);
  }
}

const bracketed = (sql: string, [open, close]: readonly [string, string], inside: string): string =>
  `(CASE WHEN ${sql} IS NOT NULL THEN '${open}' || ${inside} || '${close}' END)`;

const quoted = (sql: string): string => `CAST(to_json(CAST(${sql} AS VARCHAR)) AS VARCHAR)`;

function scalarJson(sql: string, name: PrimitiveName): string {
  switch (name) {
    case "boolean":
    case "byte":
    case "short":
    case "integer":
    case "long":
    case "void":
      return `CAST(${sql} AS VARCHAR)`;
    case "float":
    case "double":
      return `(CASE WHEN isfinite(${sql}) THEN ${floatText}(${sql}) ELSE '"' || ${floatText}(${sql}) || '"' END)`;
    case "string":
    case "date":
      return quoted(sql);
    case "binary":
      return `('"' || base64(${sql}) || '"')`;
    case "timestamp":
      return `strftime(CAST(${sql} AS TIMESTAMP), '"%Y-%m-%dT%H:%M:%S.%gZ"')`;
    case "timestamp_ntz":
      return `strftime(${sql}, '"%Y-%m-%dT%H:%M:%S.%g"')`;
    case "variant":
      throw meaningError("a variant has no JSON here");
  }
}
