// session/plan/leading-conditions.ts: conditions that every row of a table or a stream must meet to count, as far as they can be told
// before its files are read.
import { bindPredicate } from "../../expression/predicate/bind-predicate.ts";
import type { Predicate, PredicateScope } from "../../expression/tree/expression.ts";
import { parseExpression } from "../../expression/parse/parse-sql.ts";
import type { Syntax } from "../../expression/tree/syntax.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { PlanStep } from "./plan.ts";

/** The conditions of the steps right above a table. */
export function leadingConditions(steps: readonly PlanStep[]): readonly Syntax[] {
  const conditions: Syntax[] = [];
  for (const step of steps) {
    if (step.kind !== "where") break;
    try {
      conditions.push(parseExpression(step.condition));
    } catch (error) {
      if (!(error instanceof AlluviumError)) throw error;
      break;
    }
  }
  return conditions;
}

/** All conditions that can be bound, together; undefined when there is none. The rows must still be asked. */
export function predicateOf(conditions: readonly Syntax[], scope: PredicateScope): Predicate | undefined {
  const good = conditions.filter((condition) => tryBind(condition, scope) !== undefined);
  return good.length === 0 ? undefined : tryBind({ kind: "and", operands: good, at: 0 }, scope);
}

/** True of rows that meet all conditions of one list at least; undefined when some list says nothing. */
export function predicateOfAny(lists: readonly (readonly Syntax[])[], scope: PredicateScope): Predicate | undefined {
  const operands = lists.map((list): Syntax => {
    const good = list.filter((condition) => tryBind(condition, scope) !== undefined);
    return { kind: "and", operands: good, at: 0 };
  });
  const isTold = operands.every((list) => list.kind === "and" && list.operands.length > 0);
  return isTold && operands.length > 0 ? tryBind({ kind: "or", operands, at: 0 }, scope) : undefined;
}

function tryBind(condition: Syntax, scope: PredicateScope): Predicate | undefined {
  try {
    return bindPredicate(condition, scope, "");
  } catch (error) {
    // What cannot be bound is left to DuckDB, which says what is wrong with it.
    if (error instanceof AlluviumError) return undefined;
    throw error;
  }
}
