// table/rows/delete-rows.ts: removes rows. Files that go as a whole go by metadata alone.
import type { Engine } from "../../engine/base/engine.ts";
import { type PredicateInput, resolvePredicate } from "../../expression/predicate/predicate-input.ts";
import type { AddFile } from "../../format/action/action.ts";
import { parseStats } from "../../format/value/file-stats.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { scannedTable } from "../../reader/scan-relation.ts";
import { beginTransaction } from "../../writer/transaction.ts";
import { writeChangeFiles } from "./change-files.ts";
import { writeTarget } from "./file-changes.ts";
import { removedRows, removeRows, tellsByFiles } from "./remove-rows.ts";
import { predicateMatch } from "./row-match.ts";
import { type TouchedFiles, findTouched } from "./touched-files.ts";

/** What a delete did. */
export interface DeleteResult {
  readonly version: number;
  /** Null where rows went with whole files that have no count in the log. */
  readonly deletedRowCount: bigint | null;
  /** Files that are no longer part of the table. */
  readonly removedFileCount: number;
  readonly addedFileCount: number;
  /** Files that stay, and whose deleted rows are marked by a deletion vector. */
  readonly markedFileCount: number;
}

/**
 * Deletes the rows for which the predicate is true; all rows without one. Nothing is committed when no row matches.
 * @throws AlluviumError `INVALID_PREDICATE`, `COLUMN_NOT_FOUND`, `DELTA_CANNOT_MODIFY_APPEND_ONLY`, `DELTA_CONCURRENT_*`
 */
export async function deleteRows(
  engine: Engine,
  snapshot: Snapshot,
  input: PredicateInput | undefined,
): Promise<DeleteResult & { readonly snapshot: Snapshot }> {
  const where = await resolvePredicate(engine.sql, input, scannedTable(snapshot));
  const transaction = beginTransaction(engine, snapshot);
  if (where === undefined) transaction.readWholeTable();
  else transaction.readWhere(where);
  const touched = await findTouched(engine, snapshot, where);
  const match = predicateMatch(where);
  if (touched.whole.length + touched.partial.length === 0) return { ...nothingDeleted(snapshot), snapshot };
  const removed = await removeRows(engine, snapshot, { match, touched });
  const isTold = !snapshot.properties.enableChangeDataFeed || tellsByFiles(snapshot, touched);
  const changes = isTold ? [] : [await removedRows(engine, snapshot, { match, touched, changeType: "delete" })];
  const changeFiles = await writeChangeFiles(engine, writeTarget(snapshot), changes);
  const deletedRowCount = deletedRows(touched);
  const removedFileCount = removed.removes.length - removed.markedFileCount;
  const result = await transaction.commit({
    operation: "DELETE",
    parameters: { predicate: JSON.stringify(where === undefined ? ["true"] : [where.text]) },
    metrics: {
      numRemovedFiles: removedFileCount,
      numRemovedBytes: sizeBytesOf(
        removed.markedFileCount > 0 ? touched.whole : [...touched.whole, ...touched.partial],
      ),
      numAddedFiles: removed.rewrittenFileCount,
      numAddedBytes: removed.addedBytes,
      numCopiedRows: removed.copiedRowCount,
      numAddedChangeFiles: changeFiles.length,
      numDeletionVectorsAdded: removed.markedFileCount,
      ...(deletedRowCount === null ? {} : { numDeletedRows: deletedRowCount }),
    },
    actions: [...removed.removes, ...removed.adds, ...changeFiles],
    isBlindAppend: false,
  });
  return {
    version: result.version,
    deletedRowCount,
    removedFileCount,
    addedFileCount: removed.rewrittenFileCount,
    markedFileCount: removed.markedFileCount,
    snapshot: result.status === "committed" ? result.snapshot : snapshot,
  };
}

function nothingDeleted({ version }: Snapshot): DeleteResult {
  return { version, deletedRowCount: 0n, removedFileCount: 0, addedFileCount: 0, markedFileCount: 0 };
}

const sizeBytesOf = (files: readonly AddFile[]): number => files.reduce((sum, file) => sum + file.sizeBytes, 0);

function deletedRows({ whole, partialMatchCount }: TouchedFiles): bigint | null {
  let count = partialMatchCount;
  for (const file of whole) {
    const rowCount = file.stats === undefined ? undefined : parseStats(file.stats)?.numRecords;
    if (rowCount === undefined) return null;
    count += BigInt(rowCount - (file.deletionVector?.cardinality ?? 0));
  }
  return count;
}
