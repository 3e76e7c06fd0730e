// engine/parquet/keep-batches.ts: Arrow batches pass by once; in files they can be read as often as one likes, and by SQL.
import { join } from "node:path";
import type { RecordBatch } from "apache-arrow";
import type { StructType } from "../../format/schema/schema.ts";
import type { Engine } from "../base/engine.ts";
import { sqlParquetFiles } from "../base/sql-quote.ts";

/** Batches in the Arrow types of a schema. */
export interface PassingBatches {
  readonly schema: StructType;
  readonly batches: AsyncIterable<RecordBatch>;
}

/**
 * Writes the batches to Parquet files, memory bounded by one file; the caller removes them.
 * @param directory that exists; names in it are new
 * @returns SELECT of their rows
 * @throws AlluviumError of the batches, `IO_ERROR`, `DISK_FULL`
 */
export async function keepBatches(
  engine: Pick<Engine, "parquet" | "random">,
  { schema, batches }: PassingBatches,
  directory: string,
): Promise<string> {
  const paths: string[] = [];
  let pending: RecordBatch[] = [];
  let pendingRowCount = 0;
  const flush = async (): Promise<void> => {
    const path = join(directory, `${engine.random.uuid()}.parquet`);
    await engine.parquet.write(path, schema, pending);
    paths.push(path);
    pending = [];
    pendingRowCount = 0;
  };
  for await (const batch of batches) {
    pending.push(batch);
    pendingRowCount += batch.numRows;
    if (pendingRowCount >= fileRowCount) await flush();
  }
  if (pending.length > 0 || paths.length === 0) await flush();
  return `SELECT * FROM ${sqlParquetFiles(paths)}`;
}

const fileRowCount = 500_000;
