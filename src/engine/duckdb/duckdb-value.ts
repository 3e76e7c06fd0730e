// engine/duckdb/duckdb-value.ts: JavaScript values as DuckDB's. Nothing is rounded: what does not fit the type is refused.
import type { DuckDBValue } from "@duckdb/node-api";
import type { DataType, PrimitiveName } from "../../format/schema/schema.ts";
import { duckdbType } from "./duckdb-type.ts";
import { ownValue } from "../base/own-value.ts";
import { ValueRefused, daysOf, decimalOf, doubleOf, floatOf, integerOf, longOf, microsOf } from "../arrow/row-value.ts";
import { duckdb } from "./duckdb-library.ts";

const {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  listValue,
  mapValue,
  structValue,
} = duckdb;

/**
 * A value as row objects have it (see `batchFromRows`); undefined is null.
 * @throws Error saying what was given and what is expected
 */
export function duckdbValue(type: DataType, value: unknown): DuckDBValue {
  if (value === null || value === undefined) return null;
  try {
    return present(type, value);
  } catch (error) {
    if (!(error instanceof ValueRefused)) throw error;
    throw new Error(`it answered ${shown(value)}, which is no ${duckdbType(type)}: ${error.message}`, { cause: error });
  }
}

function present(type: DataType, value: unknown): DuckDBValue {
  switch (type.kind) {
    case "primitive":
      return primitiveValue(type.name, value);
    case "decimal":
      return new DuckDBDecimalValue(decimalOf(value, type.precision, type.scale), type.precision, type.scale);
    case "array":
      if (!isIterable(value) || typeof value === "string") throw new ValueRefused("expected an array");
      return listValue(Array.from(value, (item) => duckdbValue(type.elementType, item)));
    case "map":
      return mapValue(
        entriesOf(value).map(([key, item]) => {
          if (key === null || key === undefined) throw new ValueRefused("a key of a map must not be null");
          return { key: duckdbValue(type.keyType, key), value: duckdbValue(type.valueType, item) };
        }),
      );
    case "struct": {
      if (typeof value !== "object") throw new ValueRefused("expected an object");
      const entries = type.fields.map(
        (field) =>
          [field.name, duckdbValue(field.type, ownValue(value as Record<string, unknown>, field.name))] as const,
      );
      return structValue(Object.fromEntries(entries));
    }
  }
}

function primitiveValue(name: PrimitiveName, value: unknown): DuckDBValue {
  switch (name) {
    case "boolean":
      if (typeof value !== "boolean") throw new ValueRefused("expected true or false");
      return value;
    case "byte":
      return integerOf(value, 8);
    case "short":
      return integerOf(value, 16);
    case "integer":
      return integerOf(value, 32);
    case "long":
      return longOf(value);
    case "float":
      return floatOf(value);
    case "double":
      return doubleOf(value);
    case "string":
      if (typeof value !== "string") throw new ValueRefused("expected text");
      return value;
    case "binary":
      if (!(value instanceof Uint8Array)) throw new ValueRefused("expected a Uint8Array");
      return new DuckDBBlobValue(value);
    case "date":
      return new DuckDBDateValue(daysOf(value));
    case "timestamp":
      return new DuckDBTimestampTZValue(microsOf(value, true));
    case "timestamp_ntz":
      return new DuckDBTimestampValue(microsOf(value, false));
    case "void":
    case "variant":
      throw new ValueRefused("there are no such values");
  }
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)];
  if (typeof value !== "object" || value === null) throw new ValueRefused("expected a Map or an object");
  return Object.entries(value);
}

function shown(value: unknown): string {
  if (value instanceof Promise) return "a promise";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return typeof value === "object" && value !== null
    ? `a value of class ${value.constructor?.name ?? "Object"}`
    : String(value);
}
