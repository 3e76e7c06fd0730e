// reader/plan-changes.ts: which files tell of the changes of one commit, and how. Pure.
// PROTOCOL.md, "Reader Requirements for AddCDCFile".
import type { Action, AddCdcFile, AddFile, CommitInfo, RemoveFile } from "../format/action/action.ts";
import { canonicalPath } from "../log/state/file-key.ts";

/** A file that a commit leaves in place and gives another deletion vector. */
export interface RevectoredFile {
  readonly before: RemoveFile;
  readonly after: AddFile;
}

/** The files to read for the changes of a commit. */
export interface CommitChanges {
  /** Files that say of each row what happened to it. Where there is one, the other lists are empty. */
  readonly cdcFiles: readonly AddCdcFile[];
  /** Files whose rows are new. */
  readonly inserts: readonly AddFile[];
  /** Files whose rows are gone. */
  readonly deletes: readonly RemoveFile[];
  /** Files of which some rows are gone, or are back. */
  readonly revectored: readonly RevectoredFile[];
}

/**
 * Plans the changes of one commit. Actions that change no data are left out, and so is a merge that says it touched no
 * row: such merges rewrite files all the same.
 */
export function planCommitChanges(actions: readonly Action[]): CommitChanges {
  const none = { cdcFiles: [], inserts: [], deletes: [], revectored: [] };
  const cdcFiles = actions.filter((action) => action.kind === "cdc");
  if (cdcFiles.length > 0) return { ...none, cdcFiles };
  const commitInfo = actions.find((action) => action.kind === "commitInfo");
  if (commitInfo !== undefined && isIdleMerge(commitInfo)) return none;
  const adds = byPath(actions.filter((action) => action.kind === "add").filter((action) => action.dataChange));
  const removes = byPath(actions.filter((action) => action.kind === "remove").filter((action) => action.dataChange));
  const revectored: RevectoredFile[] = [];
  for (const [path, after] of adds) {
    const before = removes.get(path);
    if (before === undefined) continue;
    adds.delete(path);
    removes.delete(path);
    if (before.deletionVector !== undefined || after.deletionVector !== undefined) revectored.push({ before, after });
  }
  return { cdcFiles: [], inserts: [...adds.values()], deletes: [...removes.values()], revectored };
}

function byPath<T extends AddFile | RemoveFile>(files: readonly T[]): Map<string, T> {
  return new Map(files.map((file) => [canonicalPath(file.path), file]));
}

function isIdleMerge({ operation, operationMetrics }: CommitInfo): boolean {
  const touched = ["numTargetRowsInserted", "numTargetRowsUpdated", "numTargetRowsDeleted"];
  return operation === "MERGE" && touched.every((name) => isZero(operationMetrics?.[name]));
}

/** Writers put their counts into texts, some into numbers. */
const isZero = (count: unknown): boolean => count === "0" || count === 0;
