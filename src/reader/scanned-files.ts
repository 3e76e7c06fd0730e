// reader/scanned-files.ts: data files made ready for the scan's relation: what has to be looked up on disk before.
import { forEachBounded } from "../engine/base/bounded.ts";
import type { Engine } from "../engine/base/engine.ts";
import type { ParquetNode } from "../engine/parquet/parquet-tree.ts";
import type { AddFile } from "../format/action/action.ts";
import type { DeletedRows } from "../format/vector/deletion-vector.ts";
import { resolveDataPath } from "../format/value/partition-path.ts";
import { holdsType } from "../format/schema/schema-type.ts";
import type { StructField } from "../format/schema/schema.ts";
import { loadDeletedRows } from "./deleted-rows.ts";
import { withFileColumns } from "./file-columns.ts";
import { knownRowCounts } from "./row-counts.ts";
import type { ScannedTable } from "./scanned-table.ts";

/** A data file that is ready to be scanned. */
export interface ScannedFile extends AddFile {
  /** Absolute path of what is read in its place: the same rows, variants as plain structs. */
  readonly localPath?: string;
  /** Rows that are not read; of a file with a deletion vector always there. */
  readonly deletedRows?: DeletedRows;
  /** How many rows the file has, where that is known for sure. */
  readonly rowCount?: number;
  /** The rows that are read, and no others; then all files of a relation have such a list. */
  readonly onlyRows?: DeletedRows;
  /** The file's own columns, where the schema does not say how its columns are stored. */
  readonly fileColumns?: readonly ParquetNode[];
}

/** Which files, and the columns that will be read of them; all when absent. */
export interface FilesToScan {
  readonly files: readonly AddFile[];
  readonly columns?: readonly string[] | undefined;
}

/**
 * Makes files ready, in the same order.
 * @throws AlluviumError `CORRUPT_LOG` for a path that leads out of the table; `FILE_NOT_FOUND`, `CORRUPT_FILE` and
 *   `PARQUET_COLUMN_DATA_TYPE_MISMATCH` for files and deletion vectors
 */
export async function scannedFiles(
  engine: Engine,
  table: ScannedTable,
  { files, columns }: FilesToScan,
): Promise<readonly ScannedFile[]> {
  const fields = storedFields(table, columns);
  const deleted = await loadDeletedRows(engine, table.tablePath, files);
  let ready: readonly ScannedFile[] = await withDeletedRows(engine, table, { files, deleted });
  if (fields.length > 0) ready = await withFileColumns(engine, table, { files: ready, fields });
  return fields.some((field) => holdsType(field.type, "variant"))
    ? await withPlainVariants(engine, table, ready)
    : ready;
}

async function withDeletedRows(
  engine: Engine,
  { tablePath }: ScannedTable,
  { files, deleted }: { readonly files: readonly AddFile[]; readonly deleted: ReadonlyMap<number, DeletedRows> },
): Promise<readonly ScannedFile[]> {
  if (deleted.size === 0) return files;
  const indexes = [...deleted.keys()];
  const paths = indexes.map((index) => resolveDataPath(tablePath, files[index]?.path ?? ""));
  const counts = await knownRowCounts(engine, paths);
  const rowCounts = new Map(indexes.map((index, at) => [index, counts[at]]));
  return files.map((file, index) => {
    const [deletedRows, rowCount] = [deleted.get(index), rowCounts.get(index)];
    if (deletedRows === undefined) return file;
    return { ...file, deletedRows, ...(rowCount !== undefined && { rowCount }) };
  });
}

async function withPlainVariants(
  engine: Engine,
  { tablePath }: ScannedTable,
  files: readonly ScannedFile[],
): Promise<readonly ScannedFile[]> {
  const ready = [...files];
  await forEachBounded([...ready.entries()], filesAtOnce, async ([index, file]) => {
    ready[index] = { ...file, localPath: await engine.variants.plain(resolveDataPath(tablePath, file.path)) };
  });
  return ready;
}

/** The columns that are read of the files themselves. */
function storedFields(
  { schema, partitionColumns }: ScannedTable,
  columns: readonly string[] | undefined,
): readonly StructField[] {
  const partitions = new Set(partitionColumns.map((name) => name.toLowerCase()));
  return schema.fields.filter(
    ({ name }) => (columns === undefined || columns.includes(name)) && !partitions.has(name.toLowerCase()),
  );
}

const filesAtOnce = 8;
