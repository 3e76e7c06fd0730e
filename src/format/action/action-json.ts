// format/action/action-json.ts: lines of a commit to actions and back. PROTOCOL.md, "Actions".
import { messageOf } from "../text/error.ts";
import type { Action, CommitInfo, DomainMetadata, Metadata, Protocol, SetTransaction } from "./action.ts";
import { corruptLog, expectInt64, expectInteger, expectString, fieldPlace, unknownFields } from "../text/expect.ts";
import {
  optionalBoolean,
  optionalObject,
  optionalSettings,
  optionalString,
  optionalStringList,
  optionalTime,
} from "../text/expect.ts";
import type { Place } from "../text/expect.ts";
import {
  formatAddFile,
  formatCdcFile,
  formatRemoveFile,
  parseAddFile,
  parseCdcFile,
  parseRemoveFile,
} from "./file-action-json.ts";
import { version } from "../text/ids.ts";
import { formatJson, isJsonObject, parseJson } from "../text/json-int64.ts";
import type { JsonObject, JsonValue } from "../text/json.ts";
import { jsonObject, settingsToJson } from "../text/json-object.ts";

/** Where a line stands: the file and the line's number, from 1. */
export interface LinePlace {
  readonly path: string;
  readonly line: number;
}

/**
 * Parses one line of a commit.
 * @returns null for a blank line and for an object without content
 * @throws AlluviumError `CORRUPT_LOG` when the line is not JSON, holds two actions, or a field has the wrong type
 */
export function parseActionLine(line: string, where: LinePlace): Action | null {
  if (line.trim() === "") return null;
  const object = parseLine(line, where);
  const names = Object.keys(object).filter((name) => object[name] !== null && object[name] !== undefined);
  const known = names.filter((name) => knownActions.has(name));
  if (known.length > 1) throw corruptLog(where, `one line holds more than one action: ${known.join(", ")}`);
  const name = known[0] ?? names[0];
  return name === undefined ? null : parseAction(name, object[name] ?? null, where);
}

/**
 * Makes an action of its name and its content; for rows of checkpoints too.
 * @throws AlluviumError `CORRUPT_LOG` when a field is missing or has the wrong type
 */
export function parseAction(name: string, value: JsonValue, where: Place): Action {
  const parse = knownActions.get(name);
  if (parse === undefined) return { kind: "unknown", name, value };
  const place = fieldPlace(where, name);
  if (isJsonObject(value)) return parse(value, place);
  // Any JSON is allowed as provenance.
  if (name === "commitInfo") return { kind: "unknown", name, value };
  throw corruptLog(place, "expected an object");
}

/** Writes an action as one line, without the line break; fields in the order of the reference implementation. */
export function formatAction(action: Action): string {
  const name = action.kind === "unknown" ? action.name : action.kind;
  return `{${JSON.stringify(name)}:${formatJson(actionToJson(action))}}`;
}

/** An action's content as JSON; what `parseAction` takes. */
export function actionToJson(action: Action): JsonValue {
  switch (action.kind) {
    case "add":
      return formatAddFile(action);
    case "remove":
      return formatRemoveFile(action);
    case "cdc":
      return formatCdcFile(action);
    case "metaData":
      return formatMetadata(action);
    case "protocol":
      return formatProtocol(action);
    case "txn":
      return jsonObject(
        { appId: action.appId, version: action.version, lastUpdated: action.lastUpdatedMs },
        action.unknown,
      );
    case "domainMetadata":
      return jsonObject(
        { domain: action.domain, configuration: action.configuration, removed: action.removed },
        action.unknown,
      );
    case "commitInfo":
      return formatCommitInfo(action);
    case "unknown":
      return action.value;
  }
}

type ActionParser = (value: JsonObject, place: Place) => Action;

const knownActions: ReadonlyMap<string, ActionParser> = new Map<string, ActionParser>([
  ["add", parseAddFile],
  ["remove", parseRemoveFile],
  ["cdc", parseCdcFile],
  ["metaData", parseMetadata],
  ["protocol", parseProtocol],
  ["txn", parseSetTransaction],
  ["domainMetadata", parseDomainMetadata],
  ["commitInfo", parseCommitInfo],
]);

function parseLine(line: string, where: LinePlace): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(line);
  } catch (cause) {
    throw corruptLog(where, `the line is not JSON (${messageOf(cause)})`, cause);
  }
  if (isJsonObject(value)) return value;
  throw corruptLog(where, "the line is not a JSON object");
}

const metadataFields: ReadonlySet<string> = new Set([
  "id",
  "name",
  "description",
  "format",
  "schemaString",
  "partitionColumns",
  "configuration",
  "createdTime",
]);

function parseMetadata(value: JsonObject, place: Place): Metadata {
  const name = optionalString(value, "name", place);
  const description = optionalString(value, "description", place);
  const createdTimeMs = optionalTime(value, "createdTime", place);
  const unknown = unknownFields(value, metadataFields);
  return {
    kind: "metaData",
    id: expectString(value, "id", place),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    format: parseFormat(optionalObject(value, "format", place), fieldPlace(place, "format")),
    // Tables of the reference implementation may have no schema yet; it is then "" here.
    schemaString: optionalString(value, "schemaString", place) ?? "",
    partitionColumns: optionalStringList(value, "partitionColumns", place) ?? [],
    configuration: optionalSettings(value, "configuration", place) ?? new Map(),
    ...(createdTimeMs !== undefined && { createdTimeMs }),
    ...(unknown && { unknown }),
  };
}

function parseFormat(value: JsonObject | undefined, place: Place): Metadata["format"] {
  if (value === undefined) return { provider: "parquet", options: new Map() };
  return {
    provider: optionalString(value, "provider", place) ?? "parquet",
    options: optionalSettings(value, "options", place) ?? new Map(),
  };
}

function formatMetadata(action: Metadata): JsonObject {
  const fields = {
    id: action.id,
    name: action.name,
    description: action.description,
    format: { provider: action.format.provider, options: settingsToJson(action.format.options) },
    schemaString: action.schemaString === "" ? undefined : action.schemaString,
    partitionColumns: action.partitionColumns,
    configuration: settingsToJson(action.configuration),
    createdTime: action.createdTimeMs,
  };
  return jsonObject(fields, action.unknown);
}

const protocolFields: ReadonlySet<string> = new Set([
  "minReaderVersion",
  "minWriterVersion",
  "readerFeatures",
  "writerFeatures",
]);

function parseProtocol(value: JsonObject, place: Place): Protocol {
  const readerFeatures = optionalStringList(value, "readerFeatures", place);
  const writerFeatures = optionalStringList(value, "writerFeatures", place);
  const unknown = unknownFields(value, protocolFields);
  return {
    kind: "protocol",
    minReaderVersion: expectInteger(value, "minReaderVersion", place),
    minWriterVersion: expectInteger(value, "minWriterVersion", place),
    ...(readerFeatures && { readerFeatures }),
    ...(writerFeatures && { writerFeatures }),
    ...(unknown && { unknown }),
  };
}

function formatProtocol(action: Protocol): JsonObject {
  const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = action;
  return jsonObject({ minReaderVersion, minWriterVersion, readerFeatures, writerFeatures }, action.unknown);
}

const transactionFields: ReadonlySet<string> = new Set(["appId", "version", "lastUpdated"]);

function parseSetTransaction(value: JsonObject, place: Place): SetTransaction {
  const lastUpdatedMs = optionalTime(value, "lastUpdated", place);
  const unknown = unknownFields(value, transactionFields);
  return {
    kind: "txn",
    appId: expectString(value, "appId", place),
    version: expectInt64(value, "version", place),
    ...(lastUpdatedMs !== undefined && { lastUpdatedMs }),
    ...(unknown && { unknown }),
  };
}

const domainFields: ReadonlySet<string> = new Set(["domain", "configuration", "removed"]);

function parseDomainMetadata(value: JsonObject, place: Place): DomainMetadata {
  const unknown = unknownFields(value, domainFields);
  return {
    kind: "domainMetadata",
    domain: expectString(value, "domain", place),
    configuration: expectString(value, "configuration", place),
    removed: optionalBoolean(value, "removed", place) ?? false,
    ...(unknown && { unknown }),
  };
}

const isNumber = (value: JsonValue): boolean => typeof value === "number" && Number.isSafeInteger(value);
const isString = (value: JsonValue): boolean => typeof value === "string";

// Provenance is free-form: a field that is not of the type expected here is kept among the unknown ones.
const commitInfoTypes: ReadonlyMap<string, (value: JsonValue) => boolean> = new Map([
  ["inCommitTimestamp", isNumber],
  ["timestamp", isNumber],
  ["operation", isString],
  ["operationParameters", isJsonObject],
  ["readVersion", (value: JsonValue): boolean => isNumber(value) && Number(value) >= 0],
  ["isolationLevel", isString],
  ["isBlindAppend", (value: JsonValue): boolean => typeof value === "boolean"],
  ["operationMetrics", isJsonObject],
  ["userMetadata", isString],
  ["engineInfo", isString],
  ["txnId", isString],
]);

function parseCommitInfo(value: JsonObject): CommitInfo {
  const typed = new Set(
    [...commitInfoTypes].filter(([name, isRight]) => isRight(value[name] ?? null)).map(([name]) => name),
  );
  const take = (name: string): JsonValue | undefined => (typed.has(name) ? value[name] : undefined);
  const readVersion = take("readVersion");
  const unknown = unknownFields(value, typed);
  const fields: Readonly<Record<keyof CommitInfo, JsonValue | undefined>> = {
    kind: "commitInfo",
    timestampMs: take("timestamp"),
    inCommitTimestampMs: take("inCommitTimestamp"),
    operation: take("operation"),
    operationParameters: take("operationParameters"),
    operationMetrics: take("operationMetrics"),
    readVersion: readVersion === undefined ? undefined : version(Number(readVersion)),
    isolationLevel: take("isolationLevel"),
    isBlindAppend: take("isBlindAppend"),
    engineInfo: take("engineInfo"),
    userMetadata: take("userMetadata"),
    txnId: take("txnId"),
    unknown,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined)) as unknown as CommitInfo;
}

function formatCommitInfo(action: CommitInfo): JsonObject {
  const fields = {
    inCommitTimestamp: action.inCommitTimestampMs,
    timestamp: action.timestampMs,
    operation: action.operation,
    operationParameters: action.operationParameters,
    readVersion: action.readVersion,
    isolationLevel: action.isolationLevel,
    isBlindAppend: action.isBlindAppend,
    operationMetrics: action.operationMetrics,
    userMetadata: action.userMetadata,
    engineInfo: action.engineInfo,
    txnId: action.txnId,
  };
  return jsonObject(fields, action.unknown);
}
