// stream/checkpoint/offset.ts: a position in a table as the offset log spells it: Delta's source offset, readable by Spark and
// written as Spark writes it.
import { AlluviumError, assert } from "../../format/text/error.ts";
import { version } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import type { JsonValue } from "../../format/text/json.ts";
import type { OffsetJson } from "../plan/source.ts";

/**
 * How far a source has come: everything up to and including this position is done. A commit that is wholly done is
 * never spelled by its last file but as the position before the first file of the next version, existing or not.
 */
export interface DeltaSourceOffset {
  /** `metaData.id` of the table. */
  readonly tableId: string;
  readonly version: Version;
  /** From 0; `baseIndex` stands before the first file of `version`. */
  readonly index: number;
  /** True while `version` is the table as it was when the stream began; false when it is one commit. */
  readonly isInitialSnapshot: boolean;
}

/** The position before all files of a version. On disk it is -1. */
export const baseIndex = -100;

/** The position of a change of metadata, before all files of its version; only queries with schema tracking write it. */
export const changeIndex = -20;

/** The position right after it, where the change is on record. */
export const afterChangeIndex = -19;

const schemaChangeIndexes: ReadonlySet<number> = new Set([changeIndex, afterChangeIndex]);
const wireBaseIndex = -1;
const plainSourceVersion = 1;
const schemaChangeSourceVersion = 3;

/**
 * Reads an offset of the table `tableId`.
 * @throws AlluviumError `DELTA_INVALID_SOURCE_OFFSET_FORMAT`, `DELTA_INVALID_SOURCE_VERSION`,
 *   `DELTA_INVALID_FORMAT_FROM_SOURCE_VERSION`, or `DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE` for another table
 */
export function parseOffset(json: OffsetJson, tableId: string): DeltaSourceOffset {
  const sourceVersion =
    json["sourceVersion"] === undefined || json["sourceVersion"] === null ? 0 : wholeNumber(json, "sourceVersion");
  checkSourceVersion(sourceVersion);
  const writtenId = json["reservoirId"];
  if (typeof writtenId !== "string") throw malformed("reservoirId", writtenId);
  if (writtenId !== tableId) throw differentTable(tableId, writtenId);
  const flag = json["isStartingVersion"] ?? false;
  if (typeof flag !== "boolean") throw malformed("isStartingVersion", flag);
  return {
    tableId,
    version: parseVersion(json),
    index: parseIndex(json, sourceVersion),
    isInitialSnapshot: flag,
  };
}

/** The line of the offset log; its keys come in the order in which Spark writes them. */
export function formatOffset(offset: DeltaSourceOffset): OffsetJson {
  assert(offset.index === baseIndex || offset.index !== wireBaseIndex, "-1 is a spelling, not a position");
  return {
    sourceVersion: schemaChangeIndexes.has(offset.index) ? schemaChangeSourceVersion : plainSourceVersion,
    reservoirId: offset.tableId,
    reservoirVersion: offset.version,
    index: offset.index === baseIndex ? wireBaseIndex : offset.index,
    isStartingVersion: offset.isInitialSnapshot,
  };
}

/** Below zero when `a` comes before `b`, zero when they are the same position, above zero otherwise. */
export function compareOffsets(a: DeltaSourceOffset, b: DeltaSourceOffset): number {
  assert(a.tableId === b.tableId, "only offsets of one table have an order");
  return a.version - b.version || a.index - b.index;
}

/** Says why `end` cannot follow `start`, or null when it can. Law S1. */
export function backwardStep(start: DeltaSourceOffset, end: DeltaSourceOffset): string | null {
  if (!start.isInitialSnapshot && end.isInitialSnapshot) return "isStartingVersion turns from false to true";
  if (end.version < start.version) return `reservoirVersion goes back from ${start.version} to ${end.version}`;
  if (end.version === start.version && end.index < start.index) return "index goes back";
  return null;
}

/** The error for an offset or a commit that belongs to another table than the one that is read. */
export function differentTable(tableId: string, otherId: string): AlluviumError {
  return new AlluviumError(
    "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE",
    { tableId, otherTableId: otherId },
    `the stream reads the table with id ${tableId} but met the id ${otherId}: the table was deleted and re-created or replaced, or the checkpoint belongs to another table; use a new checkpoint location to read this table from the start`,
  );
}

function checkSourceVersion(found: number): void {
  if (found > schemaChangeSourceVersion) {
    throw new AlluviumError(
      "DELTA_INVALID_FORMAT_FROM_SOURCE_VERSION",
      { found, supported: schemaChangeSourceVersion },
      `the offset has sourceVersion ${found}, and this build reads up to ${schemaChangeSourceVersion}: a newer release wrote the checkpoint; upgrade to read it`,
    );
  }
  if (found !== plainSourceVersion && found !== schemaChangeSourceVersion) {
    const message = `the offset has sourceVersion ${found}, which no release writes: the checkpoint is damaged`;
    throw new AlluviumError("DELTA_INVALID_SOURCE_VERSION", { found }, message);
  }
}

function parseVersion(json: OffsetJson): Version {
  const found = wholeNumber(json, "reservoirVersion");
  if (found < 0) throw malformed("reservoirVersion", found);
  return version(found);
}

function parseIndex(json: OffsetJson, sourceVersion: number): number {
  const found = wholeNumber(json, "index");
  if (found !== wireBaseIndex) return found;
  if (sourceVersion === schemaChangeSourceVersion) throw malformed("index", found);
  return baseIndex;
}

/** Jackson reads whole numbers in quotes too, so checkpoints may hold them. */
function wholeNumber(json: OffsetJson, field: string): number {
  const value = json[field];
  const number = typeof value === "string" && /^[+-]?\d+$/.test(value) ? Number(value) : value;
  if (field === "sourceVersion" && typeof number === "bigint") return Number(number);
  if (typeof number !== "number" || !Number.isSafeInteger(number)) throw malformed(field, value);
  return number;
}

function malformed(field: string, value: JsonValue | undefined): AlluviumError {
  const shown = value === undefined ? "nothing" : typeof value === "bigint" ? String(value) : JSON.stringify(value);
  const message = `the offset of the source holds ${shown} as "${field}": the checkpoint is damaged or was not written by a Delta source`;
  return new AlluviumError("DELTA_INVALID_SOURCE_OFFSET_FORMAT", { field }, message);
}
