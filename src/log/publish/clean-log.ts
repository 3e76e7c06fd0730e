// log/publish/clean-log.ts: removes what has expired from the log. PROTOCOL.md, "Metadata Cleanup".
import { join } from "node:path";
import type { DirectoryEntry, Engine } from "../../engine/base/engine.ts";
import { stagedPrefix } from "../../engine/files/local-file-store.ts";
import type { Version } from "../../format/text/ids.ts";
import { parseLogPath } from "../../format/action/log-path.ts";
import { isFeatureSupported } from "../../format/protocol/table-feature.ts";
import { adjustedCommits, fileTimes } from "../listing/commit-time.ts";
import type { TimedCommit } from "../listing/commit-time.ts";
import { listLog, logDirectory } from "../listing/list-log.ts";
import type { CheckpointFiles, LogFile, LogListing } from "../listing/list-log.ts";
import { namedSidecars, readCheckpoint } from "../checkpoint/read-checkpoint.ts";
import { commitPath } from "../listing/read-commit.ts";
import { oldSidecars, sidecarFolderName } from "../checkpoint/sidecar-files.ts";
import type { Snapshot } from "../state/snapshot.ts";

/** What a cleaning that somebody asked for keeps. */
export interface CleaningAsked {
  /** How long the log is kept, whatever the table's properties say. */
  readonly retentionMs: number;
  /** The cutoff is cut down to whole units of this. */
  readonly granularityMs: number;
}

/**
 * Removes commits, checkpoints and checksums that are older than the table keeps its log for, oldest first. The log is cut
 * at a checkpoint that can be read: every version from it on stays readable.
 * @returns how many files were removed; 0 where `delta.enableExpiredLogCleanup` is off and nobody asked
 * @throws AlluviumError `IO_ERROR`
 */
export async function cleanLog(engine: Engine, snapshot: Snapshot, asked?: CleaningAsked): Promise<number> {
  const { tablePath, properties } = snapshot;
  if (asked === undefined && !properties.enableExpiredLogCleanup) return 0;
  const { retentionMs, granularityMs } = asked ?? { retentionMs: properties.logRetentionMs, granularityMs: dayMs };
  const nowMs = engine.clock.nowMs();
  const entries = await engine.files.entries(logDirectory(tablePath));
  const abandoned = await findAbandoned(engine, tablePath, { entries, nowMs });
  const cut = await findCut(engine, tablePath, {
    entries,
    cutoffMs: Math.floor((nowMs - retentionMs) / granularityMs) * granularityMs,
  });
  const expired = cut === null || isProtected(snapshot, cut.version) ? [] : cut.files;
  // Checkpoints go last: while they are there, older versions can be built (RFC "Checkpoint Protection").
  const isCommit = ({ kind }: LogFile): boolean => kind === "commit";
  const inOrder = [...expired.filter(isCommit), ...expired.filter((file) => !isCommit(file))];
  for (const path of [...inOrder.map((file) => file.path), ...abandoned]) await engine.files.remove(path);
  const hasSidecars = entries.some(({ name, isDirectory }) => isDirectory && name === sidecarFolderName);
  return expired.length + abandoned.length + (hasSidecars ? await cleanSidecars(engine, tablePath) : 0);
}

/** A cut before the version that `checkpointProtection` names would leave a part of what may go only as a whole. */
function isProtected({ protocol, metadata }: Snapshot, cutVersion: Version): boolean {
  if (!isFeatureSupported(protocol, "checkpointProtection")) return false;
  const text = metadata.configuration.get("delta.requireCheckpointProtectionBeforeVersion") ?? "0";
  return !/^\d{1,15}$/.test(text) || cutVersion < Number(text);
}

/** Sidecars that no checkpoint names go when they are a day old; where a checkpoint cannot be read, all of them stay. */
async function cleanSidecars(engine: Engine, tablePath: string): Promise<number> {
  const olderThanMs = startOfDay(engine.clock.nowMs()) - dayMs;
  const old = await oldSidecars(engine, tablePath, olderThanMs);
  if (old.length === 0) return 0;
  const named = new Set<string>();
  try {
    for (const checkpoint of (await listLog(engine, tablePath)).checkpoints)
      for (const path of await namedSidecars(engine, tablePath, checkpoint)) named.add(path);
  } catch {
    return 0;
  }
  const unnamed = old.filter(({ path }) => !named.has(path));
  for (const { path } of unnamed) await engine.files.remove(path);
  return unnamed.length;
}

/** The cut: the files before `version` go, all others stay. */
export interface LogCut {
  readonly version: Version;
  readonly files: readonly LogFile[];
}

/**
 * Where a log may be cut: at each checkpoint that is not newer than the newest commit at or before the cutoff, newest first.
 * @param times when the commit files were written, ascending by version
 * @param cutoffMs milliseconds since the Unix epoch
 */
export function planCuts(
  listing: LogListing,
  times: readonly TimedCommit[],
  cutoffMs: number,
): readonly (LogCut & { readonly checkpoint: CheckpointFiles })[] {
  const cutoffVersion = adjustedCommits(times).findLast((commit) => commit.timestampMs <= cutoffMs)?.version;
  if (cutoffVersion === undefined) return [];
  const checkpoints = listing.checkpoints.filter((checkpoint) => checkpoint.version <= cutoffVersion).toReversed();
  return checkpoints.map((checkpoint) => ({
    version: checkpoint.version,
    checkpoint,
    files: filesBefore(listing, checkpoint.version),
  }));
}

function filesBefore(listing: LogListing, version: Version): readonly LogFile[] {
  // A compaction that starts at the cut speaks of commits from before it on.
  return listing.files.filter(
    (file) => file.version < version || (file.kind === "compaction" && file.version === version),
  );
}

async function findCut(
  engine: Engine,
  tablePath: string,
  { entries, cutoffMs }: { readonly entries: readonly DirectoryEntry[]; readonly cutoffMs: number },
): Promise<LogCut | null> {
  // No commit is taken for older than the oldest: mostly its time is all that has to be looked at, in a folder of thousands.
  const oldest = oldestCommit(entries);
  const found = oldest === null ? null : await engine.files.stat(commitPath(tablePath, oldest));
  if (found === null || found.modificationTimeMs > cutoffMs) return null;
  const listing = await listLog(engine, tablePath);
  for (const cut of planCuts(listing, await fileTimes(engine, listing), cutoffMs)) {
    if (cut.files.length === 0) return null;
    // What goes can be rebuilt from nothing else: so the checkpoint is read before anything is removed.
    if (await isReadable(engine, tablePath, cut.checkpoint)) return cut;
  }
  return null;
}

function oldestCommit(entries: readonly DirectoryEntry[]): Version | null {
  let oldest: Version | null = null;
  for (const { name, isDirectory } of entries) {
    const parsed = isDirectory ? null : parseLogPath(name);
    if (parsed?.kind === "commit" && (oldest === null || parsed.version < oldest)) oldest = parsed.version;
  }
  return oldest;
}

async function isReadable(engine: Engine, tablePath: string, checkpoint: CheckpointFiles): Promise<boolean> {
  try {
    const { base } = await readCheckpoint(engine, tablePath, checkpoint);
    if (base !== null) for await (const _ of base.adds()) continue;
    return true;
  } catch {
    return false;
  }
}

/** Staged files of writers that died: a day is longer than any write takes. */
async function findAbandoned(
  engine: Engine,
  tablePath: string,
  { entries, nowMs }: { readonly entries: readonly DirectoryEntry[]; readonly nowMs: number },
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, isDirectory } of entries) {
    if (isDirectory || !name.startsWith(stagedPrefix)) continue;
    const file = await engine.files.stat(join(logDirectory(tablePath), name));
    if (file !== null && file.modificationTimeMs < nowMs - dayMs) found.push(file.path);
  }
  return found;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Midnight, UTC: whole days are kept, so that not every commit has something to clean. */
export const startOfDay = (timestampMs: number): number => Math.floor(timestampMs / dayMs) * dayMs;
