// engine/arrow/arrow-build.ts: JavaScript values of one column of any type as Arrow memory.
import { makeData } from "apache-arrow";
import type { Data } from "apache-arrow";
import type { ArrayType, DataType, MapType, StructType } from "../../format/schema/schema.ts";
import { buildDecimal, buildPrimitive, forEachValue, refusal, validityOf } from "./arrow-build-leaf.ts";
import type { ColumnValues } from "./arrow-build-leaf.ts";
import { toArrowType } from "./arrow-schema.ts";
import { ownValue } from "../base/own-value.ts";
import { ValueRefused } from "./row-value.ts";

/**
 * Arrow memory of the values.
 * @throws AlluviumError `INVALID_ARGUMENT` naming column and row, for a value that is not of the type or would be rounded
 */
export function buildColumn(type: DataType, column: ColumnValues): Data {
  switch (type.kind) {
    case "primitive":
      if (type.name === "variant") return buildVariant(column);
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

/** A variant is its two binaries; neither is null in one that is there. PROTOCOL.md, "Variant data in Parquet". */
function buildVariant(column: ColumnValues): Data {
  const parts = variantParts.map(() => column.values.map(() => nothing));
  forEachValue(column, "variant", (value, index) => {
    for (const [at, name] of variantParts.entries()) {
      const part = typeof value === "object" && value !== null ? ownValue(value, name) : undefined;
      if (!(part instanceof Uint8Array))
        throw new ValueRefused("a variant is an object of two Uint8Array, metadata and value");
      parts[at]?.splice(index, 1, part);
    }
  });
  const children = parts.map((values, at) => {
    const binary = { kind: "primitive", name: "binary" } as const;
    return buildColumn(binary, { ...column, values, path: `${column.path}.${variantParts[at] ?? ""}` });
  });
  const type = toArrowType({ kind: "primitive", name: "variant" });
  return makeData({ type: type as never, ...validityOf(column.values), children: children as never });
}

const variantParts = ["metadata", "value"] as const;
const nothing: Uint8Array = new Uint8Array();

function buildList(type: ArrayType, column: ColumnValues): Data {
  const flat = flatten(column, "array", (value) => elementsOf(value));
  const child = buildColumn(type.elementType, {
    values: flat.values,
    path: `${column.path}.element`,
    rowOf: flat.rowOf,
  });
  return makeData({
    type: toArrowType(type) as never,
    ...validityOf(column.values),
    valueOffsets: flat.offsets,
    child: child as never,
  });
}

function buildMap(type: MapType, column: ColumnValues): Data {
  const flat = flatten(column, "map", (value) => entriesOf(value));
  const entries = flat.values as readonly (readonly [unknown, unknown])[];
  const keys = entries.map(([key], index) => {
    if (key === null || key === undefined)
      throw refusal({ ...column, rowOf: flat.rowOf }, index, "a key of a map must not be null");
    return key;
  });
  const children = [
    buildColumn(type.keyType, { values: keys, path: `${column.path}.key`, rowOf: flat.rowOf }),
    buildColumn(type.valueType, {
      values: entries.map(([, value]) => value),
      path: `${column.path}.value`,
      rowOf: flat.rowOf,
    }),
  ];
  const mapType = toArrowType(type);
  const child = makeData({
    type: mapType.children[0]?.type as never,
    length: keys.length,
    nullCount: 0,
    children: children as never,
  });
  return makeData({
    type: mapType as never,
    ...validityOf(column.values),
    valueOffsets: flat.offsets,
    child: child,
  });
}

function buildStruct(type: StructType, column: ColumnValues): Data {
  const names = new Set(type.fields.map((field) => field.name));
  forEachValue(column, "struct", (value) => {
    if (
      typeof value !== "object" ||
      value === null ||
      Array.isArray(value) ||
      value instanceof Date ||
      ArrayBuffer.isView(value) ||
      value instanceof Map
    ) {
      throw new ValueRefused("expected an object");
    }
    const unknown = Object.keys(value).find((key) => !names.has(key));
    if (unknown !== undefined)
      throw new ValueRefused(`it has the field ${JSON.stringify(unknown)}, which the schema has not`);
  });
  const children = type.fields.map((field) => {
    const values = column.values.map((value) =>
      value === null || value === undefined ? null : ownValue(value, field.name),
    );
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
  if (
    typeof value !== "object" ||
    value === null ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    value instanceof Date
  ) {
    throw new ValueRefused("expected a Map or an object");
  }
  return Object.entries(value);
}
