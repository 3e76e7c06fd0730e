// table/rows/update-rows.ts: gives rows new values. The rows leave their files as deleted ones do, and come back in new files.
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { type PredicateInput, resolvePredicate } from "../../expression/predicate/predicate-input.ts";
import { rowTrackingColumns } from "../../format/protocol/row-tracking.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { scannedTable } from "../../reader/scan-relation.ts";
import { beginTransaction } from "../../writer/transaction.ts";
import { type AssignmentInput, bindAssignments, tableScope } from "./assignments.ts";
import { writeChangeFiles } from "./change-files.ts";
import { writeTarget } from "./file-changes.ts";
import { removedRows, removeRows, writtenRows } from "./remove-rows.ts";
import { rewriteRows } from "./rewrite-files.ts";
import { predicateMatch } from "./row-match.ts";
import { findTouched } from "./touched-files.ts";

/** Which rows to update, and how. */
export interface UpdateOptions {
  /** Rows for which this is true; all rows when absent. */
  readonly where?: PredicateInput | undefined;
  /** New values by column; they may use the row's old ones. */
  readonly set: AssignmentInput;
}

/** What an update did. */
export interface UpdateResult {
  readonly version: number;
  readonly updatedRowCount: number;
  readonly removedFileCount: number;
  readonly addedFileCount: number;
  /** Files that stay, and whose old rows are marked by a deletion vector. */
  readonly markedFileCount: number;
}

/**
 * Updates the rows in one commit; nothing is committed when no row matches.
 * @throws AlluviumError as `bindAssignments` and `deleteRows`; `CAST_INVALID_INPUT` and `DELTA_FAILED_TO_MERGE_FIELDS` for values
 *   that are not of the column's type, `DELTA_NOT_NULL_CONSTRAINT_VIOLATED`, `DELTA_VIOLATE_CONSTRAINT_WITH_VALUES`
 */
export async function updateRows(
  engine: Engine,
  snapshot: Snapshot,
  { where: input, set }: UpdateOptions,
): Promise<UpdateResult & { readonly snapshot: Snapshot }> {
  const where = await resolvePredicate(engine.sql, input, scannedTable(snapshot));
  const changed = await bindAssignments(engine.sql, set, tableScope(snapshot.schema));
  const transaction = beginTransaction(engine, snapshot);
  if (where === undefined) transaction.readWholeTable();
  else transaction.readWhere(where);
  const touched = await findTouched(engine, snapshot, where);
  const match = predicateMatch(where);
  const files = [...touched.whole, ...touched.partial];
  if (files.length === 0) return { ...nothingUpdated(snapshot), snapshot };
  const written = await rewriteRows(engine, snapshot, {
    files,
    sql: (live) => `SELECT ${[...changed.columns, ...idColumns(snapshot)].join(", ")} FROM (${match.matching(live)})`,
    fields: changed.fields,
    rowOrigin: "changed",
  });
  const removed = await removeRows(engine, snapshot, { match, touched });
  const changes = snapshot.properties.enableChangeDataFeed
    ? [
        await removedRows(engine, snapshot, { match, touched, changeType: "update_preimage" }),
        await writtenRows(engine, scannedTable(snapshot), { adds: written.adds, changeType: "update_postimage" }),
      ]
    : [];
  const changeFiles = await writeChangeFiles(engine, writeTarget(snapshot), changes);
  const removedFileCount = removed.removes.length - removed.markedFileCount;
  const addedFileCount = written.adds.length + removed.rewrittenFileCount;
  const result = await transaction.commit({
    operation: "UPDATE",
    parameters: { predicate: JSON.stringify(where === undefined ? ["true"] : [where.text]) },
    metrics: {
      numRemovedFiles: removedFileCount,
      numAddedFiles: addedFileCount,
      numAddedBytes: written.sizeBytes + removed.addedBytes,
      numUpdatedRows: written.rowCount,
      numCopiedRows: removed.copiedRowCount,
      numAddedChangeFiles: changeFiles.length,
      numDeletionVectorsAdded: removed.markedFileCount,
    },
    actions: [...removed.removes, ...removed.adds, ...written.adds, ...changeFiles],
    isBlindAppend: false,
  });
  return {
    version: result.version,
    updatedRowCount: written.rowCount,
    removedFileCount,
    addedFileCount,
    markedFileCount: removed.markedFileCount,
    snapshot: result.status === "committed" ? result.snapshot : snapshot,
  };
}

/** A row that is changed keeps its id, and the version that changes it is this one. */
function idColumns(snapshot: Snapshot): readonly string[] {
  const tracking = rowTrackingColumns(snapshot);
  if (tracking === null) return [];
  const { rowIdColumn, rowCommitVersionColumn } = tracking;
  return [sqlIdentifier(rowIdColumn), `CAST(NULL AS BIGINT) AS ${sqlIdentifier(rowCommitVersionColumn)}`];
}

function nothingUpdated({ version }: Snapshot): UpdateResult {
  return { version, updatedRowCount: 0, removedFileCount: 0, addedFileCount: 0, markedFileCount: 0 };
}
