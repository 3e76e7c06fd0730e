// reader/removed-files.ts: files that a commit removed, as they were when they were part of the table.
import type { Engine } from "../engine/base/engine.ts";
import type { AddFile, RemoveFile } from "../format/action/action.ts";
import { AlluviumError } from "../format/text/error.ts";
import { version as makeVersion } from "../format/text/ids.ts";
import type { Version } from "../format/text/ids.ts";
import { canonicalPath } from "../log/state/file-key.ts";
import { loadSnapshot } from "../log/snapshot/load-snapshot.ts";

/** Files that the commit `version` removed; of a table partitioned by `partitionColumns` before it. */
export interface RemovedFiles {
  readonly version: Version;
  readonly partitionColumns: readonly string[];
  readonly removes: readonly RemoveFile[];
}

/**
 * The files, in the same order. Tombstones may leave out partition values; those are then looked up in the version before.
 * @throws AlluviumError `CORRUPT_LOG` when the version before has no such file; as `loadSnapshot`
 */
export async function removedAsAdded(
  engine: Engine,
  tablePath: string,
  { version, partitionColumns, removes }: RemovedFiles,
): Promise<readonly AddFile[]> {
  const incomplete = removes.filter((file) => file.partitionValues === undefined && partitionColumns.length > 0);
  if (incomplete.length === 0) return removes.map((file) => asAdded(file, file.partitionValues ?? new Map()));
  const before = await loadSnapshot(engine, tablePath, { version: makeVersion(Math.max(0, version - 1)) });
  const wanted = new Set(incomplete.map((file) => canonicalPath(file.path)));
  const values = new Map<string, AddFile["partitionValues"]>();
  for await (const chunk of before.files.chunks()) {
    for (const { path, partitionValues } of chunk) {
      const key = canonicalPath(path);
      if (wanted.has(key)) values.set(key, partitionValues);
    }
  }
  return removes.map((file) => {
    const partitionValues = file.partitionValues ?? values.get(canonicalPath(file.path));
    if (partitionValues === undefined) throw neverAdded(tablePath, file, version);
    return asAdded(file, partitionValues);
  });
}

function asAdded(file: RemoveFile, partitionValues: AddFile["partitionValues"]): AddFile {
  const { path, sizeBytes = 0, dataChange, deletionVector, baseRowId, defaultRowCommitVersion } = file;
  return {
    kind: "add",
    path,
    partitionValues,
    sizeBytes,
    modificationTimeMs: 0,
    dataChange,
    ...(deletionVector !== undefined && { deletionVector }),
    ...(baseRowId !== undefined && { baseRowId }),
    ...(defaultRowCommitVersion !== undefined && { defaultRowCommitVersion }),
  };
}

function neverAdded(tablePath: string, { path }: RemoveFile, version: Version): AlluviumError {
  const message = `version ${version} of ${tablePath} removes ${path} without its partition values, and the version before does not have that file`;
  return new AlluviumError("CORRUPT_LOG", { table: tablePath, version, path }, message);
}
