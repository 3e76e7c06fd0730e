// stream/source/input-rows.ts: how many rows a batch read.
import type { Engine } from "../../engine/base/engine.ts";
import type { AddFile } from "../../format/action/action.ts";
import { scanRelation } from "../../reader/scan-relation.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import { batchRelation } from "./batch-relation.ts";
import { rowCountOf } from "./row-count.ts";
import type { BatchFiles } from "../plan/source.ts";

/** Rows of the files: from their statistics, and by counting where there are none. */
export async function countInputRows(engine: Engine, input: BatchFiles): Promise<number> {
  if (input.changes !== undefined) return countRows(engine, await batchRelation(engine, input));
  let count = 0;
  const uncounted: AddFile[] = [];
  for (const file of input.files) {
    const rowCount = rowCountOf(file);
    if (rowCount === null) uncounted.push(file);
    else count += rowCount;
  }
  if (uncounted.length === 0) return count;
  const files = await scannedFiles(engine, input, { files: uncounted, columns: [] });
  const relation = scanRelation(input, files, { columns: [] });
  return count + (await countRows(engine, relation));
}

async function countRows(engine: Engine, relation: string): Promise<number> {
  await using connection = await engine.sql.connect();
  const [row] = await connection.rows(`SELECT count(*) AS row_count FROM (${relation})`);
  return Number(row?.["row_count"] ?? 0);
}
