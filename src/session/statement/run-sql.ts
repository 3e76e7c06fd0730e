// session/statement/run-sql.ts: a text in Spark's SQL, run: a query becomes a lazy frame, anything else is done.
import { parseStatement } from "../../sql/statement/statement.ts";
import { type SqlArguments, fillParameters } from "../../sql/translate/parameters.ts";
import type { DataFrame } from "../frame/data-frame.ts";
import { resolveQuery } from "../names/resolve-query.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { type Plan, byPosition, isStreamingPlan } from "../plan/plan.ts";
import { checkStreamFrame } from "../run/compile-stream.ts";
import { planSchema } from "../run/source-relation.ts";
import { runStatement } from "./run-statement.ts";

/** How a query is read. */
export interface SqlOptions {
  /** Every table that the query names is read as a stream; views stay what they are. */
  readonly asStream?: boolean;
  /** Values for the parameter markers of the text: by name for `:name`, in order for `?`. */
  readonly args?: SqlArguments;
}

/** Runs a statement, or checks a query that its frame will run. @throws AlluviumError as `Session.sql` */
export async function runSql(context: FrameContext, query: string, options: SqlOptions): Promise<DataFrame> {
  const text = fillParameters(query, options.args ?? {});
  const statement = parseStatement(text);
  if (statement.kind !== "query") return runStatement(context, { statement, text });
  const plan: Plan = { source: await resolveQuery(context, statement.text, options), steps: [] };
  if (isStreamingPlan(plan)) await checkStreamFrame(context, plan);
  else await planSchema(context, byPosition(plan));
  return context.frame(plan);
}
