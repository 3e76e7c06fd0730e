// expression/predicate/bind-row-expression.ts: expressions that are stored in a table: conditions, generated values, defaults.
import { AlluviumError } from "../../format/text/error.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";
import type { ColumnExpression } from "./builder.ts";
import { bindExpression } from "../bind/bind-expression.ts";
import { columnsOf } from "../tree/bound.ts";
import { type NameScope, schemaScope } from "../bind/name-scope.ts";
import { parseExpression } from "../parse/parse-sql.ts";

/** An expression over the columns of a row. */
export interface RowExpression {
  /** DuckDB's SQL over columns named as in the schema. */
  readonly sql: string;
  /** Null where only DuckDB knows. */
  readonly type: DataType | null;
  /** Top-level columns it reads, spelled as in the schema. */
  readonly columns: readonly string[];
}

/** An expression as it is given: text in Spark's SQL, or one of `col`, `lit` and their kin. */
export type ExpressionInput = string | ColumnExpression;

/**
 * Binds an expression to a schema, or to other names.
 * @throws AlluviumError `COLUMN_NOT_FOUND`, `INVALID_PREDICATE`, with the text in the message
 */
export function bindRowExpression(input: ExpressionInput, schema: StructType | NameScope): RowExpression {
  const text = typeof input === "string" ? input : input.toSparkSql();
  try {
    const syntax = typeof input === "string" ? parseExpression(input) : input.syntax;
    const { sql, type, shape } = bindExpression(syntax, "resolve" in schema ? schema : schemaScope(schema));
    return { sql, type, columns: [...new Set(columnsOf(shape).flatMap((path) => path.slice(0, 1)))] };
  } catch (cause) {
    if (!(cause instanceof AlluviumError)) throw cause;
    const message = `in the expression ${JSON.stringify(text)}: ${cause.message}`;
    throw new AlluviumError(cause.code, { ...cause.context, text }, message, { cause });
  }
}
