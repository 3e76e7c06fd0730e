// format/feature/in-use.ts: where the use of a feature shows in a table's metadata.
import type { Metadata } from "../action/action.ts";
import { parseBoolean } from "../text/property-value.ts";
import { holdsType, nestedFields } from "../schema/schema-type.ts";
import type { PrimitiveName, StructType } from "../schema/schema.ts";

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
export function hasType(name: PrimitiveName): (metadata: Metadata, schema: StructType) => boolean {
  return (_, schema) => holdsType(schema, name);
}
