// writer/arrow-cast.ts: Arrow batches with the columns and types of a table. What has the right layout is passed on as it is.
import { DataType as ArrowType, RecordBatch, Struct, TimeUnit, makeData, util } from "apache-arrow";
import type { Data } from "apache-arrow";
import { buildColumn } from "../engine/arrow/arrow-build.ts";
import { toArrowSchema, toArrowType } from "../engine/arrow/arrow-schema.ts";
import { AlluviumError } from "../format/text/error.ts";
import type { PartitionScalar } from "../format/value/partition-value.ts";
import { remembered } from "../format/text/remembered.ts";
import { formatType } from "../format/schema/schema-type.ts";
import type { DataType, PrimitiveName, StructType } from "../format/schema/schema.ts";
import type { Conversion, FieldConversion } from "./conversion.ts";
import { scalarReader } from "./arrow-scalar.ts";

/**
 * A batch with the columns of `schema`, in its order, in the Arrow types of `toArrowSchema`.
 * @param columns from `planWriteSchema`: how each is made of the batch's columns
 * @throws AlluviumError `CAST_INVALID_INPUT` naming column and row, for a value that would not stay exact
 */
export function castBatch(batch: RecordBatch, schema: StructType, columns: readonly FieldConversion[]): RecordBatch {
  const children = columns.map(({ target, source, conversion }) => {
    const data = source === undefined ? undefined : batch.data.children[source.index];
    if (data === undefined) return nulls(target.type, batch.numRows);
    return convert(data, { type: target.type, path: target.name }, conversion);
  });
  const arrowSchema = arrowSchemaOf(schema);
  return new RecordBatch(
    arrowSchema,
    makeData({ type: new Struct(arrowSchema.fields), length: batch.numRows, nullCount: 0, children }),
  );
}

const arrowSchemaOf = remembered(toArrowSchema);

interface Target {
  readonly type: DataType;
  /** For messages. */
  readonly path: string;
}

function nulls(type: DataType, length: number): Data {
  return buildColumn(type, { values: Array.from({ length }, () => null), path: "", rowOf: (index) => index });
}

function convert(data: Data, target: Target, conversion: Conversion): Data {
  switch (conversion.kind) {
    case "same":
      return normalize(data, target);
    case "null":
      return nulls(target.type, data.length);
    case "cast":
      return sameLayout(data, target.type) ?? rebuild(data, target, numberOrTime);
    case "struct":
      return withFields(data, target, conversion.fields);
    case "array":
      return target.type.kind === "array"
        ? withElements(data, target, (child) => convert(child, elementOf(target), conversion.element))
        : data;
    case "map":
      return withEntries(data, target, conversion);
  }
}

/** The same Delta type may come in another layout: a dictionary, another unit, wider offsets. */
function normalize(data: Data, target: Target): Data {
  const { type } = target;
  if (type.kind === "struct") {
    const fields = type.fields.map((field, index): FieldConversion => ({
      target: field,
      source: { index, field },
      conversion: { kind: "same" },
    }));
    return withFields(data, target, fields);
  }
  if (type.kind === "array") return withElements(data, target, (child) => normalize(child, elementOf(target)));
  if (type.kind === "map")
    return withEntries(data, target, { kind: "map", key: { kind: "same" }, value: { kind: "same" } });
  return sameLayout(data, type) ?? rebuild(data, target, sameValue);
}

/** The data under the type it should have, when that is only another name for the same memory. */
function sameLayout(data: Data, type: DataType): Data | null {
  const wanted = toArrowType(type);
  return isSameLayout(data.type, wanted) ? data.clone(wanted) : null;
}

function isSameLayout(from: ArrowType, to: ArrowType): boolean {
  if (ArrowType.isTimestamp(from)) return from.unit === TimeUnit.MICROSECOND && ArrowType.isTimestamp(to);
  // The library takes all decimals for one type.
  if (ArrowType.isDecimal(from))
    return (
      ArrowType.isDecimal(to) &&
      from.scale === to.scale &&
      from.precision <= to.precision &&
      from.bitWidth === to.bitWidth
    );
  return util.compareTypes(from, to);
}

function elementOf({ type, path }: Target): Target {
  return { type: type.kind === "array" ? type.elementType : type, path: `${path}.element` };
}

function withFields(data: Data, { type, path }: Target, fields: readonly FieldConversion[]): Data {
  refuseDictionary(data, path);
  const children = fields.map(({ target, source, conversion }) => {
    const child = source === undefined ? undefined : data.children[source.index];
    if (child === undefined) return nulls(target.type, data.length);
    return convert(child, { type: target.type, path: `${path}.${target.name}` }, conversion);
  });
  return data.clone(toArrowType(type), data.offset, data.length, data.nullCount, data.buffers, children);
}

function withElements(data: Data, { type, path }: Target, convertChild: (child: Data) => Data): Data {
  refuseDictionary(data, path);
  const [child] = data.children;
  if (child === undefined)
    throw new AlluviumError("INTERNAL_ERROR", { column: path }, `the Arrow list ${path} has no elements`);
  return makeList(data, toArrowType(type), convertChild(child));
}

function withEntries(data: Data, target: Target, { key, value }: Extract<Conversion, { readonly kind: "map" }>): Data {
  const { type, path } = target;
  if (type.kind !== "map") return data;
  return withElements(data, target, (entries) => {
    const [keys, values] = entries.children;
    if (keys === undefined || values === undefined)
      throw new AlluviumError("INTERNAL_ERROR", { column: path }, `the Arrow map ${path} has no entries`);
    const children = [
      convert(keys, { type: type.keyType, path: `${path}.key` }, key),
      convert(values, { type: type.valueType, path: `${path}.value` }, value),
    ];
    const entryType = toArrowType(type).children[0]?.type as ArrowType; // a map's only child
    return makeData({
      type: entryType as Struct,
      offset: entries.offset,
      length: entries.length,
      nullCount: 0,
      children,
    });
  });
}

function makeList(data: Data, type: ArrowType, child: Data): Data {
  const { length, nullCount, offset, nullBitmap } = data;
  return makeData({
    type: type as never,
    length,
    nullCount,
    offset,
    nullBitmap,
    valueOffsets: listOffsets(data),
    child: child as never,
  });
}

function listOffsets(data: Data): Int32Array {
  if (ArrowType.isFixedSizeList(data.type)) {
    const { listSize } = data.type;
    return Int32Array.from({ length: data.length + 1 }, (_, index) => index * listSize);
  }
  const offsets = data.valueOffsets as unknown as Int32Array | BigInt64Array;
  return offsets instanceof Int32Array ? offsets : Int32Array.from(offsets, Number);
}

function refuseDictionary(data: Data, path: string): void {
  if (!ArrowType.isDictionary(data.type)) return;
  const message = `column ${path} is an Arrow dictionary of nested values, which cannot be written; decode it first`;
  throw new AlluviumError("INVALID_ARGUMENT", { column: path }, message);
}

type ValueCast = (value: NonNullable<PartitionScalar>, type: DataType) => unknown;

/** What a cast answers for a value that the type cannot hold exactly. */
const inexact: unique symbol = Symbol("inexact");

function rebuild(data: Data, { type, path }: Target, cast: ValueCast): Data {
  const read = scalarReader(data, path);
  const values = Array.from({ length: data.length }, (_, index) => {
    const value = read(index);
    if (value === null) return null;
    const made = cast(value, type);
    if (made !== inexact) return made;
    const message = `column ${path}, row ${index}: ${String(value)} does not fit ${formatType(type)} exactly`;
    throw new AlluviumError("CAST_INVALID_INPUT", { column: path, row: index }, message);
  });
  try {
    return buildColumn(type, { values, path, rowOf: (index) => index });
  } catch (cause) {
    if (!(cause instanceof AlluviumError) || cause.code !== "INVALID_ARGUMENT") throw cause;
    throw new AlluviumError("CAST_INVALID_INPUT", cause.context, cause.message, { cause });
  }
}

// The builder takes dates as Date; all else as it is read.
const sameValue: ValueCast = (value, type) => {
  const isDate = type.kind === "primitive" && type.name === "date" && typeof value === "number";
  return isDate ? new Date(value * dayMs) : value;
};

const numberOrTime: ValueCast = (value, type) => {
  if (type.kind !== "primitive") return typeof value === "number" && !Number.isFinite(value) ? inexact : value;
  const { name } = type;
  if (name === "timestamp" || name === "timestamp_ntz")
    return typeof value === "number" ? BigInt(value) * BigInt(dayMs * 1000) : value;
  if (name === "double") return typeof value === "string" ? doubleOfDecimal(value) : exactDouble(value);
  if (name === "float") return exactFloat(typeof value === "string" ? doubleOfDecimal(value) : value);
  return wholeNumber(value, name);
};

const dayMs = 86_400_000;

function wholeNumber(value: NonNullable<PartitionScalar>, name: PrimitiveName): unknown {
  const isWhole =
    typeof value === "string" ? /^-?\d+(?:\.0*)?$/.test(value) : typeof value === "bigint" || Number.isInteger(value);
  if (!isWhole) return inexact;
  const whole = typeof value === "string" ? BigInt(value.replace(/\..*$/, "")) : BigInt(value as bigint | number); // as was just seen
  return BigInt.asIntN(integerBits[name] ?? 64, whole) === whole ? whole : inexact;
}

const integerBits: { readonly [name in PrimitiveName]?: number } = { byte: 8, short: 16, integer: 32, long: 64 };

function exactDouble(value: unknown): unknown {
  return typeof value === "bigint" && BigInt(Number(value)) !== value ? inexact : value;
}

function exactFloat(value: unknown): unknown {
  if (typeof value === "bigint") return BigInt(Math.fround(Number(value))) === value ? value : inexact;
  if (typeof value !== "number") return value;
  return Number.isNaN(value) || Math.fround(value) === value ? value : inexact;
}

/** The double that reads back as the same decimal. */
function doubleOfDecimal(text: string): unknown {
  const number = Number(text);
  const scale = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  return Math.abs(number) < 1e21 && number.toFixed(scale) === text ? number : inexact;
}
