// log/write-checkpoint.ts: the whole state of a version in one Parquet file. PROTOCOL.md, "Checkpoints" and "Checkpoint Schema".
import { join } from "node:path";
import type { Engine, SqlConnection } from "../engine/engine.ts";
import { sqlLiteral } from "../engine/sql-quote.ts";
import { stagedPrefix } from "../engine/local-file-store.ts";
import type { Action, RemoveFile } from "../format/action.ts";
import { assert } from "../format/error.ts";
import { formatLastCheckpoint, parseLastCheckpoint } from "../format/last-checkpoint.ts";
import { formatLogPath } from "../format/log-path.ts";
import { checkpointColumns } from "./checkpoint-columns.ts";
import type { CheckpointColumns } from "./checkpoint-columns.ts";
import { logDirectory } from "./list-log.ts";
import { unexpiredTransactions } from "./log-snapshot.ts";
import { md5 } from "./md5.ts";
import { readIfThere } from "./read-commit.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Writes the checkpoint of a snapshot, then points `_last_checkpoint` at it. Expired tombstones and transactions are left
 * out. A checkpoint that is there already is replaced: it says the same, or is damaged.
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`; nothing half-written is ever visible
 */
export async function writeCheckpoint(engine: Engine, snapshot: Snapshot): Promise<void> {
  const directory = logDirectory(snapshot.tablePath);
  const staged = join(directory, `${stagedPrefix}${engine.random.uuid()}.parquet`);
  try {
    const counts = await writeStaged(engine, snapshot, staged);
    const sizeBytes = (await engine.files.stat(staged))?.sizeBytes ?? 0;
    const name = formatLogPath({ kind: "classicCheckpoint", version: snapshot.version });
    await engine.files.adopt(staged, join(directory, name));
    await pointAt(engine, snapshot, { ...counts, sizeBytes });
  } finally {
    await engine.files.remove(staged);
  }
}

interface CheckpointCounts {
  readonly actionCount: number;
  readonly addCount: number;
}

async function writeStaged(engine: Engine, snapshot: Snapshot, path: string): Promise<CheckpointCounts> {
  const columns = checkpointColumns(snapshot);
  await using connection = await engine.sql.connect();
  const nowMs = engine.clock.nowMs();
  const transactions = unexpiredTransactions(snapshot.transactions, snapshot.properties, nowMs);
  const writer = new CheckpointTable(connection, columns);
  await writer.add([snapshot.protocol, snapshot.metadata, ...transactions.values(), ...snapshot.domains.values()]);
  for await (const chunk of snapshot.tombstones())
    await writer.add(chunk.filter((remove) => isKept(remove, snapshot, nowMs)));
  const otherCount = writer.rowCount;
  for await (const chunk of snapshot.files.chunks()) await writer.add(chunk);
  const addCount = writer.rowCount - otherCount;
  const { count } = await snapshot.files.totals();
  assert(addCount === count, `a checkpoint of ${addCount} files for a table of ${count}`);
  await writer.copyTo(path);
  return { actionCount: writer.rowCount, addCount };
}

/** Rows of a checkpoint on their way into DuckDB. What fits into one statement never becomes a table. */
class CheckpointTable {
  readonly #connection: SqlConnection;
  readonly #columns: CheckpointColumns;
  #lines: string[] = [];
  #length = 0;
  #isTable = false;
  #rowCount = 0;

  constructor(connection: SqlConnection, columns: CheckpointColumns) {
    this.#connection = connection;
    this.#columns = columns;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  async add(actions: readonly Action[]): Promise<void> {
    for (const action of actions) {
      const line = this.#columns.line(action);
      this.#lines.push(line);
      this.#length += line.length;
    }
    this.#rowCount += actions.length;
    if (this.#length > statementLengthMax) await this.#flush();
  }

  async copyTo(path: string): Promise<void> {
    if (this.#isTable) await this.#flush();
    const source = this.#isTable ? "SELECT * FROM checkpoint" : this.#columns.select(this.#lines);
    await this.#connection.run(`COPY (${source}) TO ${sqlLiteral(path)} (FORMAT parquet)`);
  }

  async #flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const rows = this.#columns.select(this.#lines);
    await this.#connection.run(
      this.#isTable ? `INSERT INTO checkpoint ${rows}` : `CREATE TEMP TABLE checkpoint AS ${rows}`,
    );
    this.#isTable = true;
    this.#lines = [];
    this.#length = 0;
  }
}

const statementLengthMax = 4_000_000;

function isKept(remove: RemoveFile, { properties }: Snapshot, nowMs: number): boolean {
  return (remove.deletionTimestampMs ?? 0) > nowMs - properties.deletedFileRetentionMs;
}

/** The hint never moves back: another writer may have written a newer checkpoint meanwhile. */
async function pointAt(
  engine: Engine,
  snapshot: Snapshot,
  written: CheckpointCounts & { readonly sizeBytes: number },
): Promise<void> {
  const path = join(logDirectory(snapshot.tablePath), formatLogPath({ kind: "lastCheckpoint" }));
  const bytes = await readIfThere(engine, path);
  const before = bytes === null ? null : parseLastCheckpoint(new TextDecoder().decode(bytes), md5);
  if (before !== null && before.version > snapshot.version && (await isThere(engine, snapshot, before.version))) return;
  const hint = {
    version: snapshot.version,
    size: written.actionCount,
    sizeInBytes: written.sizeBytes,
    numOfAddFiles: written.addCount,
  };
  await engine.files.putHint(path, new TextEncoder().encode(formatLastCheckpoint(hint, md5)));
}

async function isThere(engine: Engine, { tablePath }: Snapshot, version: Snapshot["version"]): Promise<boolean> {
  const path = join(logDirectory(tablePath), formatLogPath({ kind: "classicCheckpoint", version }));
  return (await engine.files.stat(path)) !== null;
}
