// engine/arrow/arrow-build-leaf.ts: JavaScript values of a column without children as Arrow memory.
import { makeData } from "apache-arrow";
import type { Data, DataType as ArrowType } from "apache-arrow";
import { AlluviumError } from "../../format/text/error.ts";
import type { PrimitiveName } from "../../format/schema/schema.ts";
import { toArrowType } from "./arrow-schema.ts";
import { GrowingBytes } from "../base/growing-buffer.ts";
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

/** Which values are there, as Arrow keeps it. */
export interface Validity {
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | null;
}

/** Null and undefined are null. */
export function validityOf(values: readonly unknown[]): Validity {
  const nullBitmap = new Uint8Array((values.length + 7) >> 3);
  let nullCount = 0;
  values.forEach((value, index) => {
    if (value === null || value === undefined) nullCount += 1;
    else nullBitmap[index >> 3] = (nullBitmap[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return { length: values.length, nullCount, nullBitmap: nullCount === 0 ? null : nullBitmap };
}

/** Calls `use` for each value that is there, and says where a refused one stands. */
export function forEachValue(
  column: ColumnValues,
  typeName: string,
  use: (value: unknown, index: number) => void,
): void {
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

/** The error for a value, by its column and row. */
export function refusal({ path, rowOf }: ColumnValues, index: number, why: string): AlluviumError {
  const row = rowOf(index);
  return new AlluviumError("INVALID_ARGUMENT", { column: path, row }, `column ${path}, row ${row}: ${why}`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "object" && value !== null && !(value instanceof Date))
    return `a value of class ${value.constructor?.name ?? "Object"}`;
  return value instanceof Date && Number.isNaN(value.getTime())
    ? "Invalid Date"
    : String(value instanceof Date ? value.toISOString() : value);
}

/** Arrow memory of a column of a primitive type; see `buildColumn`. */
export function buildPrimitive(name: Exclude<PrimitiveName, "variant">, type: ArrowType, column: ColumnValues): Data {
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

const numberKinds: Readonly<
  Record<NumberName, { array: new (length: number) => NumberArray; convert: (value: unknown) => number | bigint }>
> = {
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
  if (loneSurrogate.test(value))
    throw new ValueRefused("it holds half of a surrogate pair, which UTF-8 cannot express");
  return Buffer.from(value, "utf8");
}

function binaryBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new ValueRefused("expected a Uint8Array");
}

/** Arrow memory of a column of decimals; see `buildColumn`. */
export function buildDecimal(precision: number, scale: number, column: ColumnValues): Data {
  const words = new BigUint64Array(column.values.length * 2);
  forEachValue(column, `decimal(${precision},${scale})`, (value, index) => {
    const unscaled = decimalOf(value, precision, scale);
    words[index * 2] = BigInt.asUintN(64, unscaled);
    words[index * 2 + 1] = BigInt.asUintN(64, unscaled >> 64n);
  });
  const type = toArrowType({ kind: "decimal", precision, scale });
  return makeData({ type: type as never, ...validityOf(column.values), data: new Uint32Array(words.buffer) as never });
}
