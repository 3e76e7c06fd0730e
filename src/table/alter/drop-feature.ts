// table/alter/drop-feature.ts: ALTER TABLE … DROP FEATURE. First the newest version is freed of the feature; then the feature leaves the protocol,
// either at once, with older versions kept behind checkpoints that are protected, or after the history that uses it is gone.
// RFC "Checkpoint Protection"; the steps are the reference implementation's.
import type { Metadata } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { protocolWithout, supportedNames } from "../../format/protocol/protocol-upgrade.ts";
import { parseRetention } from "../../format/text/property-value.ts";
import { isNamed, tableFeatures } from "../../format/protocol/table-feature-registry.ts";
import { knownPropertyNames } from "../../format/property/table-property.ts";
import { cleanLog } from "../../log/publish/clean-log.ts";
import { listLog } from "../../log/listing/list-log.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import { readCommit } from "../../log/listing/read-commit.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { writeCheckpoint } from "../../log/publish/write-checkpoint.ts";
import type { TableHead } from "../rows/file-changes.ts";
import { protectionProperty, removableFeatures } from "./removable-features.ts";
import type { RemovableFeature } from "./removable-features.ts";
import { anew, changeSettings, commitOnce } from "../rows/single-commit.ts";

/** How a feature is dropped. */
export interface DropFeatureOptions {
  /** The feature leaves the protocol only when no version that can be read uses it; for that, history older than a day goes. */
  readonly truncateHistory?: boolean;
}

/** Which feature to drop. */
export interface DropFeature extends DropFeatureOptions {
  readonly kind: "dropFeature";
  /** In any case. */
  readonly name: string;
}

/**
 * Drops a feature.
 * @returns the version after
 * @throws AlluviumError `DELTA_FEATURE_DROP_*`, before anything is written, or after the newest version was freed of the feature:
 *   `…_WAIT_FOR_RETENTION_PERIOD`, `…_HISTORICAL_VERSIONS_EXIST`, `…_CONFLICT_REVALIDATION_FAIL`; the statement is then given again.
 *   `DELTA_CANNOT_DROP_CHECK_CONSTRAINT_FEATURE`, `DELTA_INVALID_COLUMN_NAMES_WHEN_REMOVING_COLUMN_MAPPING`
 */
export async function dropFeature(head: TableHead, { name, truncateHistory = false }: DropFeature): Promise<Snapshot> {
  const rule = ruleOf(head.snapshot, name);
  const isProtection = rule.name === "checkpointProtection";
  if (truncateHistory && !rule.protectsHistory && !isProtection)
    throw refused("DELTA_FEATURE_DROP_HISTORY_TRUNCATION_NOT_ALLOWED", head.snapshot, {
      feature: rule.name,
      text: `no version needs ${rule.name} to be read, so there is no history to truncate: say DROP FEATURE ${rule.name} alone`,
    });
  if (isProtection && !truncateHistory)
    throw refused("DELTA_FEATURE_CAN_ONLY_DROP_CHECKPOINT_PROTECTION_WITH_HISTORY_TRUNCATION", head.snapshot, {
      feature: rule.name,
      text: "checkpointProtection guards older versions, and goes only with them: say DROP FEATURE checkpointProtection TRUNCATE HISTORY",
    });
  if (isProtection) return dropProtection(head, rule);
  return truncateHistory ? dropWithHistory(head, rule) : dropBehindCheckpoints(head, rule);
}

async function dropBehindCheckpoints({ engine, snapshot }: TableHead, rule: RemovableFeature): Promise<Snapshot> {
  let newest = await anew({ engine, snapshot }, rule.removeTraces);
  if (!rule.protectsHistory) return downgrade({ engine, snapshot: newest }, rule, { isTruncated: false });
  // A reader that cannot read a checkpoint tries older ones, a few times: these it can read.
  for (let barrier = 0; barrier < barrierCount; barrier += 1)
    newest = await emptyCheckpoint({ engine, snapshot: newest });
  newest = await downgrade({ engine, snapshot: newest }, rule, { isTruncated: false });
  await writeCheckpoint(engine, newest);
  return newest;
}

async function dropWithHistory({ engine, snapshot }: TableHead, rule: RemovableFeature): Promise<Snapshot> {
  const freed = await anew({ engine, snapshot }, rule.removeTraces);
  const newest = await emptyCheckpoint({ engine, snapshot: freed });
  if (freed.version !== snapshot.version) {
    throw refused("DELTA_FEATURE_DROP_WAIT_FOR_RETENTION_PERIOD", newest, {
      feature: rule.name,
      text: `the newest version of the table is free of ${rule.name} now, older ones use it: give the statement again when these have expired (${retentionName}, ${retentionMs(newest.metadata) / hourMs} hours), or drop the feature without TRUNCATE HISTORY`,
    });
  }
  await truncateLog({ engine, snapshot: newest });
  if (await historyUses({ engine, snapshot: newest }, rule)) {
    throw refused("DELTA_FEATURE_DROP_HISTORICAL_VERSIONS_EXIST", newest, {
      feature: rule.name,
      text: `versions that can still be read use ${rule.name}: give the statement again when they have expired (${retentionName}, ${retentionMs(newest.metadata) / hourMs} hours), or drop the feature without TRUNCATE HISTORY`,
    });
  }
  return downgrade({ engine, snapshot: newest }, rule, { isTruncated: true });
}

async function dropProtection({ engine, snapshot }: TableHead, rule: RemovableFeature): Promise<Snapshot> {
  let newest = snapshot;
  if (!(await isHistoryGone({ engine, snapshot: newest }))) {
    newest = await emptyCheckpoint({ engine, snapshot: newest });
    await truncateLog({ engine, snapshot: newest });
  }
  if (!(await isHistoryGone({ engine, snapshot: newest }))) {
    throw refused("DELTA_FEATURE_DROP_CHECKPOINT_PROTECTION_WAIT_FOR_RETENTION_PERIOD", newest, {
      feature: rule.name,
      text: `versions before ${newest.metadata.configuration.get(protectionProperty) ?? "0"} are still there, and use features that were dropped: give the statement again when they have expired (${retentionName}, ${retentionMs(newest.metadata) / hourMs} hours)`,
    });
  }
  newest = await anew({ engine, snapshot: newest }, (head) => changeSettings(head, { unset: [protectionProperty] }));
  return downgrade({ engine, snapshot: newest }, rule, { isTruncated: true });
}

/** The commit that takes the feature out of the protocol; it holds for a version that is free of it, and no other. */
function downgrade(
  head: TableHead,
  rule: RemovableFeature,
  { isTruncated }: { readonly isTruncated: boolean },
): Promise<Snapshot> {
  return anew(head, async ({ engine, snapshot }) => {
    if (!(await rule.isClean({ engine, snapshot }))) {
      throw refused("DELTA_FEATURE_DROP_CONFLICT_REVALIDATION_FAIL", snapshot, {
        feature: rule.name,
        text: `another writer used ${rule.name} again meanwhile: give the statement again`,
      });
    }
    const isProtected = rule.protectsHistory && !isTruncated;
    const configuration = new Map(snapshot.metadata.configuration);
    for (const name of rule.properties ?? []) configuration.delete(name);
    if (isProtected) configuration.set(protectionProperty, String(snapshot.version + 1));
    return commitOnce(
      { engine, snapshot },
      {
        operation: "DROP FEATURE",
        parameters: { featureName: rule.name, truncateHistory: isTruncated },
        protocol: protocolWithout(snapshot.protocol, rule.name, isProtected ? ["checkpointProtection"] : []),
        metadata: { ...snapshot.metadata, configuration },
        actions: (await rule.lastActions?.(snapshot)) ?? [],
      },
    );
  });
}

function ruleOf({ protocol, tablePath }: Snapshot, name: string): RemovableFeature {
  const supported = [...supportedNames(protocol)].find((one) => one.toLowerCase() === name.toLowerCase());
  const fail = (code: DropCode, text: string): AlluviumError => refused(code, { tablePath }, { feature: name, text });
  const isProperty = knownPropertyNames().some((known) => known.toLowerCase() === name.toLowerCase());
  if (supported === undefined && isProperty)
    throw fail("DELTA_FEATURE_DROP_FEATURE_IS_DELTA_PROPERTY", `${name} is a property, not a feature: unset it`);
  const feature = tableFeatures.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (feature === undefined)
    throw fail("DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE", `this build knows no feature ${JSON.stringify(name)}`);
  if (supported === undefined)
    throw fail("DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT", `the table's protocol does not have ${feature.name}`);
  const rule = removableFeatures.get(supported);
  if (rule === undefined) throw fail("DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE", `${supported} cannot be dropped`);
  const dependent = tableFeatures.filter(({ requires }) => requires?.includes(supported) === true);
  const names = dependent.filter((one) => [...supportedNames(protocol)].some((known) => isNamed(known)(one)));
  if (names.length > 0) {
    const list = names.map((one) => one.name).join(", ");
    throw fail("DELTA_FEATURE_DROP_DEPENDENT_FEATURE", `${list} of this table needs ${supported}: drop it first`);
  }
  return rule;
}

async function emptyCheckpoint(head: TableHead): Promise<Snapshot> {
  const newest = await anew(head, (now) => commitOnce(now, { operation: "Empty Commit" }));
  await writeCheckpoint(head.engine, newest);
  return newest;
}

async function truncateLog({ engine, snapshot }: TableHead): Promise<void> {
  await cleanLog(engine, snapshot, { retentionMs: retentionMs(snapshot.metadata), granularityMs: minuteMs });
}

/** Whether a version that can be read uses the feature; tombstones of the oldest are left out, for no reader needs them. */
async function historyUses({ engine, snapshot }: TableHead, { usedBy }: RemovableFeature): Promise<boolean> {
  const listing = await listLog(engine, snapshot.tablePath);
  const oldest = listing.checkpoints[0];
  if (oldest !== undefined) {
    const { metadata, files } = await loadSnapshot(engine, snapshot.tablePath, { version: oldest.version });
    if (usedBy(metadata)) return true;
    for await (const chunk of files.chunks()) if (chunk.some(usedBy)) return true;
  }
  for (const version of listing.commits) {
    if (version > snapshot.version) break;
    const commit = await readCommit(engine, snapshot.tablePath, version);
    if (commit?.actions.some(usedBy) === true) return true;
  }
  return false;
}

/** Whether nothing before the protected version is left. */
async function isHistoryGone({ engine, snapshot }: TableHead): Promise<boolean> {
  const version = Number(snapshot.metadata.configuration.get(protectionProperty) ?? "0");
  if (version <= 0) return true;
  const { checkpoints, earliestVersion } = await listLog(engine, snapshot.tablePath);
  const oldest = checkpoints[0];
  return oldest !== undefined && oldest.version >= version && (earliestVersion === null || earliestVersion >= version);
}

const barrierCount = 3;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const retentionName = "delta.dropFeatureTruncateHistory.retentionDuration";

function retentionMs({ configuration }: Metadata): number {
  return parseRetention(configuration.get(retentionName) ?? "") ?? 24 * hourMs;
}

type DropCode = Extract<AlluviumError["code"], `DELTA_FEATURE_${string}`>;

function refused(
  code: DropCode,
  { tablePath }: Pick<Snapshot, "tablePath">,
  { feature, text }: { readonly feature: string; readonly text: string },
): AlluviumError {
  return new AlluviumError(code, { table: tablePath, feature }, `${tablePath}, DROP FEATURE ${feature}: ${text}`);
}
