// engine/parquet/int96.ts: the old timestamps of Parquet, 12 bytes each: nanoseconds of the day (8 bytes) and the Julian day (4), as instants in UTC.
import {
  DataType as ArrowType,
  Field,
  List,
  Map_,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  makeData,
} from "apache-arrow";
import type { Data } from "apache-arrow";
import { assert } from "../../format/text/error.ts";

/**
 * The batch with those leaves that are INT96 as `Timestamp(MICROSECOND, "UTC")`; what is finer than a microsecond is cut off, as Spark does.
 * @param int96Leaves for each leaf of the batch, depth first, whether it is one
 */
export function timestampsOfInt96(batch: RecordBatch, int96Leaves: readonly boolean[]): RecordBatch {
  const leaves = int96Leaves[Symbol.iterator]();
  const children = batch.data.children.map((child) => convert(child, leaves));
  const schema = new Schema(batch.schema.fields.map((field, index) => retyped(field, children[index])));
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: batch.numRows, nullCount: 0, children }),
  );
}

function convert(data: Data, leaves: Iterator<boolean>): Data {
  const { type } = data;
  assert(data.offset === 0, "decoded columns are not slices");
  if (data.children.length === 0) return leaves.next().value === true ? timestamps(data) : data;
  const children = data.children.map((child) => convert(child, leaves));
  const fields = type.children.map((field: Field, index: number) => retyped(field, children[index]));
  const { length, nullCount, nullBitmap } = data;
  const valueOffsets = data.valueOffsets as Int32Array;
  const shared = { length, nullCount, nullBitmap };
  const [first] = fields;
  const child = children[0] as never;
  if (ArrowType.isStruct(type)) return makeData({ type: new Struct(fields), ...shared, children });
  if (ArrowType.isMap(type) && first !== undefined)
    return makeData({ type: new Map_(first as never, type.keysSorted), ...shared, valueOffsets, child });
  if (ArrowType.isList(type) && first !== undefined)
    return makeData({ type: new List(first), ...shared, valueOffsets, child });
  return data;
}

function retyped(field: Field, data: Data | undefined): Field {
  return data === undefined ? field : new Field(field.name, data.type, field.nullable);
}

function timestamps(data: Data): Data {
  const bytes = data.values as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const micros = new BigInt64Array(data.length);
  for (let index = 0; index < data.length; index += 1) {
    const at = index * sizeBytes;
    const nanosOfDay = view.getBigInt64(at, true);
    micros[index] = BigInt(view.getInt32(at + 8, true) - julianDayOfEpoch) * microsPerDay + nanosOfDay / 1000n;
  }
  const { length, nullCount, nullBitmap } = data;
  return makeData({ type: new TimestampMicrosecond("UTC"), length, nullCount, nullBitmap, data: micros });
}

const sizeBytes = 12;
const julianDayOfEpoch = 2_440_588;
const microsPerDay = 86_400_000_000n;
