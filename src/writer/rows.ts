// writer/rows.ts: rows on their way into a table, in the form that costs least.
import type { RecordBatch } from "apache-arrow";
import type { AddFile, PartitionValues } from "../format/action/action.ts";
import type { StructType } from "../format/schema/schema.ts";

/** A Parquet file somewhere on disk that holds exactly the rows wanted. */
export interface SourceFile {
  /** Absolute path. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly partitionValues: PartitionValues;
  /** Statistics text of the log, if any. */
  readonly stats?: string;
}

/** Rows to write; `schema` names the columns they have (partition columns included). */
export type Rows =
  /** Stays inside DuckDB: a SELECT that gives the columns of `schema` in order. */
  | { readonly kind: "relation"; readonly schema: StructType; readonly sql: string }
  /** Crosses from JavaScript. `close` lets go of what the batches come from, also where nobody has asked for one. */
  | {
      readonly kind: "arrow";
      readonly schema: StructType;
      readonly batches: AsyncIterable<RecordBatch>;
      readonly close?: () => Promise<void>;
    }
  /**
   * Identity: bytes are copied, nothing is decoded, where schema and partitioning agree with the target and the files
   * are of a sensible size; everywhere else `relation` (a SELECT that gives the same rows) is written instead.
   */
  | {
      readonly kind: "files";
      readonly schema: StructType;
      readonly partitionColumns: readonly string[];
      readonly files: readonly SourceFile[];
      readonly relation: string;
    };

/** Lets go of what rows come from; they may have been read, in part, or not at all. */
export async function closeRows(rows: Rows): Promise<void> {
  if (rows.kind === "arrow") await rows.close?.();
}

/** What the data-file writer hands over: adds of files that are on disk and not yet in the log. */
export interface WrittenFiles {
  readonly adds: readonly AddFile[];
  readonly rowCount: number;
  readonly sizeBytes: number;
  /** The last value that each identity column gave, by column; the commit must put them into the metadata (`metadataAfter`). */
  readonly highWaterMarks?: ReadonlyMap<string, bigint>;
}
