// table/rows/save-rows.ts: rows into a table that may not exist yet. Spark's save modes.
import type { Engine } from "../../engine/base/engine.ts";
import { withoutColumnRules } from "../../format/schema/computed-column.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { loadSnapshot, tableExists } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { writeDataFiles } from "../../writer/data-file-writer.ts";
import type { Rows } from "../../writer/rows.ts";
import { writeTargetOf } from "../../writer/write-target.ts";
import { beginCreate } from "../../writer/transaction.ts";
import { type WriteResult, alreadyCommitted, appendRows, isDone, writeMetrics, writeResult } from "./append-rows.ts";
import { newTable } from "../input/create-table.ts";
import { type OverwriteOptions, overwriteRows } from "./overwrite-rows.ts";

/** What to do where the table exists already. */
export type SaveMode = "append" | "overwrite" | "ignore" | "errorifexists";

/** Rows on their way to a path. */
export interface SaveRequest {
  readonly rows: Rows;
  readonly mode: SaveMode;
  /** Of a table that the write creates; for one that exists it must agree. */
  readonly partitionBy?: readonly string[] | undefined;
  readonly options: OverwriteOptions;
}

/**
 * Writes rows in one commit, which also makes the table where there is none.
 * @throws AlluviumError `DELTA_TABLE_ALREADY_EXISTS`, `DELTA_METADATA_MISMATCH`, and as `appendRows` and `overwriteRows`
 */
export async function saveRows(
  engine: Engine,
  tablePath: string,
  request: SaveRequest,
): Promise<WriteResult & { readonly snapshot: Snapshot }> {
  if (!(await tableExists(engine, tablePath))) return createWithRows(engine, tablePath, request);
  const { mode, rows, options } = request;
  if (mode === "errorifexists") {
    const message = `${tablePath} is a Delta table already; choose mode append, overwrite or ignore, or another path`;
    throw new AlluviumError("DELTA_TABLE_ALREADY_EXISTS", { table: tablePath }, message);
  }
  const snapshot = await loadSnapshot(engine, tablePath);
  if (mode === "ignore") return alreadyCommitted(snapshot);
  checkPartitioning(snapshot, request.partitionBy);
  const head = { engine, snapshot };
  return mode === "append" ? appendRows(head, rows, options) : overwriteRows(head, rows, options);
}

async function createWithRows(
  engine: Engine,
  tablePath: string,
  { rows, mode, partitionBy, options }: SaveRequest,
): Promise<WriteResult & { readonly snapshot: Snapshot }> {
  const schema = withoutColumnRules(rows.schema);
  const { metadata, protocol } = newTable(engine, { schema, partitionBy });
  const transaction = beginCreate(engine, tablePath);
  transaction.updateProtocol(protocol);
  transaction.updateMetadata(metadata);
  isDone(transaction, null, options);
  const target = writeTargetOf(tablePath, protocol, metadata);
  const written = await writeDataFiles(engine, target, rows);
  const modeName = { append: "Append", overwrite: "Overwrite", ignore: "Ignore", errorifexists: "ErrorIfExists" }[mode];
  const result = await transaction.commit({
    operation: "WRITE",
    parameters: { mode: modeName, partitionBy: JSON.stringify(metadata.partitionColumns) },
    metrics: writeMetrics(written),
    actions: written.adds,
    userMetadata: options.userMetadata,
  });
  if (result.status === "committed") return { ...writeResult(result.version, written, 0), snapshot: result.snapshot };
  return alreadyCommitted(await loadSnapshot(engine, tablePath));
}

function checkPartitioning(snapshot: Snapshot, partitionBy: readonly string[] | undefined): void {
  if (partitionBy === undefined) return;
  const { partitionColumns } = snapshot.metadata;
  const isSame =
    partitionBy.length === partitionColumns.length &&
    partitionBy.every((name, index) => name.toLowerCase() === partitionColumns[index]?.toLowerCase());
  if (isSame) return;
  throw new AlluviumError(
    "DELTA_METADATA_MISMATCH",
    { table: snapshot.tablePath, partitionBy: partitionBy.join(", ") },
    `${snapshot.tablePath} is partitioned by (${partitionColumns.join(", ")}), not by (${partitionBy.join(", ")}); leave partitionBy out`,
  );
}
