// table/rows/parquet-file.ts: batches into one plain Parquet file that belongs to no table.
import type { RecordBatch, Schema } from "apache-arrow";
import { localEngine } from "../../engine/local/local-engine.ts";
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { keepBatches } from "../../engine/parquet/keep-batches.ts";
import { temporaryDirectory } from "../../engine/files/temporary-directory.ts";
import { planWriteSchema } from "../../writer/write-schema.ts";

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
  const cast = async function* (): AsyncGenerator<RecordBatch> {
    for await (const batch of batches) yield castBatch(batch, columns, conversions);
  };
  const sql = await keepBatches(engine, { schema: columns, batches: cast() }, scratch.path);
  await using connection = await engine.sql.connect();
  await connection.run(`COPY (${sql}) TO ${sqlLiteral(path)} (FORMAT parquet, COMPRESSION snappy)`);
}
