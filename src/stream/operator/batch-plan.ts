// stream/operator/batch-plan.ts: what is done to the rows of a batch between its sources and its sink.
import type { Engine } from "../../engine/base/engine.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { Rows } from "../../writer/rows.ts";
import type { EventTimeStats } from "./stream-operator.ts";
import type { BatchFiles } from "../plan/source.ts";

/** One batch on its way through a plan. */
export interface BatchInput {
  readonly batchId: number;
  /** What current_timestamp() means in this batch, also when it is run again. Milliseconds since the Unix epoch. */
  readonly batchTimestampMs: number;
  /** One entry per source, in plan order. */
  readonly inputs: readonly BatchFiles[];
  readonly engine: Engine;
  /** Where temporary files of this batch may lie; removed after the batch. */
  readonly temporaryDirectory: string;
  /** Event time up to which rows are late: the watermark of the batch before. Milliseconds since the Unix epoch. */
  readonly lateWatermarkMs: number;
  /** Event time up to which state is closed: the watermark of this batch. */
  readonly watermarkMs: number;
  /** Settings that the checkpoint pins. */
  readonly conf: ReadonlyMap<string, string>;
  /** The rows are read more than once, and must be the same each time. */
  readonly isReadAgain: boolean;
}

/** A compiled streaming query, run once a batch. */
export interface BatchPlan {
  readonly outputSchema: StructType;
  /** Event time and state; absent for a query that has neither. */
  readonly stateful?: StatefulPlan;
  run(batch: BatchInput): Promise<Rows>;
}

/** Where the state of a query is. */
export interface StateLocation {
  readonly engine: Engine;
  readonly checkpointDirectory: string;
  /** The batch that runs next. */
  readonly batchId: number;
}

/** What an operator's state did in a batch, as Spark reports it. */
export interface StateOperatorProgress {
  readonly operatorName: string;
  readonly numRowsTotal: number;
  readonly numRowsUpdated: number;
  readonly allUpdatesTimeMs: number;
  readonly numRowsRemoved: number;
  readonly allRemovalsTimeMs: number;
  readonly commitTimeMs: number;
  readonly memoryUsedBytes: number;
  readonly numRowsDroppedByWatermark: number;
  readonly numShufflePartitions: number;
  readonly numStateStoreInstances: number;
  readonly customMetrics: Readonly<Record<string, number>>;
}

/** What a batch says of event time and state. */
export interface StatefulReport {
  /** The watermark after the batch; milliseconds since the Unix epoch. */
  readonly nextWatermarkMs: number;
  readonly stateOperators: readonly StateOperatorProgress[];
  /** Of the first watermark operator that saw any. */
  readonly eventTime: EventTimeStats | null;
}

/** The part of a query that remembers; one run of the query owns it. */
export interface StatefulPlan extends AsyncDisposable {
  /** The query has a watermark. */
  readonly hasWatermark: boolean;
  /** The query has operators with state in the checkpoint. */
  readonly hasState: boolean;
  /**
   * Checks the state in the checkpoint and gets ready for a batch.
   * @throws AlluviumError as `StateStore.open`
   */
  open(location: StateLocation): Promise<void>;
  /** Whether a batch without data is due because the watermark has moved between two batches. */
  wantsBatch(nextWatermarkMs: number, watermarkMs: number): boolean;
  /** Makes the state after the batch that was run durable, before its rows are published. */
  persist(batchId: number, isReplay: boolean): Promise<void>;
  /** Of the batch that was run and persisted. */
  report(): Promise<StatefulReport>;
  /** Removes state that only batches before this one start from. */
  purgeBefore(batchId: number): Promise<void>;
}
