// log/checkpoint-part.ts: one Parquet file of a checkpoint: its columns, and where in it each kind of action lies, which its footer
// tells. PROTOCOL.md, "Checkpoint Schema".
import type { SqlConnection, SqlRow } from "../engine/engine.ts";
import { sqlFilePath, sqlLiteral } from "../engine/sql-quote.ts";
import { actionMarkers } from "./checkpoint-sql.ts";
import { childNamed, readParquetTree } from "./parquet-tree.ts";
import type { ParquetNode } from "./parquet-tree.ts";

/** Rows of a file between which all actions of a kind lie. */
export interface RowRange {
  /** First row, and the row after the last; whole row groups. */
  readonly start: number;
  readonly end: number;
  /** How many rows of these hold such an action; null when the writer left that out. */
  readonly count: number | null;
}

/** One Parquet file of a checkpoint. */
export interface CheckpointPart {
  readonly path: string;
  readonly tree: readonly ParquetNode[];
  readonly rowCount: number;
  /** Ascending; together they are all rows. */
  readonly rowGroups: readonly Pick<RowRange, "start" | "end">[];
  /** By name of the action; a kind of which the file has none is absent. */
  readonly ranges: ReadonlyMap<string, RowRange>;
  /** Columns that each add has a value in, of those of `watchedColumns`. */
  readonly fullColumns: ReadonlySet<string>;
}

/**
 * Opens a file by its footer alone, whatever its size.
 * @throws AlluviumError when the file cannot be read as Parquet
 */
export async function openCheckpointPart(connection: SqlConnection, path: string): Promise<CheckpointPart> {
  const tree = await readParquetTree(connection, path);
  const markers = markerPaths(tree);
  const wanted = [...markers.keys(), ...watchedColumns].map(sqlLiteral).join(", ");
  const rows = await connection.rows(
    `SELECT row_group_id::INTEGER AS id, row_group_num_rows::DOUBLE AS row_count, path_in_schema AS path, stats_null_count::DOUBLE AS null_count FROM parquet_metadata(${sqlFilePath(path)}) WHERE path_in_schema IN (${wanted}) ORDER BY row_group_id`,
  );
  const rowGroups = rowGroupsOf(rows);
  const byColumn = new Map<string, RowRange>();
  for (const row of rows) {
    const column = String(row["path"]);
    const group = rowGroups.get(Number(row["id"]));
    const nullCount = row["null_count"];
    if (group === undefined) continue;
    const count = nullCount === null ? null : group.end - group.start - Number(nullCount);
    if (count !== 0) byColumn.set(column, joined(byColumn.get(column), { ...group, count }));
  }
  const ranges = new Map<string, RowRange>();
  for (const [column, range] of byColumn) {
    const name = markers.get(column);
    if (name !== undefined) ranges.set(name, range);
  }
  const addCount = ranges.get("add")?.count ?? null;
  const full = watchedColumns.filter((column) => addCount !== null && byColumn.get(column)?.count === addCount);
  const groups = [...rowGroups.values()];
  return {
    path,
    tree,
    rowCount: groups.at(-1)?.end ?? 0,
    rowGroups: groups,
    ranges,
    fullColumns: new Set(full),
  };
}

/** Statistics as JSON, and the mark of typed ones, as the footer spells them. */
const watchedColumns = ["add, stats", "add, stats_parsed, numRecords"] as const;

/** True when the footer says that every add has statistics as JSON. */
export const hasJsonStats = ({ fullColumns }: CheckpointPart): boolean => fullColumns.has(watchedColumns[0]);

/** True when the footer says that every add has typed statistics. */
export const hasTypedStats = ({ fullColumns }: CheckpointPart): boolean => fullColumns.has(watchedColumns[1]);

/**
 * Paths, as the footer spells them, of the typed columns in which every add has a value. Two columns of one spelling are not among
 * them, nor is any column whose writer left its count of nulls out.
 */
export async function fullTypedColumns(
  connection: SqlConnection,
  { path, rowCount, ranges, rowGroups }: CheckpointPart,
): Promise<ReadonlySet<string>> {
  const addCount = ranges.get("add")?.count ?? null;
  if (addCount === null) return new Set();
  const isTyped = ["partitionValues_parsed", "stats_parsed"].map(
    (name) => `starts_with(path_in_schema, ${sqlLiteral(`add, ${name}, `)})`,
  );
  const rows = await connection.rows(
    `SELECT path_in_schema AS path FROM parquet_metadata(${sqlFilePath(path)}) WHERE ${isTyped.join(" OR ")} GROUP BY path_in_schema HAVING count(*) = ${rowGroups.length} AND count(stats_null_count) = ${rowGroups.length} AND sum(stats_null_count) = ${rowCount - addCount}`,
  );
  return new Set(rows.map((row) => String(row["path"])));
}

/** SQL for the rows of a range, with `file_row_number`. */
export function rowsOfRange(path: string, { start, end }: Pick<RowRange, "start" | "end">): string {
  return `(SELECT * FROM ${numberedRows(path)} WHERE file_row_number BETWEEN ${start} AND ${end - 1})`;
}

/** SQL for all rows of a file, with `file_row_number`. */
export function numberedRows(path: string): string {
  return `read_parquet(${sqlFilePath(path)}, file_row_number = true)`;
}

/** The smallest range that holds both. */
export function joined(a: RowRange | undefined, b: RowRange): RowRange {
  if (a === undefined) return b;
  const count = a.count === null || b.count === null ? null : a.count + b.count;
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end), count };
}

/** Names of actions by the footer's path of the column that tells them. */
function markerPaths(tree: readonly ParquetNode[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const [name, marker] of actionMarkers) {
    const column = childNamed(tree, name);
    const field = column && childNamed(column.children, marker);
    if (column !== undefined && field !== undefined) paths.set(`${column.name}, ${field.name}`, name);
  }
  return paths;
}

/** By id, ascending. */
function rowGroupsOf(rows: readonly SqlRow[]): ReadonlyMap<number, Pick<RowRange, "start" | "end">> {
  const groups = new Map<number, Pick<RowRange, "start" | "end">>();
  let next = 0;
  for (const row of rows) {
    const id = Number(row["id"]);
    if (groups.has(id)) continue;
    groups.set(id, { start: next, end: next + Number(row["row_count"]) });
    next += Number(row["row_count"]);
  }
  return groups;
}
