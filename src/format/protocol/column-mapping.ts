// format/protocol/column-mapping.ts: columns that are stored under names and ids of their own. PROTOCOL.md, "Column Mapping".
import { mapFields } from "../schema/map-fields.ts";
import type { Metadata, Protocol } from "../action/action.ts";
import type { DataType, StructField, StructType } from "../schema/schema.ts";
import { AlluviumError } from "../text/error.ts";
import { isFeatureSupported } from "./table-feature.ts";

/** How columns are found in data files: by the schema's names, by physical names, or by field ids. */
export type ColumnMappingMode = "none" | "name" | "id";

/**
 * The mode of a table; the property counts only where the protocol supports the feature.
 * @throws AlluviumError `UNSUPPORTED_FEATURE` for a mode of a later day
 */
export function columnMappingMode(protocol: Protocol, metadata: Metadata): ColumnMappingMode {
  const setting = metadata.configuration.get("delta.columnMapping.mode") ?? "none";
  const mode = setting.toLowerCase();
  if (mode === "none" || !isFeatureSupported(protocol, "columnMapping")) return "none";
  if (mode === "name" || mode === "id") return mode;
  const feature = `delta.columnMapping.mode = ${setting}`;
  const message = `Cannot read this table: its columns are mapped in a way that this build does not know, ${feature}. Use an engine that knows it.`;
  throw new AlluviumError("UNSUPPORTED_FEATURE", { features: feature }, message);
}

/** The name of a field in data files, statistics and partition values of a table with column mapping. */
export function physicalName(field: StructField): string {
  const name = field.metadata["delta.columnMapping.physicalName"];
  return typeof name === "string" ? name : field.name;
}

/** The id of a field, or undefined when it has none. */
export function fieldId(field: StructField): number | undefined {
  const id = field.metadata["delta.columnMapping.id"];
  return typeof id === "number" ? id : undefined;
}

/** The path of a column by physical names; names through structs only, spelled as in the schema. */
export function physicalPath(schema: StructType, path: readonly string[]): readonly string[] {
  let type: DataType | undefined = schema;
  return path.map((name) => {
    const field: StructField | undefined =
      type?.kind === "struct" ? type.fields.find((child) => child.name === name) : undefined;
    type = field?.type;
    return field === undefined ? name : physicalName(field);
  });
}

/** The schema without the names, ids and earlier types that belong to one table's files: what rows read from it have. */
export function schemaOfRows(schema: StructType): StructType {
  return mapFields(schema, (field) => {
    const kept = Object.entries(field.metadata).filter(
      ([key]) => !key.startsWith("delta.columnMapping.") && key !== "delta.typeChanges",
    );
    return { ...field, metadata: Object.fromEntries(kept) };
  });
}
