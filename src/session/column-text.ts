// session/column-text.ts: columns and expressions as a person may give them, as Spark SQL text.
import type { ColumnExpression } from "../expression/builder.ts";

/** Spark SQL text, or an expression built with `col`, `lit`, `expr`. */
export type ColumnInput = string | ColumnExpression;

/** For `select`: a text names a column (with dots for fields of structs, or `*`), as in Spark. */
export function selectText(column: ColumnInput): string {
  if (typeof column !== "string") return column.toSparkSql();
  if (column === "*") return "*";
  return column
    .split(/\.(?=(?:[^`]*`[^`]*`)*[^`]*$)/)
    .map(quoteName)
    .join(".");
}

/** For conditions and `withColumn`: a text is an expression. */
export function expressionText(column: ColumnInput): string {
  return typeof column === "string" ? column : column.toSparkSql();
}

const quoteName = (name: string): string =>
  name === "*" || name.startsWith("`") ? name : `\`${name.replaceAll("`", "``")}\``;
