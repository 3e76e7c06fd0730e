// log/listing/commit-time.ts: when a commit happened. Delta's rule for adjusted file times, and PROTOCOL.md, "In-Commit Timestamps".
import { adjustTimestamps } from "../../format/action/commit-timestamp.ts";
import type { CommitInfo } from "../../format/action/action.ts";
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";
import type { LogListing } from "./list-log.ts";
import { commitPath } from "./read-commit.ts";

/** When a table's commits carry their own time. */
export interface InCommitTimestamps {
  /** First version that has one. */
  readonly sinceVersion: number;
  /** The time of that version; null when all commits have one. */
  readonly sinceTimestampMs: number | null;
}

/** The table's in-commit timestamps as its configuration says, or null when they are off. */
export function inCommitTimestamps(configuration: ReadonlyMap<string, string>): InCommitTimestamps | null {
  if (configuration.get("delta.enableInCommitTimestamps")?.toLowerCase() !== "true") return null;
  const sinceVersion = wholeNumber(configuration.get("delta.inCommitTimestampEnablementVersion"));
  const sinceTimestampMs = wholeNumber(configuration.get("delta.inCommitTimestampEnablementTimestamp"));
  if (sinceVersion === null || sinceTimestampMs === null) return { sinceVersion: 0, sinceTimestampMs: null };
  return { sinceVersion, sinceTimestampMs };
}

/** A commit that must say itself when it happened. */
export interface OwnTimeCommit {
  readonly tablePath: string;
  readonly version: Version;
  /** Null when it has none. */
  readonly commitInfo: CommitInfo | null;
}

/**
 * The time that a commit of a table with in-commit timestamps carries, milliseconds since the Unix epoch.
 * @throws AlluviumError `DELTA_MISSING_COMMIT_INFO`, `DELTA_MISSING_COMMIT_TIMESTAMP`
 */
export function requiredOwnTime({ tablePath, version, commitInfo }: OwnTimeCommit): number {
  const own = commitInfo?.inCommitTimestampMs;
  if (own !== undefined) return own;
  const [code, lacks] =
    commitInfo === null
      ? (["DELTA_MISSING_COMMIT_INFO", "commitInfo"] as const)
      : (["DELTA_MISSING_COMMIT_TIMESTAMP", "inCommitTimestamp in its commitInfo"] as const);
  const message = `version ${version} of ${tablePath} has no ${lacks}, which in-commit timestamps (delta.enableInCommitTimestamps) ask of every commit: another writer left it out, so that nobody knows when the commit happened. Its rows can be read; for history, time travel and new commits restore the commit from a copy, or write the rows to a new table`;
  throw new AlluviumError(code, { table: tablePath, version }, message);
}

/** A commit with its time, milliseconds since the Unix epoch. */
export interface TimedCommit {
  readonly version: Version;
  readonly timestampMs: number;
}

/**
 * What the disk says of the time of each commit file, ascending by version; files that are gone since the listing are left out.
 * @throws AlluviumError `IO_ERROR`
 */
export async function fileTimes(engine: Engine, { tablePath, commits }: LogListing): Promise<readonly TimedCommit[]> {
  const timed: TimedCommit[] = [];
  for (const version of commits) {
    const file = await engine.files.stat(commitPath(tablePath, version));
    if (file !== null) timed.push({ version, timestampMs: file.modificationTimeMs });
  }
  return timed;
}

/**
 * Adjusted times of commits: each at least a millisecond after the one before.
 * @param commits with the times of their files, ascending by version
 */
export function adjustedCommits(commits: readonly TimedCommit[]): readonly TimedCommit[] {
  const times = adjustTimestamps(commits.map(({ timestampMs }) => timestampMs));
  return commits.map(({ version, timestampMs }, index) => ({ version, timestampMs: times[index] ?? timestampMs }));
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
