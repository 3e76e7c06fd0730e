// engine/arrow-build.ts: JavaScript values of one column as Arrow memory.
import { makeData } from "apache-arrow";
import type { Data, DataType as ArrowType } from "apache-arrow";
import { AlluviumError } from "../format/error.ts";
import type { ArrayType, DataType, MapType, PrimitiveName, StructType } from "../format/schema.ts";
import { toArrowType } from "./arrow-schema.ts";
import { GrowingBytes } from "./growing-buffer.ts";
import { ownValue } from "./own-value.ts";
import { ValueRefused, daysOf, decimalOf, doubleOf, floatOf, integerOf, longOf, microsOf } from "./row-value.ts";

/** The values of a column, with what an error needs to name one of them. */
export interface ColumnValues {
  /** One value a row; null and undefined are null. */
  readonly values: readonly unknown[];
  /** The column, `a.b` for a field of a struct. */
  readonly path: string;
  /** Index of the row that value `index` came from. */
  rowOf(index: number): number;
}

/**
 * Arrow memory of the values.
 * @throws AlluviumError `INVALID_ARGUMENT` naming column and row, for a value that is not of the type or would be rounded
 */
export function buildColumn(type: DataType, column: ColumnValues): Data {
  switch (type.kind) {
    case "primitive":
      return buildPrimitive(type.name, toArrowType(type), column);
    case "decimal":
      return buildDecimal(type.precision, type.scale, column);
    case "array":
      return buildList(type, column);
    case "map":
      return buildMap(type, column);
    case "struct":
      return buildStruct(type, column);
  }
}

interface Validity {
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | null;
}

function validityOf(values: readonly unknown[]): Validity {
  const nullBitmap = new Uint8Array((values.length + 7) >> 3);
  let nullCount = 0;
  values.forEach((value, index) => {
    if (value === null || value === undefined) nullCount += 1;
    else nullBitmap[index >> 3] = (nullBitmap[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return { length: values.length, nullCount, nullBitmap: nullCount === 0 ? null : nullBitmap };
}

/** Calls `use` for each value that is there, and says where a refused one stands. */
function forEachValue(column: ColumnValues, typeName: string, use: (value: unknown, index: number) => void): void {
  column.values.forEach((value, index) => {
    if (value === null || value === undefined) return;
    try {
      use(value, index);
    } catch (cause) {
      if (!(cause instanceof ValueRefused)) throw cause;
      throw refusal(column, index, `${shown(value)} is not a ${typeName}: ${cause.message}`);
    }
  });
}

function refusal({ path, rowOf }: ColumnValues, index: number, why: string): AlluviumError {
  const row = rowOf(index);
  return new AlluviumError("INVALID_ARGUMENT", { column: path, row }, `column ${path}, row ${row}: ${why}`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "object" && value !== null && !(value instanceof Date)) return `a value of class ${value.constructor?.name ?? "Object"}`;
  return value instanceof Date && Number.isNaN(value.getTime()) ? "Invalid Date" : String(value instanceof Date ? value.toISOString() : value);
}

function buildPrimitive(name: PrimitiveName, type: ArrowType, column: ColumnValues): Data {
  switch (name) {
    case "boolean":
      return buildBoolean(type, column);
    case "string":
    case "binary":
      return buildBytes(name, type, column);
    case "void":
      forEachValue(column, "void", () => {
        throw new ValueRefused("a column of type void holds only null");
      });
      return makeData({ type: type as never, length: column.values.length, nullCount: column.values.length });
    case "variant":
      throw new AlluviumError("UNSUPPORTED_FEATURE", { feature: "variantType", column: column.path }, `column ${column.path} is of type variant, which cannot be written from rows`);
    case "byte":
    case "short":
    case "integer":
    case "long":
    case "float":
    case "double":
    case "date":
    case "timestamp":
    case "timestamp_ntz":
      return buildNumbers(name, type, column);
  }
}

type NumberName = "byte" | "short" | "integer" | "long" | "float" | "double" | "date" | "timestamp" | "timestamp_ntz";
type NumberArray = Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

const numberKinds: Readonly<Record<NumberName, { array: new (length: number) => NumberArray; convert: (value: unknown) => number | bigint }>> = {
  byte: { array: Int8Array, convert: (value) => integerOf(value, 8) },
  short: { array: Int16Array, convert: (value) => integerOf(value, 16) },
  integer: { array: Int32Array, convert: (value) => integerOf(value, 32) },
  long: { array: BigInt64Array, convert: longOf },
  float: { array: Float32Array, convert: floatOf },
  double: { array: Float64Array, convert: doubleOf },
  date: { array: Int32Array, convert: daysOf },
  timestamp: { array: BigInt64Array, convert: (value) => microsOf(value, true) },
  timestamp_ntz: { array: BigInt64Array, convert: (value) => microsOf(value, false) },
};

function buildNumbers(name: NumberName, type: ArrowType, column: ColumnValues): Data {
  const { array, convert } = numberKinds[name];
  const data = new array(column.values.length) as unknown as Record<number, number | bigint>;
  forEachValue(column, name, (value, index) => {
    data[index] = convert(value);
  });
  return makeData({ type: type as never, ...validityOf(column.values), data: data as never });
}

function buildBoolean(type: ArrowType, column: ColumnValues): Data {
  const data = new Uint8Array((column.values.length + 7) >> 3);
  forEachValue(column, "boolean", (value, index) => {
    if (typeof value !== "boolean") throw new ValueRefused("expected true or false");
    if (value) data[index >> 3] = (data[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return makeData({ type: type as never, ...validityOf(column.values), data: data as never });
}

function buildBytes(name: "string" | "binary", type: ArrowType, column: ColumnValues): Data {
  const bytes = new GrowingBytes(column.values.length * 16);
  const valueOffsets = new Int32Array(column.values.length + 1);
  const lengths = new Int32Array(column.values.length);
  forEachValue(column, name, (value, index) => {
    const encoded = name === "string" ? textBytes(value) : binaryBytes(value);
    bytes.append(encoded);
    lengths[index] = encoded.length;
  });
  lengths.forEach((length, index) => {
    valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + length;
  });
  return makeData({ type: type as never, ...validityOf(column.values), valueOffsets, data: bytes.take() as never });
}

const loneSurrogate = /\p{Surrogate}/u; // whole pairs are one code point here, of another category

function textBytes(value: unknown): Uint8Array {
  if (typeof value !== "string") throw new ValueRefused("expected text");
  if (loneSurrogate.test(value)) throw new ValueRefused("it holds half of a surrogate pair, which UTF-8 cannot express");
  return Buffer.from(value, "utf8");
}

function binaryBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new ValueRefused("expected a Uint8Array");
}

function buildDecimal(precision: number, scale: number, column: ColumnValues): Data {
  const words = new BigUint64Array(column.values.length * 2);
  forEachValue(column, `decimal(${precision},${scale})`, (value, index) => {
    const unscaled = decimalOf(value, precision, scale);
    words[index * 2] = BigInt.asUintN(64, unscaled);
    words[index * 2 + 1] = BigInt.asUintN(64, unscaled >> 64n);
  });
  const type = toArrowType({ kind: "decimal", precision, scale });
  return makeData({ type: type as never, ...validityOf(column.values), data: new Uint32Array(words.buffer) as never });
}

function buildList(type: ArrayType, column: ColumnValues): Data {
  const flat = flatten(column, "array", (value) => elementsOf(value));
  const child = buildColumn(type.elementType, { values: flat.values, path: `${column.path}.element`, rowOf: flat.rowOf });
  return makeData({ type: toArrowType(type) as never, ...validityOf(column.values), valueOffsets: flat.offsets, child: child as never });
}

function buildMap(type: MapType, column: ColumnValues): Data {
  const flat = flatten(column, "map", (value) => entriesOf(value));
  const entries = flat.values as readonly (readonly [unknown, unknown])[];
  const keys = entries.map(([key], index) => {
    if (key === null || key === undefined) throw refusal({ ...column, rowOf: flat.rowOf }, index, "a key of a map must not be null");
    return key;
  });
  const children = [
    buildColumn(type.keyType, { values: keys, path: `${column.path}.key`, rowOf: flat.rowOf }),
    buildColumn(type.valueType, { values: entries.map(([, value]) => value), path: `${column.path}.value`, rowOf: flat.rowOf }),
  ];
  const mapType = toArrowType(type);
  const child = makeData({ type: mapType.children[0]?.type as never, length: keys.length, nullCount: 0, children: children as never });
  return makeData({ type: mapType as never, ...validityOf(column.values), valueOffsets: flat.offsets, child: child as never });
}

function buildStruct(type: StructType, column: ColumnValues): Data {
  const names = new Set(type.fields.map((field) => field.name));
  forEachValue(column, "struct", (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date || ArrayBuffer.isView(value) || value instanceof Map) {
      throw new ValueRefused("expected an object");
    }
    const unknown = Object.keys(value).find((key) => !names.has(key));
    if (unknown !== undefined) throw new ValueRefused(`it has the field ${JSON.stringify(unknown)}, which the schema has not`);
  });
  const children = type.fields.map((field) => {
    const values = column.values.map((value) => (value === null || value === undefined ? null : ownValue(value, field.name)));
    return buildColumn(field.type, { values, path: `${column.path}.${field.name}`, rowOf: column.rowOf });
  });
  return makeData({ type: toArrowType(type) as never, ...validityOf(column.values), children: children as never });
}

interface Flat {
  readonly values: readonly unknown[];
  readonly offsets: Int32Array;
  rowOf(index: number): number;
}

function flatten(column: ColumnValues, typeName: string, elements: (value: unknown) => readonly unknown[]): Flat {
  const values: unknown[] = [];
  const rows: number[] = [];
  const offsets = new Int32Array(column.values.length + 1);
  const lengths = new Int32Array(column.values.length);
  forEachValue(column, typeName, (value, index) => {
    const found = elements(value);
    lengths[index] = found.length;
    for (const element of found) {
      values.push(element);
      rows.push(column.rowOf(index));
    }
  });
  lengths.forEach((length, index) => {
    offsets[index + 1] = (offsets[index] ?? 0) + length;
  });
  return { values, offsets, rowOf: (index) => rows[index] ?? 0 };
}

function elementsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  const isList = typeof value === "object" && value !== null && Symbol.iterator in value && !(value instanceof Map);
  if (!isList) throw new ValueRefused("expected an array");
  return [...(value as Iterable<unknown>)];
}

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)];
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Date) {
    throw new ValueRefused("expected a Map or an object");
  }
  return Object.entries(value);
}
