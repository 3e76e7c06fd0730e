// format/property/validate-property.ts: settings that a caller wants to put on a table: names and values are checked before anything is written.
import { parseColumnList } from "../schema/column-list.ts";
import { suggestion } from "../text/did-you-mean.ts";
import { AlluviumError } from "../text/error.ts";
import {
  atLeast,
  compressionCodecs,
  parseBoolean,
  parseCodec,
  parseIsolationLevel,
  parseRetention,
  parseTargetSize,
} from "../text/property-value.ts";

/** Settings ready for a table. */
export interface ValidProperties {
  /** What goes into metaData.configuration: names in Delta's spelling. */
  readonly configuration: ReadonlyMap<string, string>;
  /** What goes into the protocol action instead. */
  readonly protocol: ProtocolRequest;
}

/** What settings ask of a table's protocol. */
export interface ProtocolRequest {
  readonly minReaderVersion?: number;
  readonly minWriterVersion?: number;
  /** Names asked for by `delta.feature.NAME = supported`, as they were written. */
  readonly features: readonly string[];
}

/**
 * Checks settings. Names beginning with `delta.` must be known, in any case; all other names are free.
 * @throws AlluviumError `DELTA_UNKNOWN_CONFIGURATION` for an unknown name, `DELTA_ILLEGAL_OPTION` for a wrong value
 */
export function validateProperties(entries: Iterable<readonly [string, string]>): ValidProperties {
  const configuration = new Map<string, string>();
  const features: string[] = [];
  let versions: Omit<ProtocolRequest, "features"> = {};
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    if (lower === "delta.minreaderversion") versions = { ...versions, minReaderVersion: readVersion(name, value, 3) };
    else if (lower === "delta.minwriterversion")
      versions = { ...versions, minWriterVersion: readVersion(name, value, 7) };
    else if (lower.startsWith(featurePrefix)) features.push(readFeature(name, value));
    else if (lower !== "delta.ignoreprotocoldefaults") configuration.set(checkProperty(name, value), value);
  }
  return { configuration, protocol: { ...versions, features } };
}

/** Names of all settings that Delta knows, in its spelling. */
export function knownPropertyNames(): readonly string[] {
  return [...rules.keys()];
}

const featurePrefix = "delta.feature.";

interface Rule {
  readonly isRight: (value: string) => boolean;
  /** What a right value is; ends the sentence "… must be". */
  readonly accepts: string;
}

const rule = (parse: (value: string) => unknown, accepts: string): Rule => ({
  isRight: (value) => parse(value) !== null,
  accepts,
});
const boolean = rule(parseBoolean, "true or false");
const interval = rule(
  parseRetention,
  'an interval such as "30 days" or "interval 12 hours"; months and years are not accepted, "365 days" is',
);
const anyText = rule((value) => value, "any text");
const internal: Rule = { isRight: () => false, accepts: "left alone: Delta keeps it itself" };

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["delta.appendOnly", boolean],
  ["delta.autoOptimize", boolean],
  [
    "delta.autoOptimize.autoCompact",
    rule((value) => (/^(?:true|false|auto)$/i.test(value) ? value : null), "true, false or auto"),
  ],
  ["delta.autoOptimize.optimizeWrite", boolean],
  ["delta.castIcebergTimeType", boolean],
  ["delta.checkpoint.writeStatsAsJson", boolean],
  ["delta.checkpoint.writeStatsAsStruct", boolean],
  ["delta.checkpointInterval", rule(atLeast(1), "a whole number of at least 1")],
  ["delta.checkpointPolicy", rule((value) => (/^(?:classic|v2)$/.test(value) ? value : null), "classic or v2")],
  ["delta.checkpointRetentionDuration", interval],
  ["delta.columnMapping.maxColumnId", internal],
  ["delta.columnMapping.mode", rule((value) => (/^(?:none|name|id)$/i.test(value) ? value : null), "none, name or id")],
  ["delta.compatibility.symlinkFormatManifest.enabled", boolean],
  ["delta.coordinatedCommits.commitCoordinator-preview", anyText],
  ["delta.coordinatedCommits.commitCoordinatorConf-preview", anyText],
  ["delta.coordinatedCommits.tableConf-preview", anyText],
  ["delta.dataSkippingNumIndexedCols", rule(atLeast(-1), "a whole number of at least 0, or -1 for all columns")],
  ["delta.dataSkippingStatsColumns", rule(parseColumnList, "a list of columns such as: id, address.city, `odd name`")],
  ["delta.dataSkippingStringPrefixLength", rule(atLeast(0), "a whole number of at least 0")],
  ["delta.deletedFileRetentionDuration", interval],
  ["delta.dropFeatureTruncateHistory.retentionDuration", interval],
  ["delta.enableChangeDataCapture", boolean],
  ["delta.enableChangeDataFeed", boolean],
  ["delta.enableDeletionVectors", boolean],
  ["delta.enableExpiredLogCleanup", boolean],
  ["delta.enableFullRetentionRollback", boolean],
  ["delta.enableIcebergCompatV1", boolean],
  ["delta.enableIcebergCompatV2", boolean],
  ["delta.enableIcebergCompatV3", boolean],
  ["delta.enableInCommitTimestamps", boolean],
  ["delta.enableMaterializePartitionColumnsFeature", boolean],
  ["delta.enableRowTracking", boolean],
  ["delta.enableTypeWidening", boolean],
  ["delta.enableVariantShredding", boolean],
  ["delta.ignoreIcebergBucketPartition", boolean],
  ["delta.inCommitTimestampEnablementTimestamp", internal],
  ["delta.inCommitTimestampEnablementVersion", internal],
  ["delta.isolationLevel", rule(parseIsolationLevel, "WriteSerializable or Serializable")],
  ["delta.logRetentionDuration", interval],
  ["delta.parquet.compression.codec", rule(parseCodec, `one of ${compressionCodecs.join(", ")}`)],
  [
    "delta.parquet.format.version",
    rule((value) => (/^(?:1\.0\.0|2\.\d+\.\d+)$/.test(value) ? value : null), "1.0.0 or 2.x.x"),
  ],
  ["delta.randomizeFilePrefixes", boolean],
  ["delta.randomPrefixLength", rule(atLeast(1), "a whole number of at least 1")],
  ["delta.redirectReaderWriter-preview", anyText],
  ["delta.redirectWriterOnly-preview", anyText],
  ["delta.requireCheckpointProtectionBeforeVersion", internal],
  ["delta.rowTrackingSuspended", boolean],
  ["delta.sampleRetentionDuration", interval],
  ["delta.setTransactionRetentionDuration", interval],
  ["delta.targetFileSize", rule(parseTargetSize, 'a size above 0 such as "134217728", "128m" or "1 GB"')],
  ["delta.universalFormat.enabledFormats", anyText],
  ["delta.universalFormat.iceberg.atomicConversion.supported", boolean],
  ["delta.writePartitionColumnsToParquet", boolean],
]);

const spellings: ReadonlyMap<string, string> = new Map([...rules.keys()].map((name) => [name.toLowerCase(), name]));

function checkProperty(name: string, value: string): string {
  const lower = name.toLowerCase();
  if (!lower.startsWith("delta.") || lower.startsWith("delta.constraints.")) return name;
  if (lower.startsWith("delta.universalformat.config.")) return lower;
  const spelling = spellings.get(lower);
  const right = spelling === undefined ? undefined : rules.get(spelling);
  if (spelling === undefined || right === undefined) {
    const message = `There is no table property ${JSON.stringify(name)}.${suggestion(name, knownPropertyNames())} Names that do not begin with "delta." are free.`;
    throw new AlluviumError("DELTA_UNKNOWN_CONFIGURATION", { property: name }, message);
  }
  if (!right.isRight(value)) throw illegal(name, value, right.accepts);
  return spelling;
}

function readVersion(name: string, value: string, most: number): number {
  const number = atLeast(1)(value);
  if (number === null || number > most) throw illegal(name, value, `a whole number from 1 to ${most}`);
  return number;
}

function readFeature(name: string, value: string): string {
  const status = value.trim().toLowerCase();
  if (status !== "supported" && status !== "enabled") throw illegal(name, value, "supported");
  return name.slice(featurePrefix.length);
}

function illegal(name: string, value: string, accepts: string): AlluviumError {
  const message = `Table property ${name} cannot be ${JSON.stringify(value)}: it must be ${accepts}.`;
  return new AlluviumError("DELTA_ILLEGAL_OPTION", { property: name, value }, message);
}
