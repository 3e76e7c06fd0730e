// log/commit-time.ts: when a commit happened. Delta's rule for adjusted file times, and PROTOCOL.md, "In-Commit Timestamps".
import { adjustTimestamps } from "../format/commit-timestamp.ts";
import type { Version } from "../format/ids.ts";
import type { CommitFile } from "./list-log.ts";

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

/** A commit with its time, milliseconds since the Unix epoch. */
export interface TimedCommit {
  readonly version: Version;
  readonly timestampMs: number;
}

/**
 * Adjusted times of commits from their files: each at least a millisecond after the one before.
 * @param commits ascending by version
 */
export function adjustedCommits(commits: readonly CommitFile[]): readonly TimedCommit[] {
  const times = adjustTimestamps(commits.map((commit) => commit.modificationTimeMs));
  return commits.map((commit, index) => ({
    version: commit.version,
    timestampMs: times[index] ?? commit.modificationTimeMs,
  }));
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
