// log/listing/log-segment.ts: which files of the log make up one version. Pure. PROTOCOL.md, "Checkpoints" and "Delta Log Entries".
import { AlluviumError } from "../../format/text/error.ts";
import { version as makeVersion } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import type { CheckpointFiles, LogListing } from "./list-log.ts";

/** A checkpoint, or the empty table, and the commits that follow it without a gap (law L1). */
export interface LogSegment {
  readonly version: Version;
  readonly checkpoint: CheckpointFiles | null;
  /** From the version after the checkpoint (or 0) up to `version`, ascending. */
  readonly commits: readonly Version[];
}

/** The versions of a table that can be rebuilt, both ends inclusive. */
export interface VersionRange {
  readonly earliest: Version;
  readonly latest: Version;
}

/**
 * The ways to build a version, best first: from the newest checkpoint, from older ones, at last from version 0. The later
 * ones serve when the checkpoint of an earlier one turns out to be damaged.
 * @throws AlluviumError `TABLE_NOT_FOUND` for an empty log, `VERSION_NOT_FOUND` outside the range that can be rebuilt,
 *   `CORRUPT_LOG` when a commit file is missing
 */
export function* planSegments(listing: LogListing, upTo?: Version): Generator<LogSegment> {
  const latest = listing.latestVersion;
  if (latest === null) throw tableNotFound(listing.tablePath);
  const target = upTo ?? latest;
  const range = rebuildableRange(listing);
  if (target > latest || (range !== null && target < range.earliest))
    throw versionNotFound(listing.tablePath, target, range);
  const starts = [...listing.checkpoints.filter((found) => found.version <= target).toReversed(), null];
  const commits = new Set(listing.commits);
  let missing: number | null = null;
  let isFound = false;
  for (const checkpoint of starts) {
    const tail = contiguous(commits, checkpoint === null ? 0 : checkpoint.version + 1, target);
    if (typeof tail === "number") missing ??= tail;
    else {
      isFound = true;
      yield { version: target, checkpoint, commits: tail };
    }
  }
  if (!isFound) throw missingCommit(listing.tablePath, target, missing ?? 0);
}

/** The commits of `from` to `to`, or the first version that is missing. */
function contiguous(commits: ReadonlySet<Version>, from: number, to: number): Version[] | number {
  const tail: Version[] = [];
  for (let wanted = makeVersion(from); wanted <= to; wanted = makeVersion(wanted + 1)) {
    if (!commits.has(wanted)) return wanted;
    tail.push(wanted);
  }
  return tail;
}

/**
 * The versions that can be rebuilt: from version 0 when its commit is there, else from the oldest checkpoint from which
 * the commits go on. Null when there is no such version.
 */
export function rebuildableRange(listing: LogListing): VersionRange | null {
  const latest = listing.latestVersion;
  if (latest === null) return null;
  const earliestCommit = listing.earliestVersion;
  if (earliestCommit === 0) return { earliest: earliestCommit, latest };
  // Commits older than the first checkpoint are what a cleaning left behind: nothing can be built from them alone.
  const oldest = listing.checkpoints.find(
    (found) => earliestCommit === null || found.version >= earliestCommit - 1 || found.version === latest,
  );
  return oldest === undefined ? null : { earliest: oldest.version, latest };
}

/** There is no Delta table at that path. */
export function tableNotFound(tablePath: string): AlluviumError {
  const message = `${tablePath} is not a Delta table: it has no _delta_log folder with a commit in it; check the path, or create the table first`;
  return new AlluviumError("TABLE_NOT_FOUND", { table: tablePath }, message);
}

/** The version is not one of those that can be rebuilt. */
export function versionNotFound(tablePath: string, wanted: number, range: VersionRange | null): AlluviumError {
  const available =
    range === null ? "no version can be read" : `versions ${range.earliest} to ${range.latest} can be read`;
  const context = {
    table: tablePath,
    version: wanted,
    earliestVersion: range?.earliest ?? null,
    latestVersion: range?.latest ?? null,
  };
  return new AlluviumError(
    "VERSION_NOT_FOUND",
    context,
    `version ${wanted} of ${tablePath} is not there: ${available}`,
  );
}

/** A version needs a commit that is not there. */
export function missingCommit(tablePath: string, target: Version, missing: number): AlluviumError {
  const context = { table: tablePath, version: target, missingVersion: missing };
  const message = `version ${target} of ${tablePath} cannot be built: the commit file of version ${missing} is missing from _delta_log and no usable checkpoint covers it; restore the file from a copy of the table`;
  return new AlluviumError("CORRUPT_LOG", context, message);
}
