// writer/write-deletion-vectors.ts: rows of files marked as deleted. PROTOCOL.md, "Writer Requirement for Deletion Vectors".
import { join } from "node:path";
import type { Engine } from "../engine/base/engine.ts";
import { sqlFilePaths } from "../engine/base/sql-quote.ts";
import type { AddFile } from "../format/action/action.ts";
import { encodeVectorFile } from "../format/vector/deletion-vector-file.ts";
import { AlluviumError, assert } from "../format/text/error.ts";
import { formatStats, parseStats } from "../format/value/file-stats.ts";
import type { FileStats } from "../format/value/file-stats.ts";
import { resolveDataPath } from "../format/value/partition-path.ts";
import type { RoaringSet } from "../format/vector/roaring-set.ts";

/** A file of the table, and all of its rows that are deleted from now on. */
export interface MarkedFile {
  readonly file: AddFile;
  readonly deletedRows: RoaringSet;
}

/**
 * Writes one file with the vectors of all, durable when this returns, and gives the add actions that name them. Bounds of
 * statistics hold as before, and need no longer be met; the count of rows is looked up where the log does not have it.
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`, `FILE_NOT_FOUND`, `CORRUPT_FILE`
 */
export async function writeDeletionVectors(
  engine: Engine,
  tablePath: string,
  marked: readonly MarkedFile[],
): Promise<readonly AddFile[]> {
  if (marked.length === 0) return [];
  const stats = await statsOf(engine, tablePath, marked);
  const vectors = encodeVectorFile(
    engine.random.uuid(),
    marked.map(({ deletedRows }) => deletedRows),
  );
  const outcome = await engine.files.putIfAbsent(join(tablePath, vectors.name), vectors.bytes);
  assert(outcome === "created", `a file of the new name ${vectors.name} was there already`);
  return marked.map(({ file }, index) => {
    const deletionVector = vectors.descriptors[index];
    const own = stats[index];
    assert(deletionVector !== undefined && own !== undefined, "each file has a vector and statistics");
    return { ...file, dataChange: true, deletionVector, stats: formatStats({ ...own, tightBounds: false }) };
  });
}

async function statsOf(
  engine: Engine,
  tablePath: string,
  marked: readonly MarkedFile[],
): Promise<readonly FileStats[]> {
  const known = marked.map(({ file }) => (file.stats === undefined ? null : parseStats(file.stats)) ?? nothingKnown);
  const paths = marked.map(({ file }) => resolveDataPath(tablePath, file.path));
  const uncounted = paths.filter((_, index) => known[index]?.numRecords === undefined);
  if (uncounted.length === 0) return known;
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(
    `SELECT file_name, num_rows FROM parquet_file_metadata(${sqlFilePaths(uncounted)})`,
  );
  const counts = new Map(rows.map((row) => [String(row["file_name"]), Number(row["num_rows"])]));
  return known.map((stats, index) => {
    const numRecords = stats.numRecords ?? counts.get(paths[index] ?? "");
    if (numRecords !== undefined) return { ...stats, numRecords };
    const path = marked[index]?.file.path ?? "";
    throw new AlluviumError("CORRUPT_FILE", { table: tablePath, path }, `the rows of ${path} could not be counted`);
  });
}

const nothingKnown: FileStats = { minValues: {}, maxValues: {}, nullCount: {} };
