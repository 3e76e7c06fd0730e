// stream/query/micro-batch.ts: one batch from promise to tick. Laws S4, S5 and S6 are the order of the stations here:
// promise (offset log) → read → compute → publish (sink) → tick off (commit log). docs/STREAMING.md, "One trigger, step by step".
import type { Engine } from "../../engine/base/engine.ts";
import type { Rows } from "../../writer/rows.ts";
import type { BatchPlan, StatefulReport } from "../operator/batch-plan.ts";
import type { CommitEntry } from "../checkpoint/commit-log.ts";
import type { Durations } from "./durations.ts";
import { countInputRows } from "../source/input-rows.ts";
import { materialiseRows } from "../sink/materialise-rows.ts";
import type { MetadataLog } from "../checkpoint/metadata-log.ts";
import type { OffsetEntry } from "../checkpoint/offset-log.ts";
import type { OutputMode } from "../plan/output-mode.ts";
import type { QueryConf } from "../checkpoint/query-conf.ts";
import type { Sink, SinkResult } from "../sink/sink.ts";
import type { Admission, BatchFiles, OffsetJson, Source, SourceLag } from "../plan/source.ts";

/** What a query is made of; the same for all its batches. */
export interface QueryParts {
  readonly engine: Engine;
  readonly queryId: string;
  readonly runId: string;
  readonly name: string | null;
  /** In plan order. */
  readonly sources: readonly Source[];
  readonly plan: BatchPlan;
  readonly sink: Sink;
  readonly outputMode: OutputMode;
  readonly conf: QueryConf;
  readonly offsetLog: MetadataLog<OffsetEntry>;
  readonly commitLog: MetadataLog<CommitEntry>;
  /** Absolute path; what a batch leaves there is removed behind it. */
  readonly temporaryDirectory: string;
}

/** A batch whose range is decided. */
export interface Batch {
  readonly id: number;
  /** Exclusive start per source, null for the source's own beginning. */
  readonly starts: readonly (OffsetJson | null)[];
  readonly entry: OffsetEntry;
  /** Watermark of the batch before. */
  readonly lateWatermarkMs: number;
  /** True when an earlier run promised it. */
  readonly isReplay: boolean;
}

/** What a batch did. */
export interface BatchReport {
  readonly batch: Batch;
  /** Rows read per source; 0 for all when the sink had the batch already. */
  readonly inputRowCounts: readonly number[];
  readonly result: SinkResult;
  readonly lags: readonly (SourceLag | null)[];
  readonly explanation: string;
  /** Null for a query without event time and state. */
  readonly stateful: StatefulReport | null;
}

/** Where the next batch starts, and what it carries on. */
export interface Position {
  readonly batchId: number;
  readonly starts: readonly (OffsetJson | null)[];
  readonly watermarkMs: number;
  /** Watermark of the batch before. */
  readonly lateWatermarkMs: number;
  readonly conf: ReadonlyMap<string, string>;
}

/** What decides how much a trigger takes. */
export interface Planning {
  readonly admission: Admission;
  /** True when a batch was run in this run before, without which none is run for the watermark alone. */
  readonly followsBatch: boolean;
}

/**
 * Looks at the tail of every source and cuts the next batch; a batch without data when only the watermark has moved. Null when there is
 * nothing to do. Writes nothing.
 */
export async function planBatch(parts: QueryParts, position: Position, planning: Planning): Promise<Batch | null> {
  const { admission, followsBatch } = planning;
  const ends: (OffsetJson | null)[] = [];
  let hasMoved = false;
  for (const [index, source] of parts.sources.entries()) {
    const start = position.starts[index] ?? null;
    const end = (await source.latestOffset(start, admission)) ?? start;
    if (!source.equals(start, end)) hasMoved = true;
    ends.push(end);
  }
  const { watermarkMs, lateWatermarkMs } = position;
  const isDue =
    followsBatch && parts.conf.runsNoDataBatches && parts.plan.stateful?.wantsBatch(watermarkMs, lateWatermarkMs);
  if (!hasMoved && isDue !== true) return null;
  const entry: OffsetEntry = {
    batchWatermarkMs: watermarkMs,
    batchTimestampMs: parts.engine.clock.nowMs(),
    // What the checkpoint has pinned wins over the session.
    conf: new Map([...parts.conf.pinned, ...position.conf]),
    offsets: ends,
  };
  return { id: position.batchId, starts: position.starts, entry, lateWatermarkMs, isReplay: false };
}

/** Where the batch after this one starts. @param watermarkMs after the batch */
export function positionAfter({ id, entry }: Batch, watermarkMs: number): Position {
  const { batchWatermarkMs, conf, offsets } = entry;
  return { batchId: id + 1, starts: offsets, watermarkMs, lateWatermarkMs: batchWatermarkMs, conf };
}

/**
 * Runs a batch to its tick.
 * @param isStopping asked before the sink is given the rows; when it says yes the batch is left pending
 * @returns null when it was left pending
 */
export async function runBatch(
  parts: QueryParts,
  batch: Batch,
  run: { durations: Durations; isStopping: () => boolean },
): Promise<BatchReport | null> {
  const { durations, isStopping } = run;
  const inputs = await promiseAndResolve(parts, batch, durations);
  await purge(parts, batch.id);
  if (isStopping()) return null;
  const { stateful } = parts.plan;
  const rows = await durations.measure(stateful === undefined ? "queryPlanning" : "addBatch", () =>
    computeRows(parts, batch, inputs),
  );
  if (isStopping()) return null;
  const result = await durations.measure("addBatch", async () => {
    // State first: a batch that is run again starts from the version before, whatever the sink has.
    await stateful?.persist(batch.id, batch.isReplay);
    return publish(parts, batch, { rows, inputs });
  });
  const report = (await stateful?.report()) ?? null;
  const nextBatchWatermarkMs = report?.nextWatermarkMs ?? batch.entry.batchWatermarkMs;
  const lags = await durations.measure("commitOffsets", () => tickOff(parts, batch, { nextBatchWatermarkMs }));
  await removeTemporaryFiles(parts);
  const isWritten = result.status === "written";
  const inputRowCounts = await Promise.all(
    inputs.map(async (input) => (isWritten ? countInputRows(parts.engine, input) : 0)),
  );
  return {
    batch,
    inputRowCounts,
    result,
    lags,
    explanation: explain(parts, batch, { rows, inputs }),
    stateful: report,
  };
}

/** Writes the promise; meanwhile the commits in the range are looked through, but no row is read before the promise is durable (S4). */
async function promiseAndResolve(
  parts: QueryParts,
  batch: Batch,
  durations: Durations,
): Promise<readonly BatchFiles[]> {
  const promised = batch.isReplay
    ? Promise.resolve()
    : durations.measure("walCommit", () => parts.offsetLog.add(batch.id, batch.entry));
  const resolved = durations.measure("getBatch", () => resolveInputs(parts, batch));
  // Both are waited for, so that a failure of one leaves nothing running.
  await Promise.allSettled([promised, resolved]);
  await promised;
  return resolved;
}

async function resolveInputs(parts: QueryParts, batch: Batch): Promise<readonly BatchFiles[]> {
  const inputs: BatchFiles[] = [];
  for (const [index, source] of parts.sources.entries()) {
    const start = batch.starts[index] ?? null;
    const end = batch.entry.offsets[index] ?? null;
    const hasMoved = end !== null && !source.equals(start, end);
    inputs.push(
      hasMoved
        ? await source.getBatch(start, end)
        : { tablePath: "", schema: source.schema, partitionColumns: [], files: [] },
    );
  }
  return inputs;
}

async function purge(parts: QueryParts, batchId: number): Promise<void> {
  const oldest = batchId - parts.conf.minBatchesToRetain;
  if (oldest <= 0) return;
  await parts.offsetLog.purgeBefore(oldest);
  await parts.commitLog.purgeBefore(oldest);
  await parts.plan.stateful?.purgeBefore(oldest);
}

async function computeRows(parts: QueryParts, batch: Batch, inputs: readonly BatchFiles[]): Promise<Rows | null> {
  // What an operator has kept may come out without new rows.
  if (parts.plan.stateful === undefined && inputs.every((input) => input.files.length === 0)) return null;
  const { engine, temporaryDirectory, sink } = parts;
  const { batchTimestampMs, batchWatermarkMs, conf } = batch.entry;
  const rows = await parts.plan.run({
    batchId: batch.id,
    batchTimestampMs,
    inputs,
    engine,
    temporaryDirectory,
    lateWatermarkMs: batch.lateWatermarkMs,
    watermarkMs: batchWatermarkMs,
    conf,
    isReadAgain: sink.readsRowsAgain,
  });
  return sink.readsRowsAgain ? materialiseRows(engine, rows, temporaryDirectory) : rows;
}

interface Computed {
  readonly rows: Rows | null;
  readonly inputs: readonly BatchFiles[];
}

function publish(parts: QueryParts, batch: Batch, { rows, inputs }: Computed): Promise<SinkResult> {
  const { queryId, runId, outputMode, plan } = parts;
  return parts.sink.addBatch(batch.id, rows, {
    queryId,
    runId,
    outputMode,
    outputSchema: plan.outputSchema,
    endOffsets: batch.entry.offsets,
    isReplay: batch.isReplay,
    batchTimestampMs: batch.entry.batchTimestampMs,
    sourceTablePaths: inputs.filter((input) => input.files.length > 0).map((input) => input.tablePath),
  });
}

/** Writes the tick; meanwhile it is measured how far behind the sources are. */
async function tickOff(parts: QueryParts, batch: Batch, entry: CommitEntry): Promise<readonly (SourceLag | null)[]> {
  const lags = Promise.all(parts.sources.map((source, index) => lagOf(source, batch.entry.offsets[index] ?? null)));
  try {
    await parts.commitLog.add(batch.id, entry);
  } finally {
    await lags;
  }
  for (const [index, source] of parts.sources.entries()) {
    const end = batch.entry.offsets[index] ?? null;
    if (end !== null) await source.commit(end);
  }
  return lags;
}

/** Null when it cannot be told: a figure for people must not end the query. */
async function lagOf(source: Source, end: OffsetJson | null): Promise<SourceLag | null> {
  try {
    return await source.lag(end);
  } catch {
    return null;
  }
}

async function removeTemporaryFiles(parts: QueryParts): Promise<void> {
  for (const file of await parts.engine.files.list(parts.temporaryDirectory)) {
    if (!file.isDirectory) await parts.engine.files.remove(file.path);
  }
}

function explain(parts: QueryParts, batch: Batch, { rows, inputs }: Computed): string {
  const lines = [`batch ${batch.id}`];
  for (const [index, source] of parts.sources.entries())
    lines.push(`  source ${source.description}: ${inputs[index]?.files.length ?? 0} files`);
  if (rows === null) lines.push("  no rows");
  else if (rows.kind === "relation") lines.push(`  DuckDB: ${rows.sql}`);
  else lines.push(rows.kind === "arrow" ? "  Arrow batches from JavaScript" : "  files copied where they fit the sink");
  return [...lines, `  sink ${parts.sink.description}`].join("\n");
}
