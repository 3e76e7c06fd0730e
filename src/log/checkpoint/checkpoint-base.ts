// log/checkpoint/checkpoint-base.ts: the file actions of a checkpoint, left in their Parquet files and asked through DuckDB: a table of
// ten million files opens without ten million objects.
import type { Engine, SqlConnection } from "../../engine/base/engine.ts";
import { sqlLiteral, sqlParquetFiles } from "../../engine/base/sql-quote.ts";
import type { AddFile, RemoveFile } from "../../format/action/action.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { candidateSql } from "./candidate-files.ts";
import type { AddCondition, FileQuery } from "./candidate-files.ts";
import { readAdds } from "./checkpoint-adds.ts";
import { hasJsonStats, rowsOfRange } from "./checkpoint-part.ts";
import type { CheckpointPart } from "./checkpoint-part.ts";
import { CodedColumns } from "./coded-rows.ts";
import { parseCheckpointRow } from "./checkpoint-row.ts";
import { canonicalPathSql, hasTyped, isAction, selectActions, typedStatsAloneSql } from "./checkpoint-sql.ts";
import type { TypedOnly } from "./checkpoint-sql.ts";
import { canonicalPath, fileKey } from "../state/file-key.ts";
import type { FileTotals } from "../state/file-table.ts";
import { KeySet } from "../state/key-set.ts";
import { md5 } from "./md5.ts";
import { LateConnection } from "./late-connection.ts";
import { isOwn } from "./own-checkpoint.ts";
import { noneRepeated, repeatedFiles } from "./repeated-files.ts";
import type { RepeatedFiles } from "./repeated-files.ts";
import { once } from "../state/once.ts";

/** Up to this many files are kept as objects once they were asked for; more are read anew each time. */
export const heldFileCountMax = 10_000;

/** The file actions of a checkpoint. Immutable; the files of a checkpoint never change. */
export class CheckpointBase {
  readonly #engine: Engine;
  readonly #parts: readonly CheckpointPart[];
  readonly #typedOnly = new Map<CheckpointPart, Promise<TypedOnly>>();
  readonly #coded: CodedColumns;
  #questionCount = 0;

  constructor(engine: Engine, parts: readonly CheckpointPart[]) {
    this.#engine = engine;
    this.#coded = new CodedColumns(engine);
    this.#parts = parts.filter(({ ranges }) => ranges.has("add") || ranges.has("remove"));
  }

  /** Of the Parquet files, absolute. */
  get paths(): readonly string[] {
    return this.#parts.map(({ path }) => path);
  }

  /** Those with file actions. */
  get parts(): readonly CheckpointPart[] {
    return this.#parts;
  }

  /** True where its files are kept as objects once they were asked for. */
  get isSmall(): boolean {
    return this.rowCount <= heldFileCountMax;
  }

  /** Rows of the files with file actions. */
  get rowCount(): number {
    return this.#parts.reduce((sum, part) => sum + part.rowCount, 0);
  }

  /** How many live files are listed, and their bytes; one that is listed twice counts twice. It costs a tenth of `totals`. */
  readonly listedTotals: () => Promise<FileTotals> = once(() => this.#readTotals());

  /** How many live files there are, and their bytes. */
  readonly totals: () => Promise<FileTotals> = once(async () => {
    const { count, sizeBytes } = await this.listedTotals();
    if (!(await this.hasRepeats())) return { count, sizeBytes };
    const { surplus } = await this.#repeated();
    return { count: count - surplus.count, sizeBytes: sizeBytes - surplus.sizeBytes };
  });

  /** True where a file is listed more than once. */
  async hasRepeats(): Promise<boolean> {
    return !this.isSmall && (await this.#repeated()).keys.size > 0;
  }

  /**
   * Reads what is small to its end, so that damage shows while an older checkpoint can still be taken.
   * @throws AlluviumError when the files cannot be read
   */
  async check(): Promise<void> {
    if (!this.isSmall) return;
    await using connection = await this.#engine.sql.connect();
    for (const { path, ranges } of this.#parts) {
      const kinds = ["add", "remove"].filter((name) => ranges.has(name));
      // A hash needs every value of every column, and makes nothing of them.
      const hashes = kinds.map((name) => `max(hash(${name}))`).join(", ");
      await connection.rows(`SELECT ${hashes} FROM ${sqlParquetFiles([path])}`);
    }
  }

  /** False once a cleaning of the log has taken the files away. */
  async isThere(): Promise<boolean> {
    for (const { path } of this.#parts) if ((await this.#engine.files.stat(path)) === null) return false;
    return true;
  }

  /**
   * Every live file of the checkpoint, in chunks; the order is stable.
   * @param query with a filter the files may come in any order
   */
  async *adds(query: FileQuery = {}): AsyncGenerator<readonly AddFile[]> {
    const { filter, withoutStats } = query;
    if (this.isSmall) yield (await this.#held()).adds;
    else yield* this.#eachOnce(this.#read(filter && ((part) => candidateSql(part, filter)), withoutStats));
  }

  /** Every tombstone of the checkpoint, in chunks. */
  async *removes(): AsyncGenerator<readonly RemoveFile[]> {
    await using connection = await this.#engine.sql.connect();
    for (const { path, tree, ranges } of this.#parts) {
      const range = ranges.get("remove");
      const sql = range && selectActions(tree, { names: ["remove"], typedOnly: none, from: rowsOfRange(path, range) });
      if (sql === undefined || sql === null) continue;
      for await (const batch of connection.batches(sql, rowSchema)) {
        const rows = batch.toArray().map((row) => parseCheckpointRow(row.toJSON(), path));
        yield rows.filter((action) => action?.kind === "remove");
      }
    }
  }

  /** The live files among some actions' keys, by key. Once it was asked, keys that are not there cost no scan. */
  async find(actions: readonly { readonly path: string }[]): Promise<ReadonlyMap<string, AddFile>> {
    const wanted = new Set(actions.map((action) => canonicalPath(action.path)));
    if (wanted.size === 0) return noFiles;
    if (this.isSmall) return (await this.#held()).withPaths(wanted);
    this.#questionCount += 1;
    // The fingerprints of all paths pay for whoever asks again, such as a writer after each commit.
    const known = this.#questionCount > 1 ? await this.#fingerprints() : null;
    const likely = known === null ? [...wanted] : [...wanted].filter((path) => known.has(fingerprint(path)));
    if (likely.length === 0) return noFiles;
    const found = new Map<string, AddFile>();
    const where = `${canonicalPathSql("add.path")} IN (${likely.map(sqlLiteral).join(", ")})`;
    for await (const chunk of this.#read(() => ({ sql: where, isBare: false })))
      for (const add of chunk) found.set(fileKey(add), add);
    return found;
  }

  // Some writers list a file twice, in one checkpoint file or in several: it is one file all the same.
  readonly #held: () => Promise<HeldFiles> = once(async () => {
    const adds = new Map<string, AddFile>();
    for await (const chunk of this.#read(undefined)) for (const add of chunk) adds.set(fileKey(add), add);
    return new HeldFiles([...adds.values()]);
  });

  /** Paths are told apart by hashes; only where two are alike the files are asked which of them they list twice. */
  async *#eachOnce(chunks: AsyncIterable<readonly AddFile[]>): AsyncGenerator<readonly AddFile[]> {
    const seen = new KeySet(0);
    for await (const chunk of chunks) {
      const doubtful = new Set(chunk.filter(({ path }) => !seen.add(hashOf(canonicalPath(path)))));
      const repeated = doubtful.size === 0 ? null : (await this.#repeated()).keys;
      yield repeated === null ? chunk : chunk.filter((add) => !doubtful.has(add) || !repeated.has(fileKey(add)));
    }
  }

  readonly #repeated: () => Promise<RepeatedFiles> = once(async () => {
    if (this.#parts.every(isOwn)) return noneRepeated;
    return repeatedFiles(this.#engine, this.#parts, (condition) =>
      this.#read(() => ({ sql: condition, isBare: false })),
    );
  });

  async *#read(where: PartCondition | undefined, withoutStats = false): AsyncGenerator<readonly AddFile[]> {
    await using asked = new LateConnection(this.#engine);
    const connect = (): Promise<SqlConnection> => asked.connect();
    for (const part of this.#parts) {
      if (!part.ranges.has("add")) continue;
      const typedOnly = await knownOf(this.#typedOnly, part, () => readTypedOnly(connect, part));
      yield* readAdds({ engine: this.#engine, connect }, part, {
        typedOnly,
        where: where?.(part),
        coded: this.#coded,
        withoutStats,
      });
    }
  }

  async #readTotals(): Promise<FileTotals> {
    if (this.isSmall) {
      const { adds } = await this.#held();
      return { count: adds.length, sizeBytes: adds.reduce((sum, add) => sum + add.sizeBytes, 0) };
    }
    let [count, sizeBytes] = [0, 0];
    await using connection = await this.#engine.sql.connect();
    for (const { path, ranges } of this.#parts) {
      const range = ranges.get("add");
      if (range === undefined) continue;
      const known = range.count === null ? "count(add.path)::DOUBLE" : `${range.count}`;
      const [row] = await connection.rows(
        `SELECT ${known} AS count, coalesce(sum(add.size), 0)::DOUBLE AS size_bytes FROM ${sqlParquetFiles([path])}`,
      );
      count += Number(row?.["count"] ?? 0);
      sizeBytes += Number(row?.["size_bytes"] ?? 0);
    }
    return { count, sizeBytes };
  }

  readonly #fingerprints: () => Promise<KeySet> = once(async () => {
    const keys = new KeySet((await this.listedTotals()).count);
    await using connection = await this.#engine.sql.connect();
    for (const { path, tree } of this.#parts) {
      const test = isAction(tree, "add");
      if (test === null) continue;
      const sql = `SELECT ${fingerprintSql(canonicalPathSql("add.path"))} AS key FROM ${sqlParquetFiles([path])} WHERE ${test}`;
      for await (const batch of connection.batches(sql, keySchema))
        for (const key of (batch.getChildAt(0)?.toArray() ?? []) as Float64Array) keys.add(key);
    }
    return keys;
  });
}

/** The adds wanted of a file; undefined for all. */
type PartCondition = (part: CheckpointPart) => AddCondition | undefined;

/** What is known of a part; a failure is not kept. */
function knownOf<T>(known: Map<CheckpointPart, Promise<T>>, part: CheckpointPart, read: () => Promise<T>): Promise<T> {
  const answer = known.get(part) ?? read();
  known.set(part, answer);
  answer.catch(() => known.delete(part));
  return answer;
}

const noFiles: ReadonlyMap<string, AddFile> = new Map();
const none: TypedOnly = { stats: false, partitionValues: false };

/** The live files of a small checkpoint, as objects. */
class HeldFiles {
  readonly adds: readonly AddFile[];
  readonly #byPath = new Map<string, AddFile[]>();

  constructor(adds: readonly AddFile[]) {
    this.adds = adds;
    for (const add of adds) {
      const path = canonicalPath(add.path);
      const same = this.#byPath.get(path);
      if (same === undefined) this.#byPath.set(path, [add]);
      else same.push(add);
    }
  }

  /** By key. */
  withPaths(paths: ReadonlySet<string>): ReadonlyMap<string, AddFile> {
    const found = [...paths].flatMap((path) => this.#byPath.get(path) ?? []);
    return new Map(found.map((add) => [fileKey(add), add]));
  }
}

async function readTypedOnly(connect: () => Promise<SqlConnection>, part: CheckpointPart): Promise<TypedOnly> {
  const { tree, path } = part;
  // A partition value is looked for in both columns: that costs less than to look whether it must be.
  const partitionValues = hasTyped(tree, "partitionValues_parsed");
  const sql = hasJsonStats(part) ? null : typedStatsAloneSql(tree);
  if (sql === null) return { stats: !hasJsonStats(part) && hasTyped(tree, "stats_parsed"), partitionValues };
  const [row] = await (await connect()).rows(`SELECT ${sql} AS stats FROM ${sqlParquetFiles([path])}`);
  return { stats: row?.["stats"] === true, partitionValues };
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
/** 52 bits of what tells data files apart: the ends of their paths, and their lengths. */
function hashOf(path: string): number {
  let [low, high] = [path.length, 0];
  for (let index = Math.max(0, path.length - hashedLength); index < path.length; index += 1) {
    low = Math.imul(low ^ path.charCodeAt(index), 0x01000193);
    high = Math.imul(high, 31) + low;
  }
  return (low >>> 0) + ((high >>> 0) % 2 ** 20) * 2 ** 32;
}

// More than a UUID and what stands behind it.
const hashedLength = 64;
const fingerprintSql = (text: string): string => `('0x' || md5(${text})[1:${fingerprintDigits}])::BIGINT::DOUBLE`;
const fingerprint = (text: string): number => Number.parseInt(md5(text).slice(0, fingerprintDigits), 16);
