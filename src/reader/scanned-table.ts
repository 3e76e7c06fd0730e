// reader/scanned-table.ts: what must be known of a table to read its files.
import { columnMappingMode } from "../format/protocol/column-mapping.ts";
import type { ColumnMappingMode } from "../format/protocol/column-mapping.ts";
import type { TrackedTable } from "../format/protocol/row-tracking.ts";
import type { StructType } from "../format/schema/schema.ts";
import type { Snapshot } from "../log/state/snapshot.ts";

/** The table the files belong to; `tablePath` is absolute. */
export interface ScannedTable {
  readonly tablePath: string;
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  /** How its columns are found in the files; by their own names when absent. */
  readonly columnMapping?: ColumnMappingMode;
  /** Where its rows keep their ids, for whoever asks for `metadataColumn`; they have none when absent. */
  readonly tracked?: TrackedTable;
}

/** The table of a snapshot as its readers see it. */
export function scannedTable({
  tablePath,
  schema,
  protocol,
  metadata,
}: Pick<Snapshot, "tablePath" | "schema" | "protocol" | "metadata">): ScannedTable {
  const { partitionColumns } = metadata;
  const columnMapping = columnMappingMode(protocol, metadata);
  return { tablePath, schema, partitionColumns, columnMapping, tracked: { protocol, metadata } };
}
