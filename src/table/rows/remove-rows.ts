// table/rows/remove-rows.ts: rows taken out of a table: whole files by the log alone, others by a deletion vector or written anew.
import type { Engine } from "../../engine/base/engine.ts";
import type { AddFile, RemoveFile } from "../../format/action/action.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { type ScannedTable, scanRelation } from "../../reader/scan-relation.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import type { ChangedRows, ChangeType } from "./change-files.ts";
import { removeFileOf } from "./file-changes.ts";
import { markRows, marksRows } from "./mark-rows.ts";
import { liveRelation, rewriteRows } from "./rewrite-files.ts";
import type { RowMatch } from "./row-match.ts";
import type { TouchedFiles } from "./touched-files.ts";

/** Rows to take out, and the files that hold them. */
export interface RowsToRemove {
  readonly match: RowMatch;
  readonly touched: TouchedFiles;
}

/** What takes them out. */
export interface RemovedRows {
  readonly removes: readonly RemoveFile[];
  /** Files with the rows that stay, or the same files with vectors. Durable. */
  readonly adds: readonly AddFile[];
  /** Files of `adds` that are new. */
  readonly rewrittenFileCount: number;
  readonly copiedRowCount: number;
  readonly addedBytes: number;
  /** Files of `adds` that are there already, and got another vector. */
  readonly markedFileCount: number;
}

/**
 * Takes the rows out.
 * @throws AlluviumError `FILE_NOT_FOUND`, `CORRUPT_FILE`, `IO_ERROR`, `DISK_FULL`
 */
export async function removeRows(
  engine: Engine,
  snapshot: Snapshot,
  { match, touched }: RowsToRemove,
): Promise<RemovedRows> {
  const { whole, partial } = touched;
  const nowMs = engine.clock.nowMs();
  const removes = [...whole, ...partial].map((file) => removeFileOf(file, nowMs));
  const nothing = { removes, adds: [], rewrittenFileCount: 0, copiedRowCount: 0, addedBytes: 0, markedFileCount: 0 };
  if (partial.length === 0) return nothing;
  if (marksRows(snapshot)) {
    const adds = await markRows(engine, snapshot, { files: partial, match });
    return { ...nothing, adds, markedFileCount: adds.length };
  }
  const kept = await rewriteRows(engine, snapshot, {
    files: partial,
    hasPositions: match.needsPositions,
    sql: (live) => match.others(live),
    rowOrigin: "kept",
  });
  return {
    ...nothing,
    adds: kept.adds,
    rewrittenFileCount: kept.adds.length,
    copiedRowCount: kept.rowCount,
    addedBytes: kept.sizeBytes,
  };
}

/**
 * True when a reader of changes can tell the rows that were removed from the files alone: whole files are gone, or rows are marked.
 * Files that were written anew hide them.
 */
export function tellsByFiles(snapshot: Snapshot, { partial }: TouchedFiles): boolean {
  return partial.length === 0 || marksRows(snapshot);
}

/** The rows that are taken out, as they were. */
export async function removedRows(
  engine: Engine,
  snapshot: Snapshot,
  { match, touched, changeType }: RowsToRemove & { readonly changeType: ChangeType },
): Promise<ChangedRows> {
  const live = await liveRelation(engine, snapshot, {
    files: [...touched.whole, ...touched.partial],
    hasPositions: match.needsPositions,
  });
  return { changeType, sql: match.matching(live) };
}

/** The rows of files that were just written. */
export async function writtenRows(
  engine: Engine,
  table: ScannedTable,
  { adds, changeType }: { readonly adds: readonly AddFile[]; readonly changeType: ChangeType },
): Promise<ChangedRows> {
  return { changeType, sql: scanRelation(table, await scannedFiles(engine, table, { files: adds })) };
}
