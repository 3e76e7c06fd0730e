// expression/bind-row-expression.ts: expressions that are stored in a table: conditions, generated values, defaults.
import { AlluviumError } from "../format/error.ts";
import type { DataType, StructType } from "../format/schema.ts";
import { bindExpression } from "./bind-expression.ts";
import { columnsOf } from "./bound.ts";
import { schemaScope } from "./name-scope.ts";
import { parseExpression } from "./parse-sql.ts";

/** An expression over the columns of a row. */
export interface RowExpression {
  /** DuckDB's SQL over columns named as in the schema. */
  readonly sql: string;
  /** Null where only DuckDB knows. */
  readonly type: DataType | null;
  /** Top-level columns it reads, spelled as in the schema. */
  readonly columns: readonly string[];
}

/**
 * Binds an expression of Spark's SQL to a schema.
 * @throws AlluviumError `COLUMN_NOT_FOUND`, `INVALID_PREDICATE`, with the text in the message
 */
export function bindRowExpression(text: string, schema: StructType): RowExpression {
  try {
    const { sql, type, shape } = bindExpression(parseExpression(text), schemaScope(schema));
    return { sql, type, columns: [...new Set(columnsOf(shape).flatMap((path) => path.slice(0, 1)))] };
  } catch (cause) {
    if (!(cause instanceof AlluviumError)) throw cause;
    const message = `in the expression ${JSON.stringify(text)}: ${cause.message}`;
    throw new AlluviumError(cause.code, { ...cause.context, text }, message, { cause });
  }
}
