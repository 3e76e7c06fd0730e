// log/checkpoint/checkpoint-part.ts: one Parquet file of a checkpoint: its columns, and where in it each kind of action lies, which its footer
// tells. PROTOCOL.md, "Checkpoint Schema".
import type { Engine } from "../../engine/base/engine.ts";
import type { ParquetMetadata } from "../../engine/parquet/parquet-metadata.ts";
import { childNamed } from "../../engine/parquet/parquet-tree.ts";
import type { ParquetNode } from "../../engine/parquet/parquet-tree.ts";
import { sqlParquetFiles } from "../../engine/base/sql-quote.ts";
import { actionMarkers } from "./checkpoint-sql.ts";

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
  /** Columns in which each add has a value, as `columnKey` spells them; none whose writer left its count of nulls out. */
  readonly fullColumns: ReadonlySet<string>;
  /** Columns in which no row has a value. */
  readonly emptyColumns: ReadonlySet<string>;
  readonly metadata: ParquetMetadata;
}

/** A path of names as one text. */
export const columnKey = (path: readonly string[]): string => path.join("\0");

/**
 * Opens a file by its footer alone, whatever its size.
 * @throws AlluviumError when the file cannot be read as Parquet
 */
export async function openCheckpointPart(engine: Engine, path: string): Promise<CheckpointPart> {
  const metadata = await engine.parquet.metadata(path);
  const { tree, leaves } = metadata;
  const rowGroups = stretches(metadata);
  const markers = markerPaths(tree);
  const ranges = new Map<string, RowRange>();
  const counts = leaves.map((leaf, index): number | null => {
    const range = rangeOf(metadata, rowGroups, index);
    const name = markers.get(columnKey(leaf));
    if (name !== undefined && range !== undefined) ranges.set(name, range);
    return range === undefined ? 0 : range.count;
  });
  const addCount = ranges.get("add")?.count ?? null;
  const withCount = (count: number | null): ReadonlySet<string> =>
    new Set(leaves.filter((_, index) => count !== null && counts[index] === count).map(columnKey));
  const rowCount = rowGroups.at(-1)?.end ?? 0;
  const [fullColumns, emptyColumns] = [withCount(addCount), withCount(0)];
  return { path, tree, rowCount, rowGroups, ranges, fullColumns, emptyColumns, metadata };
}

/** From the first row group in which a leaf has a value to the last; undefined where there is none. */
function rangeOf(
  { rowGroups }: ParquetMetadata,
  stretchOf: CheckpointPart["rowGroups"],
  leaf: number,
): RowRange | undefined {
  let range: RowRange | undefined;
  for (const [index, { chunks }] of rowGroups.entries()) {
    const [chunk, stretch] = [chunks[leaf], stretchOf[index]];
    if (chunk === undefined || stretch === undefined) continue;
    const count = chunk.nullCount === null ? null : chunk.valueCount - chunk.nullCount;
    if (count !== 0) range = joined(range, { ...stretch, count });
  }
  return range;
}

function stretches({ rowGroups }: ParquetMetadata): CheckpointPart["rowGroups"] {
  let next = 0;
  return rowGroups.map(({ rowCount }) => ({ start: next, end: (next += rowCount) }));
}

/** True when the footer says that every add has statistics as JSON. */
export const hasJsonStats = ({ fullColumns }: CheckpointPart): boolean => fullColumns.has(columnKey(["add", "stats"]));

/** True when the footer says that every add has typed statistics. */
export const hasTypedStats = ({ fullColumns }: CheckpointPart): boolean =>
  fullColumns.has(columnKey(["add", "stats_parsed", "numRecords"]));

/** SQL for the rows of a range, with `file_row_number`. */
export function rowsOfRange(path: string, { start, end }: Pick<RowRange, "start" | "end">): string {
  return `(SELECT * FROM ${numberedRows(path)} WHERE file_row_number BETWEEN ${start} AND ${end - 1})`;
}

/** SQL for all rows of a file, with `file_row_number`. */
export function numberedRows(path: string): string {
  return sqlParquetFiles([path], ["file_row_number = true"]);
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
    if (column !== undefined && field !== undefined) paths.set(columnKey([column.name, field.name]), name);
  }
  return paths;
}
