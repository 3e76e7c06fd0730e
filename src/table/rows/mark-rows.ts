// table/rows/mark-rows.ts: rows taken out of files by deletion vectors instead of by writing the files anew. PROTOCOL.md, "Deletion Vectors".
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { AddFile } from "../../format/action/action.ts";
import { setOfNumbers, union } from "../../format/vector/roaring-set.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { isFeatureSupported } from "../../format/protocol/table-feature.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { rowsPerFile } from "../../reader/live-rows.ts";
import { groupFiles, scannedTable, scanRelation } from "../../reader/scan-relation.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import { type MarkedFile, writeDeletionVectors } from "../../writer/write-deletion-vectors.ts";
import { positionColumns } from "./row-match.ts";
import { type MatchQuestion, filesPerStatement } from "./touched-files.ts";

/** True when rows of this table are marked; else their files are written anew. */
export function marksRows({ protocol, properties }: Snapshot): boolean {
  return properties.enableDeletionVectors && isFeatureSupported(protocol, "deletionVectors");
}

/**
 * Marks the rows that match, besides those that were marked before.
 * @returns add actions of the same files with their new vectors; the vectors are durable
 * @throws AlluviumError `FILE_NOT_FOUND`, `CORRUPT_FILE`, `IO_ERROR`, `DISK_FULL`
 */
export async function markRows(
  engine: Engine,
  snapshot: Snapshot,
  { files, match }: MatchQuestion,
): Promise<readonly AddFile[]> {
  const marked: MarkedFile[] = [];
  for (let start = 0; start < files.length; start += filesPerStatement) {
    const some = files.slice(start, start + filesPerStatement);
    const table = scannedTable(snapshot);
    const { columns } = match;
    const ready = groupFiles(await scannedFiles(engine, table, { files: some, columns })).flat();
    const relation = scanRelation(table, ready, {
      columns,
      ...(match.needsPositions === true ? positionColumns : {}),
      rowKeyColumn,
    });
    const sql = `SELECT ${sqlIdentifier(rowKeyColumn)} FROM (${match.matching(relation)})`;
    const rows = await rowsByFile(engine, sql, ready.length);
    const byPath = new Map(some.map((file) => [file.path, file]));
    for (const [index, { path, deletedRows }] of ready.entries()) {
      const file = byPath.get(path);
      const own = setOfNumbers(rows[index] ?? []);
      if (file !== undefined)
        marked.push({ file, deletedRows: deletedRows === undefined ? own : union(deletedRows, own) });
    }
  }
  return await writeDeletionVectors(engine, snapshot.tablePath, marked);
}

// No column of a table has such a name.
const rowKeyColumn = "\u0001key";
const keySchema: StructType = {
  kind: "struct",
  fields: [{ name: "key", type: { kind: "primitive", name: "double" }, nullable: true, metadata: {} }],
};

/** Numbers of the rows of a relation by the index of their file, ascending. */
async function rowsByFile(engine: Engine, sql: string, fileCount: number): Promise<readonly Float64Array[]> {
  const chunks: Float64Array[] = [];
  await using connection = await engine.sql.connect();
  for await (const batch of connection.batches(sql, keySchema)) {
    const keys: unknown = batch.getChildAt(0)?.toArray();
    if (keys instanceof Float64Array) chunks.push(keys);
  }
  const all = new Float64Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let length = 0;
  for (const chunk of chunks) {
    all.set(chunk, length);
    length += chunk.length;
  }
  all.sort(); // threads deliver files in turns
  const rows: Float64Array[] = [];
  for (let index = 0, from = 0; index < fileCount; index += 1) {
    const base = index * rowsPerFile;
    let to = from;
    while (to < all.length && (all[to] ?? 0) < base + rowsPerFile) to += 1;
    rows.push(all.subarray(from, to).map((key) => key - base));
    from = to;
  }
  return rows;
}
