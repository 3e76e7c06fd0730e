// table/delete-rows.ts: removes rows. Files that go as a whole go by metadata alone; the others are rewritten.
import type { Engine } from "../engine/engine.ts";
import { partitionVerdict } from "../expression/evaluate.ts";
import type { Predicate } from "../expression/expression.ts";
import { type PredicateInput, resolvePredicate } from "../expression/predicate-input.ts";
import type { AddFile } from "../format/action.ts";
import { resolveDataPath } from "../format/partition-path.ts";
import type { Snapshot } from "../log/snapshot.ts";
import { planScan } from "../reader/scan.ts";
import { type ScannedTable, scannedTable, scanRelation } from "../reader/scan-relation.ts";
import { scannedFiles } from "../reader/scanned-files.ts";
import { writeDataFiles } from "../writer/data-file-writer.ts";
import type { WrittenFiles } from "../writer/rows.ts";
import { beginTransaction } from "../writer/transaction.ts";
import { removeFileOf, writeTarget } from "./file-changes.ts";

/** What a delete did. */
export interface DeleteResult {
  readonly version: number;
  /** Null where rows went with whole files that have no count in the log. */
  readonly deletedRowCount: bigint | null;
  readonly removedFileCount: number;
  readonly addedFileCount: number;
}

/** A delete, planned: whole files and files to rewrite. */
export interface DeletePlan {
  readonly whole: readonly AddFile[];
  readonly partial: readonly AddFile[];
  /** Rows that match in `partial`. */
  readonly partialMatchCount: bigint;
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
  const table = scannedTable(snapshot);
  const where = await resolvePredicate(engine.sql, input, table);
  const transaction = beginTransaction(engine, snapshot);
  if (where === undefined) transaction.readWholeTable();
  else transaction.readWhere(where);
  const plan = await planDelete(engine, snapshot, where);
  if (plan.whole.length + plan.partial.length === 0) {
    return { version: snapshot.version, deletedRowCount: 0n, removedFileCount: 0, addedFileCount: 0, snapshot };
  }
  const rewritten = await rewriteWithout(engine, snapshot, { where, files: plan.partial });
  const removed = [...plan.whole, ...plan.partial];
  const nowMs = engine.clock.nowMs();
  const deletedRowCount = deletedRows(plan);
  const result = await transaction.commit({
    operation: "DELETE",
    parameters: { predicate: JSON.stringify(where === undefined ? ["true"] : [where.text]) },
    metrics: {
      numRemovedFiles: removed.length,
      numRemovedBytes: removed.reduce((sum, file) => sum + file.sizeBytes, 0),
      numAddedFiles: rewritten.adds.length,
      numAddedBytes: rewritten.sizeBytes,
      numCopiedRows: rewritten.rowCount,
      ...(deletedRowCount === null ? {} : { numDeletedRows: deletedRowCount }),
    },
    actions: [...removed.map((file) => removeFileOf(file, nowMs)), ...rewritten.adds],
    isBlindAppend: false,
  });
  return {
    version: result.version,
    deletedRowCount,
    removedFileCount: removed.length,
    addedFileCount: rewritten.adds.length,
    snapshot: result.status === "committed" ? result.snapshot : snapshot,
  };
}

/** Finds the files with matching rows; data is read only of files that the log alone cannot answer for. */
export async function planDelete(
  engine: Engine,
  snapshot: Snapshot,
  where: Predicate | undefined,
): Promise<DeletePlan> {
  const { files } = await planScan(engine, snapshot, where === undefined ? {} : { where });
  if (where === undefined) return { whole: files, partial: [], partialMatchCount: 0n };
  const table = scannedTable(snapshot);
  const isWhole = (file: AddFile): boolean => partitionVerdict(where.expression, file.partitionValues, table) === "all";
  const whole = files.filter(isWhole);
  const uncertain = files.filter((file) => !isWhole(file));
  if (uncertain.length === 0) return { whole, partial: [], partialMatchCount: 0n };
  const counts = await matchCounts(engine, table, { files: uncertain, where });
  const partial: AddFile[] = [];
  let partialMatchCount = 0n;
  for (const file of uncertain) {
    const { matching, all } = counts.get(resolveDataPath(snapshot.tablePath, file.path)) ?? { matching: 0n, all: 0n };
    if (matching === 0n) continue;
    if (matching === all) whole.push(file);
    else partial.push(file);
    partialMatchCount += matching === all ? 0n : matching;
  }
  return { whole, partial, partialMatchCount };
}

interface Asked {
  readonly files: readonly AddFile[];
  readonly where: Predicate;
}

/** Rows and matching rows per file, in one statement. */
async function matchCounts(
  engine: Engine,
  table: ScannedTable,
  { files, where }: Asked,
): Promise<ReadonlyMap<string, { readonly matching: bigint; readonly all: bigint }>> {
  const ready = await scannedFiles(engine, table, { files, columns: where.columns });
  const relation = scanRelation(table, ready, { columns: where.columns, fileNameColumn: "__file" });
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(
    `SELECT __file, count(*) AS n, count(*) FILTER (WHERE ${where.sql}) AS matching FROM (${relation}) GROUP BY __file`,
  );
  return new Map(
    rows.map((row) => [
      String(row["__file"]),
      { matching: BigInt(String(row["matching"])), all: BigInt(String(row["n"])) },
    ]),
  );
}

/** Writes the rows that stay: those for which the predicate is false or null. */
export async function rewriteWithout(
  engine: Engine,
  snapshot: Snapshot,
  { where, files }: { readonly where: Predicate | undefined; readonly files: readonly AddFile[] },
): Promise<WrittenFiles> {
  if (where === undefined || files.length === 0) return { adds: [], rowCount: 0, sizeBytes: 0 };
  const table = scannedTable(snapshot);
  const relation = scanRelation(table, await scannedFiles(engine, table, { files }));
  const sql = `SELECT * FROM (${relation}) WHERE (${where.sql}) IS NOT TRUE`;
  return writeDataFiles(engine, writeTarget(snapshot), { kind: "relation", schema: snapshot.schema, sql });
}

function deletedRows(plan: DeletePlan): bigint | null {
  let count = plan.partialMatchCount;
  for (const file of plan.whole) {
    const rowCount = /"numRecords"\s*:\s*(\d+)/.exec(file.stats ?? "")?.[1];
    if (rowCount === undefined) return null;
    count += BigInt(rowCount);
  }
  return count;
}
