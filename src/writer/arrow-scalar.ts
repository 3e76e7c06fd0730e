// writer/arrow-scalar.ts: single values out of Arrow memory, exact: what `PartitionScalar` says of each type.
import { DataType as ArrowType, Vector } from "apache-arrow";
import type { Data, Timestamp } from "apache-arrow";
import { valueReader } from "../engine/arrow/arrow-value.ts";
import { AlluviumError } from "../format/text/error.ts";
import type { PartitionScalar } from "../format/value/partition-value.ts";

/**
 * Reads the value at an index of a column that is not nested; null where there is none. 64-bit integers are bigint, decimals text, dates
 * days and timestamps microseconds since the epoch.
 * @throws AlluviumError `CAST_INVALID_INPUT` by the reader, for a date with a time of day or a timestamp finer than microseconds
 */
export function scalarReader(data: Data, path: string): (index: number) => PartitionScalar {
  const read = presentReader(data, path);
  if (data.nullCount === 0) return read;
  return (index) => (data.getValid(index) ? read(index) : null);
}

function presentReader(data: Data, path: string): (index: number) => PartitionScalar {
  const { type } = data;
  if (ArrowType.isDictionary(type)) return dictionaryReader(data, path);
  if (ArrowType.isTimestamp(type)) return timestampReader(data as Data<Timestamp>, path);
  if (ArrowType.isDate(type)) return dateReader(data, path);
  if (ArrowType.isUtf8View(type) || ArrowType.isBinaryView(type) || ArrowType.isFixedSizeBinary(type)) {
    const vector = new Vector([data]);
    return (index) => vector.get(index) as PartitionScalar;
  }
  return valueReader(data) as (index: number) => PartitionScalar;
}

function dictionaryReader(data: Data, path: string): (index: number) => PartitionScalar {
  const keys = data.values as ArrayLike<number | bigint>;
  const chunks = (data.dictionary?.data ?? []).map((chunk: Data) => ({
    length: chunk.length,
    read: scalarReader(chunk, path),
  }));
  return (index) => {
    let key = Number(keys[index]);
    for (const { length, read } of chunks) {
      if (key < length) return read(key);
      key -= length;
    }
    return null;
  };
}

// What one unit of Arrow's timestamps is, by its number: seconds, milliseconds, microseconds; nanoseconds are apart.
const microsPerUnit: readonly bigint[] = [1_000_000n, 1_000n, 1n];

function timestampReader(data: Data<Timestamp>, path: string): (index: number) => bigint {
  const values = data.values;
  const micros = microsPerUnit[data.type.unit];
  if (micros !== undefined) return (index) => (values[index] ?? 0n) * micros;
  return (index) => {
    const nanos = values[index] ?? 0n;
    if (nanos % 1000n !== 0n)
      throw inexact(path, `${nanos} nanoseconds since 1970 are finer than the microseconds of a Delta table`);
    return nanos / 1000n;
  };
}

function dateReader(data: Data, path: string): (index: number) => number {
  const unit = (data.type as unknown as { readonly unit: number }).unit;
  const values = data.values as Int32Array | BigInt64Array;
  if (unit === 0) return (index) => Number(values[index]);
  return (index) => {
    const ms = values instanceof BigInt64Array ? Number(values[index]) : pairOfWords(values, index);
    if (ms % dayMs !== 0) throw inexact(path, `the date ${new Date(ms).toISOString()} has a time of day`);
    return ms / dayMs;
  };
}

const dayMs = 86_400_000;

// 64-bit numbers as older Arrow data holds them: the low word first, and the sign in the high one.
function pairOfWords(values: Int32Array, index: number): number {
  return ((values[index * 2] ?? 0) >>> 0) + (values[index * 2 + 1] ?? 0) * 2 ** 32;
}

function inexact(path: string, why: string): AlluviumError {
  return new AlluviumError(
    "CAST_INVALID_INPUT",
    { column: path },
    `column ${path}: ${why}; convert it before it is written`,
  );
}
