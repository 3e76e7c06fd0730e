// format/action/file-action-json.ts: the actions that name files. PROTOCOL.md, "Add File and Remove File", "Add CDC File".
import type { AddCdcFile, AddFile, DeletionVectorDescriptor, PartitionValues, RemoveFile } from "./action.ts";
import { corruptLog, expectCount, expectInteger, expectString, fieldPlace, unknownFields } from "../text/expect.ts";
import {
  optionalBoolean,
  optionalCount,
  optionalInt64,
  optionalObject,
  optionalString,
  optionalTextMap,
  optionalTime,
} from "../text/expect.ts";
import type { Place } from "../text/expect.ts";
import { formatJson, isJsonObject } from "../text/json-int64.ts";
import type { JsonObject } from "../text/json.ts";
import { jsonObject, settingsToJson } from "../text/json-object.ts";

/** @throws AlluviumError `CORRUPT_LOG` when a field is missing or has the wrong type */
export function parseAddFile(value: JsonObject, place: Place): AddFile {
  const clusteringProvider = optionalString(value, "clusteringProvider", place);
  const unknown = unknownFields(value, addFields);
  return {
    kind: "add",
    path: expectPath(value, place),
    partitionValues: optionalTextMap(value, "partitionValues", place) ?? noPartitionValues,
    sizeBytes: expectCount(value, "size", place),
    modificationTimeMs: optionalTime(value, "modificationTime", place) ?? 0,
    // The protocol requires the flag. Where it is missing, taking the file for a change loses nobody's rows.
    dataChange: optionalBoolean(value, "dataChange", place) ?? true,
    ...parseCommon(value, place),
    ...(clusteringProvider !== undefined && { clusteringProvider }),
    ...(unknown && { unknown }),
  };
}

/** @throws AlluviumError `CORRUPT_LOG` when a field is missing or has the wrong type */
export function parseRemoveFile(value: JsonObject, place: Place): RemoveFile {
  const deletionTimestampMs = optionalTime(value, "deletionTimestamp", place);
  const extendedFileMetadata = optionalBoolean(value, "extendedFileMetadata", place);
  const partitionValues = optionalTextMap(value, "partitionValues", place);
  const sizeBytes = optionalCount(value, "size", place);
  const unknown = unknownFields(value, removeFields);
  return {
    kind: "remove",
    path: expectPath(value, place),
    ...(deletionTimestampMs !== undefined && { deletionTimestampMs }),
    dataChange: optionalBoolean(value, "dataChange", place) ?? true,
    ...(extendedFileMetadata !== undefined && { extendedFileMetadata }),
    ...(partitionValues && { partitionValues }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...parseCommon(value, place),
    ...(unknown && { unknown }),
  };
}

/** @throws AlluviumError `CORRUPT_LOG` when a field is missing or has the wrong type */
export function parseCdcFile(value: JsonObject, place: Place): AddCdcFile {
  const tags = optionalTextMap(value, "tags", place);
  const unknown = unknownFields(value, cdcFields);
  return {
    kind: "cdc",
    path: expectPath(value, place),
    partitionValues: optionalTextMap(value, "partitionValues", place) ?? noPartitionValues,
    sizeBytes: expectCount(value, "size", place),
    dataChange: optionalBoolean(value, "dataChange", place) ?? false,
    ...(tags && { tags }),
    ...(unknown && { unknown }),
  };
}

/** The content of an `add`, fields in the order of the reference implementation. */
export function formatAddFile(action: AddFile): JsonObject {
  const fields = {
    path: action.path,
    partitionValues: settingsToJson(action.partitionValues),
    size: action.sizeBytes,
    modificationTime: action.modificationTimeMs,
    dataChange: action.dataChange,
    stats: action.stats,
    tags: action.tags && settingsToJson(action.tags),
    deletionVector: action.deletionVector && formatDeletionVector(action.deletionVector),
    baseRowId: action.baseRowId,
    defaultRowCommitVersion: action.defaultRowCommitVersion,
    clusteringProvider: action.clusteringProvider,
  };
  return jsonObject(fields, action.unknown);
}

/** The content of a `remove`, fields in the order of the reference implementation. */
export function formatRemoveFile(action: RemoveFile): JsonObject {
  const fields = {
    path: action.path,
    deletionTimestamp: action.deletionTimestampMs,
    dataChange: action.dataChange,
    extendedFileMetadata: action.extendedFileMetadata,
    partitionValues: action.partitionValues && settingsToJson(action.partitionValues),
    size: action.sizeBytes,
    tags: action.tags && settingsToJson(action.tags),
    deletionVector: action.deletionVector && formatDeletionVector(action.deletionVector),
    baseRowId: action.baseRowId,
    defaultRowCommitVersion: action.defaultRowCommitVersion,
    stats: action.stats,
  };
  return jsonObject(fields, action.unknown);
}

/** The content of a `cdc`, fields in the order of the reference implementation. */
export function formatCdcFile(action: AddCdcFile): JsonObject {
  const fields = {
    path: action.path,
    partitionValues: settingsToJson(action.partitionValues),
    size: action.sizeBytes,
    tags: action.tags && settingsToJson(action.tags),
    dataChange: action.dataChange,
  };
  return jsonObject(fields, action.unknown);
}

const noPartitionValues: PartitionValues = new Map();

const commonFields = ["stats", "tags", "deletionVector", "baseRowId", "defaultRowCommitVersion"] as const;
// The parsed columns of checkpoints repeat `stats` and `partitionValues`; they are not information of their own.
const addFields: ReadonlySet<string> = new Set([
  "path",
  "partitionValues",
  "size",
  "modificationTime",
  "dataChange",
  ...commonFields,
  "clusteringProvider",
  "stats_parsed",
  "partitionValues_parsed",
]);
const removeFields: ReadonlySet<string> = new Set([
  "path",
  "deletionTimestamp",
  "dataChange",
  "extendedFileMetadata",
  "partitionValues",
  "size",
  ...commonFields,
]);
const cdcFields: ReadonlySet<string> = new Set(["path", "partitionValues", "size", "dataChange", "tags"]);
const deletionVectorFields: ReadonlySet<string> = new Set([
  "storageType",
  "pathOrInlineDv",
  "offset",
  "sizeInBytes",
  "cardinality",
]);

type CommonFields = Pick<AddFile, (typeof commonFields)[number]>;

function parseCommon(value: JsonObject, place: Place): CommonFields {
  const stats = parseStatsText(value, place);
  const tags = optionalTextMap(value, "tags", place);
  const vector = optionalObject(value, "deletionVector", place);
  const baseRowId = optionalInt64(value, "baseRowId", place);
  const defaultRowCommitVersion = optionalInt64(value, "defaultRowCommitVersion", place);
  return {
    ...(stats !== undefined && { stats }),
    ...(tags && { tags }),
    ...(vector && { deletionVector: parseDeletionVector(vector, fieldPlace(place, "deletionVector")) }),
    ...(baseRowId !== undefined && { baseRowId }),
    ...(defaultRowCommitVersion !== undefined && { defaultRowCommitVersion }),
  };
}

// The protocol calls it a struct, writers write its JSON as text: both are taken.
function parseStatsText(value: JsonObject, place: Place): string | undefined {
  const stats = value["stats"];
  return isJsonObject(stats) ? formatJson(stats) : optionalString(value, "stats", place);
}

function expectPath(value: JsonObject, place: Place): string {
  const path = expectString(value, "path", place);
  if (path === "") throw corruptLog(fieldPlace(place, "path"), "the path is empty");
  return path;
}

function parseDeletionVector(value: JsonObject, place: Place): DeletionVectorDescriptor {
  const offset = optionalCount(value, "offset", place);
  const unknown = unknownFields(value, deletionVectorFields);
  return {
    storageType: expectString(value, "storageType", place),
    pathOrInlineDv: expectString(value, "pathOrInlineDv", place),
    ...(offset !== undefined && { offset }),
    sizeInBytes: expectInteger(value, "sizeInBytes", place),
    cardinality: expectCount(value, "cardinality", place),
    ...(unknown && { unknown }),
  };
}

function formatDeletionVector(vector: DeletionVectorDescriptor): JsonObject {
  const { storageType, pathOrInlineDv, offset, sizeInBytes, cardinality } = vector;
  return jsonObject({ storageType, pathOrInlineDv, offset, sizeInBytes, cardinality }, vector.unknown);
}
