// session/run-frame.ts: runs a batch DataFrame.
import type { RecordBatch } from "apache-arrow";
import { temporaryDirectory } from "../engine/temporary-directory.ts";
import { assert } from "../format/error.ts";
import { schemaOfRows } from "../format/column-mapping.ts";
import { version } from "../format/ids.ts";
import type { StructType } from "../format/schema.ts";
import { loadSnapshot } from "../log/load-snapshot.ts";
import type { Snapshot } from "../log/snapshot.ts";
import { planScan, scanBatches } from "../reader/scan.ts";
import { scannedTable, scanRelation } from "../reader/scan-relation.ts";
import { scannedFiles } from "../reader/scanned-files.ts";
import { parseTimestamp } from "../table/time-travel.ts";
import type { Rows } from "../writer/rows.ts";
import { compileSteps } from "./compile-steps.ts";
import type { FrameContext } from "./frame-context.ts";
import type { Plan, PlanSource } from "./plan.ts";
import { relationBatches, runSegments } from "./run-segments.ts";

/** The columns of a frame, resolved against its table as it is now. */
export async function frameSchema(context: FrameContext, plan: Plan): Promise<StructType> {
  const schema =
    plan.source.kind === "relation"
      ? plan.source.schema
      : schemaOfRows((await sourceSnapshot(context, plan.source)).schema);
  if (plan.steps.length === 0) return schema;
  await using connection = await context.engine.sql.connect();
  const isStreaming = plan.source.kind === "stream";
  const segments = await compileSteps({ connection, schema, steps: plan.steps, isStreaming });
  return segments.at(-1)?.schema ?? schema;
}

/** The rows of a batch frame as Arrow; files are read as the batches are pulled. */
export async function* frameBatches(context: FrameContext, plan: Plan): AsyncGenerator<RecordBatch> {
  if (plan.source.kind === "table" && plan.steps.length === 0) {
    yield* scanBatches(context.engine, await sourceSnapshot(context, plan.source), {});
    return;
  }
  await using scratch = await temporaryDirectory();
  const rows = await rowsOver(context, plan, scratch.path);
  yield* rows.kind === "arrow" ? rows.batches : relationBatches(context.engine, rows);
}

/** The rows of a batch frame for a writer: they stay inside DuckDB where no JavaScript step asks for them. */
export async function frameRows(context: FrameContext, plan: Plan): Promise<Exclude<Rows, { kind: "files" }>> {
  if (plan.steps.every((step) => step.kind !== "mapBatches")) return rowsOver(context, plan, "");
  return { kind: "arrow", schema: await frameSchema(context, plan), batches: frameBatches(context, plan) };
}

/** @param temporaryDirectory is used only where SQL follows a JavaScript step */
async function rowsOver(
  context: FrameContext,
  plan: Plan,
  temporaryDirectory: string,
): Promise<Exclude<Rows, { kind: "files" }>> {
  const source = await sourceRelation(context, plan.source);
  await using connection = await context.engine.sql.connect();
  const segments = await compileSteps({ connection, schema: source.schema, steps: plan.steps, isStreaming: false });
  return await runSegments({ ...source, engine: context.engine, segments, temporaryDirectory });
}

interface SourceRelation {
  readonly schema: StructType;
  readonly relation: string;
  readonly nowMs: number;
}

async function sourceRelation(context: FrameContext, source: PlanSource): Promise<SourceRelation> {
  if (source.kind === "relation") return { schema: source.schema, relation: source.sql, nowMs: source.nowMs };
  const snapshot = await sourceSnapshot(context, source);
  const plan = await planScan(context.engine, snapshot, {});
  const table = scannedTable(snapshot);
  return {
    schema: schemaOfRows(snapshot.schema),
    relation: scanRelation(table, await scannedFiles(context.engine, table, plan)),
    nowMs: context.engine.clock.nowMs(),
  };
}

function sourceSnapshot(context: FrameContext, source: Exclude<PlanSource, { kind: "relation" }>): Promise<Snapshot> {
  if (source.kind === "stream" || (source.version === undefined && source.timestamp === undefined)) {
    return loadSnapshot(context.engine, source.tablePath);
  }
  if (source.version !== undefined) {
    return loadSnapshot(context.engine, source.tablePath, { version: version(source.version) });
  }
  assert(source.timestamp !== undefined, "a table source is at a version, at a time, or at its head");
  return loadSnapshot(context.engine, source.tablePath, { timestampMs: parseTimestamp(source.timestamp) });
}
