// stream/state/state-files.ts: one table's state as Parquet files: its changes in one version, or all its rows.
import { join } from "node:path";
import type { Engine, SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral, sqlParquetFiles } from "../../engine/base/sql-quote.ts";
import { AlluviumError, assert, messageOf } from "../../format/text/error.ts";
import { foldChanges } from "./state-fold.ts";
import { nextFolding } from "./state-manifest.ts";
import type { StateFile } from "./state-manifest.ts";
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";
import type { StateColumn } from "../plan/state-spec.ts";
import type { StateTable } from "./state-table.ts";

/** Which file is to be read. */
export interface StateFileToLoad {
  /** Absolute path of the state's folder. */
  readonly directory: string;
  readonly table: StateTable;
  readonly file: StateFile;
  /** For messages. */
  readonly version: number;
}

/**
 * Applies a file to the live table.
 * @throws AlluviumError `CANNOT_LOAD_STATE_STORE` for a file that is missing, cut short or no Parquet
 */
export async function loadStateFile(engine: Engine, load: StateFileToLoad): Promise<void> {
  const { directory, table, file, version } = load;
  const path = join(directory, file.path);
  const info = await engine.files.stat(path);
  if (info === null) throw cannotLoad({ path, version }, "the file is missing");
  if (info.sizeBytes !== file.sizeBytes)
    throw cannotLoad({ path, version }, `the file has ${info.sizeBytes} bytes, but ${file.sizeBytes} were written`);
  const from = sqlParquetFiles([path]);
  try {
    if (file.kind === "delta") await table.remove(from, file.rowCount);
    await table.add(from, file.kind === "delta" ? arrivals(from) : "true", file.rowCount);
  } catch (cause) {
    throw cannotLoad({ path, version }, messageOf(cause), cause);
  }
}

/** Where a version of a table is to be written. */
export interface StateFileToWrite {
  /** Absolute path of the state's folder. */
  readonly directory: string;
  readonly table: StateTable;
  readonly version: number;
}

/**
 * Writes the changes of the batch at hand, with those of earlier files where folding is due; not durable yet.
 * @returns the files of the table from then on, null when nothing changed
 */
export async function writeStateFile(
  engine: Engine,
  connection: SqlConnection,
  { directory, table, version }: StateFileToWrite,
): Promise<readonly StateFile[] | null> {
  const { files, spec, staged, stagedRowCount } = table;
  if (stagedRowCount === 0) return null;
  const folding = nextFolding(files, stagedRowCount, table.rowCount);
  const kept =
    folding.kind === "all" ? [] : files.slice(0, files.length - (folding.kind === "deltas" ? folding.count : 0));
  const kind = folding.kind === "all" ? "snapshot" : "delta";
  const path = `${table.key}/${version}.${kind}.parquet`;
  const target = join(directory, path);
  await engine.files.makeDirectory(join(directory, table.key));
  const columns = spec.columns.map((column) => storedColumn(column, kind));
  const changes = `SELECT ${[changeColumn, ...columns].join(", ")} FROM (${staged.map((name) => `SELECT * FROM ${name}`).join(" UNION ALL ")})`;
  const folded = files.slice(kept.length).map((file) => sqlParquetFiles([join(directory, file.path)]));
  const names = spec.columns.slice(1).map(({ name }) => sqlIdentifier(name));
  const select =
    folding.kind === "all"
      ? `SELECT ${columns.join(", ")} FROM ${await table.settled()}`
      : folding.kind === "none"
        ? changes
        : foldChanges([...folded, `(${changes})`], names);
  const [copied] = await connection.rows(`COPY (${select}) TO ${sqlLiteral(target)} (FORMAT parquet)`);
  const info = await engine.files.stat(target);
  assert(info !== null, `DuckDB wrote ${target}`);
  return [...kept, { kind, path, rowCount: Number(copied?.["Count"] ?? 0), sizeBytes: info.sizeBytes }];
}

/** A version of the state that is not as it was written. */
export function cannotLoad(
  { path, version }: { readonly path: string; readonly version: number },
  why: string,
  cause?: unknown,
): AlluviumError {
  const message = `cannot load version ${version} of the query's state from ${path}: ${why}; restore the file, or start from a new checkpointLocation`;
  return new AlluviumError("CANNOT_LOAD_STATE_STORE", { path, version }, message, cause === undefined ? {} : { cause });
}

/** Rows of a delta that come and do not go again in the same version. */
function arrivals(from: string): string {
  const gone = `SELECT ${idColumn} FROM ${from} WHERE ${changeColumn} = ${changeKinds.remove}`;
  return `${changeColumn} <> ${changeKinds.remove} AND ${idColumn} NOT IN (${gone})`;
}

/** Parquet has no integers of 128 bits; of a row that goes only its id is kept. */
function storedColumn({ name, type }: StateColumn, kind: StateFile["kind"]): string {
  const column = sqlIdentifier(name);
  const storedType = type.replaceAll("UHUGEINT", "VARCHAR").replaceAll("HUGEINT", "DECIMAL(38,0)");
  const value = storedType === type ? column : `CAST(${column} AS ${storedType})`;
  if (kind === "snapshot" || name === idColumn) return `${value} AS ${column}`;
  return `CASE WHEN ${changeColumn} <> ${changeKinds.remove} THEN ${value} END AS ${column}`;
}
