// log/publish/kept-checkpoint.ts: the rows of a table's last checkpoint, kept in DuckDB, so that the next one costs what was added since and
// not what the table holds.
import type { Engine, SqlConnection } from "../../engine/base/engine.ts";
import type { AddFile } from "../../format/action/action.ts";
import { remembered } from "../../format/text/remembered.ts";
import { checkpointColumns } from "../checkpoint/checkpoint-columns.ts";
import { copyStatement, headerActionsOf, keptTombstones } from "./checkpoint-table.ts";
import { addsAfter } from "../snapshot/log-snapshot.ts";
import type { Snapshot } from "../state/snapshot.ts";

/** How many actions a checkpoint holds. */
export interface CheckpointCounts {
  readonly rowCount: number;
  readonly addCount: number;
}

/** Rows that are in the table `checkpoint` of a connection of their own. */
interface Kept {
  readonly connection: SqlConnection;
  readonly snapshot: Snapshot;
  readonly addCount: number;
  /** All other actions, as lines of JSON. */
  readonly others: readonly string[];
}

// Each is in use by one checkpoint at most: whoever uses it takes it out meanwhile.
const keptBy = remembered((_engine: Engine) => new Map<string, Kept>());

/** More actions than that are not kept in memory. */
export const keptActionsMax = 5000;
// Of the tables that were written last.
const keptTablesMax = 4;

/**
 * Writes all actions of a snapshot into a Parquet file, from the rows of the checkpoint before where this process wrote it.
 * @returns null for a table of so many files that its rows are not kept: nothing was written
 * @throws AlluviumError of the disk, and of the log when its files have to be read
 */
export async function copyKept(engine: Engine, snapshot: Snapshot, path: string): Promise<CheckpointCounts | null> {
  const tables = keptBy(engine);
  const before = tables.get(snapshot.tablePath) ?? null;
  tables.delete(snapshot.tablePath);
  const { count: addCount } = await snapshot.files.totals();
  const others = addCount > keptActionsMax ? null : await otherLines(engine, snapshot);
  const added = before === null || others === null ? null : addedSince(before, snapshot, addCount);
  if (before !== null && added === null) await close(before);
  if (others === null) return null;
  const connection = before !== null && added !== null ? before.connection : await engine.sql.connect();
  const kept = { connection, snapshot, addCount, others };
  try {
    if (before === null || added === null) await fill(kept);
    else await follow(kept, before, added);
    await connection.run(copyStatement("SELECT * FROM checkpoint", path));
    await keep(tables, kept);
  } catch (cause) {
    await close(kept);
    throw cause;
  }
  return { rowCount: addCount + others.length, addCount };
}

/** Everything but files; null where there are too many tombstones. */
async function otherLines(engine: Engine, snapshot: Snapshot): Promise<readonly string[] | null> {
  const { line } = checkpointColumns(snapshot);
  const nowMs = engine.clock.nowMs();
  const lines = headerActionsOf(snapshot, nowMs).map(line);
  for await (const chunk of keptTombstones(snapshot, nowMs)) {
    lines.push(...chunk.map(line));
    if (lines.length > keptActionsMax) return null;
  }
  return lines;
}

/** The files that came since; null where others went, or the rows would have another form. */
function addedSince(before: Kept, snapshot: Snapshot, addCount: number): readonly AddFile[] | null {
  const { metadata, protocol } = before.snapshot;
  if (metadata !== snapshot.metadata || protocol !== snapshot.protocol) return null;
  const added = addsAfter(before.snapshot, snapshot);
  return added !== null && before.addCount + added.length === addCount ? added : null;
}

async function fill({ connection, snapshot, others }: Kept): Promise<void> {
  const { line, select } = checkpointColumns(snapshot);
  const lines = [...others];
  for await (const chunk of snapshot.files.chunks()) lines.push(...chunk.map(line));
  await connection.run(`CREATE TEMP TABLE checkpoint AS ${select}`, [lines.join("\n")]);
}

async function follow({ connection, snapshot, others }: Kept, before: Kept, added: readonly AddFile[]): Promise<void> {
  const isSame = others.length === before.others.length && others.every((line, index) => line === before.others[index]);
  if (!isSame) await connection.run("DELETE FROM checkpoint WHERE add IS NULL");
  const { line, select } = checkpointColumns(snapshot, isSame ? ["add"] : undefined);
  const lines = [...(isSame ? [] : others), ...added.map(line)];
  if (lines.length > 0) await connection.run(`INSERT INTO checkpoint BY NAME ${select}`, [lines.join("\n")]);
}

async function keep(tables: Map<string, Kept>, kept: Kept): Promise<void> {
  const { tablePath } = kept.snapshot;
  const other = tables.get(tablePath);
  if (other !== undefined) await close(other);
  tables.set(tablePath, kept);
  const [oldest] = tables;
  if (tables.size <= keptTablesMax || oldest === undefined) return;
  tables.delete(oldest[0]);
  await close(oldest[1]);
}

async function close({ connection }: Kept): Promise<void> {
  await connection[Symbol.asyncDispose]();
}
