// expression/predicate/bind-predicate.ts: a condition on the rows of a table, bound to its schema.
import { bindExpression } from "../bind/bind-expression.ts";
import { asCondition, columnsOf } from "../tree/bound.ts";
import type { Predicate, PredicateScope } from "../tree/expression.ts";
import { schemaScope } from "../bind/name-scope.ts";
import type { Syntax } from "../tree/syntax.ts";

/**
 * Binds a parsed condition; `text` is kept for messages.
 * @throws AlluviumError `COLUMN_NOT_FOUND`, or `INVALID_PREDICATE` when its types do not go together or it is no condition
 */
export function bindPredicate(node: Syntax, scope: PredicateScope, text: string): Predicate {
  const bound = asCondition(bindExpression(node, schemaScope(scope.schema)), "a predicate");
  const columns = [...new Set(columnsOf(bound.shape).flatMap((path) => path.slice(0, 1)))];
  const partitionColumns = new Set(scope.partitionColumns.map((name) => name.toLowerCase()));
  const isPartitionOnly = columns.every((name) => partitionColumns.has(name.toLowerCase()));
  return { text, expression: bound.shape, sql: bound.sql, columns, isPartitionOnly };
}
