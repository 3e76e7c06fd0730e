// log/checkpoint-table.ts: the actions of a checkpoint on their way into a Parquet file. PROTOCOL.md, "Checkpoint Schema".
import type { SqlConnection } from "../engine/engine.ts";
import { sqlLiteral } from "../engine/sql-quote.ts";
import type { Action, RemoveFile } from "../format/action.ts";
import { assert } from "../format/error.ts";
import type { CheckpointColumns } from "./checkpoint-columns.ts";
import { unexpiredTransactions } from "./log-snapshot.ts";
import type { Snapshot } from "./snapshot.ts";

/** All actions of a snapshot that name no data file, without transactions that have expired. */
export function headerActionsOf(snapshot: Snapshot, nowMs: number): readonly Action[] {
  const transactions = unexpiredTransactions(snapshot.transactions, snapshot.properties, nowMs);
  return [snapshot.protocol, snapshot.metadata, ...transactions.values(), ...snapshot.domains.values()];
}

/** The tombstones that have not expired, in chunks. */
export async function* keptTombstones(snapshot: Snapshot, nowMs: number): AsyncGenerator<readonly RemoveFile[]> {
  const since = nowMs - snapshot.properties.deletedFileRetentionMs;
  for await (const chunk of snapshot.tombstones())
    yield chunk.filter(({ deletionTimestampMs }) => (deletionTimestampMs ?? 0) > since);
}

/** Adds the tombstones that have not expired, then all live files. @returns how many files are live */
export async function addFileActions(table: CheckpointTable, snapshot: Snapshot, nowMs: number): Promise<number> {
  for await (const chunk of keptTombstones(snapshot, nowMs)) await table.add(chunk);
  const otherCount = table.rowCount;
  for await (const chunk of snapshot.files.chunks()) await table.add(chunk);
  const addCount = table.rowCount - otherCount;
  const { count } = await snapshot.files.totals();
  assert(addCount === count, `a checkpoint of ${addCount} files for a table of ${count}`);
  return addCount;
}

/** Rows of a checkpoint on their way into DuckDB. What fits into one statement never becomes a table. */
export class CheckpointTable {
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
