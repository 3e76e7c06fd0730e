// log/publish/checkpoint-table.ts: the actions of a checkpoint on their way into a Parquet file. PROTOCOL.md, "Checkpoint Schema".
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { Action, RemoveFile } from "../../format/action/action.ts";
import { assert } from "../../format/text/error.ts";
import type { CheckpointColumns } from "../checkpoint/checkpoint-columns.ts";
import { unexpiredTransactions } from "../snapshot/log-snapshot.ts";
import type { Snapshot } from "../state/snapshot.ts";

/** All actions of a snapshot that name no data file, without transactions that have expired. */
export function headerActionsOf(snapshot: Snapshot, nowMs: number): readonly Action[] {
  const transactions = unexpiredTransactions(snapshot.transactions, snapshot.properties, nowMs);
  return [snapshot.protocol, snapshot.metadata, ...transactions.values(), ...snapshot.domains.values()];
}

/** Whatever takes the rows of a checkpoint. */
export interface CheckpointRows {
  /** How many it was given. */
  readonly rowCount: number;
  add(actions: readonly Action[]): Promise<void>;
}

/** Adds the tombstones that have not expired, then all live files. @returns how many files are live */
export async function addFileActions(rows: CheckpointRows, snapshot: Snapshot, nowMs: number): Promise<number> {
  for await (const kept of keptTombstones(snapshot, nowMs)) await rows.add(kept);
  const otherCount = rows.rowCount;
  for await (const chunk of snapshot.files.chunks()) await rows.add(chunk);
  const addCount = rows.rowCount - otherCount;
  const { count } = await snapshot.files.totals();
  assert(addCount === count, `a checkpoint of ${addCount} files for a table of ${count}`);
  return addCount;
}

/** Tombstones of files that were removed after this have not expired. */
export const keptSinceMs = ({ properties }: Snapshot, nowMs: number): number =>
  nowMs - properties.deletedFileRetentionMs;

/** The tombstones that have not expired, in chunks. */
export async function* keptTombstones(snapshot: Snapshot, nowMs: number): AsyncGenerator<readonly RemoveFile[]> {
  const sinceMs = keptSinceMs(snapshot, nowMs);
  for await (const chunk of snapshot.tombstones())
    yield chunk.filter(({ deletionTimestampMs }) => (deletionTimestampMs ?? 0) > sinceMs);
}

/** Which of several tables on one connection a table is, from 0. */
export interface TablePart {
  readonly part: number;
  readonly partCount: number;
}

/** Rows of one checkpoint file on their way into DuckDB. What fits into one statement never becomes a table. */
export class CheckpointTable implements CheckpointRows {
  readonly #connection: SqlConnection;
  readonly #columns: CheckpointColumns;
  readonly #name: string;
  readonly #statementLengthMax: number;
  #lines: string[] = [];
  #length = 0;
  #isTable = false;
  #rowCount = 0;

  constructor(connection: SqlConnection, columns: CheckpointColumns, { part, partCount }: TablePart = onlyTable) {
    this.#connection = connection;
    this.#columns = columns;
    this.#name = `checkpoint_${part}`;
    this.#statementLengthMax = statementLengthMax / partCount;
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
    if (this.#length > this.#statementLengthMax) await this.#flush();
  }

  /**
   * Writes the file, after which the rows are gone.
   * @param more SELECTs of rows that the file has, too
   */
  async copyTo(path: string, more: readonly string[] = []): Promise<void> {
    if (this.#isTable) await this.#flush();
    const source = this.#isTable ? `SELECT * FROM ${this.#name}` : this.#columns.select(this.#lines);
    const sources = more.length === 0 ? [source] : [source, ...more].map((select) => `(${select})`);
    await this.#connection.run(copyStatement(sources.join(" UNION ALL "), path));
    if (this.#isTable) await this.#connection.run(`DROP TABLE ${this.#name}`);
  }

  async #flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const rows = this.#columns.select(this.#lines);
    await this.#connection.run(
      this.#isTable ? `INSERT INTO ${this.#name} ${rows}` : `CREATE OR REPLACE TEMP TABLE ${this.#name} AS ${rows}`,
    );
    this.#isTable = true;
    this.#lines = [];
    this.#length = 0;
  }
}

const onlyTable: TablePart = { part: 0, partCount: 1 };

const statementLengthMax = 4_000_000;

/** The statement that writes the rows of a SELECT into a file of a checkpoint. */
export function copyStatement(select: string, path: string): string {
  return `COPY (${select}) TO ${sqlLiteral(path)} (FORMAT parquet, ROW_GROUP_SIZE ${rowsPerGroup}, KV_METADATA {${rowsForm.name}: ${sqlLiteral(rowsForm.version)}})`;
}

/**
 * Stands in the footer of every file that this package writes: what its rows hold, and how, beyond what the columns say. Row groups of a file
 * with the same mark go into the next checkpoint as they are; whatever changes the values of rows must change it.
 */
export const rowsForm = { name: "alluvium_checkpoint", version: "1" } as const;

/** Who asks for few files reads the row groups in which they lie, each to its end; more groups make the footer longer. */
export const rowsPerGroup = 16_384;
