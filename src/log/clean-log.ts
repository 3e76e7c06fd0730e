// log/clean-log.ts: removes what has expired from the log. PROTOCOL.md, "Metadata Cleanup".
import { join } from "node:path";
import type { DirectoryEntry, Engine } from "../engine/engine.ts";
import { stagedPrefix } from "../engine/local-file-store.ts";
import type { Version } from "../format/ids.ts";
import { parseLogPath } from "../format/log-path.ts";
import { adjustedCommits, fileTimes } from "./commit-time.ts";
import type { TimedCommit } from "./commit-time.ts";
import { listLog, logDirectory } from "./list-log.ts";
import type { CheckpointFiles, LogFile, LogListing } from "./list-log.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { commitPath } from "./read-commit.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Removes commits, checkpoints and checksums that are older than the table keeps its log for, oldest first. The log is cut
 * at a checkpoint that can be read: every version from it on stays readable.
 * @returns how many files were removed; 0 where `delta.enableExpiredLogCleanup` is off
 * @throws AlluviumError `IO_ERROR`
 */
export async function cleanLog(engine: Engine, snapshot: Snapshot): Promise<number> {
  const { tablePath, properties } = snapshot;
  if (!properties.enableExpiredLogCleanup) return 0;
  const nowMs = engine.clock.nowMs();
  const entries = await engine.files.entries(logDirectory(tablePath));
  const abandoned = await findAbandoned(engine, tablePath, { entries, nowMs });
  const expired = await findExpired(engine, tablePath, {
    entries,
    cutoffMs: startOfDay(nowMs - properties.logRetentionMs),
  });
  for (const path of [...expired.map((file) => file.path), ...abandoned]) await engine.files.remove(path);
  return expired.length + abandoned.length;
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

async function findExpired(
  engine: Engine,
  tablePath: string,
  { entries, cutoffMs }: { readonly entries: readonly DirectoryEntry[]; readonly cutoffMs: number },
): Promise<readonly LogFile[]> {
  // No commit is taken for older than the oldest: mostly its time is all that has to be looked at, in a folder of thousands.
  const oldest = oldestCommit(entries);
  const found = oldest === null ? null : await engine.files.stat(commitPath(tablePath, oldest));
  if (found === null || found.modificationTimeMs > cutoffMs) return [];
  const listing = await listLog(engine, tablePath);
  for (const { checkpoint, files } of planCuts(listing, await fileTimes(engine, listing), cutoffMs)) {
    if (files.length === 0) return [];
    // What goes can be rebuilt from nothing else: so the checkpoint is read before anything is removed.
    if (await isReadable(engine, tablePath, checkpoint)) return files;
  }
  return [];
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
const startOfDay = (timestampMs: number): number => Math.floor(timestampMs / dayMs) * dayMs;
