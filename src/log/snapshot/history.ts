// log/snapshot/history.ts: what was done to a table, commit by commit. PROTOCOL.md, "Commit Provenance Information".
import type { Engine } from "../../engine/base/engine.ts";
import type { CommitInfo } from "../../format/action/action.ts";
import type { Version } from "../../format/text/ids.ts";
import { inCommitTimestamps } from "../listing/commit-time.ts";
import { listLog } from "../listing/list-log.ts";
import { loadFromListing } from "./load-version.ts";
import { tableNotFound } from "../listing/log-segment.ts";
import { readCommitInfo } from "../listing/read-commit.ts";
import type { Snapshot } from "../state/snapshot.ts";
import { timedCommits } from "./version-at-timestamp.ts";

export { commitTimestamps, fileCommitTimestamps, versionAtTimestamp } from "./version-at-timestamp.ts";

/** One commit of a table's history. */
export interface HistoryEntry {
  readonly version: Version;
  /** Milliseconds since the Unix epoch; strictly ascending with the version. */
  readonly timestampMs: number;
  /** Null when the commit says nothing of where it came from. */
  readonly commitInfo: CommitInfo | null;
}

/**
 * The history of a table, newest commit first, as far as its commit files are there.
 * @param table its path, or a snapshot of it: then its metadata is not looked up again
 * @param limit most entries to give; all when absent
 * @throws AlluviumError `TABLE_NOT_FOUND`, `CORRUPT_LOG`, `UNSUPPORTED_FEATURE`
 */
export async function* readHistory(
  engine: Engine,
  table: string | Snapshot,
  limit: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<HistoryEntry> {
  const tablePath = typeof table === "string" ? table : table.tablePath;
  const listing = await listLog(engine, tablePath);
  if (listing.latestVersion === null) throw tableNotFound(tablePath);
  const { metadata } = typeof table === "string" ? await loadFromListing(engine, listing) : table;
  const own = inCommitTimestamps(metadata.configuration);
  const times = await timedCommits(engine, listing, own);
  let given = 0;
  for (const { version, timestampMs } of times.toReversed()) {
    if (given >= limit) return;
    const commitInfo = await readCommitInfo(engine, tablePath, version);
    if (commitInfo === undefined) continue; // cleaned since the listing
    given += 1;
    yield { version, timestampMs, commitInfo };
  }
}
