// log/snapshot/version-at-timestamp.ts: which version was the latest at a moment. Delta's rule, with adjusted commit times; PROTOCOL.md,
// "Recommendations for Readers of Tables with In-Commit Timestamps".
/* oxlint-disable max-params -- where, which and what: none of them belongs to another */
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";
import { adjustedCommits, fileTimes, inCommitTimestamps, requiredOwnTime } from "../listing/commit-time.ts";
import type { InCommitTimestamps, TimedCommit } from "../listing/commit-time.ts";
import { listLog } from "../listing/list-log.ts";
import type { LogListing } from "../listing/list-log.ts";
import { loadFromListing } from "./load-version.ts";
import { rebuildableRange, tableNotFound } from "../listing/log-segment.ts";
import { readCommitInfo } from "../listing/read-commit.ts";

/** Which neighbour of the moment is wanted. */
export interface VersionSearch {
  /** The last commit at or before the moment, for time travel; or the first at or after it, for streams. */
  readonly mode: "at-or-before" | "at-or-after";
}

/**
 * Finds a version by time. Looking back, only versions that can be rebuilt count.
 * @param timestampMs milliseconds since the Unix epoch
 * @throws AlluviumError `TIMESTAMP_OUT_OF_RANGE` after the last commit, and when looking back before the first; `TABLE_NOT_FOUND`; as
 *   `requiredOwnTime`
 */
export async function versionAtTimestamp(
  engine: Engine,
  tablePath: string,
  timestampMs: number,
  search: VersionSearch,
): Promise<Version> {
  const listing = await listLog(engine, tablePath);
  if (listing.latestVersion === null) throw tableNotFound(tablePath);
  const { metadata } = await loadFromListing(engine, listing);
  const own = inCommitTimestamps(metadata.configuration);
  const commits = await timedCommits(engine, listing, own);
  const earliest = search.mode === "at-or-before" ? (rebuildableRange(listing)?.earliest ?? 0) : 0;
  const eligible = commits.filter((commit) => commit.version >= earliest);
  const found = (search.mode === "at-or-before" ? lastUpTo : firstFrom)({ commits: eligible, own }, timestampMs);
  if (found === undefined) throw outOfRange(tablePath, timestampMs, eligible);
  return found.version;
}

interface Timeline {
  /** Ascending by version; own times may go back where a writer broke the rules, and then nothing after is taken for earlier. */
  readonly commits: readonly TimedCommit[];
  readonly own: InCommitTimestamps | null;
}

function lastUpTo({ commits, own }: Timeline, timestampMs: number): TimedCommit | undefined {
  const era = commits.filter((commit) => isOfEra(commit, timestampMs, own));
  const later = era.findIndex((commit) => commit.timestampMs > timestampMs);
  if (later >= 0) return era[later - 1];
  const last = era.at(-1);
  const isAfterAll = last === commits.at(-1) && era.every((commit) => commit.timestampMs < timestampMs);
  return isAfterAll ? undefined : last;
}

function firstFrom({ commits, own }: Timeline, timestampMs: number): TimedCommit | undefined {
  const found = commits.find((commit) => isOfEra(commit, timestampMs, own) && commit.timestampMs >= timestampMs);
  const { sinceVersion, sinceTimestampMs } = own ?? { sinceVersion: 0, sinceTimestampMs: null };
  if (found !== undefined || sinceTimestampMs === null || timestampMs >= sinceTimestampMs) return found;
  return commits.find(({ version }) => version >= sinceVersion);
}

/** From the moment that commits carry their own time on, only such commits count, and before it only the others. */
function isOfEra(commit: TimedCommit, timestampMs: number, own: InCommitTimestamps | null): boolean {
  if (own?.sinceTimestampMs === null || own?.sinceTimestampMs === undefined) return true;
  return timestampMs >= own.sinceTimestampMs === commit.version >= own.sinceVersion;
}

/**
 * The time of each commit whose file is there, ascending by version: the commit's own where the table has in-commit
 * timestamps, else the adjusted time of its file.
 * @throws AlluviumError as `loadSnapshot` and `requiredOwnTime`
 */
export async function commitTimestamps(engine: Engine, listing: LogListing): Promise<readonly TimedCommit[]> {
  const { metadata } = await loadFromListing(engine, listing);
  return timedCommits(engine, listing, inCommitTimestamps(metadata.configuration));
}

/**
 * The adjusted times of the commit files, milliseconds since the Unix epoch, by version: for commits that carry no time of their own.
 * @throws AlluviumError `IO_ERROR`
 */
export async function fileCommitTimestamps(engine: Engine, tablePath: string): Promise<ReadonlyMap<Version, number>> {
  const commits = adjustedCommits(await fileTimes(engine, await listLog(engine, tablePath)));
  return new Map(commits.map(({ version, timestampMs }) => [version, timestampMs]));
}

/** As `commitTimestamps`, where it is known whether commits carry their own time. */
export async function timedCommits(
  engine: Engine,
  listing: LogListing,
  own: InCommitTimestamps | null,
): Promise<readonly TimedCommit[]> {
  const since = own?.sinceVersion ?? Number.POSITIVE_INFINITY;
  const files = await fileTimes(engine, listing);
  const timed = [...adjustedCommits(files.filter((commit) => commit.version < since))];
  for (const { version } of files.filter((commit) => commit.version >= since)) {
    const commitInfo = await readCommitInfo(engine, listing.tablePath, version);
    if (commitInfo === undefined) continue; // cleaned since the listing
    timed.push({ version, timestampMs: requiredOwnTime({ tablePath: listing.tablePath, version, commitInfo }) });
  }
  return timed;
}

function outOfRange(tablePath: string, timestampMs: number, commits: readonly TimedCommit[]): AlluviumError {
  const first = commits[0];
  const last = commits.at(-1);
  const asked = isoTime(timestampMs);
  const range =
    first === undefined || last === undefined
      ? "no commit with a time is there"
      : `commits from ${isoTime(first.timestampMs)} (version ${first.version}) to ${isoTime(last.timestampMs)} (version ${last.version}) can be read`;
  const context = {
    table: tablePath,
    timestampMs,
    earliestTimestampMs: first?.timestampMs ?? null,
    latestTimestampMs: last?.timestampMs ?? null,
    earliestVersion: first?.version ?? null,
    latestVersion: last?.version ?? null,
  };
  return new AlluviumError(
    "TIMESTAMP_OUT_OF_RANGE",
    context,
    `${asked} is outside the history of ${tablePath}: ${range}`,
  );
}

function isoTime(timestampMs: number): string {
  const date = new Date(timestampMs);
  return Number.isNaN(date.getTime()) ? `${timestampMs} ms` : date.toISOString();
}
