// format/feature/in-use.ts: where the use of a feature shows in a table's metadata.
import type { Metadata } from "../action.ts";
import { parseBoolean } from "../property-value.ts";
import { nestedFields } from "../schema-type.ts";
import type { DataType, StructType } from "../schema.ts";

/** True where one of the properties is true. */
export function isOn(...names: readonly string[]): (metadata: Metadata) => boolean {
  return (metadata) => names.some((name) => parseBoolean(metadata.configuration.get(name) ?? "false") === true);
}

/** True where a field, however deep, has a setting whose name begins so. */
export function hasFieldSetting(prefix: string): (metadata: Metadata, schema: StructType) => boolean {
  return (_, schema) =>
    nestedFields(schema).some(({ field }) => Object.keys(field.metadata).some((key) => key.startsWith(prefix)));
}

/** True where a column, field, element, key or value has the type. */
export function hasType(name: string): (metadata: Metadata, schema: StructType) => boolean {
  const isIt = (type: DataType): boolean => {
    if (type.kind === "primitive") return type.name === name;
    if (type.kind === "array") return isIt(type.elementType);
    return type.kind === "map" && (isIt(type.keyType) || isIt(type.valueType));
  };
  return (_, schema) => nestedFields(schema).some(({ field }) => isIt(field.type));
}
