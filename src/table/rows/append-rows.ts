// table/rows/append-rows.ts: adds rows to a table in one commit.
import { AlluviumError } from "../../format/text/error.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { beginDataFiles, metadataAfter } from "../../writer/data-file-writer.ts";
import type { Rows, WrittenFiles } from "../../writer/rows.ts";
import { type Transaction, beginTransaction } from "../../writer/transaction.ts";
import type { TableHead } from "./file-changes.ts";
import { type PreparedWrite, prepareWrite } from "./prepare-write.ts";

/** How rows are written. */
export interface WriteOptions {
  /** Columns that the table lacks are added to it. */
  readonly mergeSchema?: boolean | undefined;
  /** With `txnVersion`: the write happens once, however often it is tried. Delta's options of the same names. */
  readonly txnAppId?: string | undefined;
  /** A whole number from 0 that grows with each write of the application. */
  readonly txnVersion?: number | bigint | string | undefined;
  /** Free text for the commit. */
  readonly userMetadata?: string | undefined;
}

/** What a write did. */
export interface WriteResult {
  /** `already-committed`: the table had this `txnVersion` of the application, or a later one; nothing was written. */
  readonly status: "committed" | "already-committed";
  /** The version committed, or the table's when nothing was. */
  readonly version: number;
  readonly rowCount: number;
  readonly addedFileCount: number;
  readonly addedBytes: number;
  readonly removedFileCount: number;
}

/**
 * Appends rows.
 * @throws AlluviumError about the rows' schema and values, `DELTA_INVALID_IDEMPOTENT_WRITES_OPTIONS`, `DELTA_CONCURRENT_*`
 */
export async function appendRows(
  { engine, snapshot }: TableHead,
  rows: Rows,
  options: WriteOptions = {},
): Promise<WriteResult & { readonly snapshot: Snapshot }> {
  const transaction = beginTransaction(engine, snapshot);
  if (isDone(transaction, snapshot, options)) return alreadyCommitted(snapshot);
  const prepared = prepareWrite({ engine, snapshot }, rows.schema, options);
  const written = await beginDataFiles(engine, prepared.target, rows);
  updateMetadata(transaction, { snapshot, prepared, written });
  const result = await transaction.commit({
    operation: "WRITE",
    parameters: { mode: "Append", partitionBy: JSON.stringify(snapshot.metadata.partitionColumns) },
    metrics: writeMetrics(written),
    actions: written.adds,
    settle: written.settle,
    userMetadata: options.userMetadata,
  });
  if (result.status === "already-committed") return alreadyCommitted(snapshot);
  return { ...writeResult(result.version, written, 0), snapshot: result.snapshot };
}

/** Rows that were written, and what was decided before. */
export interface PreparedFiles {
  readonly snapshot: Snapshot;
  readonly prepared: PreparedWrite;
  readonly written: WrittenFiles;
}

/** Tells the transaction of the metadata after a write: of columns that came in, and of identity values that were given. */
export function updateMetadata(transaction: Transaction, { snapshot, prepared, written }: PreparedFiles): void {
  const metadata = metadataAfter(prepared.metadata ?? snapshot.metadata, written) ?? prepared.metadata;
  if (metadata !== null) transaction.updateMetadata(metadata);
}

/** Declares the idempotent write, and says whether the table has it. */
export function isDone(transaction: Transaction, snapshot: Snapshot | null, options: WriteOptions): boolean {
  const txn = idempotentWrite(options);
  if (txn === null) return false;
  transaction.setTransaction(txn.appId, txn.version);
  const seen = snapshot?.transactions.get(txn.appId)?.version;
  return seen !== undefined && seen >= txn.version;
}

/** As Spark writes them, for `history`. */
export function writeMetrics(written: WrittenFiles): Readonly<Record<string, number>> {
  return { numFiles: written.adds.length, numOutputRows: written.rowCount, numOutputBytes: written.sizeBytes };
}

/** The outcome of a commit. */
export function writeResult(version: number, written: WrittenFiles, removedFileCount: number): WriteResult {
  return {
    status: "committed",
    version,
    rowCount: written.rowCount,
    addedFileCount: written.adds.length,
    addedBytes: written.sizeBytes,
    removedFileCount,
  };
}

/** The outcome of a write that was there already. */
export function alreadyCommitted(snapshot: Snapshot): WriteResult & { readonly snapshot: Snapshot } {
  const nothing = { rowCount: 0, addedFileCount: 0, addedBytes: 0, removedFileCount: 0 };
  return { status: "already-committed", version: snapshot.version, ...nothing, snapshot };
}

function idempotentWrite(options: WriteOptions): { readonly appId: string; readonly version: bigint } | null {
  const { txnAppId, txnVersion } = options;
  if (txnAppId === undefined && txnVersion === undefined) return null;
  if (txnAppId === undefined || txnVersion === undefined || txnAppId === "") {
    throw new AlluviumError(
      "DELTA_INVALID_IDEMPOTENT_WRITES_OPTIONS",
      { txnAppId, txnVersion },
      "an idempotent write needs both txnAppId (not empty) and txnVersion",
    );
  }
  const text = String(txnVersion);
  if (!/^\d{1,19}$/.test(text) || BigInt(text) > 2n ** 63n - 1n) {
    throw new AlluviumError(
      "DELTA_ILLEGAL_OPTION",
      { option: "txnVersion", value: text },
      `txnVersion is a whole number from 0 to 2^63 - 1, not ${text}`,
    );
  }
  return { appId: txnAppId, version: BigInt(text) };
}
