// log/read-checkpoint.ts: a checkpoint to the state of a table. PROTOCOL.md, "Checkpoints" and "Checkpoint Schema".
import { join } from "node:path";
import type { Engine, SqlConnection } from "../engine/engine.ts";
import { sqlFilePath } from "../engine/sql-quote.ts";
import type { Action } from "../format/action.ts";
import { AlluviumError } from "../format/error.ts";
import { corruptLog } from "../format/expect.ts";
import { isJsonObject } from "../format/json-int64.ts";
import type { JsonObject } from "../format/json.ts";
import { CheckpointBase } from "./checkpoint-base.ts";
import type { CheckpointPart } from "./checkpoint-base.ts";
import { parseCheckpointRow } from "./checkpoint-row.ts";
import { fileActions, headerActions, isAction, selectActions } from "./checkpoint-sql.ts";
import { logDirectory } from "./list-log.ts";
import type { CheckpointFiles } from "./list-log.ts";
import { readParquetTree } from "./parquet-tree.ts";
import { parseCommit } from "./read-commit.ts";
import { canonicalPath } from "./file-key.ts";

/** What a checkpoint says. */
export interface CheckpointContent {
  /** All but the file actions; with them when there are few. */
  readonly actions: readonly Action[];
  /** The file actions when there are too many for objects. */
  readonly base: CheckpointBase | null;
}

/** Up to this many rows a checkpoint is parsed at once; above it stays Parquet. */
export const rowsInMemoryMax = 10_000;

/**
 * Reads a checkpoint.
 * @throws AlluviumError `CORRUPT_LOG` when it is damaged: the caller then takes an older one; `CLOSED`, `DISK_FULL` as such
 */
export async function readCheckpoint(engine: Engine, tablePath: string, files: CheckpointFiles): Promise<CheckpointContent> {
  try {
    await using connection = await engine.sql.connect();
    const main = await readMainFiles(engine, connection, files);
    const parts = [...main.parts, ...(await sidecarParts(connection, tablePath, main.actions))];
    const content = await readFileActions(engine, connection, parts);
    const actions = [...main.actions, ...content.actions];
    requireWhole(actions, files);
    return { actions, base: content.base };
  } catch (cause) {
    if (cause instanceof AlluviumError && (cause.code === "CLOSED" || cause.code === "DISK_FULL")) throw cause;
    throw damaged(files, cause);
  }
}

interface MainContent {
  readonly actions: readonly Action[];
  readonly parts: readonly CheckpointPart[];
}

async function readMainFiles(engine: Engine, connection: SqlConnection, files: CheckpointFiles): Promise<MainContent> {
  const actions: Action[] = [];
  const parts: CheckpointPart[] = [];
  for (const path of files.paths) {
    if (path.endsWith(".json")) {
      actions.push(...parseCommit(await engine.files.read(path), path));
      continue;
    }
    const part = { path, tree: await readParquetTree(connection, path) };
    parts.push(part);
    actions.push(...(await readActions(connection, part, headerActions)));
  }
  return { actions, parts };
}

/** A v2 checkpoint keeps its file actions in files of their own. PROTOCOL.md, "Sidecar Files". */
async function sidecarParts(connection: SqlConnection, tablePath: string, actions: readonly Action[]): Promise<readonly CheckpointPart[]> {
  const parts: CheckpointPart[] = [];
  for (const action of actions) {
    if (action.kind !== "unknown" || action.name !== "sidecar" || !isJsonObject(action.value)) continue;
    const path = sidecarPath(tablePath, action.value);
    parts.push({ path, tree: await readParquetTree(connection, path) });
  }
  return parts;
}

function sidecarPath(tablePath: string, sidecar: JsonObject): string {
  const spelled = sidecar["path"];
  if (typeof spelled !== "string") throw corruptLog({ path: tablePath }, "a sidecar of a checkpoint has no path");
  const path = canonicalPath(spelled);
  return path.startsWith("/") ? path : join(logDirectory(tablePath), "_sidecars", path);
}

async function readFileActions(engine: Engine, connection: SqlConnection, parts: readonly CheckpointPart[]): Promise<CheckpointContent> {
  let rowCount = 0;
  for (const part of parts) rowCount += await countRows(connection, part.path);
  if (rowCount > rowsInMemoryMax) return { actions: [], base: await openBase(engine, connection, parts) };
  const actions: Action[] = [];
  for (const part of parts) actions.push(...(await readActions(connection, part, fileActions)));
  return { actions, base: null };
}

async function readActions(connection: SqlConnection, part: CheckpointPart, names: readonly string[]): Promise<readonly Action[]> {
  const sql = selectActions(part.tree, names, `read_parquet(${sqlFilePath(part.path)})`);
  const rows = sql === null ? [] : await connection.rows(sql);
  return rows.map((row) => parseCheckpointRow(row, part.path)).filter((action) => action !== null);
}

async function countRows(connection: SqlConnection, path: string): Promise<number> {
  const [row] = await connection.rows(`SELECT coalesce(sum(num_rows), 0)::DOUBLE AS row_count FROM parquet_file_metadata(${sqlFilePath(path)})`);
  return Number(row?.["row_count"] ?? 0);
}

async function openBase(engine: Engine, connection: SqlConnection, parts: readonly CheckpointPart[]): Promise<CheckpointBase> {
  let count = 0;
  let sizeBytes = 0;
  for (const { path, tree } of parts) {
    const test = isAction(tree, "add");
    if (test === null) continue;
    const sql = `SELECT count(*)::DOUBLE AS file_count, coalesce(sum(add.size), 0)::DOUBLE AS size_bytes FROM read_parquet(${sqlFilePath(path)}) WHERE ${test}`;
    const [row] = await connection.rows(sql);
    count += Number(row?.["file_count"] ?? 0);
    sizeBytes += Number(row?.["size_bytes"] ?? 0);
  }
  return new CheckpointBase(engine, parts, { count, sizeBytes });
}

/** A checkpoint holds one protocol and one metadata action: without them it was cut off, or is none. */
function requireWhole(actions: readonly Action[], files: CheckpointFiles): void {
  const lacking = (["protocol", "metaData"] as const).filter((kind) => !actions.some((action) => action.kind === kind));
  if (lacking.length > 0) throw corruptLog({ path: files.paths[0] ?? "" }, `the checkpoint has no ${lacking.join(" and no ")} action`);
}

function damaged(files: CheckpointFiles, cause: unknown): AlluviumError {
  const path = files.paths.join(", ");
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `the checkpoint of version ${files.version} (${path}) cannot be read: ${reason}`;
  return new AlluviumError("CORRUPT_LOG", { path: files.paths[0] ?? "", version: files.version }, message, { cause });
}
