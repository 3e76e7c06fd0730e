// engine/arrow/arrow-rows.ts: row objects to Arrow and back.
import { RecordBatch, Struct, makeData } from "apache-arrow";
import { AlluviumError } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { buildColumn } from "./arrow-build.ts";
import { toArrowSchema } from "./arrow-schema.ts";
import { valueReader } from "./arrow-value.ts";
import { ownValue, setOwnValue } from "../base/own-value.ts";

export { inferSchema } from "./infer-schema.ts";

/**
 * A batch of row objects, one column for each field; keys that are missing give null, keys that are no field are passed over.
 * Integers are numbers or bigints, decimals text, numbers or bigints, timestamps Dates, bigints of microseconds or ISO text (UTC),
 * dates Dates at midnight UTC or `yyyy-MM-dd`, binary Uint8Array, maps Map or objects. Whether null is allowed is the writer's matter.
 * @throws AlluviumError `INVALID_ARGUMENT` naming column and row, for a value that is not of the type or would be rounded
 */
export function batchFromRows(schema: StructType, rows: readonly Readonly<Record<string, unknown>>[]): RecordBatch {
  rows.forEach((row, index) => {
    if (typeof row !== "object" || row === null)
      throw new AlluviumError("INVALID_ARGUMENT", { row: index }, `row ${index} is not an object: ${String(row)}`);
  });
  const children = schema.fields.map((field) =>
    buildColumn(field.type, {
      values: rows.map((row) => ownValue(row, field.name)),
      path: field.name,
      rowOf: (index) => index,
    }),
  );
  const arrowSchema = toArrowSchema(schema);
  const data = makeData({ type: new Struct(arrowSchema.fields), length: rows.length, nullCount: 0, children });
  return new RecordBatch(arrowSchema, data);
}

/**
 * The rows of a batch as objects, with the names of `schema`, by position. Integers up to 32 bits are numbers, longs bigints, decimals
 * text, timestamps Dates (which hold milliseconds: take Arrow for microseconds), dates Dates at midnight UTC, binary Uint8Array, arrays
 * arrays, maps Map, structs objects.
 */
export function* rowsFromBatch(batch: RecordBatch, schema: StructType): Generator<Record<string, unknown>> {
  const names = schema.fields.map(({ name }) => name);
  const columns = readersOf(batch, names).map((read, at) => ({ name: names[at] ?? "", read }));
  for (let index = 0; index < batch.numRows; index += 1) {
    const row: Record<string, unknown> = {};
    for (const { name, read } of columns) setOwnValue(row, name, read(index));
    yield row;
  }
}

/** The rows of a batch as values in the order of its columns; a value is what `rowsFromBatch` makes of it. */
export function* valuesFromBatch(batch: RecordBatch): Generator<readonly unknown[]> {
  const columns = readersOf(batch, batch.schema.names.map(String));
  for (let index = 0; index < batch.numRows; index += 1) yield columns.map((read) => read(index));
}

function readersOf(batch: RecordBatch, names: readonly string[]): readonly ((index: number) => unknown)[] {
  return names.map((name, at) => {
    const data = batch.data.children[at];
    if (data === undefined)
      throw new AlluviumError("INTERNAL_ERROR", { column: name }, `a batch lacks the column ${name}`);
    return valueReader(data);
  });
}
