// expression/bind/translate-sql.ts: Spark SQL expressions as DuckDB SQL, for SELECT lists and conditions of a DataFrame.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { bindExpression } from "./bind-expression.ts";
import { type NamedFunctions, openScope, schemaScope } from "./name-scope.ts";
import { parseSelectList } from "../parse/parse-sql.ts";

/**
 * Translates one expression, or a list of expressions with or without aliases, as it stands in a SELECT list or a condition.
 * With a schema names are resolved and Spark's rules about types hold; without one both are left to DuckDB.
 * @param functions that the user registered
 * @throws AlluviumError `PARSE_SYNTAX_ERROR` for text that is no expression, `COLUMN_NOT_FOUND` (only with a schema)
 */
export function translateSparkSql(text: string, schema?: StructType, functions?: NamedFunctions): string {
  try {
    const scope = schema === undefined ? openScope : schemaScope(schema, true, functions);
    const items = parseSelectList(text).map(({ expression, alias }) => {
      const { sql } = bindExpression(expression, scope);
      return alias === null ? sql : `${sql} AS ${sqlIdentifier(alias)}`;
    });
    return items.join(", ");
  } catch (error) {
    if (!(error instanceof AlluviumError) || error.code !== "INVALID_PREDICATE") throw error;
    throw new AlluviumError("PARSE_SYNTAX_ERROR", { ...error.context, text }, error.message, { cause: error });
  }
}
