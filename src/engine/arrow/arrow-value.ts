// engine/arrow/arrow-value.ts: single values out of Arrow memory, as JavaScript values.
import { DataType as ArrowType, Precision, Vector } from "apache-arrow";
import type { Data, Decimal, Timestamp } from "apache-arrow";

/** Reads the value at an index of a column, null where there is none. The types are those that `rowsFromBatch` states. */
export function valueReader(data: Data): (index: number) => unknown {
  const read = presentReader(data);
  if (data.nullCount === 0) return read;
  return (index) => (data.getValid(index) ? read(index) : null);
}

function presentReader(data: Data): (index: number) => unknown {
  const { type } = data;
  if (ArrowType.isUtf8(type) || ArrowType.isLargeUtf8(type)) return textReader(data);
  if (ArrowType.isBinary(type) || ArrowType.isLargeBinary(type)) return binaryReader(data);
  if (ArrowType.isDecimal(type)) return decimalReader(data as Data<Decimal>);
  if (ArrowType.isTimestamp(type)) return timestampReader(data as Data<Timestamp>);
  if (ArrowType.isDate(type)) return dateReader(data);
  if (ArrowType.isInt(type) || (ArrowType.isFloat(type) && type.precision !== Precision.HALF))
    return numberReader(data);
  if (ArrowType.isStruct(type)) return structReader(data);
  if (ArrowType.isMap(type)) return mapReader(data);
  if (ArrowType.isList(type) || ArrowType.isLargeList(type)) return listReader(data);
  if (ArrowType.isDictionary(type)) return dictionaryReader(data);
  if (ArrowType.isNull(type)) return () => null;
  const vector = new Vector([data]);
  if (ArrowType.isFixedSizeList(type)) return fixedListReader(data, type.listSize);
  return (index) => vector.get(index) as unknown;
}

function numberReader(data: Data): (index: number) => unknown {
  const values = data.values as ArrayLike<number | bigint>;
  return (index) => values[index];
}

function textReader(data: Data): (index: number) => string {
  const values = data.values as Uint8Array;
  const offsets = data.valueOffsets as unknown as ArrayLike<number | bigint>;
  const text = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return (index) => text.toString("utf8", Number(offsets[index]), Number(offsets[index + 1]));
}

function binaryReader(data: Data): (index: number) => Uint8Array {
  const values = data.values as Uint8Array;
  const offsets = data.valueOffsets as unknown as ArrayLike<number | bigint>;
  return (index) => values.slice(Number(offsets[index]), Number(offsets[index + 1]));
}

function decimalReader(data: Data<Decimal>): (index: number) => string {
  const { scale, bitWidth } = data.type;
  const wordCount = bitWidth / 32;
  const words = data.values;
  return (index) => {
    let unscaled = 0n;
    for (let at = (index + 1) * wordCount - 1; at >= index * wordCount; at -= 1)
      unscaled = (unscaled << 32n) | BigInt(words[at] ?? 0);
    return formatDecimal(BigInt.asIntN(bitWidth, unscaled), scale);
  };
}

/** An unscaled whole number as decimal text with all `scale` digits after the point. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return unscaled < 0n ? `-${text}` : text;
}

// Units of Arrow's timestamps, by number: seconds, milliseconds, microseconds, nanoseconds.
const unitsPerSecond: readonly bigint[] = [1n, 1_000n, 1_000_000n, 1_000_000_000n];

function timestampReader(data: Data<Timestamp>): (index: number) => Date {
  const values = data.values;
  const perSecond = unitsPerSecond[data.type.unit] ?? 1_000_000n;
  return (index) => {
    const value = values[index] ?? 0n;
    if (perSecond <= 1000n) return new Date(Number(value * (1000n / perSecond)));
    const perMs = perSecond / 1000n;
    const cut = value / perMs; // towards zero
    return new Date(Number(value < 0n && cut * perMs !== value ? cut - 1n : cut));
  };
}

function dateReader(data: Data): (index: number) => Date {
  const values = data.values as Int32Array | BigInt64Array;
  if (values instanceof BigInt64Array) return (index) => new Date(Number(values[index]));
  const isDays = (data.type as unknown as { readonly unit: number }).unit === 0;
  // Dates in milliseconds come as pairs of 32-bit words from older Arrow data.
  if (isDays) return (index) => new Date((values[index] ?? 0) * 86_400_000);
  return (index) => new Date((values[index * 2] ?? 0) + (values[index * 2 + 1] ?? 0) * 2 ** 32);
}

function structReader(data: Data): (index: number) => Record<string, unknown> {
  const fields = data.type.children.map((field: { readonly name: string }, index: number) => ({
    name: field.name,
    read: valueReader(data.children[index] as Data), // a child for each field
  }));
  return (index) =>
    Object.fromEntries(
      fields.map(({ name, read }: { name: string; read: (index: number) => unknown }) => [name, read(index)]),
    );
}

function listReader(data: Data): (index: number) => unknown[] {
  const offsets = data.valueOffsets as unknown as ArrayLike<number | bigint>;
  const read = valueReader(data.children[0] as Data); // a list has one child
  return (index) => {
    const elements: unknown[] = [];
    for (let at = Number(offsets[index]); at < Number(offsets[index + 1]); at += 1) elements.push(read(at));
    return elements;
  };
}

function fixedListReader(data: Data, size: number): (index: number) => unknown[] {
  const read = valueReader(data.children[0] as Data); // a list has one child
  return (index) => Array.from({ length: size }, (_, at) => read(index * size + at));
}

function mapReader(data: Data): (index: number) => Map<unknown, unknown> {
  const offsets = data.valueOffsets as unknown as ArrayLike<number>;
  const entries = data.children[0] as Data; // a map has one child, of two
  const readKey = valueReader(entries.children[0] as Data);
  const readValue = valueReader(entries.children[1] as Data);
  return (index) => {
    const map = new Map<unknown, unknown>();
    for (let at = offsets[index] ?? 0; at < (offsets[index + 1] ?? 0); at += 1) map.set(readKey(at), readValue(at));
    return map;
  };
}

function dictionaryReader(data: Data): (index: number) => unknown {
  const keys = data.values as ArrayLike<number | bigint>;
  const chunks = data.dictionary?.data ?? [];
  const readers = chunks.map((chunk: Data) => ({ length: chunk.length, read: valueReader(chunk) }));
  return (index) => {
    let key = Number(keys[index]);
    for (const { length, read } of readers) {
      if (key < length) return read(key);
      key -= length;
    }
    return null;
  };
}
