// test/engine/schema-helpers.ts: schemas in few words.
import type { DataType, PrimitiveName, StructType } from "../../src/format/schema/schema.ts";

/** A type without parameters. */
export function primitive(name: PrimitiveName): DataType {
  return { kind: "primitive", name };
}

/** A struct of nullable fields; a name alone stands for its primitive type. */
export function schemaOf(fields: Readonly<Record<string, DataType | PrimitiveName>>): StructType {
  const typeOf = (type: DataType | PrimitiveName): DataType => (typeof type === "string" ? primitive(type) : type);
  return {
    kind: "struct",
    fields: Object.entries(fields).map(([name, type]) => ({ name, type: typeOf(type), nullable: true, metadata: {} })),
  };
}
