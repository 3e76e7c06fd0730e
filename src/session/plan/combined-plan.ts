// session/plan/combined-plan.ts: two frames put together row by row.
import { queryPlan } from "./frame-query.ts";
import type { Plan } from "./plan.ts";

/** UNION ALL, INTERSECT or EXCEPT of two frames. */
export function combinedPlan(left: Plan, word: string, right: Plan): Plan {
  return queryPlan(`SELECT * FROM first_rows ${word} SELECT * FROM second_rows`, [
    { name: "first_rows", plan: left },
    { name: "second_rows", plan: right },
  ]);
}
