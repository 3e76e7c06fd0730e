// format/protocol/schema-compatibility.ts: whether rows written under one schema can be read with another. Delta's rules; PROTOCOL.md,
// "Column Mapping", for renamed and dropped columns.
import type { Metadata } from "../action/action.ts";
import { physicalName } from "./column-mapping.ts";
import type { DataType, StructType } from "../schema/schema.ts";
import { typeEquals } from "../schema/schema-type.ts";
import { isWiderType } from "../schema/type-widening.ts";

/** The schema of the rows, and the one they are to be read with. */
export interface SchemaPair {
  readonly data: StructType;
  readonly read: StructType;
}

/**
 * Whether rows of the schema `data` can be read as `read`: no column is lost, none that may be null is read as never
 * null, names are spelled alike and types are equal, or wider on record. Columns that only `read` has are null.
 */
export function canRead({ data, read }: SchemaPair): boolean {
  const inData = new Map(data.fields.map((field) => [field.name.toLowerCase(), field]));
  const inRead = new Set(read.fields.map((field) => field.name.toLowerCase()));
  if (data.fields.some((field) => !inRead.has(field.name.toLowerCase()))) return false;
  return read.fields.every((field) => {
    const source = inData.get(field.name.toLowerCase());
    if (source === undefined) return true;
    if (source.name !== field.name || (!field.nullable && source.nullable)) return false;
    // Only a table with type widening records that a type was changed; then older rows are read as the wider type.
    const isWidened = field.metadata["delta.typeChanges"] !== undefined;
    return canReadType(source.type, field.type, isWidened);
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

function keepsNested(data: DataType, read: DataType): boolean {
  if (data.kind === "struct" && read.kind === "struct") return keepsColumns({ data, read });
  if (data.kind === "array" && read.kind === "array") return keepsNested(data.elementType, read.elementType);
  if (data.kind === "map" && read.kind === "map")
    return keepsNested(data.keyType, read.keyType) && keepsNested(data.valueType, read.valueType);
  return true;
}

function canReadType(data: DataType, read: DataType, isWidened: boolean): boolean {
  if (data.kind === "primitive" && data.name === "void") return true;
  if (data.kind === "struct" && read.kind === "struct") return canRead({ data, read });
  if (data.kind === "array" && read.kind === "array") {
    if (!read.containsNull && data.containsNull) return false;
    return canReadType(data.elementType, read.elementType, isWidened);
  }
  if (data.kind === "map" && read.kind === "map") {
    if (!read.valueContainsNull && data.valueContainsNull) return false;
    return canReadType(data.valueType, read.valueType, isWidened) && canReadType(data.keyType, read.keyType, isWidened);
  }
  return typeEquals(data, read) || (isWidened && isWiderType(data, read));
}
