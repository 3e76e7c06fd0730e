// table/rows/read-rows.ts: rows of a table as a person asks for them.
import type { RecordBatch } from "apache-arrow";
import type { Engine } from "../../engine/base/engine.ts";
import { type PredicateInput, resolvePredicate } from "../../expression/predicate/predicate-input.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { namesMetadata, withMetadataColumn } from "../../reader/metadata-column.ts";
import { scanBatches } from "../../reader/scan.ts";

/** What to read of a table. */
export interface ReadOptions {
  /**
   * Top-level columns, in the order wanted; all when absent. Names in any case. `_metadata` is a struct of what is known of a row
   * besides its values, as in Spark: `file_path`, `file_name`, `file_size`, `file_modification_time`, and of a table with row tracking
   * `row_id`, `row_commit_version`, `base_row_id`, `default_row_commit_version`, `row_index`.
   */
  readonly columns?: readonly string[] | undefined;
  /** Spark SQL text, or an expression built with `col`. */
  readonly where?: PredicateInput | undefined;
}

/**
 * Arrow batches of bounded size; order of rows is not defined.
 * @throws AlluviumError `INVALID_PREDICATE`, and as `scanBatches`
 */
export async function* readBatches(
  engine: Engine,
  snapshot: Snapshot,
  { columns, where: input }: ReadOptions,
): AsyncGenerator<RecordBatch> {
  const isHiddenAsked = input !== undefined && namesMetadata(typeof input === "string" ? input : input.toSparkSql());
  const schema = isHiddenAsked ? withMetadataColumn(snapshot) : snapshot.schema;
  const { partitionColumns } = snapshot.metadata;
  const where = await resolvePredicate(engine.sql, input, { schema, partitionColumns });
  yield* scanBatches(engine, snapshot, { columns, where });
}
