// engine/duckdb/duckdb.ts: DuckDB in this process. Nothing is loaded before the first connection is asked for.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import type { DuckDBBitValue, DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { RecordBatch } from "apache-arrow";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { duckdbError, isFatal } from "./duckdb-error.ts";

import type { SqlConnection, SqlEngine, SqlRow, UserFunction } from "../base/engine.ts";
import { liftBits } from "./bit-literal.ts";
import { UserFunctions } from "./user-functions.ts";
import { decimalMacros } from "./decimal-macros.ts";
import { lateMacros } from "./late-macros.ts";
import { sparkMacros } from "./spark-macros.ts";
import { textMacros } from "./text-macros.ts";

/** Settings of DuckDB. */
export interface DuckDbOptions {
  /** Threads of one statement; as many as there are cores when absent. */
  readonly threads?: number;
  /** What DuckDB may hold in memory before it spills to disk; when absent a quarter of the machine's memory, at most 1 GiB. */
  readonly memoryLimitBytes?: number;
  /** Where it spills to; a folder of its own under the system's temporary folder when absent. */
  readonly tempDirectory?: string;
}

/** DuckDB in this process; see `SqlEngine`. Extensions are never fetched from the network, and the time zone is UTC. */
export function duckdbEngine(options: DuckDbOptions = {}): SqlEngine {
  return new LocalDuckDb(options);
}

class LocalDuckDb implements SqlEngine {
  readonly #options: DuckDbOptions;
  readonly #tempDirectory: string;
  readonly #open = new Set<LocalConnection>();
  readonly #functions = new UserFunctions();
  #instance: Promise<DuckDBInstance> | undefined;
  #isClosed = false;

  constructor(options: DuckDbOptions) {
    this.#options = options;
    this.#tempDirectory = options.tempDirectory ?? join(tmpdir(), `alluvium-${randomUUID()}`);
  }

  async connect(): Promise<SqlConnection> {
    if (this.#isClosed) throw new AlluviumError("CLOSED", {}, "the SQL engine is closed; open a new session");
    const starting = (this.#instance ??= startDuckDb(this.#options, this.#tempDirectory));
    try {
      const instance = await starting;
      const native = await instance.connect();
      await this.#functions.registerAll(native, instance);
      const connection = new LocalConnection(native, {
        failureIn: (text) => this.#functions.failureIn(text),
        closed: () => void this.#open.delete(connection),
        failed: () => this.#forget(starting),
      });
      this.#open.add(connection);
      return connection;
    } catch (cause) {
      this.#forget(starting);
      throw duckdbError(cause, "");
    }
  }

  register(user: UserFunction): void {
    this.#functions.add(user);
  }

  /** Interrupts and closes every connection, then the database. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const connection of this.#open) {
      connection.interrupt();
      await connection[Symbol.asyncDispose]();
    }
    const starting = this.#instance;
    this.#instance = undefined;
    if (starting === undefined) return;
    const instance = await starting.catch(() => undefined);
    instance?.closeSync();
    if (this.#options.tempDirectory === undefined) await rm(this.#tempDirectory, { recursive: true, force: true });
  }

  /** The next connection starts a new database: the old one failed to start, or is beyond use. */
  #forget(failed: Promise<DuckDBInstance>): void {
    if (this.#instance === failed) this.#instance = undefined;
  }
}

interface ConnectionOwner {
  /** What a function of the user threw, when that is what DuckDB complains of. */
  failureIn(text: string): AlluviumError | undefined;
  closed(): void;
  failed(): void;
}

class LocalConnection implements SqlConnection {
  readonly #native: DuckDBConnection;
  readonly #owner: ConnectionOwner;
  #running: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(native: DuckDBConnection, owner: ConnectionOwner) {
    this.#native = native;
    this.#owner = owner;
  }

  async run(sql: string, texts?: readonly string[]): Promise<void> {
    await this.#guard(sql, () => this.#native.run(sql, texts && [...texts]));
  }

  async rows(sql: string): Promise<readonly SqlRow[]> {
    const { rowsOf } = await import("./duckdb-rows.ts");
    return this.#guard(sql, async () => rowsOf(await this.#native.run(...(await withValues(sql)))));
  }

  async *batches(sql: string, schema: StructType): AsyncGenerator<RecordBatch> {
    const { arrowBatches } = await import("./arrow-bridge.ts");
    const result = await this.#guard(sql, async () => this.#native.stream(...(await withValues(sql))));
    yield* arrowBatches({ result, fetch: () => this.#guard(sql, () => result.fetchChunk()) }, schema);
  }

  interrupt(): void {
    if (!this.#isClosed) this.#native.interrupt();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#owner.closed();
    // A connection that goes while a statement runs takes the process with it.
    await this.#running;
    this.#native.closeSync();
  }

  async #guard<T>(sql: string, work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new AlluviumError("CLOSED", {}, "this SQL connection is closed");
    const running = work();
    const settled = running.then(
      () => undefined,
      () => undefined,
    );
    this.#running = Promise.all([this.#running, settled]);
    try {
      return await running;
    } catch (cause) {
      if (isFatal(cause)) this.#owner.failed();
      throw this.#owner.failureIn(messageOf(cause)) ?? duckdbError(cause, sql);
    }
  }
}

/** A statement, and the values of its parameters when it has any. */
async function withValues(sql: string): Promise<[sql: string, values?: Record<string, DuckDBBitValue>]> {
  const lifted = liftBits(sql);
  if (lifted === null) return [sql];
  const { duckdb } = await import("./duckdb-library.ts");
  const values = Object.entries(lifted.bits).map(([name, bytes]) => [name, new duckdb.DuckDBBitValue(bytes)] as const);
  return [lifted.sql, Object.fromEntries(values)];
}

async function startDuckDb(options: DuckDbOptions, tempDirectory: string): Promise<DuckDBInstance> {
  const { duckdb } = await import("./duckdb-library.ts");
  const instance = await duckdb.DuckDBInstance.create(":memory:", {
    threads: String(options.threads ?? availableParallelism()),
    memory_limit: `${options.memoryLimitBytes ?? defaultMemoryLimitBytes()}B`,
    temp_directory: tempDirectory,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // A file may be removed and made anew under its old name; the system's page cache knows, this one need not.
    enable_external_file_cache: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  for (const macro of [...sparkMacros, ...textMacros, ...decimalMacros, ...lateMacros]) await connection.run(macro);
  connection.closeSync();
  return instance;
}

function defaultMemoryLimitBytes(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.max(memoryLimitFloorBytes, Math.min(memoryLimitCeilingBytes, Math.floor(total / 4)));
}

const memoryLimitFloorBytes = 128 * 2 ** 20;
const memoryLimitCeilingBytes = 2 ** 30;
