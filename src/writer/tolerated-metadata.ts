// writer/tolerated-metadata.ts: which new metadata of another writer lets a transaction pass that was prepared without it. Pure.
// The list is that of Delta 4.4's conflict checker, which PROTOCOL.md leaves to the writer.
import { isDeepStrictEqual } from "node:util";
import type { CommitInfo, Metadata, Protocol } from "../format/action/action.ts";
import { isJsonObject, parseJson } from "../format/text/json-int64.ts";
import type { JsonObject, JsonValue } from "../format/text/json.ts";
import { isFeatureSupported } from "../format/protocol/table-feature.ts";

/** A table before and after the metadata of another writer; the protocol is that of after. */
export interface MetadataStep {
  readonly protocol: Protocol;
  readonly before: Metadata;
  readonly after: Metadata;
}

/** True for a commit that says of itself that its metadata does no more than move the marks of identity columns. */
export function movesIdentityMarksOnly(info: CommitInfo | undefined): boolean {
  const tags = info?.unknown?.["tags"] ?? null;
  return isJsonObject(tags) && tags["delta.identity.schemaUpdate"] === "true";
}

/**
 * True when rows that were read and files that were written before are right after it too: it turns on row tracking, deletion
 * vectors, checkpoints of version 2, in-commit timestamps, or the mapping of columns by the names that they have already.
 */
export function isHarmless(step: MetadataStep): boolean {
  const { before, after } = step;
  const { configuration, schemaString } = before;
  if (!isDeepStrictEqual(before, { ...after, configuration, schemaString })) return false;
  if ([...configuration.keys()].some((key) => !after.configuration.has(key))) return false;
  const changed = [...after.configuration].filter(([key, value]) => configuration.get(key) !== value);
  const isFine = changed.every(([key, value]) => harmlessProperties.get(key)?.(value, step, key) ?? false);
  return isFine && (schemaString === after.schemaString || (mapsByName(step) && namesStay(before, after)));
}

type PropertyRule = (value: string, step: MetadataStep, key: string) => boolean;

const turnsOn =
  (feature: string, wanted: string): PropertyRule =>
  (value, { protocol }) =>
    value.toLowerCase() === wanted && isFeatureSupported(protocol, feature);

const withRowTracking: PropertyRule = (_value, { after }) => isTrue(after, "delta.enableRowTracking");
const isNew: PropertyRule = (_value, { before }, key) => !before.configuration.has(key);

const harmlessProperties: ReadonlyMap<string, PropertyRule> = new Map<string, PropertyRule>([
  ["delta.enableRowTracking", turnsOn("rowTracking", "true")],
  ["delta.rowTracking.materializedRowIdColumnName", withRowTracking],
  ["delta.rowTracking.materializedRowCommitVersionColumnName", withRowTracking],
  ["delta.columnMapping.mode", (_value, step): boolean => mapsByName(step)],
  ["delta.columnMapping.maxColumnId", (): boolean => true],
  ["delta.enableDeletionVectors", turnsOn("deletionVectors", "true")],
  ["delta.checkpointPolicy", turnsOn("v2Checkpoint", "v2")],
  ["delta.enableInCommitTimestamps", turnsOn("inCommitTimestamp", "true")],
  ["delta.inCommitTimestampEnablementVersion", isNew],
  ["delta.inCommitTimestampEnablementTimestamp", isNew],
]);

function isTrue({ configuration }: Metadata, key: string): boolean {
  return configuration.get(key)?.toLowerCase() === "true";
}

function mapsByName({ protocol, before, after }: MetadataStep): boolean {
  const mode = ({ configuration }: Metadata): string =>
    configuration.get("delta.columnMapping.mode")?.toLowerCase() ?? "none";
  return mode(before) === "none" && mode(after) === "name" && isFeatureSupported(protocol, "columnMapping");
}

/** The columns are the same but for their mapping, and each is stored under the name that it has. */
function namesStay(before: Metadata, after: Metadata): boolean {
  try {
    return isDeepStrictEqual(unmapped(parseJson(before.schemaString)), unmapped(parseJson(after.schemaString)));
  } catch {
    return false; // a schema that cannot be read is another one
  }
}

const mappingKeys = /^(?:delta\.columnMapping|parquet\.field)\./;

/** A schema's JSON without the mapping of those columns that are stored under their own names. */
function unmapped(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => unmapped(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "metadata" && isJsonObject(item) ? withoutMapping(item, value["name"]) : unmapped(item),
    ]),
  );
}

function withoutMapping(metadata: JsonObject, name: JsonValue | undefined): JsonObject {
  const stored = metadata["delta.columnMapping.physicalName"] ?? name;
  if (stored !== name) return metadata;
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !mappingKeys.test(key)));
}
