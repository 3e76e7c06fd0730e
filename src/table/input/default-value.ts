// table/input/default-value.ts: what DEFAULT stands for in a statement that gives a column its value.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { bindRowExpression } from "../../expression/predicate/bind-row-expression.ts";
import { computedColumn } from "../../format/schema/computed-column.ts";
import type { StructField } from "../../format/schema/schema.ts";

/** SQL of a column's default, null where it has none. */
export function defaultSql(field: StructField): string {
  const column = computedColumn(field);
  const value =
    column?.kind === "default" ? bindRowExpression(column.expressionSql, { kind: "struct", fields: [] }).sql : "NULL";
  return `CAST(${value} AS ${duckdbType(field.type)})`;
}
