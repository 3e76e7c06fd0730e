// stream/batch-plan.ts: what is done to the rows of a batch between its sources and its sink.
import type { Engine } from "../engine/engine.ts";
import type { StructType } from "../format/schema.ts";
import type { Rows } from "../writer/rows.ts";
import type { BatchFiles } from "./source.ts";

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
}

/** A compiled streaming query: pure description, run once a batch. */
export interface BatchPlan {
  readonly outputSchema: StructType;
  run(batch: BatchInput): Promise<Rows>;
}
