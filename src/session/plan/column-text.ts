// session/plan/column-text.ts: columns and expressions as a person may give them, as Spark SQL text.
import type { ColumnExpression } from "../../expression/predicate/builder.ts";
import { columnPath } from "../../expression/tree/column-path.ts";
import { quoteName } from "../../expression/parse/print-syntax.ts";

/** Spark SQL text, or an expression built with `col`, `lit`, `expr`. */
export type ColumnInput = string | ColumnExpression;

/** For `select`: a text names a column (with dots for fields of structs, or `*`), as in Spark. */
export function selectText(column: ColumnInput): string {
  if (typeof column !== "string") return column.toSparkSql();
  if (column === "*") return "*";
  if (column.endsWith(".*")) return `${selectText(column.slice(0, -2))}.*`;
  return columnPath(column).map(quoteName).join(".");
}

/** For conditions and `withColumn`: a text is an expression. */
export function expressionText(column: ColumnInput): string {
  return typeof column === "string" ? column : column.toSparkSql();
}
