// reader/scanned-table.ts: what must be known of a table to read its files.
import { columnMappingMode } from "../format/column-mapping.ts";
import type { ColumnMappingMode } from "../format/column-mapping.ts";
import type { StructType } from "../format/schema.ts";
import type { Snapshot } from "../log/snapshot.ts";

/** The table the files belong to; `tablePath` is absolute. */
export interface ScannedTable {
  readonly tablePath: string;
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  /** How its columns are found in the files; by their own names when absent. */
  readonly columnMapping?: ColumnMappingMode;
}

/** The table of a snapshot as its readers see it. */
export function scannedTable({ tablePath, schema, protocol, metadata }: Snapshot): ScannedTable {
  const { partitionColumns } = metadata;
  return { tablePath, schema, partitionColumns, columnMapping: columnMappingMode(protocol, metadata) };
}
