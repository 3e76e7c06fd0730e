// table/whole/check-files.ts: whether every file that a version of a table is made of is on disk. Delta's FSCK, its dry run.
import { relative } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import type { AddFile } from "../../format/action/action.ts";
import { vectorPlace } from "../../format/vector/deletion-vector.ts";
import { encodeLogPath, isInsideTable, resolveDataPath } from "../../format/value/partition-path.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";

/** What was found. */
export interface FileCheck {
  /** True when nothing is missing. */
  readonly ok: boolean;
  readonly version: number;
  /** Data files that were looked for. */
  readonly fileCount: number;
  /** Files that are not on disk, as the log spells them; files of deletion vectors too, by their paths in the table. */
  readonly missingFiles: readonly string[];
}

/**
 * Looks for the data files of a version, and for the files of their deletion vectors.
 * @throws AlluviumError `CORRUPT_LOG` for a path that leads out of the table, `UNSUPPORTED_FEATURE` for one on another file system
 */
export async function checkFiles(engine: Engine, snapshot: Snapshot): Promise<FileCheck> {
  const missing = new Set<string>();
  for await (const chunk of snapshot.files.chunks()) {
    for (let start = 0; start < chunk.length; start += looksAtOnce) {
      const found = await Promise.all(
        chunk.slice(start, start + looksAtOnce).map((file) => missingOf(engine, snapshot, file)),
      );
      for (const path of found.flat()) missing.add(path);
    }
  }
  const { count } = await snapshot.files.totals();
  return { ok: missing.size === 0, version: snapshot.version, fileCount: count, missingFiles: [...missing] };
}

const looksAtOnce = 32;

async function missingOf(
  engine: Engine,
  { tablePath }: Snapshot,
  { path, deletionVector }: AddFile,
): Promise<readonly string[]> {
  const missing: string[] = [];
  if (!(await isThere(engine, resolveDataPath(tablePath, path)))) missing.push(path);
  const vector = deletionVector === undefined ? null : vectorPlace(tablePath, deletionVector);
  if (vector?.kind === "file" && !(await isThere(engine, vector.path))) missing.push(spelled(tablePath, vector.path));
  return missing;
}

async function isThere(engine: Engine, path: string): Promise<boolean> {
  const file = await engine.files.stat(path);
  return file !== null && !file.isDirectory;
}

/** The path of a file as the log would spell it. */
function spelled(tablePath: string, path: string): string {
  return encodeLogPath(isInsideTable(tablePath, path) ? relative(tablePath, path) : path);
}
