// test/engine/crash-engine.ts: an engine whose disk can die at any operation.
import { statSync, truncateSync } from "node:fs";
import type {
  Clock,
  CommitSignals,
  Engine,
  ParquetEngine,
  ProcessLocks,
  SqlConnection,
  SqlEngine,
} from "../../src/engine/base/engine.ts";
import { systemClock } from "../../src/engine/base/clock.ts";
import { localCommitSignals } from "../../src/engine/files/commit-signals.ts";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { localFileStore } from "../../src/engine/files/local-file-store.ts";
import { parquetEngine } from "../../src/engine/parquet/parquet.ts";
import { localVariantFiles } from "../../src/engine/parquet/variant-files.ts";
import { CrashFileSystem } from "./crash-file-system.ts";
import type { CrashOptions } from "./crash-file-system.ts";
import { seededRandom } from "./seeded-random.ts";

/** What to put in place of the usual doors. Starting DuckDB takes 30 ms: hand over one `sql` for many crashes. */
export interface CrashEngineOptions extends CrashOptions {
  readonly sql?: SqlEngine;
  readonly clock?: Clock;
  readonly signals?: CommitSignals;
}

/** The engine, and the disk that says what happened and can lose its power. */
export interface CrashEngine {
  readonly engine: Engine;
  readonly disk: CrashFileSystem;
}

/**
 * An engine over a real folder that dies at the operation `crashAt`. Parquet writes and the statements of `SqlConnection.run` that
 * start with COPY are operations too, and leave files that only `FileStore.sync` makes durable. Locks last as long as the engine.
 */
export function crashEngine(options: CrashEngineOptions): CrashEngine {
  const disk = new CrashFileSystem(options);
  const sql = options.sql ?? duckdbEngine();
  const engine: Engine = {
    files: localFileStore(disk),
    sql: crashingSql(sql, disk),
    parquet: crashingParquet(parquetEngine(), disk),
    variants: localVariantFiles(sql),
    clock: options.clock ?? systemClock(),
    random: seededRandom(options.seed ?? 1),
    signals: options.signals ?? localCommitSignals(),
    locks: memoryLocks(),
    // In order, so that the operations of a run are always the same.
    conf: new Map(),
    background: { start: (work) => work(), finish: () => Promise.resolve() },
    [Symbol.asyncDispose]: async () => {
      if (options.sql === undefined) await sql.close();
    },
  };
  return { engine, disk };
}

/** Locks that die with their engine, as a dead process's locks do. */
export function memoryLocks(): ProcessLocks {
  const held = new Set<string>();
  return {
    acquire: async (path) => {
      if (held.has(path)) return null;
      held.add(path);
      return { [Symbol.asyncDispose]: async () => void held.delete(path) };
    },
  };
}

function crashingParquet(parquet: ParquetEngine, disk: CrashFileSystem): ParquetEngine {
  return {
    read: (path, columns) => {
      disk.assertAlive("parquet.read");
      return parquet.read(path, columns);
    },
    metadata: async (path) => {
      disk.assertAlive("parquet.metadata");
      return parquet.metadata(path);
    },
    columns: async (paths) => {
      disk.assertAlive("parquet.columns");
      return parquet.columns(paths);
    },
    records: async (path, query) => {
      disk.assertAlive("parquet.records");
      return parquet.records(path, query);
    },
    codes: async (path, query) => {
      disk.assertAlive("parquet.codes");
      return parquet.codes(path, query);
    },
    cells: async (path, query) => {
      disk.assertAlive("parquet.cells");
      return parquet.cells(path, query);
    },
    append: (path, sources) =>
      disk.perform(
        "parquet.append",
        () => parquet.append(path, sources),
        async () => {
          await parquet.append(path, sources);
          truncateSync(path, Math.floor(statSync(path).size / 2));
        },
      ),
    write: (path, schema, batches) =>
      disk.perform(
        "parquet.write",
        () => parquet.write(path, schema, batches),
        async () => {
          const { sizeBytes } = await parquet.write(path, schema, batches);
          truncateSync(path, Math.floor(sizeBytes / 2));
        },
      ),
  };
}

function crashingSql(sql: SqlEngine, disk: CrashFileSystem): SqlEngine {
  return {
    connect: async () => {
      disk.assertAlive("sql.connect");
      return crashingConnection(await sql.connect(), disk);
    },
    register: (user) => sql.register(user),
    close: async () => undefined,
  };
}

function crashingConnection(connection: SqlConnection, disk: CrashFileSystem): SqlConnection {
  const isCopy = (text: string): boolean => /^\s*COPY\b/i.test(text);
  const alive = <T>(work: () => T): T => {
    disk.assertAlive("sql");
    return work();
  };
  return {
    run: async (text, texts) =>
      isCopy(text)
        ? disk.perform(
            "sql.copy",
            () => connection.run(text, texts),
            () => finishUnsynced(connection, text, texts),
          )
        : alive(() => connection.run(text, texts)),
    rows: async (text) =>
      isCopy(text)
        ? disk.perform(
            "sql.copy",
            () => connection.rows(text),
            () => finishUnsynced(connection, text),
          )
        : alive(() => connection.rows(text)),
    batches: (text, schema) => alive(() => connection.batches(text, schema)),
    interrupt: () => connection.interrupt(),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** Runs the COPY to its end: the files lie there whole, unsynced, and unknown to the process that died. */
async function finishUnsynced(connection: SqlConnection, text: string, texts?: readonly string[]): Promise<void> {
  await connection.run(text, texts);
}
