// format/schema/map-fields.ts: schemas with something changed of every field, at any depth.
import type { DataType, StructField, StructType } from "./schema.ts";

/** The schema with each field put through `change`, those of nested structs before the field that holds them. */
export function mapFields(schema: StructType, change: (field: StructField) => StructField): StructType {
  return {
    kind: "struct",
    fields: schema.fields.map((field) => change({ ...field, type: mapFieldsIn(field.type, change) })),
  };
}

function mapFieldsIn(type: DataType, change: (field: StructField) => StructField): DataType {
  switch (type.kind) {
    case "primitive":
    case "decimal":
      return type;
    case "struct":
      return mapFields(type, change);
    case "array":
      return { ...type, elementType: mapFieldsIn(type.elementType, change) };
    case "map":
      return { ...type, keyType: mapFieldsIn(type.keyType, change), valueType: mapFieldsIn(type.valueType, change) };
  }
}

/** The same columns with null allowed in them and everywhere inside. */
export function nullableStruct(struct: StructType): StructType {
  return { kind: "struct", fields: struct.fields.map(nullableField) };
}

/** The same column with null allowed in it and everywhere inside. */
export function nullableField(field: StructField): StructField {
  return { ...field, nullable: true, type: nullableType(field.type) };
}

/** The same type with null allowed everywhere in it. */
export function nullableType(type: DataType): DataType {
  if (type.kind === "struct") return nullableStruct(type);
  if (type.kind === "array") return { kind: "array", elementType: nullableType(type.elementType), containsNull: true };
  if (type.kind !== "map") return type;
  return {
    kind: "map",
    keyType: nullableType(type.keyType),
    valueType: nullableType(type.valueType),
    valueContainsNull: true,
  };
}
