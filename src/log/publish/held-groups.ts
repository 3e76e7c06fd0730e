// log/publish/held-groups.ts: the row groups of a checkpoint that the next one takes as their bytes are, because all their actions still hold.
// PROTOCOL.md, "Action Reconciliation".
import type { SqlConnection } from "../../engine/base/engine.ts";
import { columnBounds } from "../../engine/parquet/parquet-bounds.ts";
import type { GroupSource } from "../../engine/parquet/parquet-splice.ts";
import { childNamed } from "../../engine/parquet/parquet-tree.ts";
import { columnKey, numberedRows } from "../checkpoint/checkpoint-part.ts";
import type { CheckpointPart } from "../checkpoint/checkpoint-part.ts";
import { canonicalPathSql, fileActions, reference } from "../checkpoint/checkpoint-sql.ts";
import { isOwn } from "../checkpoint/own-checkpoint.ts";
import { rowsPerGroup } from "./checkpoint-table.ts";
import { touchedTable } from "./copied-rows.ts";

/** Row groups by the file in which they lie. A file of which none is held is absent. */
export type HeldGroups = ReadonlyMap<CheckpointPart, readonly number[]>;

/** No row group is held: every row is looked at. */
export const noneHeld: HeldGroups = new Map();

/** What a row group must be for its actions to hold. */
interface HoldQuery {
  readonly parts: readonly CheckpointPart[];
  /** The kinds of actions on files that later actions may speak of; `noteTouched` has run. */
  readonly touched: readonly string[];
  /** Tombstones of files that were removed after this have not expired. */
  readonly sinceMs: number;
  /** Larger row groups are not held. */
  readonly rowCountMax: number;
}

/**
 * The row groups in which there are file actions alone, of which no later action speaks, and no tombstone has expired. Small ones are left out: they
 * would become ever more.
 */
export async function heldGroups(connection: SqlConnection, query: HoldQuery): Promise<HeldGroups> {
  const held = new Map<CheckpointPart, readonly number[]>();
  for (const part of query.parts) {
    const likely = isOwn(part) ? [...part.rowGroups.keys()].filter((group) => mayHold(part, group, query)) : [];
    if (likely.length === 0) continue;
    const stale = await touchedStretches(connection, part, query.touched);
    const groups = likely.filter((group) => !isStale(part, group, stale));
    if (groups.length > 0) held.set(part, groups);
  }
  return held;
}

/** What is appended to the next checkpoint's file. */
export function groupSources(held: HeldGroups): readonly GroupSource[] {
  return [...held].map(([{ path, metadata }, groups]) => ({ path, metadata, groups }));
}

/** SQL for the rows of a file that lie in no held row group. */
export function restSql(part: CheckpointPart, held: HeldGroups): string {
  if (!held.has(part)) return "TRUE";
  return restStretches(part, held, Number.POSITIVE_INFINITY)[0] ?? "FALSE";
}

/** The same, so many rows at most at once; none for no rows. */
export function restStretches(part: CheckpointPart, held: HeldGroups, rowCountMax: number): readonly string[] {
  const groups = new Set(held.get(part));
  const stretches: { start: number; end: number }[][] = [];
  let room = 0;
  for (const [group, { start, end }] of part.rowGroups.entries()) {
    for (let from = start; from < end && !groups.has(group);) {
      if (room === 0) stretches.push([]);
      if (room === 0) room = rowCountMax;
      const to = Math.min(end, from + room);
      const ranges = stretches.at(-1) ?? [];
      const last = ranges.at(-1);
      if (last?.end === from) last.end = to;
      else ranges.push({ start: from, end: to });
      room -= to - from;
      from = to;
    }
  }
  const sql = (range: { start: number; end: number }): string =>
    `file_row_number BETWEEN ${range.start} AND ${range.end - 1}`;
  return stretches.map((ranges) => `(${ranges.map(sql).join(" OR ")})`);
}

/** What the footer tells. */
function mayHold({ metadata }: CheckpointPart, group: number, { sinceMs, rowCountMax }: HoldQuery): boolean {
  const { rowCount, chunks } = metadata.rowGroups[group] ?? { rowCount: 0, chunks: [] };
  if (rowCount * 2 < rowsPerGroup || rowCount > rowCountMax) return false;
  const others = metadata.leaves.every((leaf, index) => {
    const chunk = chunks[index];
    return fileActions.includes(leaf[0] ?? "") || (chunk !== undefined && chunk.nullCount === chunk.valueCount);
  });
  return others && haveNotExpired(metadata, group, sinceMs);
}

function haveNotExpired(metadata: CheckpointPart["metadata"], group: number, sinceMs: number): boolean {
  const leafOf = (name: string): number =>
    metadata.leaves.findIndex((leaf) => columnKey(leaf) === columnKey(["remove", name]));
  const nullCountOf = (leaf: number): number | null => metadata.rowGroups[group]?.chunks[leaf]?.nullCount ?? null;
  const [path, time] = [leafOf("path"), leafOf("deletionTimestamp")];
  const nullCount = nullCountOf(path);
  if (path < 0 || nullCount === metadata.rowGroups[group]?.rowCount) return true;
  // One without a time counts as expired.
  if (nullCount === null || nullCountOf(time) !== nullCount) return false;
  const bounds = columnBounds(metadata, { group, leaf: time, node: { physicalType: "INT64" } });
  return bounds !== null && bounds.compareLeast(sinceMs) > 0;
}

/** Stretches of rows, so many each, in which there is an action on a file that a later action speaks of, by number. */
async function touchedStretches(
  connection: SqlConnection,
  { path, tree, ranges }: CheckpointPart,
  touched: readonly string[],
): Promise<ReadonlySet<number>> {
  const wanted = touched.filter((name) => ranges.has(name));
  const paths = wanted.flatMap((name) => {
    const column = childNamed(tree, name);
    const field = column && childNamed(column.children, "path");
    return column === undefined || field === undefined ? [] : reference([column.name, field.name]);
  });
  if (paths.length === 0) return noStretches;
  const rows = `SELECT file_row_number // ${rowsPerStretch} AS stretch, coalesce(${paths.join(", ")}) AS path FROM ${numberedRows(path)}`;
  const sql = `SELECT DISTINCT stretch::DOUBLE AS stretch FROM (${rows}) WHERE ${canonicalPathSql("path")} IN (SELECT path FROM ${touchedTable})`;
  return new Set((await connection.rows(sql)).map(({ stretch }) => Number(stretch)));
}

function isStale({ rowGroups }: CheckpointPart, group: number, stretches: ReadonlySet<number>): boolean {
  const { start, end } = rowGroups[group] ?? { start: 0, end: 0 };
  for (let at = Math.floor(start / rowsPerStretch); at * rowsPerStretch < end; at += 1)
    if (stretches.has(at)) return true;
  return false;
}

const rowsPerStretch = 1024;
const noStretches: ReadonlySet<number> = new Set();
