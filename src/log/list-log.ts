// log/list-log.ts: what a `_delta_log` folder holds. Foreign files, folders and staged files are passed over.
// PROTOCOL.md, "File Types".
import { join } from "node:path";
import type { Engine, FileInfo } from "../engine/engine.ts";
import { AlluviumError } from "../format/error.ts";
import type { Version } from "../format/ids.ts";
import { logFolderName, parseLogPath } from "../format/log-path.ts";
import type { LogPath } from "../format/log-path.ts";

/** A commit file. */
export interface CommitFile {
  readonly version: Version;
  readonly modificationTimeMs: number;
  readonly sizeBytes: number;
}

/** A checkpoint all of whose parts are there; whether they can be read is not known yet. */
export interface CheckpointFiles {
  readonly version: Version;
  readonly kind: "classic" | "multi-part" | "v2";
  /** Absolute paths; of a multi-part checkpoint in the order of the parts. */
  readonly paths: readonly string[];
  readonly sizeBytes: number;
  readonly modificationTimeMs: number;
}

/** Any file of the log that belongs to one version, or starts at one (compactions). */
export interface LogFile {
  readonly kind: LogPath["kind"];
  readonly version: Version;
  readonly path: string;
}

/** A folder's listing, each list ascending by version. */
export interface LogListing {
  readonly tablePath: string;
  readonly commits: readonly CommitFile[];
  /** Complete ones only; of one version there may be several. */
  readonly checkpoints: readonly CheckpointFiles[];
  readonly checksums: ReadonlySet<Version>;
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
 * Lists a table's log; a table that does not exist, or whose path or log is no folder, gives an empty listing.
 * @throws AlluviumError `IO_ERROR`
 */
export async function listLog(engine: Engine, tablePath: string): Promise<LogListing> {
  try {
    return readListing(tablePath, await engine.files.list(logDirectory(tablePath)));
  } catch (cause) {
    if (cause instanceof AlluviumError && cause.context["errno"] === "ENOTDIR") return readListing(tablePath, []);
    throw cause;
  }
}

/** The listing that a folder's entries amount to. */
export function readListing(tablePath: string, entries: readonly FileInfo[]): LogListing {
  const commits: CommitFile[] = [];
  const checksums = new Set<Version>();
  const files: LogFile[] = [];
  const checkpointParts: CheckpointPart[] = [];
  for (const entry of entries) {
    const name = entry.isDirectory ? null : parseLogPath(entry.name);
    if (name === null || name.kind === "lastCheckpoint") continue;
    const version = name.kind === "compaction" ? name.firstVersion : name.version;
    files.push({ kind: name.kind, version, path: entry.path });
    if (name.kind === "commit")
      commits.push({ version, modificationTimeMs: entry.modificationTimeMs, sizeBytes: entry.sizeBytes });
    else if (name.kind === "crc") checksums.add(version);
    else if (name.kind !== "compaction") checkpointParts.push({ name, entry });
  }
  commits.sort(byVersion);
  files.sort(byVersion);
  const checkpoints = completeCheckpoints(checkpointParts);
  const versions = [...commits.slice(-1), ...checkpoints.slice(-1)].map((file) => file.version);
  const latestVersion = versions.length === 0 ? null : versions.reduce((a, b) => (a > b ? a : b));
  return {
    tablePath,
    commits,
    checkpoints,
    checksums,
    files,
    latestVersion,
    earliestVersion: commits[0]?.version ?? null,
  };
}

type CheckpointName = Extract<LogPath, { kind: "classicCheckpoint" | "multipartCheckpoint" | "uuidCheckpoint" }>;

interface CheckpointPart {
  readonly name: CheckpointName;
  readonly entry: FileInfo;
}

const byVersion = (a: { version: Version }, b: { version: Version }): number => a.version - b.version;

/** Groups parts into checkpoints and leaves out the sets that lack a part: those may still be being written. */
function completeCheckpoints(parts: readonly CheckpointPart[]): CheckpointFiles[] {
  const checkpoints: CheckpointFiles[] = [];
  const sets = new Map<string, FileInfo[]>();
  for (const { name, entry } of parts) {
    if (name.kind === "classicCheckpoint") checkpoints.push(checkpointOf("classic", name.version, [entry]));
    else if (name.kind === "uuidCheckpoint") checkpoints.push(checkpointOf("v2", name.version, [entry]));
    else {
      const key = `${name.version}/${name.partCount}`;
      const set = sets.get(key) ?? [];
      set[name.part - 1] = entry;
      sets.set(key, set);
      if (Object.keys(set).length === name.partCount) checkpoints.push(checkpointOf("multi-part", name.version, set));
    }
  }
  return checkpoints.sort(byVersion);
}

function checkpointOf(kind: CheckpointFiles["kind"], version: Version, entries: readonly FileInfo[]): CheckpointFiles {
  return {
    version,
    kind,
    paths: entries.map((entry) => entry.path),
    sizeBytes: entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
    modificationTimeMs: Math.max(...entries.map((entry) => entry.modificationTimeMs)),
  };
}
