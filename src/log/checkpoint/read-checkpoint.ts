// log/checkpoint/read-checkpoint.ts: a checkpoint to the state of a table. PROTOCOL.md, "Checkpoints" and "Checkpoint Schema".
import type { Engine } from "../../engine/base/engine.ts";
import type { Action } from "../../format/action/action.ts";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import { CheckpointBase, heldFileCountMax } from "./checkpoint-base.ts";
import { joined, openCheckpointPart, rowsOfRange } from "./checkpoint-part.ts";
import type { CheckpointPart, RowRange } from "./checkpoint-part.ts";
import { parseCheckpointRecord, parseCheckpointRow } from "./checkpoint-row.ts";
import { headerActions, selectActions } from "./checkpoint-sql.ts";
import type { CheckpointFiles } from "../listing/list-log.ts";
import { parseCommit } from "../listing/read-commit.ts";
import { sidecarPaths } from "./sidecar-files.ts";

/** What a checkpoint says. */
export interface CheckpointContent {
  /** All but the file actions that lie in Parquet files. */
  readonly actions: readonly Action[];
  /** The file actions that lie in Parquet files; null when the checkpoint is JSON alone. */
  readonly base: CheckpointBase | null;
}

/**
 * Reads a checkpoint.
 * @throws AlluviumError `CORRUPT_LOG` when it is damaged: the caller then takes an older one; `CLOSED`, `DISK_FULL` as such
 */
export async function readCheckpoint(
  engine: Engine,
  tablePath: string,
  files: CheckpointFiles,
): Promise<CheckpointContent> {
  try {
    const actions: Action[] = [];
    const parts: CheckpointPart[] = [];
    for (const path of files.paths) {
      if (path.endsWith(".json")) actions.push(...parseCommit(await engine.files.read(path), path));
      else parts.push(await openCheckpointPart(engine, path));
    }
    for (const part of parts) actions.push(...(await readHeader(engine, part)));
    for (const path of new Set(sidecarPaths(tablePath, actions))) parts.push(await openCheckpointPart(engine, path));
    const base = parts.length === 0 ? null : new CheckpointBase(engine, parts);
    await base?.check();
    return { actions, base };
  } catch (cause) {
    if (cause instanceof AlluviumError && (cause.code === "CLOSED" || cause.code === "DISK_FULL")) throw cause;
    throw damaged(files, cause);
  }
}

/** The actions that are not about files. They are few, and the footer says where they are. */
async function readHeader(engine: Engine, part: CheckpointPart): Promise<readonly Action[]> {
  const { path, tree, ranges, metadata } = part;
  const names = headerActions.filter((name) => ranges.has(name));
  if (names.length === 0) return [];
  // Without a count of nulls nothing says that they are few.
  const areFew = names.every(
    (name) =>
      (ranges.get(name)?.count ?? Number.POSITIVE_INFINITY) <= heldFileCountMax &&
      tree.some((column) => column.name === name), // DuckDB does not mind the case of names
  );
  const records = areFew ? await engine.parquet.records(path, { metadata, columns: names }) : null;
  if (records === null) return askHeader(engine, part, names);
  return records.map((record) => parseCheckpointRecord(record, path)).filter((action) => action !== null);
}

async function askHeader(
  engine: Engine,
  { path, tree, ranges }: CheckpointPart,
  names: readonly string[],
): Promise<readonly Action[]> {
  let range: RowRange | undefined;
  for (const name of names) range = joined(range, ranges.get(name) ?? nowhere);
  const typedOnly = { stats: false, partitionValues: false };
  const sql = range && selectActions(tree, { names, typedOnly, from: rowsOfRange(path, range) });
  if (sql === null || sql === undefined) return [];
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(range?.count === null ? sql : `${sql} LIMIT ${range?.count}`);
  return rows.map((row) => parseCheckpointRow(row, path)).filter((action) => action !== null);
}

/**
 * Absolute paths of the sidecars that a checkpoint names.
 * @throws AlluviumError `CORRUPT_LOG`
 */
export async function namedSidecars(
  engine: Engine,
  tablePath: string,
  { kind, paths }: CheckpointFiles,
): Promise<readonly string[]> {
  if (kind !== "v2") return [];
  const actions: Action[] = [];
  for (const path of paths) {
    if (path.endsWith(".json")) actions.push(...parseCommit(await engine.files.read(path), path));
    else actions.push(...(await readHeader(engine, await openCheckpointPart(engine, path))));
  }
  return sidecarPaths(tablePath, actions);
}

const nowhere: RowRange = { start: 0, end: 0, count: 0 };

function damaged(files: CheckpointFiles, cause: unknown): AlluviumError {
  const path = files.paths.join(", ");
  const reason = messageOf(cause);
  const message = `the checkpoint of version ${files.version} (${path}) cannot be read: ${reason}`;
  return new AlluviumError("CORRUPT_LOG", { path: files.paths[0] ?? "", version: files.version }, message, { cause });
}
