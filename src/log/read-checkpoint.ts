// log/read-checkpoint.ts: a checkpoint to the state of a table. PROTOCOL.md, "Checkpoints" and "Checkpoint Schema".
import type { Engine, SqlConnection } from "../engine/engine.ts";
import { sqlFilePath } from "../engine/sql-quote.ts";
import type { Action } from "../format/action.ts";
import { AlluviumError } from "../format/error.ts";
import { corruptLog } from "../format/expect.ts";
import { CheckpointBase } from "./checkpoint-base.ts";
import type { CheckpointPart } from "./checkpoint-base.ts";
import { parseCheckpointRow } from "./checkpoint-row.ts";
import { fileActions, headerActions, selectActions, surveySql } from "./checkpoint-sql.ts";
import type { CheckpointFiles } from "./list-log.ts";
import { readParquetTree } from "./parquet-tree.ts";
import { parseCommit } from "./read-commit.ts";
import { sidecarPaths } from "./sidecar-files.ts";

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
export async function readCheckpoint(
  engine: Engine,
  tablePath: string,
  files: CheckpointFiles,
): Promise<CheckpointContent> {
  try {
    await using connection = await engine.sql.connect();
    const texts = files.paths.filter((path) => path.endsWith(".json"));
    const mainParts = await openParts(
      connection,
      files.paths.filter((path) => !texts.includes(path)),
    );
    const isSmall = rowCount(mainParts) <= rowsInMemoryMax;
    const actions: Action[] = [];
    for (const path of texts) actions.push(...parseCommit(await engine.files.read(path), path));
    for (const part of mainParts)
      actions.push(
        ...(await readActions(connection, part, isSmall ? [...headerActions, ...fileActions] : headerActions)),
      );
    requireWhole(actions, files);
    const sidecars = await openParts(connection, sidecarPaths(tablePath, actions));
    if (!isSmall || rowCount(sidecars) > rowsInMemoryMax)
      return { actions: actions.filter(isHeader), base: new CheckpointBase(engine, [...mainParts, ...sidecars]) };
    for (const part of sidecars) actions.push(...(await readActions(connection, part, fileActions)));
    return { actions, base: null };
  } catch (cause) {
    if (cause instanceof AlluviumError && (cause.code === "CLOSED" || cause.code === "DISK_FULL")) throw cause;
    throw damaged(files, cause);
  }
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
  await using connection = await engine.sql.connect();
  const actions: Action[] = [];
  for (const path of paths) {
    if (path.endsWith(".json")) actions.push(...parseCommit(await engine.files.read(path), path));
    else
      for (const part of await openParts(connection, [path]))
        actions.push(...(await readActions(connection, part, headerActions)));
  }
  return sidecarPaths(tablePath, actions);
}

const rowCount = (parts: readonly CheckpointPart[]): number => parts.reduce((sum, part) => sum + part.rowCount, 0);

const isHeader = (action: Action): boolean => action.kind !== "add" && action.kind !== "remove";

async function openParts(connection: SqlConnection, paths: readonly string[]): Promise<readonly CheckpointPart[]> {
  const parts: CheckpointPart[] = [];
  for (const path of paths) {
    const tree = await readParquetTree(connection, path);
    const [row] = await connection.rows(surveySql(tree, `read_parquet(${sqlFilePath(path)})`));
    parts.push({
      path,
      tree,
      rowCount: Number(row?.["row_count"] ?? 0),
      totals: { count: Number(row?.["add_count"] ?? 0), sizeBytes: Number(row?.["size_bytes"] ?? 0) },
      typedOnly: { stats: row?.["stats"] === true, partitionValues: row?.["partition_values"] === true },
    });
  }
  return parts;
}

async function readActions(
  connection: SqlConnection,
  { path, tree, typedOnly }: CheckpointPart,
  names: readonly string[],
): Promise<readonly Action[]> {
  const sql = selectActions(tree, { names, typedOnly, from: `read_parquet(${sqlFilePath(path)})` });
  const rows = sql === null ? [] : await connection.rows(sql);
  return rows.map((row) => parseCheckpointRow(row, path)).filter((action) => action !== null);
}

/** A checkpoint holds one protocol and one metadata action: without them it was cut off, or is none. */
function requireWhole(actions: readonly Action[], files: CheckpointFiles): void {
  const lacking = (["protocol", "metaData"] as const).filter((kind) => !actions.some((action) => action.kind === kind));
  if (lacking.length > 0)
    throw corruptLog({ path: files.paths[0] ?? "" }, `the checkpoint has no ${lacking.join(" and no ")} action`);
}

function damaged(files: CheckpointFiles, cause: unknown): AlluviumError {
  const path = files.paths.join(", ");
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `the checkpoint of version ${files.version} (${path}) cannot be read: ${reason}`;
  return new AlluviumError("CORRUPT_LOG", { path: files.paths[0] ?? "", version: files.version }, message, { cause });
}
