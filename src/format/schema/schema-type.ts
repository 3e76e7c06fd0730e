// format/schema/schema-type.ts: questions about types: their names for people, equality, leaves.
import { formatJson } from "../text/json-int64.ts";
import type { DataType, PrimitiveName, StructField, StructType } from "./schema.ts";

/** A type as SQL spells it: `bigint`, `decimal(10,2)`, `array<int>`, `struct<a:int>`. */
export function formatType(type: DataType): string {
  switch (type.kind) {
    case "primitive":
      return sqlNames[type.name];
    case "decimal":
      return `decimal(${type.precision},${type.scale})`;
    case "array":
      return `array<${formatType(type.elementType)}>`;
    case "map":
      return `map<${formatType(type.keyType)},${formatType(type.valueType)}>`;
    case "struct":
      return `struct<${type.fields.map((field) => `${field.name}:${formatType(field.type)}`).join(",")}>`;
  }
}

/** What two schemas may differ in and still be equal; nothing by default. */
export interface SchemaEquality {
  readonly ignoreMetadata?: boolean;
  /** Also of array elements and map values. */
  readonly ignoreNullability?: boolean;
}

/** True when both have the same fields in the same order, names compared exactly. */
export function schemaEquals(a: StructType, b: StructType, options: SchemaEquality = {}): boolean {
  return typeEquals(a, b, options);
}

/** As `schemaEquals`, for any types. */
export function typeEquals(a: DataType, b: DataType, options: SchemaEquality = {}): boolean {
  const sameNulls = (x: boolean, y: boolean): boolean => options.ignoreNullability === true || x === y;
  if (a.kind === "primitive") return b.kind === "primitive" && a.name === b.name;
  if (a.kind === "decimal") return b.kind === "decimal" && a.precision === b.precision && a.scale === b.scale;
  if (a.kind === "array") {
    return (
      b.kind === "array" &&
      sameNulls(a.containsNull, b.containsNull) &&
      typeEquals(a.elementType, b.elementType, options)
    );
  }
  if (a.kind === "map") {
    if (b.kind !== "map" || !sameNulls(a.valueContainsNull, b.valueContainsNull)) return false;
    return typeEquals(a.keyType, b.keyType, options) && typeEquals(a.valueType, b.valueType, options);
  }
  if (b.kind !== "struct" || a.fields.length !== b.fields.length) return false;
  return a.fields.every((field, index) => {
    const other = b.fields[index];
    return other !== undefined && sameNulls(field.nullable, other.nullable) && fieldEquals(field, other, options);
  });
}

/** The field whose name equals `name` in any case, or undefined. */
export function findField(schema: StructType, name: string): StructField | undefined {
  const exact = schema.fields.find((field) => field.name === name);
  if (exact !== undefined) return exact;
  const lower = name.toLowerCase();
  return schema.fields.find((field) => field.name.toLowerCase() === lower);
}

/** The type at a path of exact names through structs, or undefined. */
export function typeAt(schema: StructType, path: readonly string[]): DataType | undefined {
  let type: DataType | undefined = schema;
  for (const name of path) {
    if (type?.kind !== "struct") return undefined;
    type = type.fields.find((field) => field.name === name)?.type;
  }
  return type;
}

/** A field of a schema at any depth, with the names that lead to it (`element`, `key`, `value` inside arrays and maps). */
export interface NestedField {
  readonly path: readonly string[];
  readonly field: StructField;
  /** True when the way there leads through an array or a map. */
  readonly isInCollection: boolean;
}

/** All fields at all depths, parents before their children. */
export function nestedFields(schema: StructType): readonly NestedField[] {
  const found: NestedField[] = [];
  const visit = (type: DataType, path: readonly string[], isInCollection: boolean): void => {
    if (type.kind === "array") visit(type.elementType, [...path, "element"], true);
    if (type.kind === "map") {
      visit(type.keyType, [...path, "key"], true);
      visit(type.valueType, [...path, "value"], true);
    }
    if (type.kind !== "struct") return;
    for (const field of type.fields) {
      const fieldPath = [...path, field.name];
      found.push({ path: fieldPath, field, isInCollection });
      visit(field.type, fieldPath, isInCollection);
    }
  };
  visit(schema, [], false);
  return found;
}

/** True where a column, field, element, key or value has the type of that name. */
export function holdsType(type: DataType, name: PrimitiveName): boolean {
  switch (type.kind) {
    case "primitive":
      return type.name === name;
    case "decimal":
      return false;
    case "array":
      return holdsType(type.elementType, name);
    case "map":
      return holdsType(type.keyType, name) || holdsType(type.valueType, name);
    case "struct":
      return type.fields.some((field) => holdsType(field.type, name));
  }
}

function fieldEquals(a: StructField, b: StructField, options: SchemaEquality): boolean {
  if (a.name !== b.name || !typeEquals(a.type, b.type, options)) return false;
  return options.ignoreMetadata === true || formatJson(sorted(a)) === formatJson(sorted(b));
}

function sorted(field: StructField): StructField["metadata"] {
  return Object.fromEntries(Object.entries(field.metadata).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const sqlNames: Readonly<Record<PrimitiveName, string>> = {
  boolean: "boolean",
  byte: "tinyint",
  short: "smallint",
  integer: "int",
  long: "bigint",
  float: "float",
  double: "double",
  string: "string",
  binary: "binary",
  date: "date",
  timestamp: "timestamp",
  timestamp_ntz: "timestamp_ntz",
  void: "void",
  variant: "variant",
};
