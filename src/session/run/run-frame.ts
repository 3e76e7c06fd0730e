// session/run/run-frame.ts: runs a batch DataFrame.
import type { RecordBatch } from "apache-arrow";
import { temporaryDirectory } from "../../engine/files/temporary-directory.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { scanBatches } from "../../reader/scan.ts";
import type { Rows } from "../../writer/rows.ts";
import { compileStreamFrame } from "./compile-stream.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { offerMetadata } from "../names/offer-metadata.ts";
import { type Plan, byPosition, inputsOf, isStreamingPlan } from "../plan/plan.ts";
import { queryBatches } from "../../engine/duckdb/query-batches.ts";
import { planRows, planSchema, sourceRelation } from "./source-relation.ts";
import { tableSnapshot } from "../names/table-snapshot.ts";

/** The columns of a frame, resolved against its tables as they are now; for a stream it is checked that it can be one. */
export async function frameSchema(context: FrameContext, plan: Plan): Promise<StructType> {
  if (isStreamingPlan(plan)) return (await compileStreamFrame(context, plan)).schema;
  return planSchema(context, byPosition(plan));
}

/** The rows of a batch frame as Arrow; files are read as the batches are pulled. */
export async function* frameBatches(context: FrameContext, plan: Plan): AsyncGenerator<RecordBatch> {
  if (plan.source.kind === "table" && plan.steps.length === 0) {
    yield* scanBatches(context.engine, await tableSnapshot(context, plan.source), {});
    return;
  }
  await using scratch = await temporaryDirectory();
  const rows = await rowsOver(context, byPosition(plan), scratch.path);
  yield* rows.kind === "arrow" ? rows.batches : queryBatches(context.engine, rows);
}

/** The rows of a batch frame for a writer: they stay inside DuckDB where no row of JavaScript is among them. */
export async function frameRows(context: FrameContext, plan: Plan): Promise<Exclude<Rows, { kind: "files" }>> {
  if (!comesFromJavaScript(plan)) return rowsOver(context, plan, "");
  return { kind: "arrow", schema: await planSchema(context, plan), batches: frameBatches(context, plan) };
}

function comesFromJavaScript({ source, steps }: Plan): boolean {
  const isMapped = steps.some((step) => step.kind === "mapBatches");
  return isMapped || source.kind === "rows" || inputsOf(source).some(comesFromJavaScript);
}

/** @param temporaryPath is used only where SQL follows rows of JavaScript */
async function rowsOver(
  context: FrameContext,
  asked: Plan,
  temporaryPath: string,
): Promise<Exclude<Rows, { kind: "files" }>> {
  const plan = await offerMetadata(context, asked);
  const source = await sourceRelation(context, plan, { temporaryDirectory: temporaryPath });
  return planRows(context, plan, { source, temporaryDirectory: temporaryPath });
}
