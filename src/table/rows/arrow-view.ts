// table/rows/arrow-view.ts: Arrow data as the rest of the world wants it: a schema before the first batch, rows as objects.
import type { RecordBatch, Schema } from "apache-arrow";
import { encodeIpcChunks } from "../../engine/arrow/arrow-ipc.ts";
import { rowsFromBatch, valuesFromBatch } from "../../engine/arrow/arrow-rows.ts";
import { fromArrowSchema, toArrowSchema } from "../../engine/arrow/arrow-schema.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { projectedSchema } from "../../reader/plan-scan.ts";
import type { RowObject } from "../input/table-input.ts";

/**
 * The Arrow schema of a table's batches.
 * @param columns those asked for, in any case; all when absent
 * @throws AlluviumError `COLUMN_NOT_FOUND`
 */
export function arrowSchemaOf(schema: StructType, columns?: readonly string[]): Schema {
  return toArrowSchema(projectedSchema(schema, columns));
}

/** The batches as an Arrow IPC stream. @param schema that of the batches; see `arrowSchemaOf` */
export function arrowIpcStream(schema: Schema, batches: AsyncIterable<RecordBatch>): AsyncIterable<Uint8Array> {
  return encodeIpcChunks(schema, batches);
}

/** The rows of a batch as objects; 64-bit integers are bigint, decimals text, timestamps and dates Date. */
export function rowsOfBatch(batch: RecordBatch): Iterable<RowObject> {
  return rowsFromBatch(batch, fromArrowSchema(batch.schema));
}

/**
 * The rows of a batch as the values of their columns, in the order of the columns; a value is what `rowsOfBatch` makes of it. An object would
 * lose one of two columns of a name, and gives names that are whole numbers first.
 */
export function valuesOfBatch(batch: RecordBatch): Iterable<readonly unknown[]> {
  return valuesFromBatch(batch);
}
