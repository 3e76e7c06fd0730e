// table/rows/arrow-view.ts: Arrow data as the rest of the world wants it: one table, bytes, rows as objects. Arrow itself is
// loaded with the first of them, not with the package.
import type { RecordBatch, Schema, Table } from "apache-arrow";
import type { StructType } from "../../format/schema/schema.ts";
import type { RowObject } from "../input/table-input.ts";

/** The Arrow schema of rows with these columns. */
export async function arrowSchema(schema: StructType): Promise<Schema> {
  const { toArrowSchema } = await import("../../engine/arrow/arrow-schema.ts");
  return toArrowSchema(schema);
}

/** All batches as one table, in memory. @param schema of the batches, for when there is none */
export async function arrowTable(batches: AsyncIterable<RecordBatch>, schema: StructType): Promise<Table> {
  const { Table: ArrowTable } = await import("apache-arrow");
  const all: RecordBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all.length > 0 ? new ArrowTable(all) : new ArrowTable(await arrowSchema(schema));
}

/** The batches as an Arrow IPC stream. @param schema that of the batches, such as `DeltaTable.arrowSchema` gives */
export async function* arrowIpcStream(
  schema: Schema,
  batches: AsyncIterable<RecordBatch>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { encodeIpcChunks } = await import("../../engine/arrow/arrow-ipc.ts");
  yield* encodeIpcChunks(schema, batches);
}

/** The rows of each batch as objects; 64-bit integers are bigint, decimals text, timestamps and dates Date. */
export async function* rowsOfBatches(
  batches: AsyncIterable<RecordBatch>,
): AsyncGenerator<Iterable<RowObject>, void, undefined> {
  const { rowsFromBatch } = await import("../../engine/arrow/arrow-rows.ts");
  const { fromArrowSchema } = await import("../../engine/arrow/arrow-schema.ts");
  for await (const batch of batches) yield rowsFromBatch(batch, fromArrowSchema(batch.schema));
}

/**
 * The rows of each batch as the values of their columns, in the order of the columns; a value is what `rowsOfBatches` makes of it. An object
 * would lose one of two columns of a name, and gives names that are whole numbers first.
 */
export async function* valuesOfBatches(
  batches: AsyncIterable<RecordBatch>,
): AsyncGenerator<Iterable<readonly unknown[]>, void, undefined> {
  const { valuesFromBatch } = await import("../../engine/arrow/arrow-rows.ts");
  for await (const batch of batches) yield valuesFromBatch(batch);
}
