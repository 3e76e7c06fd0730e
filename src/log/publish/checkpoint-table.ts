// log/publish/checkpoint-table.ts: the actions of a checkpoint on their way into a Parquet file. PROTOCOL.md, "Checkpoint Schema".
import type { Engine, SqlConnection } from "../../engine/base/engine.ts";
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { Action, RemoveFile } from "../../format/action/action.ts";
import { assert } from "../../format/text/error.ts";
import type { CheckpointColumns } from "../checkpoint/checkpoint-columns.ts";
import { unexpiredTransactions } from "../snapshot/log-snapshot.ts";
import type { Snapshot } from "../state/snapshot.ts";
import { ownMark } from "../checkpoint/own-checkpoint.ts";

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

/** What a file is written by. */
export interface FileWriter {
  readonly engine: Engine;
  readonly connection: SqlConnection;
}

/** One file of a checkpoint: rows become row groups of it as soon as there are enough of them. */
export class CheckpointFile implements CheckpointRows {
  readonly path: string;
  readonly #writer: FileWriter;
  readonly #columns: CheckpointColumns;
  readonly #lengthMax: number;
  #lines: string[] = [];
  #length = 0;
  #isBegun = false;
  #rowCount = 0;

  /** @param share of several files that are written at once, how many */
  constructor(writer: FileWriter, columns: CheckpointColumns, { path, share = 1 }: { path: string; share?: number }) {
    this.#writer = writer;
    this.#columns = columns;
    this.path = path;
    this.#lengthMax = linesLengthMax / share;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  async add(actions: readonly Action[]): Promise<void> {
    for (const action of actions) {
      const line = this.#columns.line(action);
      this.#lines.push(line);
      this.#length += line.length;
      if (this.#lines.length === rowsPerGroup || this.#length > this.#lengthMax) await this.flush();
    }
    this.#rowCount += actions.length;
  }

  /** Makes a row group of the rows since the last, if there are any. */
  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const lines = this.#lines.join("\n");
    this.#lines = [];
    this.#length = 0;
    await this.#write(this.#columns.select, [lines]);
  }

  /**
   * Writes what is left; the file is whole then.
   * @param more SELECTs of rows that the file has, too, in row groups of their own
   */
  async finish(more: readonly string[] = []): Promise<void> {
    await this.flush();
    if (more.length > 0) await this.#write(more.map((select) => `(${select})`).join(" UNION ALL "));
    if (!this.#isBegun) await this.#write(this.#columns.select, [""]);
  }

  async #write(select: string, texts?: readonly string[]): Promise<void> {
    const path = this.#isBegun ? `${this.path}.more` : this.path;
    try {
      await this.#writer.connection.run(copyStatement(select, path), texts);
      if (this.#isBegun) await this.#append(path);
    } finally {
      if (this.#isBegun) await this.#writer.engine.files.remove(path);
    }
    this.#isBegun = true;
  }

  async #append(path: string): Promise<void> {
    const { parquet } = this.#writer.engine;
    const metadata = await parquet.metadata(path);
    const isDone = await parquet.append(this.path, [{ path, metadata, groups: [...metadata.rowGroups.keys()] }]);
    assert(isDone, "two files of one statement have the same columns");
  }
}

/** Lines are handed over as one text. */
const linesLengthMax = 2 ** 23;

/** The statement that writes the rows of a SELECT into a file of a checkpoint. */
export function copyStatement(select: string, path: string): string {
  return `COPY (${select}) TO ${sqlLiteral(path)} (FORMAT parquet, ROW_GROUP_SIZE ${rowsPerGroup}, KV_METADATA {${ownMark.name}: ${sqlLiteral(ownMark.version)}})`;
}

/** Who asks for few files reads the row groups in which they lie, each to its end; more groups make the footer longer. */
export const rowsPerGroup = 16_384;
