// table/alter/removable-features.ts: the features that can be dropped from a table, and what has to go with each: the reference
// implementation's list. PROTOCOL.md, "Table Features"; RFC "Checkpoint Protection".
import type { Action, AddFile, DomainMetadata, Metadata } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { rowTrackingDomain } from "../../format/protocol/row-tracking.ts";
import { nestedFields } from "../../format/schema/schema-type.ts";
import { parseSchema } from "../../format/schema/schema-json.ts";
import { listLog } from "../../log/listing/list-log.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { type TableHead, filesWhere } from "../rows/file-changes.ts";
import { purgeVectors, removeMapping, removeWidening } from "./remove-traces.ts";
import { withoutRowIds } from "../../writer/assign-row-ids.ts";
import { changeSettings, commitOnce } from "../rows/single-commit.ts";
import { removeVectorFiles } from "./vector-tombstones.ts";

/** How a feature leaves a table. */
export interface RemovableFeature {
  readonly name: string;
  /** True where engines without the feature cannot read versions that used it. */
  readonly protectsHistory: boolean;
  /** Frees the newest version of the feature, by as many commits as that takes. @returns the version after */
  readonly removeTraces: (head: TableHead) => Promise<Snapshot>;
  /** Whether the version is free of it. */
  readonly isClean: (head: TableHead) => boolean | Promise<boolean>;
  /** Whether an action of an older version uses it. */
  readonly usedBy: (action: Action) => boolean;
  /** Settings that go with the feature. */
  readonly properties?: readonly string[];
  /** What the commit that drops it says besides. */
  readonly lastActions?: (snapshot: Snapshot) => Promise<readonly Action[]>;
}

/** The setting before whose version checkpoints are protected. */
export const protectionProperty = "delta.requireCheckpointProtectionBeforeVersion";

/** A feature for writers that leaves nothing behind. */
function nothing(name: string): RemovableFeature {
  return {
    name,
    protectsHistory: false,
    removeTraces: ({ snapshot }) => Promise.resolve(snapshot),
    isClean: () => true,
    usedBy: () => false,
  };
}

function deletionVectors(): RemovableFeature {
  return {
    name: "deletionVectors",
    protectsHistory: true,
    removeTraces: async ({ engine, snapshot }) => {
      const off = await changeSettings({ engine, snapshot }, { unset: ["delta.enableDeletionVectors"] });
      const purged = await purgeVectors({ engine, snapshot: off });
      return removeVectorFiles({ engine, snapshot: purged });
    },
    isClean: async ({ snapshot }) => {
      if (isOn(snapshot.metadata, "delta.enableDeletionVectors")) return false;
      for await (const chunk of snapshot.files.chunks()) if (chunk.some(hasVector)) return false;
      return true;
    },
    usedBy: (action) =>
      action.kind === "metaData"
        ? isOn(action, "delta.enableDeletionVectors")
        : (action.kind === "add" || action.kind === "remove") && action.deletionVector !== undefined,
  };
}

function columnMapping(): RemovableFeature {
  const isMapped = (metadata: Metadata): boolean => {
    const mode = metadata.configuration.get("delta.columnMapping.mode") ?? "none";
    return mode.toLowerCase() !== "none" || hasFieldSetting(metadata, "delta.columnMapping.");
  };
  return {
    name: "columnMapping",
    protectsHistory: true,
    removeTraces: async (head) => (isMapped(head.snapshot.metadata) ? removeMapping(head) : head.snapshot),
    isClean: ({ snapshot }) => !isMapped(snapshot.metadata),
    usedBy: (action) => action.kind === "metaData" && isMapped(action),
  };
}

function typeWidening(name: string): RemovableFeature {
  const hasChanges = (metadata: Metadata): boolean => hasFieldSetting(metadata, "delta.typeChanges");
  return {
    name,
    protectsHistory: true,
    removeTraces: async ({ engine, snapshot }) => {
      const off = await changeSettings({ engine, snapshot }, { unset: ["delta.enableTypeWidening"] });
      return hasChanges(off.metadata) ? removeWidening({ engine, snapshot: off }) : off;
    },
    isClean: ({ snapshot: { metadata } }) => !isOn(metadata, "delta.enableTypeWidening") && !hasChanges(metadata),
    usedBy: (action) => action.kind === "metaData" && hasChanges(action),
  };
}

function v2Checkpoint(): RemovableFeature {
  const asksForIt = ({ configuration }: Metadata): boolean => configuration.get("delta.checkpointPolicy") === "v2";
  return {
    name: "v2Checkpoint",
    protectsHistory: true,
    removeTraces: async ({ engine, snapshot }) => {
      if (!asksForIt(snapshot.metadata)) return snapshot;
      return changeSettings({ engine, snapshot }, { set: { "delta.checkpointPolicy": "classic" } });
    },
    isClean: async ({ engine, snapshot }) => {
      const { checkpoints } = await listLog(engine, snapshot.tablePath);
      const newest = checkpoints.findLast(({ version }) => version <= snapshot.version);
      return !asksForIt(snapshot.metadata) && newest?.kind !== "v2";
    },
    usedBy: (action) =>
      (action.kind === "metaData" && asksForIt(action)) ||
      (action.kind === "unknown" && (action.name === "checkpointMetadata" || action.name === "sidecar")),
  };
}

function inCommitTimestamp(): RemovableFeature {
  const enabled = "delta.enableInCommitTimestamps";
  const since = ["delta.inCommitTimestampEnablementVersion", "delta.inCommitTimestampEnablementTimestamp"];
  return {
    ...nothing("inCommitTimestamp"),
    removeTraces: (head) =>
      changeSettings(head, {
        unset: since,
        set: isOn(head.snapshot.metadata, enabled) ? { [enabled]: "false" } : {},
      }),
    isClean: ({ snapshot: { metadata } }) =>
      !isOn(metadata, enabled) && !since.some((name) => metadata.configuration.has(name)),
  };
}

function checkConstraints(): RemovableFeature {
  return {
    ...nothing("checkConstraints"),
    removeTraces: ({ snapshot }) => {
      const names = [...snapshot.properties.checkConstraints.keys()].join(", ");
      if (names === "") return Promise.resolve(snapshot);
      const message = `the feature checkConstraints of ${snapshot.tablePath} cannot be dropped while the table has constraints: drop ${names} first, with dropConstraint or ALTER TABLE … DROP CONSTRAINT`;
      throw new AlluviumError("DELTA_CANNOT_DROP_CHECK_CONSTRAINT_FEATURE", { constraints: names }, message);
    },
    isClean: ({ snapshot }) => snapshot.properties.checkConstraints.size === 0,
  };
}

/** Files lose their row ids with the commit that drops the feature: until then each new file has some. */
function rowTracking(): RemovableFeature {
  return {
    ...nothing("rowTracking"),
    properties: [
      "delta.enableRowTracking",
      "delta.rowTrackingSuspended",
      "delta.rowTracking.materializedRowIdColumnName",
      "delta.rowTracking.materializedRowCommitVersionColumnName",
    ],
    lastActions: async (snapshot) => {
      const tracked = await filesWhere(snapshot, isTracked);
      const untracked = tracked.map((file) => ({ ...withoutRowIds(file), dataChange: false }));
      const domain = snapshot.domains.get(rowTrackingDomain);
      return domain === undefined ? untracked : [...untracked, removedDomain(domain)];
    },
  };
}

function domainMetadata(): RemovableFeature {
  return {
    ...nothing("domainMetadata"),
    removeTraces: async ({ engine, snapshot }) => {
      const actions = [...snapshot.domains.values()].map(removedDomain);
      if (actions.length === 0) return snapshot;
      const parameters = { removedDomainMetadataCount: String(actions.length) };
      return commitOnce({ engine, snapshot }, { operation: "DOMAIN METADATA CLEANUP", parameters, actions });
    },
    isClean: ({ snapshot }) => snapshot.domains.size === 0,
  };
}

function checkpointProtection(): RemovableFeature {
  return { ...nothing("checkpointProtection"), properties: [protectionProperty] };
}

const hasVector = ({ deletionVector }: AddFile): boolean => deletionVector !== undefined;

const isTracked = ({ baseRowId, defaultRowCommitVersion }: AddFile): boolean =>
  baseRowId !== undefined || defaultRowCommitVersion !== undefined;

const removedDomain = (domain: DomainMetadata): DomainMetadata => ({ ...domain, removed: true });

const isOn = ({ configuration }: Metadata, name: string): boolean => configuration.get(name)?.toLowerCase() === "true";

function hasFieldSetting({ schemaString }: Metadata, prefix: string): boolean {
  if (schemaString === "") return false;
  const found = nestedFields(parseSchema(schemaString));
  return found.some(({ field }) => Object.keys(field.metadata).some((name) => name.startsWith(prefix)));
}

/** The rules, by name of the feature. */
export const removableFeatures: ReadonlyMap<string, RemovableFeature> = new Map(
  [
    deletionVectors(),
    columnMapping(),
    typeWidening("typeWidening"),
    typeWidening("typeWidening-preview"),
    v2Checkpoint(),
    inCommitTimestamp(),
    checkConstraints(),
    rowTracking(),
    domainMetadata(),
    checkpointProtection(),
    { ...nothing("vacuumProtocolCheck"), protectsHistory: true },
    { ...nothing("materializePartitionColumns"), properties: ["delta.enableMaterializePartitionColumnsFeature"] },
  ].map((rule) => [rule.name, rule]),
);
