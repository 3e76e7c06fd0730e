// stream/sink/materialise-rows.ts: rows from JavaScript can be pulled once; here they become files that can be read as often as a sink likes.
import { join } from "node:path";
import type { RecordBatch } from "apache-arrow";
import type { Engine } from "../../engine/base/engine.ts";
import { sqlFilePaths } from "../../engine/base/sql-quote.ts";
import type { Rows } from "../../writer/rows.ts";

/**
 * The same rows in a form that can be read again: Arrow batches are written to Parquet files in `directory`, memory bounded by one
 * file; the caller removes them.
 */
export async function materialiseRows(
  engine: Engine,
  rows: Rows,
  directory: string,
): Promise<Exclude<Rows, { kind: "arrow" }>> {
  if (rows.kind !== "arrow") return rows;
  const paths: string[] = [];
  let pending: RecordBatch[] = [];
  let pendingRowCount = 0;
  const flush = async (): Promise<void> => {
    const path = join(directory, `batch-${paths.length}.parquet`);
    await engine.parquet.write(path, rows.schema, pending);
    paths.push(path);
    pending = [];
    pendingRowCount = 0;
  };
  for await (const batch of rows.batches) {
    pending.push(batch);
    pendingRowCount += batch.numRows;
    if (pendingRowCount >= fileRowCount) await flush();
  }
  if (pending.length > 0 || paths.length === 0) await flush();
  return { kind: "relation", schema: rows.schema, sql: `SELECT * FROM read_parquet(${sqlFilePaths(paths)})` };
}

const fileRowCount = 1_000_000;
