// stream/source/changed-files.ts: the changes of a commit, or the initial snapshot as inserts, as numbered positions: Delta's `readChangeFeed`.
// A position counts what tells of changes (cdc files alone, where a commit has some), as Spark's offsets do.
import type { AddFile } from "../../format/action/action.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { ChangeCommit } from "../../reader/change-commits.ts";
import { changeSchema } from "../../reader/change-data-feed.ts";
import { planCommitChanges } from "../../reader/plan-changes.ts";
import type { ChangeFile, FileCost, IndexedCommit, VersionFiles } from "./indexed-files.ts";
import { rowCountOf } from "./row-count.ts";

/** Files of a version that tell of its changes; the initial snapshot has a time and no commit. */
export interface ChangedVersion extends VersionFiles {
  readonly timestampMs: number;
  readonly commit?: IndexedCommit;
}

/** The changes of a commit. What is told row by row, and pairs of vectors, go into one batch together, as in Spark. */
export function changedFiles(commit: IndexedCommit): ChangedVersion {
  const { version, timestampMs, changeFiles } = commit;
  return {
    version,
    timestampMs,
    commit,
    isInitialSnapshot: false,
    isWhole: changeFiles.some((file) => file.kind === "cdc" || file.deletionVector !== undefined),
    fileCount: changeFiles.length,
    cost: (index) => costOf(changeFiles[index]),
    sizeBytesFrom: (index) => changeFiles.slice(index).reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0),
    slice: async (from, to) => changeFiles.slice(from, to).map(asAdded),
  };
}

/** The part of a version that a batch takes. */
export interface ChangeSlice {
  readonly from: number;
  readonly to: number;
  /** Those of the part, as `slice` gave them. */
  readonly files: readonly AddFile[];
  readonly partitionColumns: readonly string[];
  isWanted(file: ChangeFile): boolean;
}

/** The changes that a part of a version tells. */
export function changesOf(version: VersionFiles, slice: ChangeSlice): ChangeCommit {
  const { timestampMs = 0, commit } = version as Partial<ChangedVersion>;
  const { partitionColumns } = slice;
  const told =
    commit === undefined
      ? slice.files.map((file) => ({ ...file, dataChange: true }))
      : commit.changeFiles.slice(slice.from, slice.to);
  const info = commit?.commitInfo;
  const changes = planCommitChanges([
    ...(info === null || info === undefined ? [] : [info]),
    ...told.filter(slice.isWanted),
  ]);
  return {
    version: version.version,
    timestampMs,
    changes,
    partitionColumns: { added: partitionColumns, removed: partitionColumns },
  };
}

/** The columns of the table, of a schema that tells of changes too. */
export function withoutChangeColumns({ fields }: StructType): StructType {
  const added = changeSchema({ kind: "struct", fields: [] }).fields.length;
  return { kind: "struct", fields: fields.slice(0, -added) };
}

function costOf(file: ChangeFile | undefined): FileCost {
  if (file === undefined) return { sizeBytes: 0, rowCount: 0 };
  const { sizeBytes = 0 } = file;
  return { sizeBytes, rowCount: file.kind === "cdc" ? null : rowCountOf(file) };
}

/** For counting files; what they mean is told by `changesOf`. */
function asAdded(file: ChangeFile): AddFile {
  if (file.kind === "add") return file;
  const { path, partitionValues = new Map(), sizeBytes = 0 } = file;
  return { kind: "add", path, partitionValues, sizeBytes, modificationTimeMs: 0, dataChange: true };
}
