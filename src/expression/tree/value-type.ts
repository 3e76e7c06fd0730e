// expression/tree/value-type.ts: which types meet in which. Spark's ANSI type coercion, and Spark's names of types in messages.
import type { DataType, PrimitiveName, StructField } from "../../format/schema/schema.ts";
import { commonDecimal, digitsOf } from "./decimal-type.ts";
import { primitive } from "./syntax.ts";

/** A type, or null when it is left to DuckDB to find out. */
export type ValueType = DataType | null;

/** The name of a primitive type, or undefined for any other. */
export function primitiveName(type: ValueType): PrimitiveName | undefined {
  return type?.kind === "primitive" ? type.name : undefined;
}

/** True for one of these primitive types. */
export function isOneOf(type: ValueType, names: readonly PrimitiveName[]): boolean {
  const name = primitiveName(type);
  return name !== undefined && names.includes(name);
}

/** Whole numbers, shortest first. */
export const integralNames: readonly PrimitiveName[] = ["byte", "short", "integer", "long"];

/** Binary floating point. */
export const floatingNames: readonly PrimitiveName[] = ["float", "double"];

/** True for any number. */
export function isNumeric(type: ValueType): boolean {
  return type?.kind === "decimal" || isOneOf(type, integralNames) || isOneOf(type, floatingNames);
}

/**
 * The type in which two values are compared or mixed: null when one is unknown, `"none"` when there is none.
 * Spark's AnsiTypeCoercion: a text meets a whole number as long, any other number as double, anything else as that.
 */
export function commonType(a: ValueType, b: ValueType): ValueType | "none" {
  if (a === null || b === null) return null;
  if (isOneOf(a, ["void"])) return b;
  if (isOneOf(b, ["void"])) return a;
  if (isNumeric(a) && isNumeric(b)) return commonNumber(a, b);
  if (isOneOf(a, ["string"])) return withText(b);
  if (isOneOf(b, ["string"])) return withText(a);
  const [nameA, nameB] = [primitiveName(a), primitiveName(b)];
  if (nameA !== undefined && nameB !== undefined) return commonPrimitive(nameA, nameB);
  return commonNested(a, b);
}

/** Arrays, maps and structs meet part by part; the fields of structs have the same names. */
function commonNested(a: DataType, b: DataType): ValueType | "none" {
  if (a.kind === "array" && b.kind === "array") {
    const elementType = commonType(a.elementType, b.elementType);
    return isKnown(elementType) ? { ...a, elementType, containsNull: a.containsNull || b.containsNull } : "none";
  }
  if (a.kind === "map" && b.kind === "map") {
    const [keyType, valueType] = [commonType(a.keyType, b.keyType), commonType(a.valueType, b.valueType)];
    return isKnown(keyType) && isKnown(valueType) ? { ...a, keyType, valueType } : "none";
  }
  if (a.kind !== "struct" || b.kind !== "struct" || a.fields.length !== b.fields.length) return "none";
  const fields: StructField[] = [];
  for (const [index, field] of a.fields.entries()) {
    const other = b.fields[index] ?? field;
    const type = commonType(field.type, other.type);
    if (!isKnown(type) || other.name.toLowerCase() !== field.name.toLowerCase()) return "none";
    fields.push({ ...field, type, nullable: field.nullable || other.nullable });
  }
  return { ...a, fields };
}

const isKnown = (type: ValueType | "none"): type is DataType => type !== null && type !== "none";

/** Spark's name of a type, for messages. */
export function typeName(type: ValueType): string {
  if (type === null) return "UNKNOWN";
  switch (type.kind) {
    case "primitive":
      return sqlNames[type.name] ?? type.name.toUpperCase();
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "array":
      return `ARRAY<${typeName(type.elementType)}>`;
    case "map":
      return `MAP<${typeName(type.keyType)}, ${typeName(type.valueType)}>`;
    case "struct":
      return `STRUCT<${type.fields.map((field) => `${field.name}: ${typeName(field.type)}`).join(", ")}>`;
  }
}

const sqlNames: Partial<Record<PrimitiveName, string>> = {
  byte: "TINYINT",
  short: "SMALLINT",
  integer: "INT",
  long: "BIGINT",
};

function withText(other: DataType): ValueType | "none" {
  if (isOneOf(other, integralNames)) return primitive("long");
  if (isNumeric(other)) return primitive("double");
  return other.kind === "primitive" && other.name !== "variant" ? other : "none";
}

const dateLike: readonly PrimitiveName[] = ["date", "timestamp_ntz", "timestamp"];

function commonPrimitive(a: PrimitiveName, b: PrimitiveName): ValueType | "none" {
  if (a === b) return primitive(a);
  const [rankA, rankB] = [dateLike.indexOf(a), dateLike.indexOf(b)];
  if (rankA < 0 || rankB < 0) return "none";
  return primitive(rankA > rankB ? a : b);
}

function commonNumber(a: DataType, b: DataType): DataType {
  if (isOneOf(a, floatingNames) || isOneOf(b, floatingNames)) {
    // A float meets only a float as float: every other number would lose digits in it.
    return isOneOf(a, ["float"]) && isOneOf(b, ["float"]) ? a : primitive("double");
  }
  if (a.kind === "decimal" || b.kind === "decimal") return commonDecimal(digitsOf(a), digitsOf(b));
  const rank = Math.max(...[a, b].map((type) => integralNames.indexOf(primitiveName(type) ?? "byte")));
  return primitive(integralNames[rank] ?? "long");
}
