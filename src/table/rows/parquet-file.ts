// table/rows/parquet-file.ts: batches into one plain Parquet file that belongs to no table.
import type { RecordBatch, Schema } from "apache-arrow";
import { localEngine } from "../../engine/local/local-engine.ts";
import { sqlFilePaths, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { temporaryDirectory } from "../../engine/files/temporary-directory.ts";
import { planWriteSchema } from "../../writer/write-schema.ts";

const rowsPerPart = 500_000;

/**
 * Writes a file; memory is bounded, whatever the number of rows.
 * @param path of the file; replaced when it exists
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`
 */
export async function writeParquetFile(
  path: string,
  { schema, batches }: { readonly schema: Schema; readonly batches: AsyncIterable<RecordBatch> },
): Promise<void> {
  const { fromArrowSchema } = await import("../../engine/arrow/arrow-schema.ts");
  const { castBatch } = await import("../../writer/arrow-cast.ts");
  await using engine = localEngine();
  await using scratch = await temporaryDirectory();
  const columns = fromArrowSchema(schema);
  // The same values come in many layouts, such as dictionaries.
  const conversions = planWriteSchema({ tableSchema: columns, partitionColumns: [], dataSchema: columns }).columns;
  const parts: string[] = [];
  let pending: RecordBatch[] = [];
  const flush = async (): Promise<void> => {
    const part = `${scratch.path}/${parts.length}.parquet`;
    await engine.parquet.write(part, columns, pending);
    parts.push(part);
    pending = [];
  };
  let rowCount = 0;
  for await (const batch of batches) {
    pending.push(castBatch(batch, columns, conversions));
    rowCount += batch.numRows;
    if (rowCount < rowsPerPart) continue;
    await flush();
    rowCount = 0;
  }
  if (pending.length > 0 || parts.length === 0) await flush();
  await using connection = await engine.sql.connect();
  await connection.run(
    `COPY (SELECT * FROM read_parquet(${sqlFilePaths(parts)})) TO ${sqlLiteral(path)} (FORMAT parquet, COMPRESSION snappy)`,
  );
}
