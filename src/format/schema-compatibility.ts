// format/schema-compatibility.ts: whether rows written under one schema can be read with another. Delta's rules; PROTOCOL.md,
// "Column Mapping", for renamed and dropped columns.
import type { Metadata } from "./action.ts";
import type { DataType, StructField, StructType } from "./schema.ts";
import { typeEquals } from "./schema-type.ts";

/** The schema of the rows, and the one they are to be read with. */
export interface SchemaPair {
  readonly data: StructType;
  readonly read: StructType;
}

/**
 * Whether rows of the schema `data` can be read as `read`: no column is lost, none that may be null is read as never
 * null, names are spelled alike and types are equal. Columns that only `read` has are null.
 */
export function canRead({ data, read }: SchemaPair): boolean {
  const inData = new Map(data.fields.map((field) => [field.name.toLowerCase(), field]));
  const inRead = new Set(read.fields.map((field) => field.name.toLowerCase()));
  if (data.fields.some((field) => !inRead.has(field.name.toLowerCase()))) return false;
  return read.fields.every((field) => {
    const source = inData.get(field.name.toLowerCase());
    if (source === undefined) return true;
    return source.name === field.name && (field.nullable || !source.nullable) && canReadType(source.type, field.type);
  });
}

/**
 * Whether columns keep their names from the schema `data` to the later schema `read`: none was renamed or dropped, told by
 * physical names. A column without one is stored under its own name.
 */
export function keepsColumns({ data, read }: SchemaPair): boolean {
  const later = new Map(read.fields.map((field) => [physicalName(field), field]));
  return data.fields.every((field) => {
    const same = later.get(physicalName(field));
    return same !== undefined && same.name === field.name && keepsNested(field.type, same.type);
  });
}

/** True when a table's columns are stored under names or ids of their own. */
export function isMapped(metadata: Metadata): boolean {
  return (metadata.configuration.get("delta.columnMapping.mode") ?? "none").toLowerCase() !== "none";
}

function physicalName(field: StructField): string {
  const name = field.metadata["delta.columnMapping.physicalName"];
  return typeof name === "string" ? name : field.name;
}

function keepsNested(data: DataType, read: DataType): boolean {
  if (data.kind === "struct" && read.kind === "struct") return keepsColumns({ data, read });
  if (data.kind === "array" && read.kind === "array") return keepsNested(data.elementType, read.elementType);
  if (data.kind === "map" && read.kind === "map")
    return keepsNested(data.keyType, read.keyType) && keepsNested(data.valueType, read.valueType);
  return true;
}

function canReadType(data: DataType, read: DataType): boolean {
  if (data.kind === "primitive" && data.name === "void") return true;
  if (data.kind === "struct" && read.kind === "struct") return canRead({ data, read });
  if (data.kind === "array" && read.kind === "array") {
    return (read.containsNull || !data.containsNull) && canReadType(data.elementType, read.elementType);
  }
  if (data.kind === "map" && read.kind === "map") {
    const values = (read.valueContainsNull || !data.valueContainsNull) && canReadType(data.valueType, read.valueType);
    return values && canReadType(data.keyType, read.keyType);
  }
  return typeEquals(data, read);
}
