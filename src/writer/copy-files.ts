// writer/copy-files.ts: rows that are in the right form already: their files are copied byte for byte, and nothing is decoded.
// Copied, not linked: a file that keeps its old time stamp could be vacuumed before the commit names it.
import { forEachBounded } from "../engine/base/bounded.ts";
import { join } from "node:path";
import type { Engine } from "../engine/base/engine.ts";
import { sqlFilePaths } from "../engine/base/sql-quote.ts";
import { parseStats } from "../format/value/file-stats.ts";
import { partitionDirectory } from "../format/value/partition-path.ts";
import { rowConditions } from "../format/protocol/row-condition.ts";
import { schemaEquals, typeEquals } from "../format/schema/schema-type.ts";
import { dataFileName } from "./data-file-name.ts";
import type { Rows, SourceFile } from "./rows.ts";
import { isMapped } from "./stored-target.ts";
import { baseFolder } from "./write-target.ts";
import type { NewFile, WriteTarget } from "./write-target.ts";
import { nullableType } from "../format/schema/map-fields.ts";

/** Rows as files. */
export type FileRows = Extract<Rows, { readonly kind: "files" }>;

/** Files on their way into a table. */
export interface FileInput {
  readonly files: readonly SourceFile[];
  /** Unique; it stands in the names of all files. */
  readonly writeId: string;
  /** Takes each file as soon as it lies on disk. */
  onFile(file: NewFile): void;
}

/**
 * True when copying gives what writing the rows would: equal schemas and partitioning, conditions that the source has kept, and
 * files not so small that the table would fill with crumbs.
 */
export function canCopy(rows: FileRows, target: WriteTarget): boolean {
  if (isMapped(target) || target.keepsPartitionColumns === true) return false;
  if (!schemaEquals(rows.schema, target.schema, { ignoreMetadata: true, ignoreNullability: true })) return false;
  if (rows.partitionColumns.join("\0") !== target.partitionColumns.join("\0")) return false;
  // A condition, or a column that may be null in the source and not here, has to be looked at row by row.
  const { checkConstraints } = target.properties;
  if (
    rowConditions(target.schema, checkConstraints).length > 0 ||
    (!isNullableEverywhere(target) && !sameNullability(rows, target))
  )
    return false;
  const partitionCount = new Set(rows.files.map((file) => JSON.stringify([...file.partitionValues]))).size;
  const sizeBytes = rows.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return rows.files.length <= partitionCount || sizeBytes / rows.files.length >= meanSizeBytesMin;
}

/** Copies the files, a few at a time. Nothing is durable yet. A file that is known to be empty is passed over. */
export async function copyFiles(
  engine: Engine,
  target: WriteTarget,
  { files, writeId, onFile }: FileInput,
): Promise<void> {
  const rowCounts = await rowCountsOf(engine, files);
  const wanted = files
    .map((file, index) => ({ file, index, rowCount: rowCounts[index] ?? 0 }))
    .filter(({ rowCount }) => rowCount > 0);
  await forEachBounded(wanted, copiesAtOnceMax, async ({ file, index, rowCount }) => {
    const folder = target.properties.randomizeFilePrefixes
      ? ""
      : partitionDirectory(target.partitionColumns, file.partitionValues);
    const relativePath = join(baseFolder(target, writeId), folder, dataFileName(writeId, index));
    await engine.files.copy(file.path, join(target.tablePath, relativePath));
    onFile({
      relativePath,
      partitionValues: file.partitionValues,
      sizeBytes: file.sizeBytes,
      rowCount,
      stats: file.stats ?? `{"numRecords":${rowCount}}`,
      nullCounts: new Map(),
    });
  });
}

const meanSizeBytesMin = 256 * 1024;
const copiesAtOnceMax = 8;

function sameNullability(rows: FileRows, target: WriteTarget): boolean {
  return schemaEquals(rows.schema, target.schema, { ignoreMetadata: true });
}

function isNullableEverywhere({ schema }: WriteTarget): boolean {
  return typeEquals(schema, nullableType(schema));
}

async function rowCountsOf(engine: Engine, files: readonly SourceFile[]): Promise<readonly number[]> {
  const known = files.map((file) => (file.stats === undefined ? undefined : parseStats(file.stats)?.numRecords));
  const unknown = files.filter((_, index) => known[index] === undefined);
  if (unknown.length === 0) return known.map((count) => count ?? 0);
  await using connection = await engine.sql.connect();
  const paths = sqlFilePaths(unknown.map((file) => file.path));
  const rows = await connection.rows(`SELECT file_name, num_rows FROM parquet_file_metadata(${paths})`);
  const counted = new Map(rows.map((row) => [String(row["file_name"]), Number(row["num_rows"])]));
  return files.map((file, index) => known[index] ?? counted.get(file.path) ?? 0);
}
