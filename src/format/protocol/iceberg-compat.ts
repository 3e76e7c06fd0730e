// format/protocol/iceberg-compat.ts: what a table that other engines read as an Iceberg table must keep. PROTOCOL.md, "Writer Requirements for
// IcebergCompatV1" and "Writer Requirements for IcebergCompatV2".
import type { Metadata, Protocol } from "../action/action.ts";
import { AlluviumError } from "../text/error.ts";
import { isJsonObject } from "../text/json-int64.ts";
import type { JsonValue } from "../text/json.ts";
import { parseBoolean } from "../text/property-value.ts";
import { parseSchema } from "../schema/schema-json.ts";
import { nestedFields } from "../schema/schema-type.ts";
import type { DataType } from "../schema/schema.ts";

/** The version that a table is kept compatible with; null where it is not. */
export type IcebergCompat = "icebergCompatV1" | "icebergCompatV2" | null;

/** What a commit would make of a table. */
export interface IcebergCheck {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  /** Null for a new table. */
  readonly before: { readonly metadata: Metadata; readonly fileCount: number } | null;
  /** True when no file of before stays. */
  readonly replacesFiles: boolean;
}

/** The version of a table, by its properties. */
export function icebergCompat({ configuration }: Pick<Metadata, "configuration">): IcebergCompat {
  const isOn = (name: string): boolean => parseBoolean(configuration.get(name) ?? "") === true;
  if (isOn("delta.enableIcebergCompatV1")) return "icebergCompatV1";
  return isOn("delta.enableIcebergCompatV2") ? "icebergCompatV2" : null;
}

/** @throws AlluviumError `DELTA_ICEBERG_COMPAT_VIOLATION` naming the rule */
export function checkIcebergCompat({ protocol, metadata, before, replacesFiles }: IcebergCheck): void {
  const version = icebergCompat(metadata);
  if (version === null) return;
  const { configuration } = metadata;
  const isOn = (name: string): boolean => parseBoolean(configuration.get(name) ?? "") === true;
  const refuse = (why: string): never => {
    const message = `The table is kept compatible with Iceberg (${version}), which ${why}. Nothing was changed.`;
    throw new AlluviumError("DELTA_ICEBERG_COMPAT_VIOLATION", { version }, message);
  };
  if (isOn("delta.enableIcebergCompatV1") && isOn("delta.enableIcebergCompatV2"))
    refuse("cannot go with another version of the same: set one of the two properties to false");
  if ((configuration.get("delta.columnMapping.mode") ?? "none").toLowerCase() === "none")
    refuse("needs delta.columnMapping.mode = name");
  const hasVectors = protocol.writerFeatures?.includes("deletionVectors") === true;
  if (isOn("delta.enableDeletionVectors") || (version === "icebergCompatV1" && hasVectors))
    refuse("does not allow deletion vectors");
  checkTypes(metadata, version, refuse);
  if (before === null || replacesFiles) return;
  const wasOn = icebergCompat(before.metadata) === version;
  if (!wasOn && before.fileCount > 0)
    refuse("would ask for every file to be written anew: make a new table with the property, and copy the rows");
  const partitions = before.metadata.partitionColumns;
  if (wasOn && partitions.length > 0 && partitions.join("\0") !== metadata.partitionColumns.join("\0"))
    refuse("does not allow other partition columns");
}

type Refuse = (why: string) => never;

function checkTypes(metadata: Metadata, version: string, refuse: Refuse): void {
  for (const { path, field } of nestedFields(parseSchema(metadata.schemaString))) {
    const column = path.join(".");
    const found = forbiddenType(field.type, version);
    if (found !== null) refuse(`has no place for the type ${found} of column ${column}`);
    const changes = field.metadata["delta.typeChanges"];
    if (Array.isArray(changes) && !changes.every(isIcebergChange))
      refuse(`does not know the change of type that column ${column} went through`);
  }
}

function forbiddenType(type: DataType, version: string): string | null {
  switch (type.kind) {
    case "primitive":
      return type.name === "void" || type.name === "variant" ? type.name : null;
    case "decimal":
    case "struct":
      return null;
    case "array":
      return version === "icebergCompatV1" ? "array" : forbiddenType(type.elementType, version);
    case "map":
      if (version === "icebergCompatV1") return "map";
      return forbiddenType(type.keyType, version) ?? forbiddenType(type.valueType, version);
  }
}

const integers: readonly string[] = ["byte", "short", "integer", "long"];

/** Iceberg knows wider whole numbers, float to double, and decimals of more digits before the point. */
function isIcebergChange(change: JsonValue): boolean {
  if (!isJsonObject(change)) return false;
  const { fromType: from, toType: to } = change;
  if (typeof from !== "string" || typeof to !== "string") return false;
  if (integers.includes(from)) return integers.includes(to);
  const scaleOf = (text: string): string | undefined => /^decimal\(\d+,\s*(\d+)\)$/.exec(text)?.[1];
  if (scaleOf(from) !== undefined) return scaleOf(from) === scaleOf(to);
  return from === "float" && to === "double";
}
