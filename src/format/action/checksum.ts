// format/action/checksum.ts: the state of a table in one version, N.crc. PROTOCOL.md, "Version Checksum File Schema".
import type { DomainMetadata, Metadata, Protocol, SetTransaction } from "./action.ts";
import { actionToJson, parseAction } from "./action-json.ts";
import {
  expectCount,
  fieldPlace,
  optionalCount,
  optionalInteger,
  optionalObject,
  optionalString,
  unknownFields,
} from "../text/expect.ts";
import type { Place } from "../text/expect.ts";
import { formatJson, isJsonObject, parseJson } from "../text/json-int64.ts";
import type { JsonObject, JsonValue } from "../text/json.ts";
import { jsonObject } from "../text/json-object.ts";

/** What a version checksum says. Old writers left metadata and protocol out. */
export interface VersionChecksum {
  readonly txnId?: string;
  /** Sum of the sizes of all live files. */
  readonly tableSizeBytes: number;
  readonly fileCount: number;
  readonly metadataCount: number;
  readonly protocolCount: number;
  readonly deletedRecordCount?: number;
  readonly deletionVectorCount?: number;
  readonly inCommitTimestampMs?: number;
  /** Absent: not recorded. */
  readonly setTransactions?: readonly SetTransaction[];
  /** Absent: not recorded. Without removed ones. */
  readonly domainMetadata?: readonly DomainMetadata[];
  readonly metadata?: Metadata;
  readonly protocol?: Protocol;
  /** Histograms and whatever else the file has. */
  readonly unknown?: JsonObject;
}

/** Parses a checksum file; null when it is torn or makes no sense, for tables are readable without it. */
export function parseVersionChecksum(text: string): VersionChecksum | null {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? readChecksum(value, { path: "crc" }) : null;
  } catch {
    return null;
  }
}

/** Writes a checksum file: one JSON object, fields in the order of the reference implementation. */
export function formatVersionChecksum(checksum: VersionChecksum): string {
  const fields = {
    txnId: checksum.txnId,
    tableSizeBytes: checksum.tableSizeBytes,
    numFiles: checksum.fileCount,
    numDeletedRecordsOpt: checksum.deletedRecordCount,
    numDeletionVectorsOpt: checksum.deletionVectorCount,
    numMetadata: checksum.metadataCount,
    numProtocol: checksum.protocolCount,
    inCommitTimestampOpt: checksum.inCommitTimestampMs,
    setTransactions: checksum.setTransactions?.map(actionToJson),
    domainMetadata: checksum.domainMetadata?.map(actionToJson),
    metadata: checksum.metadata && actionToJson(checksum.metadata),
    protocol: checksum.protocol && actionToJson(checksum.protocol),
  };
  return formatJson(jsonObject(fields, checksum.unknown));
}

const knownFields: ReadonlySet<string> = new Set([
  "txnId",
  "tableSizeBytes",
  "numFiles",
  "numDeletedRecordsOpt",
  "numDeletionVectorsOpt",
  "numMetadata",
  "numProtocol",
  "inCommitTimestampOpt",
  "setTransactions",
  "domainMetadata",
  "metadata",
  "protocol",
]);

function readChecksum(value: JsonObject, place: Place): VersionChecksum {
  const fields: { [name in keyof VersionChecksum]: VersionChecksum[name] | undefined } = {
    txnId: optionalString(value, "txnId", place),
    tableSizeBytes: expectCount(value, "tableSizeBytes", place),
    fileCount: expectCount(value, "numFiles", place),
    metadataCount: expectCount(value, "numMetadata", place),
    protocolCount: expectCount(value, "numProtocol", place),
    deletedRecordCount: optionalCount(value, "numDeletedRecordsOpt", place),
    deletionVectorCount: optionalCount(value, "numDeletionVectorsOpt", place),
    inCommitTimestampMs: optionalInteger(value, "inCommitTimestampOpt", place),
    setTransactions: readActions(value["setTransactions"], "txn", place) as readonly SetTransaction[] | undefined,
    domainMetadata: readActions(value["domainMetadata"], "domainMetadata", place) as
      | readonly DomainMetadata[]
      | undefined,
    metadata: readAction(value, ["metadata", "metaData"], place) as Metadata | undefined,
    protocol: readAction(value, ["protocol", "protocol"], place) as Protocol | undefined,
    unknown: unknownFields(value, knownFields),
  };
  return Object.fromEntries(
    Object.entries(fields).filter(([, field]) => field !== undefined),
  ) as unknown as VersionChecksum;
}

function readAction(value: JsonObject, [field, action]: readonly [string, string], place: Place): unknown {
  const content = optionalObject(value, field, place);
  return content === undefined ? undefined : parseAction(action, content, fieldPlace(place, field));
}

function readActions(list: JsonValue | undefined, action: string, place: Place): readonly unknown[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return (list as readonly JsonValue[]).map((content) => parseAction(action, content, place));
}
