// stream/source/initial-snapshot.ts: the table as it was when the stream began, as a list of numbered files.
import type { Engine } from "../../engine/base/engine.ts";
import type { AddFile } from "../../format/action/action.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";
import { compareText } from "../../format/text/utf8-order.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { costOf } from "./indexed-files.ts";
import type { FileCost, VersionFiles } from "./indexed-files.ts";

/** Up to so many files are held as they are; of a larger table only what orders and measures them is. */
const heldFileCountMax = 100_000;

/** One file: what orders it, what it costs, and the file itself unless there are too many. */
interface Entry {
  readonly path: string;
  readonly modificationTimeMs: number;
  readonly cost: FileCost;
  readonly add: AddFile | null;
}

/**
 * The files of a snapshot by modification time, then path by its UTF-8 bytes: the same order after every restart.
 * @param countsRows whether rows are limited, so that a large table's row counts are worth keeping
 */
export async function indexSnapshot(snapshot: Snapshot, countsRows: boolean): Promise<VersionFiles> {
  const { count } = await snapshot.files.totals();
  const holdsFiles = count <= heldFileCountMax;
  const entries: Entry[] = [];
  for await (const chunk of snapshot.files.chunks()) {
    for (const add of chunk) entries.push(holdsFiles ? heldEntry(add) : smallEntry(add, countsRows));
  }
  entries.sort((a, b) => a.modificationTimeMs - b.modificationTimeMs || compareText(a.path, b.path));
  let totalBytes = 0;
  const bytesBefore = new Float64Array(entries.length);
  for (const [index, { cost }] of entries.entries()) {
    bytesBefore[index] = totalBytes;
    totalBytes += cost.sizeBytes;
  }
  return {
    version: snapshot.version,
    isInitialSnapshot: true,
    fileCount: entries.length,
    cost: (index) => entries[index]?.cost ?? costOf(undefined),
    sizeBytesFrom: (index) => totalBytes - (bytesBefore[index] ?? totalBytes),
    slice: async (from, to) => sliceFiles(snapshot, entries.slice(from, to)),
  };
}

/**
 * The table at `version`, as a restarted stream needs it again.
 * @throws AlluviumError `DELTA_LOG_FILE_NOT_FOUND_FOR_STREAMING_SOURCE` when the log no longer reaches back to it
 */
export async function loadPinnedSnapshot(engine: Engine, tablePath: string, version: Version): Promise<Snapshot> {
  try {
    return await loadSnapshot(engine, tablePath, { version });
  } catch (cause) {
    if (!(cause instanceof AlluviumError) || !goneCodes.has(cause.code)) throw cause;
    const message = `the stream is still reading ${tablePath} as of version ${version}, and that version can no longer be rebuilt because its log files are gone (${cause.message}); start again with a new checkpoint location, and let delta.logRetentionDuration be longer than the first read of the table takes`;
    throw new AlluviumError("DELTA_LOG_FILE_NOT_FOUND_FOR_STREAMING_SOURCE", { table: tablePath, version }, message, {
      cause,
    });
  }
}

const goneCodes: ReadonlySet<string> = new Set(["VERSION_NOT_FOUND", "FILE_NOT_FOUND"]);

function heldEntry(add: AddFile): Entry {
  return { path: add.path, modificationTimeMs: add.modificationTimeMs, cost: costOf(add), add };
}

function smallEntry(add: AddFile, countsRows: boolean): Entry {
  const { path, modificationTimeMs, sizeBytes } = add;
  return {
    path,
    modificationTimeMs,
    cost: { sizeBytes, rowCount: countsRows ? costOf(add).rowCount : null },
    add: null,
  };
}

async function sliceFiles(snapshot: Snapshot, entries: readonly Entry[]): Promise<readonly AddFile[]> {
  const held = entries.flatMap(({ add }) => (add === null ? [] : [add]));
  if (held.length === entries.length) return held;
  const found = await snapshot.files.lookup(new Set(entries.map(({ path }) => path)));
  const byPath = new Map(found.map((add) => [add.path, add]));
  return entries.map(({ path }) => {
    const add = byPath.get(path);
    assert(add !== undefined, `the snapshot lost the file ${path}`);
    return add;
  });
}
