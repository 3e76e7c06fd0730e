// engine/duckdb/duckdb-type.ts: Delta's types as DuckDB names them. PROTOCOL.md, "Schema Serialization Format".
import type { DataType, PrimitiveName } from "../../format/schema/schema.ts";
import { sqlIdentifier } from "../base/sql-quote.ts";

/** DuckDB's name for a type, nested ones included; fit for `CAST(x AS …)`. */
export function duckdbType(type: DataType): string {
  switch (type.kind) {
    case "primitive":
      return primitiveTypes[type.name];
    case "decimal":
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case "array":
      return `${duckdbType(type.elementType)}[]`;
    case "map":
      return `MAP(${duckdbType(type.keyType)}, ${duckdbType(type.valueType)})`;
    case "struct":
      if (type.fields.length === 0) return `STRUCT(${sqlIdentifier(noField)} BOOLEAN)`;
      return `STRUCT(${type.fields.map((field) => `${sqlIdentifier(field.name)} ${duckdbType(field.type)}`).join(", ")})`;
  }
}

/** DuckDB has no structs without fields: one that has none in the schema has one of this name, which is always null. */
export const noField = "\u0001";

const primitiveTypes: Readonly<Record<PrimitiveName, string>> = {
  boolean: "BOOLEAN",
  byte: "TINYINT",
  short: "SMALLINT",
  integer: "INTEGER",
  long: "BIGINT",
  float: "FLOAT",
  double: "DOUBLE",
  string: "VARCHAR",
  binary: "BLOB",
  date: "DATE",
  timestamp: "TIMESTAMP WITH TIME ZONE",
  timestamp_ntz: "TIMESTAMP",
  // DuckDB has no type of nothing but null that can be cast to; its own NULL literals are INTEGER too.
  void: "INTEGER",
  // Not DuckDB's own VARIANT, in which no value and a variant that is null are the same.
  variant: 'STRUCT(metadata BLOB, "value" BLOB)',
};
