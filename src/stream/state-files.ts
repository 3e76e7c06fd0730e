// stream/state-files.ts: one table's state as Parquet files: its changes in one version, or all its rows.
import { join } from "node:path";
import type { Engine, SqlConnection } from "../engine/engine.ts";
import { sqlFilePath, sqlIdentifier, sqlLiteral } from "../engine/sql-quote.ts";
import { AlluviumError, assert } from "../format/error.ts";
import { isFoldingDue } from "./state-manifest.ts";
import type { StateFile } from "./state-manifest.ts";
import { changeColumn, changeKinds, idColumn } from "./state-spec.ts";
import type { StateColumn, StateTableSpec } from "./state-spec.ts";

/** A table that is kept in files. */
export interface StoredTable {
  readonly spec: StateTableSpec;
  /** `<operator>/<table>`: its folder below the state's. */
  readonly key: string;
  /** Qualified name of the live table in DuckDB. */
  readonly name: string;
  /** Its files so far, in the order they are applied. */
  readonly files: readonly StateFile[];
  /** Names of the tables that hold the changes of the batch at hand. */
  readonly staged: readonly string[];
}

/** Which file is to be read. */
export interface StateFileToLoad {
  /** Absolute path of the state's folder. */
  readonly directory: string;
  readonly table: StoredTable;
  readonly file: StateFile;
  /** For messages. */
  readonly version: number;
}

/**
 * Applies a file to the live table.
 * @throws AlluviumError `CANNOT_LOAD_STATE_STORE` for a file that is missing, cut short or no Parquet
 */
export async function loadStateFile(engine: Engine, connection: SqlConnection, load: StateFileToLoad): Promise<void> {
  const { directory, table, file, version } = load;
  const path = join(directory, file.path);
  const info = await engine.files.stat(path);
  if (info === null) throw cannotLoad({ path, version }, "the file is missing");
  if (info.sizeBytes !== file.sizeBytes)
    throw cannotLoad({ path, version }, `the file has ${info.sizeBytes} bytes, but ${file.sizeBytes} were written`);
  const from = `read_parquet(${sqlFilePath(path)})`;
  try {
    if (file.kind === "delta") await connection.run(deleteReplaced(table.name, from));
    const columns = table.spec.columns.map(({ name, type }) => `CAST(${sqlIdentifier(name)} AS ${type})`);
    const comes = file.kind === "delta" ? ` WHERE ${arrivals(from)}` : "";
    await connection.run(`INSERT INTO ${table.name} SELECT ${columns.join(", ")} FROM ${from}${comes}`);
  } catch (cause) {
    throw cannotLoad({ path, version }, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Where a version of a table is to be written. */
export interface StateFileToWrite {
  /** Absolute path of the state's folder. */
  readonly directory: string;
  readonly table: StoredTable;
  readonly version: number;
}

/** Writes the changes of the batch at hand, or all rows when folding is due; not durable yet. Null when nothing changed. */
export async function writeStateFile(
  engine: Engine,
  connection: SqlConnection,
  { directory, table, version }: StateFileToWrite,
): Promise<StateFile | null> {
  if (table.staged.length === 0) return null;
  const changes = table.staged.map((name) => `SELECT * FROM ${name}`).join(" UNION ALL ");
  const [row] = await connection.rows(
    `SELECT (SELECT count(*) FROM (${changes})) AS changed, (SELECT count(*) FROM ${table.name}) AS live`,
  );
  const changed = Number(row?.["changed"] ?? 0);
  if (changed === 0) return null;
  const kind = isFoldingDue(table.files, changed, Number(row?.["live"] ?? 0)) ? "snapshot" : "delta";
  const path = `${table.key}/${version}.${kind}.parquet`;
  const target = join(directory, path);
  await engine.files.makeDirectory(join(directory, table.key));
  const columns = table.spec.columns.map((column) => storedColumn(column, kind));
  const list = (kind === "snapshot" ? columns : [changeColumn, ...columns]).join(", ");
  const select = `SELECT ${list} FROM ${kind === "snapshot" ? table.name : `(${changes})`}`;
  const [copied] = await connection.rows(`COPY (${select}) TO ${sqlLiteral(target)} (FORMAT parquet)`);
  const info = await engine.files.stat(target);
  assert(info !== null, `DuckDB wrote ${target}`);
  return { kind, path, rowCount: Number(copied?.["Count"] ?? 0), sizeBytes: info.sizeBytes };
}

/** DELETE of the rows of a table that changes remove or replace. */
export function deleteReplaced(table: string, changes: string): string {
  return `DELETE FROM ${table} AS live USING ${changes} AS gone WHERE live.${idColumn} = gone.${idColumn} AND gone.${changeColumn} <> ${changeKinds.insert}`;
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
