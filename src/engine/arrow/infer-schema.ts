// engine/arrow/infer-schema.ts: the schema of row objects, for a table that is made from them.
import { AlluviumError } from "../../format/text/error.ts";
import type { DataType, PrimitiveName, StructField, StructType } from "../../format/schema/schema.ts";

/**
 * The schema that holds all rows; columns in the order in which they first appear, all nullable. Whole numbers and bigints become long,
 * numbers with a fraction double (also a column that has both), Date timestamp, Uint8Array binary, Map map, other objects struct.
 * A column of nothing but null has the type `void`.
 * @throws AlluviumError `INVALID_ARGUMENT` naming column and row, when values of one column have no type in common
 */
export function inferSchema(rows: readonly Readonly<Record<string, unknown>>[]): StructType {
  let type: DataType = { kind: "struct", fields: [] };
  rows.forEach((row, index) => {
    type = merge(type, structTypeOf(row, { path: "", row: index }), { path: "", row: index });
  });
  return type;
}

interface Place {
  readonly path: string;
  readonly row: number;
}

function typeOf(value: unknown, place: Place): DataType {
  switch (typeof value) {
    case "boolean":
      return primitive("boolean");
    case "number":
      return primitive(Number.isSafeInteger(value) && !Object.is(value, -0) ? "long" : "double");
    case "bigint":
      return primitive("long");
    case "string":
      return primitive("string");
    case "undefined":
      return primitive("void");
    case "object":
      return value === null ? primitive("void") : objectTypeOf(value, place);
    case "function":
    case "symbol":
      throw invalid(place, `a ${typeof value} cannot be stored`);
  }
}

function objectTypeOf(value: object, place: Place): DataType {
  if (value instanceof Date) return primitive("timestamp");
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return primitive("binary");
  if (value instanceof Map) return mapTypeOf(value as ReadonlyMap<unknown, unknown>, place);
  if (Array.isArray(value) || Symbol.iterator in value) return arrayTypeOf(value as Iterable<unknown>, place);
  return structTypeOf(value, place);
}

function structTypeOf(value: object, { path, row }: Place): StructType {
  const fields = Object.entries(value).map(([name, entry]): StructField => {
    const type = typeOf(entry, { path: path === "" ? name : `${path}.${name}`, row });
    return { name, type, nullable: true, metadata: {} };
  });
  return { kind: "struct", fields };
}

function arrayTypeOf(value: Iterable<unknown>, { path, row }: Place): DataType {
  const place = { path: `${path}.element`, row };
  let elementType: DataType = primitive("void");
  for (const element of value) elementType = merge(elementType, typeOf(element, place), place);
  return { kind: "array", elementType, containsNull: true };
}

function mapTypeOf(value: ReadonlyMap<unknown, unknown>, { path, row }: Place): DataType {
  let keyType: DataType = primitive("void");
  let valueType: DataType = primitive("void");
  for (const [key, entry] of value) {
    keyType = merge(keyType, typeOf(key, { path: `${path}.key`, row }), { path: `${path}.key`, row });
    valueType = merge(valueType, typeOf(entry, { path: `${path}.value`, row }), { path: `${path}.value`, row });
  }
  return { kind: "map", keyType, valueType, valueContainsNull: true };
}

function merge<T extends DataType>(a: T, b: T, place: Place): T;
function merge(a: DataType, b: DataType, place: Place): DataType {
  if (isVoid(b)) return a;
  if (isVoid(a)) return b;
  if (a.kind === "struct" && b.kind === "struct") return mergeStructs(a, b, place);
  if (a.kind === "array" && b.kind === "array") {
    return { ...a, elementType: merge(a.elementType, b.elementType, { ...place, path: `${place.path}.element` }) };
  }
  if (a.kind === "map" && b.kind === "map") {
    const keyType = merge(a.keyType, b.keyType, { ...place, path: `${place.path}.key` });
    return { ...a, keyType, valueType: merge(a.valueType, b.valueType, { ...place, path: `${place.path}.value` }) };
  }
  if (a.kind === "primitive" && b.kind === "primitive") {
    if (a.name === b.name) return a;
    if (isNumber(a.name) && isNumber(b.name)) return primitive("double");
  }
  throw invalid(place, `a value of type ${nameOf(b)} where earlier rows have ${nameOf(a)}; give the table a schema`);
}

function mergeStructs(a: StructType, b: StructType, place: Place): StructType {
  const merged = new Map(a.fields.map((field) => [field.name, field]));
  for (const field of b.fields) {
    const before = merged.get(field.name);
    const path = place.path === "" ? field.name : `${place.path}.${field.name}`;
    merged.set(
      field.name,
      before === undefined ? field : { ...field, type: merge(before.type, field.type, { ...place, path }) },
    );
  }
  return { kind: "struct", fields: [...merged.values()] };
}

function primitive(name: PrimitiveName): DataType {
  return { kind: "primitive", name };
}

function isVoid(type: DataType): boolean {
  return type.kind === "primitive" && type.name === "void";
}

function isNumber(name: PrimitiveName): boolean {
  return name === "long" || name === "double";
}

function nameOf(type: DataType): string {
  return type.kind === "primitive" ? type.name : type.kind;
}

function invalid({ path, row }: Place, why: string): AlluviumError {
  return new AlluviumError("INVALID_ARGUMENT", { column: path, row }, `column ${path}, row ${row}: ${why}`);
}
