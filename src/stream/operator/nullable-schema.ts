// stream/operator/nullable-schema.ts: the schema a stream's sink gives the table it makes.
import { ownMetadata } from "../../format/schema/computed-column.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";

/** The same columns, types and comments with nothing required, at any depth, and without the rules of the table they were read from. */
export function nullableSchema(schema: StructType): StructType {
  const fields = schema.fields.map((field) => ({
    name: field.name,
    type: nullableType(field.type),
    nullable: true,
    metadata: ownMetadata(field.metadata),
  }));
  return { kind: "struct", fields };
}

function nullableType(type: DataType): DataType {
  if (type.kind === "struct") return nullableSchema(type);
  if (type.kind === "array") return { kind: "array", elementType: nullableType(type.elementType), containsNull: true };
  if (type.kind !== "map") return type;
  return {
    kind: "map",
    keyType: nullableType(type.keyType),
    valueType: nullableType(type.valueType),
    valueContainsNull: true,
  };
}
