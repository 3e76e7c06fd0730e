// log/publish/copied-checkpoint.ts: what a checkpoint takes over from the large one before it, and what came since. PROTOCOL.md, "Checkpoints".
import { sqlErrorClass } from "../../engine/duckdb/duckdb-error.ts";
import type { Engine, SqlConnection } from "../../engine/base/engine.ts";
import { assert } from "../../format/text/error.ts";
import type { CheckpointColumns } from "../checkpoint/checkpoint-columns.ts";
import { numberedRows, openCheckpointPart } from "../checkpoint/checkpoint-part.ts";
import type { CheckpointPart } from "../checkpoint/checkpoint-part.ts";
import { keptSinceMs } from "./checkpoint-table.ts";
import type { CheckpointRows } from "./checkpoint-table.ts";
import { copiedRows, noteTouched } from "./copied-rows.ts";
import type { CopyQuery } from "./copied-rows.ts";
import { chunked, tailOf } from "../snapshot/log-snapshot.ts";
import type { SnapshotTail } from "../snapshot/log-snapshot.ts";
import type { CheckpointCounts } from "./kept-checkpoint.ts";
import type { Snapshot } from "../state/snapshot.ts";

/** Some of the rows of a file. */
export type CopiedStretch = Pick<CopyQuery, "rows" | "where">;

/** The rows of a checkpoint that need not become objects. */
export interface CopiedCheckpoint {
  readonly parts: readonly CheckpointPart[];
  /** SELECT of the rows of a part that hold; null for none. */
  select(part: CheckpointPart, name: CopyQuery["name"], of?: CopiedStretch): string | null;
  /** The actions that came after the checkpoint. */
  addTail(rows: CheckpointRows): Promise<void>;
}

/**
 * Makes ready to copy a snapshot's checkpoint; null where it rests on none, on a small one, on one that lists a file twice, or on one whose
 * columns do not give all.
 * @param connection is told of the keys that do not hold any more
 */
export async function copiedCheckpoint(
  connection: SqlConnection,
  snapshot: Snapshot,
  { columns, nowMs }: { readonly columns: CheckpointColumns; readonly nowMs: number },
): Promise<CopiedCheckpoint | null> {
  const tail = tailOf(snapshot);
  if (tail === null || (await tail.base.hasRepeats())) return null;
  const sinceMs = keptSinceMs(snapshot, nowMs);
  const select: CopiedCheckpoint["select"] = (part, name, { rows, where = "TRUE" } = {}) => {
    if (!part.ranges.has(name)) return null;
    const isKept = name === "remove" ? `coalesce(remove.deletionTimestamp, 0) > ${sinceMs}` : "TRUE";
    return copiedRows(part, { columns, name, where: `${isKept} AND ${where}`, ...(rows && { rows }) });
  };
  const { parts } = tail.base;
  const isWhole = (["add", "remove"] as const).every((name) =>
    parts.every((part) => !part.ranges.has(name) || select(part, name) !== null),
  );
  if (!isWhole) return null;
  await noteTouched(connection, tail.touched);
  return { parts, select, addTail: (rows) => addTail(rows, tail, sinceMs) };
}

async function addTail(rows: CheckpointRows, { removes, adds }: SnapshotTail, sinceMs: number): Promise<void> {
  for (const chunk of chunked(removes))
    await rows.add(chunk.filter(({ deletionTimestampMs }) => (deletionTimestampMs ?? 0) > sinceMs));
  for (const chunk of chunked(adds)) await rows.add(chunk);
}

/**
 * Deals the rows of a checkpoint out to parts by Spark's hash of their paths, as `hashPartition` does.
 * @returns SQL for the rows of one of its files that belong to a part, from 0
 */
export async function dealRows(
  connection: SqlConnection,
  parts: readonly CheckpointPart[],
  partCount: number,
): Promise<(part: CheckpointPart, to: number) => string> {
  await connection.run("CREATE OR REPLACE TEMP TABLE dealt (file INTEGER, row BIGINT, part INTEGER)");
  for (const [file, { path, ranges }] of parts.entries()) {
    const paths = ["add", "remove"].filter((name) => ranges.has(name)).map((name) => `${name}.path`);
    const rows = `SELECT file_row_number AS row, coalesce(${paths.join(", ")}) AS path FROM ${numberedRows(path)}`;
    const hashed = `SELECT row, alluvium_murmur3(42, 'text', path) % ${partCount} AS rest FROM (${rows}) WHERE path IS NOT NULL`;
    await connection.run(
      `INSERT INTO dealt SELECT ${file}, row, (rest + ${partCount}) % ${partCount} FROM (${hashed})`,
    );
  }
  return (part, to) =>
    `file_row_number IN (SELECT row FROM dealt WHERE file = ${parts.indexOf(part)} AND part = ${to})`;
}

/**
 * Does work that copies columns; null where a value of theirs cannot be made one of the new checkpoint: objects tell what is wrong with it.
 * @throws AlluviumError whatever else goes wrong
 */
export async function unlessUnfit<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (cause) {
    if (sqlErrorClass(cause) === "value" || sqlErrorClass(cause) === "statement") return null;
    throw cause;
  }
}

/** How many actions the files of a checkpoint hold, by their footers. */
export async function countActions(engine: Engine, paths: readonly string[]): Promise<CheckpointCounts> {
  let [rowCount, addCount] = [0, 0];
  for (const path of paths) {
    const part = await openCheckpointPart(engine, path);
    rowCount += part.rowCount;
    addCount += part.ranges.get("add")?.count ?? 0;
  }
  return { rowCount, addCount };
}

/** The counts of a checkpoint, which must be those of its snapshot. */
export async function requireAll(snapshot: Snapshot, counts: CheckpointCounts): Promise<CheckpointCounts> {
  const { count } = await snapshot.files.totals();
  assert(counts.addCount === count, `a checkpoint of ${counts.addCount} files for a table of ${count}`);
  return counts;
}
