// session/plan.ts: what a DataFrame stands for: a source and the steps upon it, as plain data.
import type { RecordBatch } from "apache-arrow";
import type { StructType } from "../format/schema.ts";

/** A JavaScript step over Arrow batches: one batch in, any number out. It must not keep or change the batch it got. */
export type MapBatchesFunction = (
  batch: RecordBatch,
) => RecordBatch | Iterable<RecordBatch> | AsyncIterable<RecordBatch> | Promise<RecordBatch | Iterable<RecordBatch>>;

/** Where rows come from. Paths are absolute. */
export type PlanSource =
  | {
      readonly kind: "table";
      readonly tablePath: string;
      readonly version?: number;
      readonly timestamp?: string | Date;
    }
  | { readonly kind: "stream"; readonly tablePath: string; readonly options: ReadonlyMap<string, string> }
  /** Rows that are there already, such as those of a micro-batch: a DuckDB SELECT and its columns. */
  | { readonly kind: "relation"; readonly sql: string; readonly schema: StructType; readonly nowMs: number };

/** One step; expressions are Spark SQL text. */
export type PlanStep =
  | { readonly kind: "select"; readonly expressions: readonly string[] }
  | { readonly kind: "where"; readonly condition: string }
  | { readonly kind: "withColumn"; readonly name: string; readonly expression: string }
  | { readonly kind: "drop"; readonly names: readonly string[] }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "limit"; readonly count: number }
  | { readonly kind: "mapBatches"; readonly function: MapBatchesFunction; readonly schema: StructType | undefined };

/** A source and its steps, in order. */
export interface Plan {
  readonly source: PlanSource;
  readonly steps: readonly PlanStep[];
}
