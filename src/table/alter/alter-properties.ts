// table/alter/alter-properties.ts: properties, features, protocol versions, comment and clustering columns of a table. PROTOCOL.md, "Table
// Properties", "Protocol Evolution" and "Clustered Table".
import type { AddFile, Protocol } from "../../format/action/action.ts";
import { clusteringAction, clusteringColumns } from "../../format/protocol/clustering.ts";
import { type ColumnPath, columnPath, pathText } from "../../format/schema/edit-schema.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { JsonObject } from "../../format/text/json.ts";
import { findFeature, upgradedProtocol } from "../../format/protocol/protocol-upgrade.ts";
import { withRowTrackingColumns } from "../../format/protocol/row-tracking.ts";
import { isFeatureSupported } from "../../format/protocol/table-feature.ts";
import { knownPropertyNames, validateProperties } from "../../format/property/table-property.ts";
import type { ProtocolRequest } from "../../format/property/validate-property.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { checkClustering } from "../input/clustered-table.ts";
import type { Alteration } from "./alteration.ts";
import { type TableHead, filesWhere } from "../rows/file-changes.ts";

/** A change of what a table says of itself. */
export type PropertyChange =
  | { readonly kind: "setProperties"; readonly properties: Readonly<Record<string, string>> }
  | { readonly kind: "unsetProperties"; readonly names: readonly string[]; readonly ifExists?: boolean }
  | { readonly kind: "addFeature"; readonly name: string }
  | { readonly kind: "upgradeProtocol"; readonly minReaderVersion: number; readonly minWriterVersion: number }
  /** Null: none. */
  | { readonly kind: "comment"; readonly comment: string | null }
  /** No columns: CLUSTER BY NONE. */
  | { readonly kind: "clusterBy"; readonly columns: readonly (string | ColumnPath)[] };

/** What the change comes to. @throws AlluviumError of the change, before anything is written */
export async function alterProperties(head: TableHead, change: PropertyChange): Promise<Alteration> {
  const { snapshot } = head;
  switch (change.kind) {
    case "setProperties":
      return setProperties(head, change.properties);
    case "unsetProperties":
      return unsetProperties(snapshot, change.names, change.ifExists === true);
    case "addFeature":
      return upgrade(snapshot, { features: [findFeature(change.name).name] });
    case "upgradeProtocol":
      return upgradeVersions(snapshot, change);
    case "comment":
      return withComment(snapshot, change.comment);
    case "clusterBy":
      return clusterBy(snapshot, change.columns.map(columnPath));
  }
}

async function setProperties(head: TableHead, properties: Readonly<Record<string, string>>): Promise<Alteration> {
  const { metadata } = head.snapshot;
  const entries = Object.entries(properties);
  if (entries.length === 0) return null;
  const constraint = entries.find(([name]) => name.toLowerCase().startsWith("delta.constraints."))?.[0];
  if (constraint !== undefined) {
    const message = `${constraint} is a CHECK constraint: add it with addConstraint or ALTER TABLE … ADD CONSTRAINT, which looks at the rows`;
    throw new AlluviumError("DELTA_ADD_CONSTRAINTS", { property: constraint }, message);
  }
  const { configuration: given, protocol: request } = validateProperties(entries);
  const merged = new Map([...metadata.configuration, ...given]);
  const configuration = withRowTrackingColumns(merged, () => head.engine.random.uuid());
  const isTracked = isTurnedOn(head.snapshot, configuration);
  const untracked = isTracked ? await withoutRowIds(head.snapshot) : [];
  return {
    operation: "SET TBLPROPERTIES",
    parameters: { properties },
    // Versions and features go into the protocol alone.
    ...(given.size === 0 ? {} : { metadata: { ...metadata, configuration } }),
    request,
    // Files that come meanwhile have no ids unless the feature is there already.
    readsRows: untracked.length > 0 || (isTracked && !isFeatureSupported(head.snapshot.protocol, "rowTracking")),
    actions: untracked.map((file) => ({ ...file, dataChange: false })),
  };
}

function isTurnedOn({ metadata }: Snapshot, configuration: ReadonlyMap<string, string>): boolean {
  const isOn = (values: ReadonlyMap<string, string>): boolean =>
    values.get("delta.enableRowTracking")?.toLowerCase() === "true";
  return isOn(configuration) && !isOn(metadata.configuration);
}

/** Rows of files from before row tracking, or from while it was suspended, get their ids with the commit that turns it on. */
const withoutRowIds = (snapshot: Snapshot): Promise<readonly AddFile[]> =>
  filesWhere(
    snapshot,
    ({ baseRowId, defaultRowCommitVersion }) => baseRowId === undefined || defaultRowCommitVersion === undefined,
  );

function unsetProperties(snapshot: Snapshot, names: readonly string[], ifExists: boolean): Alteration {
  const { metadata } = snapshot;
  const spelled = names.map(
    (name) => knownPropertyNames().find((known) => known.toLowerCase() === name.toLowerCase()) ?? name,
  );
  const missing = spelled.filter((name) => !metadata.configuration.has(name));
  if (missing.length > 0 && !ifExists) {
    const message = `Attempted to unset non-existent property '${missing.join("', '")}' in table ${snapshot.tablePath}; say IF EXISTS to pass over it.`;
    throw new AlluviumError("DELTA_UNSET_NON_EXISTENT_PROPERTY", { property: missing.join(", ") }, message);
  }
  if (missing.length === spelled.length) return null;
  const kept = spelled.find((name) => name.startsWith("delta.columnMapping.") || name.startsWith("delta.inCommit"));
  if (kept !== undefined) {
    const message = `${kept} cannot be unset: the files of the table, or its history, are read by it`;
    throw new AlluviumError("DELTA_ILLEGAL_OPTION", { property: kept }, message);
  }
  const configuration = new Map([...metadata.configuration].filter(([name]) => !spelled.includes(name)));
  return {
    operation: "UNSET TBLPROPERTIES",
    parameters: { properties: spelled, ifExists },
    metadata: { ...metadata, configuration },
  };
}

function upgradeVersions(
  snapshot: Snapshot,
  { minReaderVersion, minWriterVersion }: Extract<PropertyChange, { kind: "upgradeProtocol" }>,
): Alteration {
  const { protocol } = snapshot;
  const isLower = minReaderVersion < protocol.minReaderVersion || minWriterVersion < protocol.minWriterVersion;
  if (isLower) {
    const now = `(${protocol.minReaderVersion}, ${protocol.minWriterVersion})`;
    const message = `Protocol version cannot be downgraded from ${now} to (${minReaderVersion}, ${minWriterVersion}).`;
    throw new AlluviumError("DELTA_INVALID_PROTOCOL_DOWNGRADE", { minReaderVersion, minWriterVersion }, message);
  }
  return upgrade(snapshot, { minReaderVersion, minWriterVersion, features: [] });
}

function upgrade({ protocol, metadata }: Snapshot, request: ProtocolRequest): Alteration {
  const newProtocol = upgradedProtocol(protocol, metadata, request);
  if (newProtocol === protocol) return null;
  return { operation: "UPGRADE PROTOCOL", parameters: { newProtocol: protocolJson(newProtocol) }, request };
}

function protocolJson({ minReaderVersion, minWriterVersion, readerFeatures, writerFeatures }: Protocol): JsonObject {
  return {
    minReaderVersion,
    minWriterVersion,
    ...(readerFeatures && { readerFeatures: [...readerFeatures] }),
    ...(writerFeatures && { writerFeatures: [...writerFeatures] }),
  };
}

function withComment({ metadata }: Snapshot, comment: string | null): Alteration {
  if ((metadata.description ?? null) === comment) return null;
  const { description: _, ...rest } = metadata;
  return {
    operation: "SET TBLPROPERTIES",
    parameters: { properties: comment === null ? {} : { comment } },
    metadata: comment === null ? rest : { ...rest, description: comment },
  };
}

/** New files are written with statistics of these columns; files that are there stay where their rows are. */
async function clusterBy(snapshot: Snapshot, paths: readonly ColumnPath[]): Promise<Alteration> {
  const { schema, metadata, protocol } = snapshot;
  const spelled = checkClustering(metadata, paths);
  const before = clusteringColumns(snapshot.domains, schema);
  if (spelled.length === 0 && !isFeatureSupported(protocol, "clustering")) return null;
  if (JSON.stringify(spelled) === JSON.stringify(before)) return null;
  return {
    operation: "CLUSTER BY",
    parameters: {
      oldClusteringColumns: before.map(pathText).join(","),
      newClusteringColumns: spelled.map(pathText).join(","),
    },
    request: { features: ["clustering"] },
    actions: [clusteringAction(schema, spelled)],
  };
}
