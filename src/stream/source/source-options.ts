// stream/source/source-options.ts: the options of a stream's source, checked before the query starts. Spark's and Delta's
// names, without regard to case, and a few of our own.
import { parseByteSize } from "../../format/text/byte-size.ts";
import { didYouMean } from "../../format/text/did-you-mean.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { version } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import { compileJavaRegex } from "./java-regex.ts";
import { timestampMsOf } from "../../table/whole/time-travel.ts";
import { parseInt32, parseInt64 } from "./option-values.ts";

/** Options as the source uses them; null where nothing was asked. */
export interface DeltaSourceOptions {
  readonly maxFilesPerTrigger: number | null;
  readonly maxBytesPerTrigger: number | null;
  /** Ours: rows by the files' statistics; a file without them fills a batch. */
  readonly maxRowsPerTrigger: number | null;
  /** Ours: how many commits with data a batch may touch; the initial snapshot counts as one. */
  readonly maxVersionsPerTrigger: number | null;
  /** Ours: a batch never ends inside a commit. The initial snapshot is no commit and may be cut. */
  readonly wholeCommits: boolean;
  readonly startingVersion: Version | "latest" | null;
  readonly startingTimestampMs: number | null;
  /** Ours: the last version that is read, inclusive. */
  readonly endingVersion: Version | null;
  readonly ignoreDeletes: boolean;
  readonly ignoreChanges: boolean;
  readonly ignoreFileDeletion: boolean;
  readonly skipChangeCommits: boolean;
  readonly failOnDataLoss: boolean;
  readonly excludeRegex: RegExp | null;
  /** Rows that were inserted, updated and deleted, instead of rows that were added; Delta's `readChangeData` is the same. */
  readonly readChangeFeed: boolean;
  /** Folder of the log of what the stream reads with, under the checkpoint; Delta's `schemaLocation` is the same. */
  readonly schemaTrackingLocation: string | null;
  /** Tells sources of one query over one table apart in that folder. */
  readonly streamingSourceTrackingId: string | null;
  /** `always`, or the version whose change may pass. */
  readonly allowSourceColumnRename: string | null;
  readonly allowSourceColumnDrop: string | null;
  readonly allowSourceColumnTypeChange: string | null;
}

/** Options as they are when none is given. */
export const defaultSourceOptions: DeltaSourceOptions = {
  maxFilesPerTrigger: null,
  maxBytesPerTrigger: null,
  maxRowsPerTrigger: null,
  maxVersionsPerTrigger: null,
  wholeCommits: false,
  startingVersion: null,
  startingTimestampMs: null,
  endingVersion: null,
  ignoreDeletes: false,
  ignoreChanges: false,
  ignoreFileDeletion: false,
  skipChangeCommits: false,
  failOnDataLoss: true,
  excludeRegex: null,
  readChangeFeed: false,
  schemaTrackingLocation: null,
  streamingSourceTrackingId: null,
  allowSourceColumnRename: null,
  allowSourceColumnDrop: null,
  allowSourceColumnTypeChange: null,
};

/** Names a source understands, for messages and for refusing them on a writer. */
export const sourceOptionNames: readonly string[] = [
  "maxFilesPerTrigger",
  "maxBytesPerTrigger",
  "maxRowsPerTrigger",
  "maxVersionsPerTrigger",
  "wholeCommits",
  "startingVersion",
  "startingTimestamp",
  "endingVersion",
  "ignoreDeletes",
  "ignoreChanges",
  "ignoreFileDeletion",
  "skipChangeCommits",
  "failOnDataLoss",
  "excludeRegex",
  "readChangeFeed",
  "readChangeData",
  "schemaTrackingLocation",
  "schemaLocation",
  "streamingSourceTrackingId",
  "allowSourceColumnRename",
  "allowSourceColumnDrop",
  "allowSourceColumnTypeChange",
];

/**
 * Checks and reads the options of a source; names are compared without case.
 * @throws AlluviumError `DELTA_ILLEGAL_OPTION` for an unknown name or a bad value, `DELTA_REGEX_OPT_SYNTAX_ERROR`,
 *   `DELTA_TIMESTAMP_INVALID`, `DELTA_STARTING_VERSION_AND_TIMESTAMP_BOTH_SET`, `INVALID_RANGE`,
 *   `DELTA_UNSUPPORTED_TIME_TRAVEL_VIEWS`, `UNSUPPORTED_FEATURE`
 */
export function parseSourceOptions(options: ReadonlyMap<string, string>): DeltaSourceOptions {
  const given = byLowerCaseName(options);
  for (const [name, { spelled, value }] of given) checkName(name, spelled, value);
  const read = <T>(name: string, parse: (value: string, name: string) => T): T | null => {
    const entry = given.get(name.toLowerCase());
    return entry === undefined ? null : parse(entry.value, name);
  };
  const parsed: DeltaSourceOptions = {
    maxFilesPerTrigger: read("maxFilesPerTrigger", positiveInteger),
    maxBytesPerTrigger: read("maxBytesPerTrigger", byteSize),
    maxRowsPerTrigger: read("maxRowsPerTrigger", positiveInteger),
    maxVersionsPerTrigger: read("maxVersionsPerTrigger", positiveInteger),
    wholeCommits: read("wholeCommits", flag) ?? false,
    startingVersion: read("startingVersion", startingVersion),
    startingTimestampMs: read("startingTimestamp", timestamp),
    endingVersion: read("endingVersion", plainVersion),
    ignoreDeletes: read("ignoreDeletes", flag) ?? false,
    ignoreChanges: read("ignoreChanges", flag) ?? false,
    ignoreFileDeletion: read("ignoreFileDeletion", flag) ?? false,
    skipChangeCommits: read("skipChangeCommits", flag) ?? false,
    failOnDataLoss: read("failOnDataLoss", flag) ?? true,
    excludeRegex: read("excludeRegex", compileJavaRegex),
    readChangeFeed: read("readChangeFeed", flag) ?? read("readChangeData", flag) ?? false,
    schemaTrackingLocation: read("schemaTrackingLocation", filled) ?? read("schemaLocation", filled),
    streamingSourceTrackingId: read("streamingSourceTrackingId", fileName),
    allowSourceColumnRename: read("allowSourceColumnRename", gate),
    allowSourceColumnDrop: read("allowSourceColumnDrop", gate),
    allowSourceColumnTypeChange: read("allowSourceColumnTypeChange", gate),
  };
  checkRange(parsed);
  return parsed;
}

interface Given {
  readonly spelled: string;
  readonly value: string;
}

function byLowerCaseName(options: ReadonlyMap<string, string>): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const [spelled, value] of options) {
    const name = spelled.toLowerCase();
    const earlier = given.get(name);
    if (earlier !== undefined && earlier.value !== value) {
      throw illegal(
        spelled,
        value,
        `was given before as ${earlier.spelled}='${earlier.value}'; option names have no case`,
      );
    }
    given.set(name, { spelled, value });
  }
  return given;
}

const known: ReadonlySet<string> = new Set(sourceOptionNames.map((name) => name.toLowerCase()));

/** Options that Delta has and this build does not, with what to do instead. */
const unsupported: ReadonlyMap<string, string> = new Map([
  ["endingtimestamp", "use endingVersion"],
  ["witheventtimeorder", "the initial snapshot is read in the order of file times"],
]);

const timeTravel: ReadonlySet<string> = new Set(["versionasof", "timestampasof"]);
const writerOptions: ReadonlySet<string> = new Set([
  "checkpointlocation",
  "mergeschema",
  "overwriteschema",
  "txnappid",
  "txnversion",
]);

function checkName(name: string, spelled: string, value: string): void {
  if (known.has(name)) return;
  if (timeTravel.has(name)) {
    const message = `a stream cannot read an old version (option ${spelled}): use startingVersion or startingTimestamp to say where it begins, endingVersion where it ends`;
    throw new AlluviumError("DELTA_UNSUPPORTED_TIME_TRAVEL_VIEWS", { option: spelled }, message);
  }
  const instead = unsupported.get(name);
  if (instead !== undefined) {
    if (value.toLowerCase() === "false") return;
    const message = `the source option ${spelled} is not supported yet: ${instead}`;
    throw new AlluviumError("UNSUPPORTED_FEATURE", { option: spelled }, message);
  }
  if (writerOptions.has(name)) throw illegal(spelled, value, "is an option of writeStream, not of readStream");
  const nearest = didYouMean(spelled, sourceOptionNames);
  const hint = nearest === null ? `the options are ${sourceOptionNames.join(", ")}` : `did you mean ${nearest}?`;
  throw illegal(spelled, value, `is no option of a Delta stream source; ${hint}`);
}

function checkRange(options: DeltaSourceOptions): void {
  const { startingVersion: from, startingTimestampMs, endingVersion: to } = options;
  if (from !== null && startingTimestampMs !== null) {
    throw new AlluviumError(
      "DELTA_STARTING_VERSION_AND_TIMESTAMP_BOTH_SET",
      { options: "startingVersion, startingTimestamp" },
      "startingVersion and startingTimestamp are both set: give only one of them",
    );
  }
  if (options.schemaTrackingLocation !== null && !options.failOnDataLoss)
    throw illegal(
      "failOnDataLoss",
      "false",
      "cannot go with schemaTrackingLocation: a commit that is gone may have changed the schema",
    );
  if (to !== null && typeof from === "number" && from > to) {
    const message = `startingVersion ${from} is after endingVersion ${to}: the stream would read nothing`;
    throw new AlluviumError("INVALID_RANGE", { startingVersion: from, endingVersion: to }, message);
  }
}

function filled(value: string, name: string): string {
  if (value.trim() === "") throw illegal(name, value, "must be the path of a folder");
  return value;
}

function fileName(value: string, name: string): string {
  if (!/^[^/\\\0]+$/.test(value)) throw illegal(name, value, "must be fit to be a part of a file's name");
  return value;
}

function gate(value: string, name: string): string {
  const text = value.toLowerCase();
  if (text === "always" || /^\d+$/.test(text)) return text;
  throw illegal(name, value, "must be 'always', or the version of the change that may pass");
}

function illegal(name: string, value: string, why: string): AlluviumError {
  return new AlluviumError(
    "DELTA_ILLEGAL_OPTION",
    { option: name, value },
    `invalid source option ${name}='${value}': it ${why}`,
  );
}

function positiveInteger(value: string, name: string): number {
  const number = parseInt32(value);
  if (number === null || number <= 0) throw illegal(name, value, "must be a positive integer");
  return number;
}

function byteSize(value: string, name: string): number {
  const bytes = parseByteSize(value);
  if (bytes === null || bytes <= 0) throw illegal(name, value, "must be a size such as '10g', and more than nothing");
  return bytes;
}

function flag(value: string, name: string): boolean {
  const lower = value.toLowerCase();
  if (lower !== "true" && lower !== "false") throw illegal(name, value, "must be 'true' or 'false'");
  return lower === "true";
}

function plainVersion(value: string, name: string): Version {
  const number = parseInt64(value);
  if (number === null || number < 0n) throw illegal(name, value, "must be greater than or equal to zero");
  // Versions beyond 2^53 exist nowhere: such a number stands for "after every version there will be".
  return version(Number(number > maxVersion ? maxVersion : number));
}

const maxVersion = BigInt(Number.MAX_SAFE_INTEGER);

function startingVersion(value: string, name: string): Version | "latest" {
  return value === "latest" ? "latest" : plainVersion(value, name);
}

function timestamp(value: string, name: string): number {
  const timestampMs = timestampMsOf(value);
  if (timestampMs !== null) return timestampMs;
  const message = `the option ${name}='${value}' is no timestamp: write it as 2024-05-31 or 2024-05-31T12:30:00.000Z`;
  throw new AlluviumError("DELTA_TIMESTAMP_INVALID", { option: name, value }, message);
}
