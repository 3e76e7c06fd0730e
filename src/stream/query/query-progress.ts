// stream/query/query-progress.ts: the report of one trigger, in Spark's JSON with a few fields of our own.
// docs/STREAMING.md, "Progress JSON".
import { formatJson } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";
import type { StatefulReport, StateOperatorProgress } from "../operator/batch-plan.ts";
import type { Batch, BatchReport, Position, QueryParts } from "./micro-batch.ts";
import type { OffsetJson, SourceLag } from "../plan/source.ts";

/** One source's part of a report. The fields of `SourceLag` are ours; they are there when they are known. */
export interface SourceProgress extends Partial<SourceLag> {
  readonly description: string;
  /** Null for the source's own beginning. */
  readonly startOffset: OffsetJson | null;
  readonly endOffset: OffsetJson | null;
  /** Always null for Delta, as in Spark. */
  readonly latestOffset: null;
  readonly numInputRows: number;
  readonly inputRowsPerSecond: number;
  readonly processedRowsPerSecond: number;
}

/** The sink's part. `numOutputRows` is -1 where the sink does not know. */
export interface SinkProgress {
  readonly description: string;
  readonly numOutputRows: number;
}

/** Event time in a report; `avg`, `max` and `min` are of the rows of the batch, if it had any. */
export interface EventTimeProgress {
  readonly avg?: string;
  readonly max?: string;
  readonly min?: string;
  /** In force during the batch. */
  readonly watermark: string;
}

/** What one trigger did. Durations are milliseconds. */
export interface StreamingQueryProgress {
  readonly id: string;
  readonly runId: string;
  readonly name: string | null;
  /** Start of the trigger: ISO 8601, UTC, milliseconds. */
  readonly timestamp: string;
  /** Of a trigger that found nothing: the id the next batch will have. */
  readonly batchId: number;
  readonly batchDuration: number;
  readonly numInputRows: number;
  readonly inputRowsPerSecond: number;
  readonly processedRowsPerSecond: number;
  readonly durationMs: Readonly<Record<string, number>>;
  /** Times in ISO 8601; absent without a watermark. */
  readonly eventTime?: EventTimeProgress;
  readonly stateOperators: readonly StateOperatorProgress[];
  readonly sources: readonly SourceProgress[];
  readonly sink: SinkProgress;
}

/** When a trigger ran. */
export interface TriggerTimes {
  readonly startMs: number;
  /** Start of the trigger before, null for the first. */
  readonly previousStartMs: number | null;
  readonly durationMs: Readonly<Record<string, number>>;
}

/** The report of a trigger that ran a batch. */
export function batchProgress(parts: QueryParts, report: BatchReport, times: TriggerTimes): StreamingQueryProgress {
  const { batch, result } = report;
  const sources = parts.sources.map((source, index) => ({
    ...sourceProgress(
      { description: source.description, ...rangeOf(batch, index), rowCount: report.inputRowCounts[index] ?? 0 },
      times,
    ),
    ...report.lags[index],
  }));
  const numOutputRows = result.status === "written" ? (result.rowCount ?? -1) : 0;
  const { stateful } = report;
  const eventTime = eventTimeOf(parts, batch.entry.batchWatermarkMs, stateful);
  return progress(
    parts,
    { batchId: batch.id, sources, numOutputRows, eventTime, stateOperators: stateful?.stateOperators ?? [] },
    times,
  );
}

/** Where a query stands that found nothing. */
export interface IdleQuery {
  readonly position: Position;
  /** Of the last batch of this run. */
  readonly state: StatefulReport | null;
}

/** The report of a trigger that found nothing. */
export function idleProgress(
  parts: QueryParts,
  { position, state }: IdleQuery,
  times: TriggerTimes,
): StreamingQueryProgress {
  const sources = parts.sources.map((source, index) => {
    const offset = position.starts[index] ?? null;
    return sourceProgress(
      { description: source.description, startOffset: offset, endOffset: offset, rowCount: 0 },
      times,
    );
  });
  const eventTime = eventTimeOf(parts, position.watermarkMs, null);
  const stateOperators = (state?.stateOperators ?? []).map((operator) => ({
    ...operator,
    numRowsUpdated: 0,
    numRowsRemoved: 0,
    numRowsDroppedByWatermark: 0,
  }));
  return progress(parts, { batchId: position.batchId, sources, numOutputRows: 0, eventTime, stateOperators }, times);
}

/** One line of JSON. */
export function formatProgress(report: StreamingQueryProgress): string {
  return formatJson(report as unknown as JsonValue);
}

function eventTimeOf(parts: QueryParts, watermarkMs: number, report: StatefulReport | null): EventTimeProgress | null {
  if (parts.plan.stateful?.hasWatermark !== true) return null;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const seen = report?.eventTime ?? null;
  const ofRows = seen === null ? {} : { avg: iso(seen.avgMs), max: iso(seen.maxMs), min: iso(seen.minMs) };
  return { ...ofRows, watermark: iso(watermarkMs) };
}

function rangeOf(batch: Batch, index: number): { startOffset: OffsetJson | null; endOffset: OffsetJson | null } {
  return { startOffset: batch.starts[index] ?? null, endOffset: batch.entry.offsets[index] ?? null };
}

interface SourceFigures {
  readonly description: string;
  readonly startOffset: OffsetJson | null;
  readonly endOffset: OffsetJson | null;
  readonly rowCount: number;
}

function sourceProgress(
  { description, startOffset, endOffset, rowCount }: SourceFigures,
  times: TriggerTimes,
): SourceProgress {
  return { description, startOffset, endOffset, latestOffset: null, numInputRows: rowCount, ...rates(rowCount, times) };
}

interface TriggerFigures {
  readonly batchId: number;
  readonly sources: readonly SourceProgress[];
  readonly numOutputRows: number;
  readonly eventTime: EventTimeProgress | null;
  readonly stateOperators: readonly StateOperatorProgress[];
}

function progress(parts: QueryParts, figures: TriggerFigures, times: TriggerTimes): StreamingQueryProgress {
  const { queryId: id, runId, name, sink } = parts;
  const numInputRows = figures.sources.reduce((sum, source) => sum + source.numInputRows, 0);
  return {
    id,
    runId,
    name,
    timestamp: new Date(times.startMs).toISOString(),
    batchId: figures.batchId,
    batchDuration: times.durationMs["triggerExecution"] ?? 0,
    numInputRows,
    ...rates(numInputRows, times),
    durationMs: times.durationMs,
    ...(figures.eventTime === null ? {} : { eventTime: figures.eventTime }),
    stateOperators: figures.stateOperators,
    sources: figures.sources,
    sink: { description: sink.description, numOutputRows: figures.numOutputRows },
  };
}

function rates(rowCount: number, times: TriggerTimes): { inputRowsPerSecond: number; processedRowsPerSecond: number } {
  const sincePreviousMs = times.previousStartMs === null ? 0 : times.startMs - times.previousStartMs;
  return {
    inputRowsPerSecond: perSecond(rowCount, sincePreviousMs),
    processedRowsPerSecond: perSecond(rowCount, times.durationMs["triggerExecution"] ?? 0),
  };
}

const perSecond = (rowCount: number, durationMs: number): number =>
  durationMs > 0 ? (rowCount * 1000) / durationMs : 0;
