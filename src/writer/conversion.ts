// writer/conversion.ts: how values of one type become values of another on their way into a table. Only what keeps every
// value exact is possible; a value that would not survive is refused when it comes (`exact: false` tells that one may come).
import type { DataType, DecimalType, PrimitiveName, StructField } from "../format/schema/schema.ts";

/** What is done to the values of one column, element or field. */
export type Conversion =
  | { readonly kind: "same" }
  /** The data has no such column. */
  | { readonly kind: "null" }
  /** `exact`: every value of the source fits; otherwise each is checked. */
  | { readonly kind: "cast"; readonly exact: boolean }
  | { readonly kind: "struct"; readonly fields: readonly FieldConversion[] }
  | { readonly kind: "array"; readonly element: Conversion }
  | { readonly kind: "map"; readonly key: Conversion; readonly value: Conversion };

/** How one column of the table, or field of a struct, is made. */
export interface FieldConversion {
  readonly target: StructField;
  /** Position and field among the source's; absent when the data has none. */
  readonly source?: { readonly index: number; readonly field: StructField };
  readonly conversion: Conversion;
}

/**
 * The cast between two types that are not nested, or null when there is none. Numbers become numbers, dates and timestamps
 * timestamps (time zone UTC), null anything.
 */
export function leafConversion(source: DataType, target: DataType): Conversion | null {
  if (source.kind === "primitive" && source.name === "void") return { kind: "null" };
  if (isNumber(source) && isNumber(target)) return { kind: "cast", exact: isExactNumber(source, target) };
  if (source.kind !== "primitive" || target.kind !== "primitive") return null;
  if (source.name === target.name) return { kind: "same" };
  if (isTimestamp(target.name) && (source.name === "date" || isTimestamp(source.name)))
    return { kind: "cast", exact: true };
  return null;
}

const integerDigits: { readonly [name in PrimitiveName]?: number } = { byte: 3, short: 5, integer: 10, long: 19 };
const integerBits: { readonly [name in PrimitiveName]?: number } = { byte: 8, short: 16, integer: 32, long: 64 };
// Whole numbers of up to so many bits are exact.
const mantissaBits: { readonly [name in PrimitiveName]?: number } = { float: 24, double: 53 };

type NumberType = DecimalType | { readonly kind: "primitive"; readonly name: PrimitiveName };

function isNumber(type: DataType): type is NumberType {
  if (type.kind === "decimal") return true;
  return type.kind === "primitive" && (integerBits[type.name] !== undefined || mantissaBits[type.name] !== undefined);
}

function isTimestamp(name: PrimitiveName): boolean {
  return name === "timestamp" || name === "timestamp_ntz";
}

function isExactNumber(source: NumberType, target: NumberType): boolean {
  if (source.kind === "decimal") {
    if (target.kind !== "decimal") return false;
    return target.scale >= source.scale && target.precision - target.scale >= source.precision - source.scale;
  }
  const bits = integerBits[source.name];
  if (target.kind === "decimal") return target.precision - target.scale >= (integerDigits[source.name] ?? Infinity);
  if (bits === undefined) return source.name === target.name || target.name === "double";
  return bits <= (integerBits[target.name] ?? mantissaBits[target.name] ?? 0);
}
