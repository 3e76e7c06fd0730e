// expression/tree/compare-values.ts: the order of values of Delta's types, also across types. As Spark: NaN equals NaN and is
// above all numbers, -0.0 equals 0.0, text by UTF-8 bytes.
import { compareDecimals, parseDecimal } from "../../format/text/decimal.ts";
import type { DecimalValue } from "../../format/text/decimal.ts";
import type { PartitionScalar } from "../../format/value/partition-value.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { compareText } from "../../format/text/utf8-order.ts";
import type { Literal } from "./expression.ts";
import { primitive } from "./syntax.ts";
import { microsPerDay } from "./temporal.ts";
import { floatingNames, isNumeric, isOneOf } from "./value-type.ts";

/** A value that is not null, with its type. */
export interface TypedValue {
  readonly value: NonNullable<PartitionScalar>;
  readonly type: DataType;
}

/** Negative, zero or positive; undefined when the two have no common order here. */
export function compareValues(a: TypedValue, b: TypedValue): number | undefined {
  if (isNumeric(a.type) && isNumeric(b.type)) return compareNumbers(a, b);
  if (isTime(a.type) && isTime(b.type)) return compareOrdered(microsOf(a), microsOf(b));
  if (typeof a.value === "string" && typeof b.value === "string") return compareText(a.value, b.value);
  if (typeof a.value === "boolean" && typeof b.value === "boolean") return Number(a.value) - Number(b.value);
  if (a.value instanceof Uint8Array && b.value instanceof Uint8Array) return compareBytes(a.value, b.value);
  return undefined;
}

/** A literal as a value; undefined for null. */
export function valueOfLiteral(literal: Literal): TypedValue | undefined {
  switch (literal.type) {
    case "null":
      return undefined;
    case "integer":
      return { value: literal.value, type: primitive("long") };
    case "decimal":
      return { value: literal.text, type: { kind: "decimal", precision: 38, scale: 0 } };
    case "date":
      return { value: literal.days, type: primitive("date") };
    case "timestamp":
    case "timestamp_ntz":
      return { value: literal.micros, type: primitive(literal.type) };
    case "boolean":
    case "double":
    case "string":
    case "binary":
      return { value: literal.value, type: primitive(literal.type) };
  }
}

const isTime = (type: DataType): boolean => isOneOf(type, ["date", "timestamp", "timestamp_ntz"]);

function microsOf({ value, type }: TypedValue): bigint {
  return isOneOf(type, ["date"]) ? BigInt(Number(value)) * microsPerDay : (value as bigint); // PartitionScalar's units
}

function compareOrdered<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareNumbers(a: TypedValue, b: TypedValue): number | undefined {
  if (isOneOf(a.type, floatingNames) || isOneOf(b.type, floatingNames))
    return compareDoubles(Number(a.value), Number(b.value));
  const [x, y] = [exactOf(a.value), exactOf(b.value)];
  return x === null || y === null ? undefined : compareDecimals(x, y);
}

function exactOf(value: TypedValue["value"]): DecimalValue | null {
  if (typeof value === "bigint") return { unscaled: value, scale: 0 };
  if (typeof value === "number") return { unscaled: BigInt(value), scale: 0 };
  return typeof value === "string" ? parseDecimal(value) : null;
}

function compareDoubles(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return compareOrdered(a, b);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
