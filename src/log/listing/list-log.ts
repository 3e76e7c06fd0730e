// log/listing/list-log.ts: what a `_delta_log` folder holds. Foreign files, folders and staged files are passed over.
// PROTOCOL.md, "File Types".
import { join, sep } from "node:path";
import type { DirectoryEntry, Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { version as makeVersion } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import { logFolderName, parseLogPath } from "../../format/action/log-path.ts";
import type { LogPath } from "../../format/action/log-path.ts";
import { compareText } from "../../format/text/utf8-order.ts";

/** A checkpoint all of whose parts are there; whether they can be read is not known yet. */
export interface CheckpointFiles {
  readonly version: Version;
  readonly kind: "classic" | "multi-part" | "v2";
  /** Absolute paths; of a multi-part checkpoint in the order of the parts. */
  readonly paths: readonly string[];
}

/** Any file of the log that belongs to one version, or starts at one (compactions). */
export interface LogFile {
  readonly kind: LogPath["kind"];
  readonly version: Version;
  readonly path: string;
}

/** A file that stands for a run of commits; whether it can be read is not known yet. */
export interface CompactionFile {
  /** Both inclusive; the last is greater than the first. */
  readonly firstVersion: Version;
  readonly lastVersion: Version;
  readonly path: string;
}

/** A folder's listing, each list ascending by version. */
export interface LogListing {
  readonly tablePath: string;
  /** Versions whose commit files are there. */
  readonly commits: readonly Version[];
  /** Complete ones only; of one version there may be several. */
  readonly checkpoints: readonly CheckpointFiles[];
  readonly checksums: ReadonlySet<Version>;
  /** In no order. */
  readonly compactions: readonly CompactionFile[];
  readonly files: readonly LogFile[];
  /** Newest version that a commit or a complete checkpoint speaks of; null when there is none. */
  readonly latestVersion: Version | null;
  /** Oldest commit file's version; null when there is none. */
  readonly earliestVersion: Version | null;
}

/** The folder of a table's log. */
export function logDirectory(tablePath: string): string {
  return join(tablePath, logFolderName);
}

/**
 * Lists a table's log by the names of its files alone, which takes no longer for knowing nothing else of them; a table that does not exist, or whose path or log is no folder, gives an empty listing.
 * @throws AlluviumError `IO_ERROR`
 */
export async function listLog(engine: Engine, tablePath: string): Promise<LogListing> {
  let listing = await listOnce(engine, tablePath);
  // A folder that is read while commits come may show a later one and not an earlier. What a look that was begun afterwards does not show is not there.
  for (let gap = firstGap(listing); gap !== null;) {
    listing = await listOnce(engine, tablePath);
    const next = firstGap(listing);
    gap = next === gap ? null : next;
  }
  return listing;
}

async function listOnce(engine: Engine, tablePath: string): Promise<LogListing> {
  try {
    return readListing(tablePath, await engine.files.entries(logDirectory(tablePath)));
  } catch (cause) {
    if (cause instanceof AlluviumError && cause.context["errno"] === "ENOTDIR") return readListing(tablePath, []);
    throw cause;
  }
}

/** The first version whose commit file should be there and is not; null where commits go on from version 0 or a checkpoint without a gap. */
function firstGap({ commits, checkpoints, earliestVersion }: LogListing): number | null {
  if (earliestVersion === null) return null;
  if (earliestVersion > 0 && (checkpoints.at(-1)?.version ?? -1) < earliestVersion - 1) return earliestVersion - 1;
  if (commits.at(-1) === earliestVersion + commits.length - 1) return null;
  return earliestVersion + commits.findIndex((version, at) => version !== earliestVersion + at);
}

/** The listing that a folder's entries amount to. */
export function readListing(tablePath: string, entries: readonly DirectoryEntry[]): LogListing {
  const directory = `${logDirectory(tablePath)}${sep}`; // joined once, not ten thousand times
  const commits: Version[] = [];
  const checksums = new Set<Version>();
  const compactions: CompactionFile[] = [];
  const files: LogFile[] = [];
  const checkpointParts: CheckpointPart[] = [];
  for (const entry of entries) {
    const name = entry.isDirectory ? null : parseLogPath(entry.name);
    if (name === null || name.kind === "lastCheckpoint") continue;
    const version = name.kind === "compaction" ? name.firstVersion : name.version;
    const path = `${directory}${entry.name}`;
    files.push({ kind: name.kind, version, path });
    if (name.kind === "commit") commits.push(version);
    else if (name.kind === "crc") checksums.add(version);
    else if (name.kind === "compaction") compactions.push({ ...name, path });
    else checkpointParts.push({ name, path });
  }
  commits.sort((a, b) => a - b);
  files.sort(byVersion);
  const checkpoints = completeCheckpoints(checkpointParts);
  const latest = Math.max(commits.at(-1) ?? -1, checkpoints.at(-1)?.version ?? -1);
  return {
    tablePath,
    commits,
    checkpoints,
    checksums,
    compactions,
    files,
    latestVersion: latest < 0 ? null : makeVersion(latest),
    earliestVersion: commits[0] ?? null,
  };
}

type CheckpointName = Extract<LogPath, { kind: "classicCheckpoint" | "multipartCheckpoint" | "uuidCheckpoint" }>;

interface CheckpointPart {
  readonly name: CheckpointName;
  readonly path: string;
}

const byVersion = (a: LogFile, b: LogFile): number => a.version - b.version || compareText(a.path, b.path);

/** Groups parts into checkpoints and leaves out the sets that lack a part: those may still be being written. */
function completeCheckpoints(parts: readonly CheckpointPart[]): CheckpointFiles[] {
  const checkpoints: CheckpointFiles[] = [];
  const sets = new Map<string, string[]>();
  for (const { name, path } of parts) {
    const { version } = name;
    if (name.kind === "classicCheckpoint") checkpoints.push({ kind: "classic", version, paths: [path] });
    else if (name.kind === "uuidCheckpoint") checkpoints.push({ kind: "v2", version, paths: [path] });
    else {
      const key = `${version}/${name.partCount}`;
      const paths = sets.get(key) ?? [];
      paths[name.part - 1] = path;
      sets.set(key, paths);
      if (Object.keys(paths).length === name.partCount) checkpoints.push({ kind: "multi-part", version, paths });
    }
  }
  return checkpoints.sort((a, b) => a.version - b.version || compareText(a.paths[0] ?? "", b.paths[0] ?? ""));
}
