// stream/sink/sink.ts: what a micro-batch asks of the place its rows go to. Law S5: the output of a batch is visible exactly once.
import type { StructType } from "../../format/schema/schema.ts";
import type { Rows } from "../../writer/rows.ts";
import type { OutputMode } from "../plan/output-mode.ts";
import type { OffsetJson } from "../plan/source.ts";

/** The batch that a sink is given. */
export interface SinkContext {
  readonly queryId: string;
  readonly runId: string;
  readonly outputMode: OutputMode;
  readonly outputSchema: StructType;
  /** Inclusive end per source, null for a source without an offset. */
  readonly endOffsets: readonly (OffsetJson | null)[];
  /** True when the batch was promised by an earlier run, so that the sink may have it already. */
  readonly isReplay: boolean;
  readonly batchTimestampMs: number;
  /** Absolute paths of the tables the batch was read from. */
  readonly sourceTablePaths: readonly string[];
}

/** What became of a batch. `rowCount` is null where the sink does not know. */
export type SinkResult =
  | { readonly status: "written"; readonly rowCount: number | null }
  | { readonly status: "already-written" };

/** The newest batch of a query that a sink knows of. */
export interface SinkReceipt {
  readonly batchId: number;
  /** What the batch had read, null where the sink was not told (another engine wrote it). */
  readonly endOffsets: readonly (OffsetJson | null)[] | null;
}

/** Where the rows of a query go. */
export interface Sink {
  /** As in Spark's progress, e.g. `DeltaSink[/tables/books]`. */
  readonly description: string;
  /** True when it may read the rows of a batch more than once. */
  readonly readsRowsAgain: boolean;
  /** @throws AlluviumError `DELTA_UNSUPPORTED_OUTPUT_MODE` for a mode it cannot take */
  checkOutputMode(outputMode: OutputMode): void;
  /**
   * Refuses rows that cannot go in, before the query starts.
   * @throws AlluviumError `DELTA_METADATA_MISMATCH` and other errors about schema and partitioning,
   * `DELTA_CANNOT_MODIFY_APPEND_ONLY` for a table whose rows must stay when the mode replaces them
   */
  checkSchema(outputSchema: StructType, outputMode: OutputMode): Promise<void>;
  /** The newest batch of this query it holds, null when it holds none or cannot tell. */
  lastReceipt(queryId: string): Promise<SinkReceipt | null>;
  /** Makes the rows of a batch visible, once. @param rows null for a batch without rows */
  addBatch(batchId: number, rows: Rows | null, context: SinkContext): Promise<SinkResult>;
}
