// reader/scan.ts: from a snapshot to rows. Files are planned, then read as Arrow with bounded memory.
import type { RecordBatch } from "apache-arrow";
import type { Engine } from "../engine/base/engine.ts";
import type { Snapshot } from "../log/state/snapshot.ts";
import { filesToRead, planFiles } from "./plan-scan.ts";
import type { ScanPlan, ScanQuery } from "./plan-scan.ts";
import { readError } from "./read-error.ts";
import { scannedTable, scanRelation } from "./scan-relation.ts";
import { scannedFiles } from "./scanned-files.ts";

export { chooseFiles, filesToRead } from "./plan-scan.ts";
export type { ScanPlan, ScanQuery } from "./plan-scan.ts";

/**
 * Plans a scan, with an account of every file; nothing but the log is read.
 * @throws AlluviumError `COLUMN_NOT_FOUND`
 */
export function planScan(_engine: Engine, snapshot: Snapshot, query: ScanQuery): Promise<ScanPlan> {
  return planFiles(snapshot, query);
}

/**
 * The rows asked for, columns in schema order or as asked; order of rows is not defined. No rows give no batches.
 * @throws AlluviumError `COLUMN_NOT_FOUND`; `FILE_NOT_FOUND` and `CORRUPT_FILE` naming the file as the log does
 */
export async function* scanBatches(engine: Engine, snapshot: Snapshot, query: ScanQuery): AsyncGenerator<RecordBatch> {
  const plan = await filesToRead(snapshot, query);
  if (plan.files.length === 0) return;
  const table = scannedTable(snapshot);
  const columns = plan.schema.fields.map((field) => field.name);
  await using connection = await engine.sql.connect();
  for (let start = 0; start < plan.files.length; start += filesPerStatement) {
    const { where } = plan;
    const needed = [...columns, ...(where?.columns ?? [])];
    const slice = plan.files.slice(start, start + filesPerStatement);
    const files = await scannedFiles(engine, table, { files: slice, columns: needed });
    const sql = scanRelation(table, files, { columns, where });
    try {
      yield* connection.batches(sql, plan.schema);
    } catch (cause) {
      throw await readError(engine, { table, files, where }, cause);
    }
  }
}

// Long enough that a statement costs nothing per file, short enough that its text stays small.
const filesPerStatement = 4096;
