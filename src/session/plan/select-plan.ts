// session/plan/select-plan.ts: a SELECT list over a plan: a step where each row is looked at by itself, a query where it is not.
import { tokenize } from "../../expression/parse/token.ts";
import { isSymbol, wordOf } from "../../sql/words/query-words.ts";
import { isJoin, queryOver } from "./frame-query.ts";
import type { Plan } from "./plan.ts";

/** The columns of a plan that these expressions (Spark SQL) say. */
export function selectPlan(plan: Plan, expressions: readonly string[]): Plan {
  const isStep = !isJoin(plan) && !expressions.some(looksAround);
  if (isStep) return { ...plan, steps: [...plan.steps, { kind: "select", expressions }] };
  return queryOver(plan, (from) => `SELECT ${expressions.join(", ")} FROM ${from}`);
}

/** A window function, or a function that makes several rows or columns of one: what only a query can say. */
function looksAround(expression: string): boolean {
  const tokens = tokenize(expression);
  const isGenerator = generators.has(wordOf(tokens[0])) && isSymbol(tokens[1], "(");
  return isGenerator || tokens.some((token, index) => wordOf(token) === "over" && isSymbol(tokens[index - 1], ")"));
}

// explode is not among them: it takes its place in a step, as one column.
const generators: ReadonlySet<string> = new Set(
  "explode_outer posexplode posexplode_outer inline inline_outer stack json_tuple".split(" "),
);
