// table/rows/overwrite-rows.ts: replaces all rows, the rows of a region, or the partitions that the new rows lie in.
import type { Engine } from "../../engine/base/engine.ts";
import type { Predicate } from "../../expression/tree/expression.ts";
import { type PredicateInput, resolvePredicate } from "../../expression/predicate/predicate-input.ts";
import type { Action, AddFile, RemoveFile } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { scanRelation } from "../../reader/scan-relation.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import { discardWritten, writeDataFiles } from "../../writer/data-file-writer.ts";
import type { Rows, WrittenFiles } from "../../writer/rows.ts";
import { type Transaction, beginTransaction } from "../../writer/transaction.ts";
import {
  type WriteOptions,
  type WriteResult,
  alreadyCommitted,
  isDone,
  updateMetadata,
  writeMetrics,
  writeResult,
} from "./append-rows.ts";
import { writeChangeFiles } from "./change-files.ts";
import { type TableHead, removesOf } from "./file-changes.ts";
import { type PreparedWrite, prepareWrite } from "./prepare-write.ts";
import { removedRows, removeRows, tellsByFiles, writtenRows } from "./remove-rows.ts";
import { predicateMatch } from "./row-match.ts";
import { findTouched } from "./touched-files.ts";

/** How rows replace others. */
export interface OverwriteOptions extends WriteOptions {
  /** Only rows for which this is true are replaced, and only such rows may come in. Delta's `replaceWhere`. */
  readonly where?: PredicateInput | undefined;
  /** The table takes the schema of the new rows. Not together with `where`. */
  readonly overwriteSchema?: boolean | undefined;
  /** `dynamic`: only the partitions that the new rows lie in are replaced. Spark's option of the same name. */
  readonly partitionOverwriteMode?: "static" | "dynamic" | undefined;
}

/**
 * Overwrites.
 * @throws AlluviumError `DELTA_REPLACE_WHERE_MISMATCH` when a new row lies outside `where`, and as `appendRows`
 */
export async function overwriteRows(
  { engine, snapshot }: TableHead,
  rows: Rows,
  options: OverwriteOptions = {},
): Promise<WriteResult & { readonly snapshot: Snapshot }> {
  checkOptions(snapshot, options);
  const transaction = beginTransaction(engine, snapshot);
  if (isDone(transaction, snapshot, options)) return alreadyCommitted(snapshot);
  const prepared = prepareWrite({ engine, snapshot }, rows.schema, options);
  const { schema, partitionColumns } = prepared.target;
  const where = await resolvePredicate(engine.sql, options.where, { schema, partitionColumns });
  const written = await writeDataFiles(engine, prepared.target, rows);
  updateMetadata(transaction, { snapshot, prepared, written });
  const change = await replaced({ engine, snapshot, transaction, prepared, where, written, options });
  const result = await transaction.commit({
    operation: "WRITE",
    parameters: {
      mode: "Overwrite",
      partitionBy: JSON.stringify(partitionColumns),
      ...(where === undefined ? {} : { predicate: where.text }),
    },
    metrics: { ...writeMetrics(written), numRemovedFiles: change.removedFileCount },
    actions: [...change.removes, ...written.adds, ...change.others],
    isBlindAppend: false,
    userMetadata: options.userMetadata,
  });
  if (result.status === "already-committed") return alreadyCommitted(snapshot);
  return { ...writeResult(result.version, written, change.removedFileCount), snapshot: result.snapshot };
}

interface Overwrite {
  readonly engine: Engine;
  readonly snapshot: Snapshot;
  readonly transaction: Transaction;
  readonly prepared: PreparedWrite;
  readonly where: Predicate | undefined;
  readonly written: WrittenFiles;
  readonly options: OverwriteOptions;
}

interface Replaced {
  readonly removes: readonly RemoveFile[];
  /** Files that are no longer part of the table. */
  readonly removedFileCount: number;
  /** Files with rows that stay, and files that tell the changes. */
  readonly others: readonly Action[];
}

async function replaced(overwrite: Overwrite): Promise<Replaced> {
  const { engine, snapshot, transaction, where, written, options } = overwrite;
  if (where !== undefined) return replacedWhere(overwrite, where);
  const isDynamic = options.partitionOverwriteMode === "dynamic" && snapshot.metadata.partitionColumns.length > 0;
  transaction.readWholeTable();
  const partitions = new Set(written.adds.map(partitionKey));
  const isGone = (file: AddFile): boolean => !isDynamic || partitions.has(partitionKey(file));
  const removes = await removesOf(engine, snapshot, isGone);
  return { removes, removedFileCount: removes.length, others: [] };
}

async function replacedWhere(overwrite: Overwrite, where: Predicate): Promise<Replaced> {
  const { engine, snapshot, transaction, prepared, written } = overwrite;
  await checkInside(overwrite, where);
  transaction.readWhere(where);
  const touched = await findTouched(engine, snapshot, where);
  const match = predicateMatch(where);
  const { removes, adds, markedFileCount } = await removeRows(engine, snapshot, { match, touched });
  const isTold = !snapshot.properties.enableChangeDataFeed || tellsByFiles(snapshot, touched);
  const changes = isTold
    ? []
    : [
        await removedRows(engine, snapshot, { match, touched, changeType: "delete" }),
        await writtenRows(engine, prepared.target, { adds: written.adds, changeType: "insert" }),
      ];
  const changeFiles = await writeChangeFiles(engine, prepared.target, changes);
  return { removes, removedFileCount: removes.length - markedFileCount, others: [...adds, ...changeFiles] };
}

const partitionKey = (file: AddFile): string =>
  [...file.partitionValues]
    .map(([name, value]) => JSON.stringify([name, value === "" ? null : value]))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join();

/** Every new row must lie in the region; otherwise the files just written go again. */
async function checkInside(overwrite: Overwrite, where: Predicate): Promise<void> {
  const { engine, prepared, written } = overwrite;
  if (written.adds.length === 0) return;
  const { columns } = where;
  const files = await scannedFiles(engine, prepared.target, { files: written.adds, columns });
  const relation = scanRelation(prepared.target, files, { columns });
  const sql = `SELECT * FROM (${relation}) WHERE (${where.sql}) IS NOT TRUE LIMIT 1`;
  await using connection = await engine.sql.connect();
  const [outside] = await connection.rows(
    where.columns.length === 0 ? `SELECT 1 WHERE (${where.sql}) IS NOT TRUE` : sql,
  );
  if (outside === undefined) return;
  await discardWritten(engine, prepared.target.tablePath, written);
  const values = Object.entries(outside).map(([name, value]) => `${name} = ${String(value)}`);
  throw new AlluviumError(
    "DELTA_REPLACE_WHERE_MISMATCH",
    { table: prepared.target.tablePath, predicate: where.text },
    `a new row lies outside the region that is replaced (${where.text}): ${values.join(", ")}; nothing was changed`,
  );
}

function checkOptions(snapshot: Snapshot, options: OverwriteOptions): void {
  const fail = (message: string): never => {
    throw new AlluviumError("DELTA_ILLEGAL_OPTION", { table: snapshot.tablePath }, message);
  };
  const { where, overwriteSchema, partitionOverwriteMode } = options;
  if (where !== undefined && overwriteSchema === true)
    fail("overwriteSchema replaces the whole table; it cannot go with where");
  if (partitionOverwriteMode !== "dynamic") return;
  if (where !== undefined)
    fail("partitionOverwriteMode dynamic finds its partitions in the rows; it cannot go with where");
  if (overwriteSchema === true)
    fail("overwriteSchema replaces the whole table; it cannot go with partitionOverwriteMode dynamic");
}
