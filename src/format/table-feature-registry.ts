// format/table-feature-registry.ts: every feature of the protocol, one entry each. PROTOCOL.md, "Valid Feature Names in Table Features".
import type { Metadata } from "./action.ts";
import { parseBoolean } from "./property-value.ts";
import type { StructType } from "./schema.ts";
import { nestedFields } from "./schema-type.ts";

/** One feature. A build that learns it changes `canRead` and `canWrite`, and nothing else in this room. */
export interface TableFeature {
  readonly name: string;
  /** Whether readers must know it too. */
  readonly kind: "reader-writer" | "writer";
  /** The protocol versions that had the feature before features were listed by name. */
  readonly legacy?: { readonly reader?: number; readonly writer: number };
  readonly canRead: boolean;
  readonly canWrite: boolean;
  /** Whether the table's settings or schema use it. Absent: use does not show in the metadata. */
  readonly isInUse?: (metadata: Metadata, schema: StructType) => boolean;
}

/** True of the feature of that exact name. */
export function isNamed(name: string): (feature: TableFeature) => boolean {
  return (feature) => feature.name === name;
}

const isOn =
  (...names: readonly string[]) =>
  (metadata: Metadata): boolean =>
    names.some((name) => parseBoolean(metadata.configuration.get(name) ?? "false") === true);

const hasFieldSetting =
  (prefix: string) =>
  (_: Metadata, schema: StructType): boolean =>
    nestedFields(schema).some(({ field }) => Object.keys(field.metadata).some((key) => key.startsWith(prefix)));

const hasType =
  (name: string) =>
  (_: Metadata, schema: StructType): boolean => {
    const isIt = (type: StructType["fields"][number]["type"]): boolean => {
      if (type.kind === "primitive") return type.name === name;
      if (type.kind === "array") return isIt(type.elementType);
      return type.kind === "map" && (isIt(type.keyType) || isIt(type.valueType));
    };
    return nestedFields(schema).some(({ field }) => isIt(field.type));
  };

const usesColumnMapping = (metadata: Metadata): boolean =>
  (metadata.configuration.get("delta.columnMapping.mode") ?? "none").toLowerCase() !== "none";

const hasConstraints = (metadata: Metadata): boolean =>
  [...metadata.configuration.keys()].some((key) => key.toLowerCase().startsWith("delta.constraints."));

const usesPolicyV2 = (metadata: Metadata): boolean => metadata.configuration.get("delta.checkpointPolicy") === "v2";

type Unsupported = Pick<TableFeature, "legacy" | "isInUse">;

const writer = (name: string, more: Unsupported = {}): TableFeature => ({
  name,
  kind: "writer",
  canRead: true,
  canWrite: false,
  ...more,
});

const readerWriter = (name: string, more: Unsupported = {}): TableFeature => ({
  name,
  kind: "reader-writer",
  canRead: false,
  canWrite: false,
  ...more,
});

/** All features, in the protocol's order, then those that only the reference implementation knows. */
export const tableFeatures: readonly TableFeature[] = [
  { ...writer("appendOnly", { legacy: { writer: 2 } }), canWrite: true },
  { ...writer("invariants", { legacy: { writer: 2 } }), canWrite: true },
  writer("checkConstraints", { legacy: { writer: 3 }, isInUse: hasConstraints }),
  writer("generatedColumns", { legacy: { writer: 4 }, isInUse: hasFieldSetting("delta.generationExpression") }),
  writer("allowColumnDefaults", { isInUse: hasFieldSetting("CURRENT_DEFAULT") }),
  writer("changeDataFeed", {
    legacy: { writer: 4 },
    isInUse: isOn("delta.enableChangeDataFeed", "delta.enableChangeDataCapture"),
  }),
  {
    ...readerWriter("columnMapping", { legacy: { reader: 2, writer: 5 }, isInUse: usesColumnMapping }),
    canRead: true,
  },
  writer("identityColumns", { legacy: { writer: 6 }, isInUse: hasFieldSetting("delta.identity.") }),
  { ...readerWriter("deletionVectors", { isInUse: isOn("delta.enableDeletionVectors") }), canRead: true },
  writer("rowTracking", { isInUse: isOn("delta.enableRowTracking") }),
  { ...readerWriter("timestampNtz", { isInUse: hasType("timestamp_ntz") }), canRead: true },
  writer("domainMetadata"),
  { ...readerWriter("v2Checkpoint", { isInUse: usesPolicyV2 }), canRead: true },
  readerWriter("catalogManaged"),
  writer("icebergCompatV1", { isInUse: isOn("delta.enableIcebergCompatV1") }),
  writer("icebergCompatV2", { isInUse: isOn("delta.enableIcebergCompatV2") }),
  writer("icebergCompatV3", { isInUse: isOn("delta.enableIcebergCompatV3") }),
  writer("clustering"),
  { ...readerWriter("vacuumProtocolCheck"), canRead: true },
  writer("inCommitTimestamp", { isInUse: isOn("delta.enableInCommitTimestamps") }),
  { ...readerWriter("typeWidening", { isInUse: isOn("delta.enableTypeWidening") }), canRead: true },
  { ...readerWriter("typeWidening-preview"), canRead: true },
  { ...readerWriter("variantType", { isInUse: hasType("variant") }), canRead: true },
  { ...readerWriter("variantType-preview"), canRead: true },
  { ...readerWriter("variantShredding", { isInUse: isOn("delta.enableVariantShredding") }), canRead: true },
  { ...readerWriter("variantShredding-preview"), canRead: true },
  readerWriter("catalogOwned-preview"),
  readerWriter("redirectReaderWriter-preview"),
  writer("redirectWriterOnly-preview"),
  writer("materializePartitionColumns", { isInUse: isOn("delta.enableMaterializePartitionColumnsFeature") }),
  writer("checkpointProtection"),
  writer("coordinatedCommits-preview"),
];
