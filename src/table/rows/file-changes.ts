// table/rows/file-changes.ts: what every operation that changes files needs of a snapshot.
import type { Engine } from "../../engine/base/engine.ts";
import type { AddFile, RemoveFile } from "../../format/action/action.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { type WriteTarget, writeTargetOf } from "../../writer/write-target.ts";

/** A table at its newest version, and the doors to change it. */
export interface TableHead {
  readonly engine: Engine;
  readonly snapshot: Snapshot;
}

/** A table as far as new files of it care. */
export type TableShape = Pick<Snapshot, "tablePath" | "schema" | "protocol" | "metadata">;

/** The tombstone of a file. PROTOCOL.md, "Add File and Remove File". */
export function removeFileOf(file: AddFile, deletionTimestampMs: number): RemoveFile {
  return {
    kind: "remove",
    path: file.path,
    deletionTimestampMs,
    dataChange: true,
    extendedFileMetadata: true,
    partitionValues: file.partitionValues,
    sizeBytes: file.sizeBytes,
    ...(file.stats === undefined ? {} : { stats: file.stats }),
    ...(file.tags === undefined ? {} : { tags: file.tags }),
    ...(file.deletionVector === undefined ? {} : { deletionVector: file.deletionVector }),
    ...(file.baseRowId === undefined ? {} : { baseRowId: file.baseRowId }),
    ...(file.defaultRowCommitVersion === undefined ? {} : { defaultRowCommitVersion: file.defaultRowCommitVersion }),
  };
}

/** The tombstones of a table's files, or of some of them. */
export async function removesOf(
  engine: Engine,
  snapshot: Snapshot,
  isGone: (file: AddFile) => boolean = () => true,
): Promise<readonly RemoveFile[]> {
  const nowMs = engine.clock.nowMs();
  return (await filesWhere(snapshot, isGone)).map((file) => removeFileOf(file, nowMs));
}

/** The live files of a table for which a test is true. */
export async function filesWhere({ files }: Snapshot, test: (file: AddFile) => boolean): Promise<readonly AddFile[]> {
  const found: AddFile[] = [];
  for await (const chunk of files.chunks()) for (const file of chunk) if (test(file)) found.push(file);
  return found;
}

/** The table as its data-file writer sees it. */
export function writeTarget(snapshot: Pick<Snapshot, "tablePath" | "protocol" | "metadata">): WriteTarget {
  return writeTargetOf(snapshot.tablePath, snapshot.protocol, snapshot.metadata);
}
