// stream/operator/stream-operator.ts: what every operator of a stream is given and gives, batch by batch.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { assert } from "../../format/text/error.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";
import type { OutputMode } from "../plan/output-mode.ts";
import type { OperatorSpec } from "../plan/state-spec.ts";
import type { StateStore } from "../state/state-store.ts";

/** Two watermarks, microseconds since the Unix epoch. */
export interface BatchWatermarks {
  /** Of the batch before: rows whose time is not above it are late. */
  readonly lateMicros: bigint;
  /** Of this batch: state whose time is not above it is closed. */
  readonly closeMicros: bigint;
}

/** Event times that one watermark operator saw in a batch, milliseconds since the Unix epoch. */
export interface EventTimeStats {
  readonly minMs: number;
  readonly maxMs: number;
  readonly avgMs: number;
}

/** Late rows that an operator dropped, and how long it worked. */
export interface OperatorFigures {
  droppedRowCount: number;
  updatesMs: number;
  removalsMs: number;
}

/** One batch on its way through the operators. */
export interface OperatorBatch {
  readonly batchId: number;
  readonly outputMode: OutputMode;
  /** What current_timestamp() means. */
  readonly nowMs: number;
  /** SELECT per source, in plan order. */
  readonly inputs: readonly string[];
  readonly watermarks: BatchWatermarks;
  /** Live state, temporary tables, and a connection that sees both; only for operators that need them. */
  readonly state: StateStore;
  /** By watermark operator; absent for one that saw no event time. */
  readonly eventTimes: Map<number, EventTimeStats>;
  /** By stateful operator. */
  readonly figures: Map<number, OperatorFigures>;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
}

/** One operator, compiled. */
export interface StreamOperator {
  readonly schema: StructType;
  /** The rows that it adds in this batch (in complete mode above an aggregate: all rows), as a SELECT that holds until the next batch. */
  evaluate(batch: OperatorBatch): Promise<string>;
  /** Below which event time no row comes out of it any more, given what the query's watermark says; microseconds. */
  outputWatermark(micros: bigint): bigint;
}

/** A stateful operator. */
export interface StatefulOperator extends StreamOperator {
  readonly spec: OperatorSpec;
  /** True when a higher watermark alone can make it put out rows or drop state. */
  readonly heedsWatermark: boolean;
}

/** The watermarks as they reach what reads from an operator. */
export function watermarksAfter(
  operators: readonly StreamOperator[],
  { lateMicros, closeMicros }: BatchWatermarks,
): BatchWatermarks {
  const lowest = (micros: bigint): bigint =>
    operators.map((operator) => operator.outputWatermark(micros)).reduce((a, b) => (b < a ? b : a), micros);
  return { lateMicros: lowest(lateMicros), closeMicros: lowest(closeMicros) };
}

/** Figures of an operator in a batch; begins them when there are none. */
export function figuresOf(batch: OperatorBatch, operatorId: number): OperatorFigures {
  const known = batch.figures.get(operatorId);
  if (known !== undefined) return known;
  const fresh: OperatorFigures = { droppedRowCount: 0, updatesMs: 0, removalsMs: 0 };
  batch.figures.set(operatorId, fresh);
  return fresh;
}

/** Runs work and adds its time to a figure. */
export async function timed<T>(
  batch: OperatorBatch,
  operatorId: number,
  { figure, work }: { readonly figure: "updatesMs" | "removalsMs"; readonly work: () => Promise<T> },
): Promise<T> {
  const startMs = batch.monotonicMs();
  try {
    return await work();
  } finally {
    figuresOf(batch, operatorId)[figure] += Math.round(batch.monotonicMs() - startMs);
  }
}

/** The first column of the only row, as a number. */
export async function countOf(connection: SqlConnection, sql: string): Promise<number> {
  const [row] = await connection.rows(sql);
  return Number(Object.values(row ?? {})[0] ?? 0);
}

/** Type of a column. */
export function columnType(schema: StructType, name: string): DataType {
  const field = schema.fields.find((candidate) => candidate.name === name);
  assert(field !== undefined, `the stream has no column ${name}`);
  return field.type;
}

/** Event time of a column in microseconds: of a window its end. */
export function eventMicros(column: string, type: DataType): string {
  return type.kind === "struct" ? `epoch_us(struct_extract(${column}, 'end'))` : `epoch_us(${column})`;
}

/** A key as it is compared: zero has no sign (Spark's NormalizeFloatingNumbers; DuckDB holds all NaNs equal by itself). */
export function normalisedKey(sql: string, duckdbTypeName: string): string {
  return duckdbTypeName === "DOUBLE" || duckdbTypeName === "FLOAT"
    ? `CASE WHEN ${sql} = 0 THEN 0::${duckdbTypeName} ELSE ${sql} END`
    : sql;
}

/** Condition that columns of two relations are equal, null being equal to null; true when there are none. */
export function sameColumns(left: string, right: string, columns: readonly string[]): string {
  if (columns.length === 0) return "true";
  return columns.map((column) => `${left}.${column} IS NOT DISTINCT FROM ${right}.${column}`).join(" AND ");
}
