// log/checkpoint-base.ts: the file actions of a checkpoint, left in their Parquet files and asked through DuckDB: a table of
// ten million files opens without ten million objects.
import type { Engine, SqlConnection } from "../engine/engine.ts";
import { sqlFilePath, sqlLiteral } from "../engine/sql-quote.ts";
import type { Action, AddFile, RemoveFile } from "../format/action.ts";
import type { StructType } from "../format/schema.ts";
import { canonicalPathSql, isAction, selectActions } from "./checkpoint-sql.ts";
import type { TypedOnly } from "./checkpoint-sql.ts";
import { parseCheckpointRow } from "./checkpoint-row.ts";
import { canonicalPath, fileKey } from "./file-key.ts";
import type { FileTotals } from "./file-table.ts";
import { KeySet } from "./key-set.ts";
import { md5 } from "./md5.ts";
import type { ParquetNode } from "./parquet-tree.ts";

/** One Parquet file of a checkpoint, with its columns and what it holds. */
export interface CheckpointPart {
  readonly path: string;
  readonly tree: readonly ParquetNode[];
  readonly rowCount: number;
  readonly totals: FileTotals;
  readonly typedOnly: TypedOnly;
}

/** The file actions of a checkpoint. Immutable; the files of a checkpoint never change. */
export class CheckpointBase {
  readonly #engine: Engine;
  readonly #parts: readonly CheckpointPart[];
  readonly totals: FileTotals;
  #knownKeys: Promise<KeySet> | undefined;

  constructor(engine: Engine, parts: readonly CheckpointPart[]) {
    this.#engine = engine;
    this.#parts = parts;
    const sum = (pick: (totals: FileTotals) => number): number =>
      parts.reduce((total, part) => total + pick(part.totals), 0);
    this.totals = { count: sum((totals) => totals.count), sizeBytes: sum((totals) => totals.sizeBytes) };
  }

  /** False once a cleaning of the log has taken the files away. */
  async isThere(): Promise<boolean> {
    for (const { path } of this.#parts) if ((await this.#engine.files.stat(path)) === null) return false;
    return true;
  }

  /** Every live file of the checkpoint, in chunks; the order is stable. */
  async *adds(): AsyncGenerator<readonly AddFile[]> {
    for await (const chunk of this.#chunks("add")) yield chunk.filter((action) => action.kind === "add");
  }

  /** Every tombstone of the checkpoint, in chunks. */
  async *removes(): AsyncGenerator<readonly RemoveFile[]> {
    for await (const chunk of this.#chunks("remove")) yield chunk.filter((action) => action.kind === "remove");
  }

  /**
   * The live files among some actions' keys, by key. Keys that are not there cost no scan: after the first question a
   * fingerprint of every path is kept.
   */
  async find(actions: readonly { readonly path: string }[]): Promise<ReadonlyMap<string, AddFile>> {
    const wanted = new Set(actions.map((action) => canonicalPath(action.path)));
    if (wanted.size === 0) return new Map();
    const known = await this.#keys();
    const likely = [...wanted].filter((path) => known.has(fingerprint(path)));
    return likely.length === 0 ? new Map() : this.#findPaths(likely);
  }

  #keys(): Promise<KeySet> {
    this.#knownKeys ??= this.#readKeys();
    this.#knownKeys.catch(() => (this.#knownKeys = undefined));
    return this.#knownKeys;
  }

  async #readKeys(): Promise<KeySet> {
    const keys = new KeySet(this.totals.count);
    await using connection = await this.#engine.sql.connect();
    for (const { path, tree } of this.#parts) {
      const test = isAction(tree, "add");
      if (test === null) continue;
      const sql = `SELECT ${fingerprintSql(canonicalPathSql("add.path"))} AS key FROM read_parquet(${sqlFilePath(path)}) WHERE ${test}`;
      for await (const batch of connection.batches(sql, keySchema)) {
        for (const key of batch.getChildAt(0) ?? []) if (typeof key === "number") keys.add(key);
      }
    }
    return keys;
  }

  async #findPaths(paths: readonly string[]): Promise<ReadonlyMap<string, AddFile>> {
    const found = new Map<string, AddFile>();
    await using connection = await this.#engine.sql.connect();
    const where = `${canonicalPathSql("add.path")} IN (${paths.map(sqlLiteral).join(", ")})`;
    for (const part of this.#parts) {
      const from = `(SELECT * FROM read_parquet(${sqlFilePath(part.path)}) WHERE ${where})`;
      const sql = selectActions(part.tree, { names: ["add"], typedOnly: part.typedOnly, from });
      if (sql === null) continue;
      for (const row of await connection.rows(sql)) {
        const action = parseCheckpointRow(row, part.path);
        if (action?.kind === "add") found.set(fileKey(action), action);
      }
    }
    return found;
  }

  async *#chunks(name: "add" | "remove"): AsyncGenerator<readonly Action[]> {
    await using connection = await this.#engine.sql.connect();
    for (const part of this.#parts) {
      const sql = selectActions(part.tree, {
        names: [name],
        typedOnly: part.typedOnly,
        from: `read_parquet(${sqlFilePath(part.path)})`,
      });
      if (sql !== null) yield* actionChunks(connection, sql, part.path);
    }
  }
}

async function* actionChunks(connection: SqlConnection, sql: string, path: string): AsyncGenerator<readonly Action[]> {
  for await (const batch of connection.batches(sql, rowSchema)) {
    const actions: Action[] = [];
    for (let index = 0; index < batch.numRows; index += 1) {
      const action = parseCheckpointRow(batch.get(index)?.toJSON() ?? {}, path);
      if (action !== null) actions.push(action);
    }
    yield actions;
  }
}

const text = { kind: "primitive", name: "string" } as const;
const textField = (name: string) => ({ name, type: text, nullable: true, metadata: {} });
const rowSchema: StructType = { kind: "struct", fields: ["name", "json", "stats", "partition_values"].map(textField) };
const keySchema: StructType = {
  kind: "struct",
  fields: [{ name: "key", type: { kind: "primitive", name: "double" }, nullable: true, metadata: {} }],
};

// 52 bits of a digest that DuckDB and JavaScript both have, as a double that holds them exactly.
const fingerprintDigits = 13;
const fingerprintSql = (text: string): string => `('0x' || md5(${text})[1:${fingerprintDigits}])::BIGINT::DOUBLE`;
const fingerprint = (text: string): number => Number.parseInt(md5(text).slice(0, fingerprintDigits), 16);
