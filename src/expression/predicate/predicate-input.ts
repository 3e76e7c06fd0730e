// expression/predicate/predicate-input.ts: a condition as it is given: Spark SQL text, or an expression built by functions.
import type { SqlEngine } from "../../engine/base/engine.ts";
import { printSyntax } from "../parse/print-syntax.ts";
import { bindPredicate } from "./bind-predicate.ts";
import type { ColumnExpression } from "./builder.ts";
import type { Predicate, PredicateScope } from "../tree/expression.ts";
import { checkPredicate, parsePredicate } from "./parse-predicate.ts";

/** A condition: text in Spark's SQL, or an expression of `col`, `lit` and their kin. */
export type PredicateInput = string | ColumnExpression;

/**
 * Binds a condition to a table; undefined stays undefined.
 * @throws AlluviumError `INVALID_PREDICATE`, `COLUMN_NOT_FOUND`
 */
export async function resolvePredicate(
  sql: SqlEngine,
  input: PredicateInput | undefined,
  scope: PredicateScope,
): Promise<Predicate | undefined> {
  if (input === undefined) return undefined;
  if (typeof input === "string") return parsePredicate(sql, input, scope);
  const predicate = toPredicate(input, scope);
  await checkPredicate(sql, predicate, scope.schema);
  return predicate;
}

/**
 * Binds a built condition to a table.
 * @throws AlluviumError `COLUMN_NOT_FOUND`; `INVALID_PREDICATE` when its types do not go together or it is no condition
 */
export function toPredicate(expression: ColumnExpression, scope: PredicateScope): Predicate {
  return bindPredicate(expression.syntax, scope, printSyntax(expression.syntax));
}
