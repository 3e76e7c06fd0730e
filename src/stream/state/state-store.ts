// stream/state/state-store.ts: the state of a query: live in a DuckDB database of its own, and as versions in the checkpoint (version n is
// the state after batch n - 1, so that batch n starts from version n). Each version adds one Parquet file of changes per table that
// changed; `state/versions/<n>` names the files and makes the version visible, whole. streaming.md, "State store".
import { join } from "node:path";
import type { Engine, SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import { Releases } from "../../engine/base/releases.ts";
import { MetadataLog } from "../checkpoint/metadata-log.ts";
import { cannotLoad, loadStateFile, writeStateFile } from "./state-files.ts";
import { stateManifestCodec } from "./state-manifest.ts";
import type { StateFile, StateManifest } from "./state-manifest.ts";
import { checkStateMetadata, stateDirectory, stateOwner, writeStateMetadata } from "./state-metadata.ts";
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";
import type { OperatorSpec } from "../plan/state-spec.ts";
import { StateTable } from "./state-table.ts";
import type { ChangeCounts } from "./state-table.ts";
import { StateWriter } from "./state-writer.ts";

/** Where a store lies and what it holds. */
export interface StateStoreOptions {
  readonly engine: Engine;
  readonly checkpointDirectory: string;
  readonly operators: readonly OperatorSpec[];
  /** The batch that runs next: it starts from the version of this number. */
  readonly version: number;
}

/** What one batch did to the state of an operator. */
export interface StateCounts {
  readonly rowsTotal: number;
  readonly rowsUpdated: number;
  readonly rowsRemoved: number;
  /** Bytes of the files that make up the operator's state. */
  readonly sizeBytes: number;
}

/** The state of one run. Operators change it through `apply`; `persist` makes a batch's changes durable. */
export class StateStore implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #directory: string;
  readonly #versions: MetadataLog<StateManifest>;
  readonly #connection: SqlConnection;
  readonly #writer: StateWriter;
  readonly #database: string;
  readonly #tables = new Map<string, StateTable>();
  #scratchNames: string[] = [];
  #scratchCount = 0;
  #isLoaded = false;

  private constructor(
    options: StateStoreOptions,
    versions: MetadataLog<StateManifest>,
    { connection, writer }: { readonly connection: SqlConnection; readonly writer: StateWriter },
  ) {
    this.#engine = options.engine;
    this.#directory = stateDirectory(options.checkpointDirectory);
    this.#versions = versions;
    this.#connection = connection;
    this.#writer = writer;
    this.#database = sqlIdentifier(`state-${options.engine.random.uuid()}`);
    for (const operator of options.operators) {
      for (const spec of operator.tables) {
        const table = new StateTable({
          writer,
          database: this.#database,
          scratch: async (sql) => (await this.#materialise(sql, writer.connection)).name,
          operatorId: operator.id,
          spec,
        });
        this.#tables.set(table.key, table);
      }
    }
  }

  /**
   * Checks that the state in the checkpoint is this query's, and is there; reads no rows yet. Without operators nothing is kept.
   * @throws AlluviumError as `checkStateMetadata`; `STREAMING_CHECKPOINT_MISMATCH` for state of another engine,
   * `STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY` when batches ran without state, `CANNOT_LOAD_STATE_STORE` for a version that is gone
   */
  static async open(options: StateStoreOptions): Promise<StateStore> {
    const { engine, checkpointDirectory, operators } = options;
    const directory = stateDirectory(checkpointDirectory);
    const versions = await MetadataLog.open(engine.files, join(directory, "versions"), stateManifestCodec);
    if (operators.length > 0) await checkDirectory(options, versions);
    await using opened = new Releases();
    const connection = opened.use(await engine.sql.connect());
    const writer = new StateWriter(opened.use(await engine.sql.connect()));
    const store = new StateStore(options, versions, { connection, writer });
    await connection.run(`ATTACH ':memory:' AS ${store.#database}`);
    opened.handOver();
    return store;
  }

  /** A connection that sees the live state; for the statements of the operators. */
  get connection(): SqlConnection {
    return this.#connection;
  }

  /** A live table, to be asked; it is changed by `apply`. */
  live(operatorId: number, name: string): StateTable {
    const table = this.#tables.get(`${operatorId}/${name}`);
    assert(table !== undefined, `operator ${operatorId} has no state table ${name}`);
    return table;
  }

  /** Qualified name of a live table, with all changes so far: for operators that read all of it in every batch. */
  async table(operatorId: number, name: string): Promise<string> {
    return this.live(operatorId, name).whole();
  }

  /** The lowest `__id` that no row of a table has or had. */
  nextId(operatorId: number, name: string): bigint {
    return this.live(operatorId, name).nextId;
  }

  /**
   * Brings the live tables to a version, unless they are there already.
   * @throws AlluviumError `CANNOT_LOAD_STATE_STORE` naming a file that is missing or damaged
   */
  async load(version: number): Promise<void> {
    if (this.#isLoaded || this.#tables.size === 0) return;
    const manifest = version === 0 ? new Map<string, readonly StateFile[]>() : await this.#versions.read(version);
    if (manifest === null) throw cannotLoad({ path: this.#versions.pathOf(version), version }, "the file is missing");
    for (const table of this.#tables.values()) {
      await table.create();
      table.files = manifest.get(table.key) ?? [];
      for (const file of table.files)
        await loadStateFile(this.#engine, { directory: this.#directory, table, file, version });
      await table.count();
    }
    this.#isLoaded = true;
  }

  /** Forgets the changes and temporary tables of the batch before; called before a batch runs. */
  beginBatch(): void {
    const drops = this.#scratchNames.map((name) => `DROP TABLE IF EXISTS ${name}`);
    if (drops.length > 0) this.#writer.begin(() => this.#writer.connection.run(drops.join("; ")));
    this.#scratchNames = [];
    for (const table of this.#tables.values()) {
      Object.assign(table, { staged: [], stagedRowCount: 0, updatedRowCount: 0, removedRowCount: 0 });
      // Not before: the rows of the last batch may have been read through it until now.
      table.compact();
    }
  }

  /** Keeps the rows of a SELECT until the next batch begins; every connection sees them. @returns the name of the table */
  async scratch(sql: string): Promise<string> {
    return (await this.#materialise(sql)).name;
  }

  /**
   * Changes a live table, and notes the changes for `persist`.
   * @param sql SELECT of `__op` and the columns of the table, in order
   * @returns name of a table of those rows that lasts as long as the batch
   */
  async apply(operatorId: number, table: string, sql: string): Promise<string> {
    const live = this.live(operatorId, table);
    const names = [changeColumn, ...live.spec.columns.map(({ name }) => sqlIdentifier(name))].join(", ");
    const { name: staged, rowCount } = await this.#materialise(`SELECT * FROM (${sql}) AS changes(${names})`);
    if (rowCount === 0) return staged;
    live.staged = [...live.staged, staged];
    const { nextId, ...counts } = await this.#countChanges(staged);
    live.stagedRowCount += rowCount;
    if (nextId > live.nextId) live.nextId = nextId;
    live.change(staged, counts);
    // An id may have many rows: how many went is not known before.
    if (!live.spec.isCounted) await this.#writer.done();
    return staged;
  }

  /**
   * Makes the state after a batch durable as version `batchId + 1`; nothing of it is visible before all of it is.
   * @param isReplay an earlier run may have written this version; it is replaced
   * @throws AlluviumError `CONCURRENT_STREAM_LOG_UPDATE` when another process wrote it
   */
  async persist(batchId: number, isReplay: boolean): Promise<void> {
    const version = batchId + 1;
    const written: string[] = [];
    for (const table of this.#tables.values()) {
      const files = await writeStateFile(this.#engine, this.#connection, {
        directory: this.#directory,
        table,
        version,
      });
      if (files === null) continue;
      table.files = files;
      written.push(join(this.#directory, files.at(-1)?.path ?? ""));
    }
    if (written.length > 0) await this.#engine.files.sync(written);
    const manifest = new Map([...this.#tables.values()].map((table) => [table.key, table.files] as const));
    if (isReplay) await this.#versions.replace(version, manifest);
    else await this.#versions.add(version, manifest);
  }

  /** Removes versions that no retained batch starts from, and the files that only they name. */
  async purgeBefore(version: number): Promise<void> {
    const old = this.#versions.ids.filter((id) => id < version);
    if (old.length === 0) return;
    const oldest = this.#versions.ids.find((id) => id >= version);
    if (oldest === undefined) return;
    // Files come and go in one order: what the oldest kept version does not name, no later one does.
    const kept = pathsIn(await this.#versions.read(oldest));
    const gone = new Set<string>();
    for (const id of old)
      for (const path of pathsIn(await this.#versions.read(id))) if (!kept.has(path)) gone.add(path);
    await this.#versions.purgeBefore(version);
    for (const path of gone) await this.#engine.files.remove(join(this.#directory, path));
  }

  /** Figures of an operator, for progress. */
  counts(operatorId: number): StateCounts {
    const tables = [...this.#tables.values()].filter((table) => table.operatorId === operatorId);
    const counted = tables.filter((table) => table.spec.isCounted);
    const sum = (figure: (table: StateTable) => number): number =>
      counted.reduce((total, table) => total + figure(table), 0);
    return {
      rowsTotal: sum((table) => table.rowCount),
      rowsUpdated: sum((table) => table.updatedRowCount),
      rowsRemoved: sum((table) => table.removedRowCount),
      sizeBytes: tables.flatMap((table) => table.files).reduce((total, file) => total + file.sizeBytes, 0),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer[Symbol.asyncDispose]();
    // Another connection may still read the last batch; the database then goes with the engine.
    await this.#connection.run(`DETACH ${this.#database}`).catch(() => undefined);
    await this.#connection[Symbol.asyncDispose]();
  }

  /** Rows of a SELECT as a table that goes when the next batch begins. */
  async #materialise(
    sql: string,
    connection: SqlConnection = this.#connection,
  ): Promise<{ readonly name: string; readonly rowCount: number }> {
    const name = `${this.#database}.t${(this.#scratchCount += 1)}`;
    this.#scratchNames.push(name);
    const [row] = await connection.rows(`CREATE TABLE ${name} AS ${sql}`);
    return { name, rowCount: Number(row?.["Count"] ?? 0) };
  }

  async #countChanges(staged: string): Promise<ChangeCounts & { readonly nextId: bigint }> {
    const count = (condition: string): string => `count(*) FILTER (WHERE ${changeColumn} ${condition})`;
    const [row] = await this.#connection.rows(
      `SELECT ${count(`<> ${changeKinds.insert}`)} AS goes, ${count(`<> ${changeKinds.remove}`)} AS comes, ${count(`= ${changeKinds.remove}`)} AS removed, coalesce(max(${idColumn}) + 1, 0) AS next FROM ${staged}`,
    );
    const figure = (name: string): number => Number(row?.[name] ?? 0);
    return {
      goes: figure("goes"),
      comes: figure("comes"),
      removed: figure("removed"),
      nextId: (row?.["next"] as bigint | undefined) ?? 0n,
    };
  }
}

async function checkDirectory(
  { engine, checkpointDirectory, operators, version }: StateStoreOptions,
  versions: MetadataLog<StateManifest>,
): Promise<void> {
  const directory = stateDirectory(checkpointDirectory);
  const owner = await stateOwner(engine.files, checkpointDirectory);
  if (owner === "foreign") throw foreignState(checkpointDirectory);
  if (version === 0) return writeStateMetadata(engine.files, directory, operators);
  if (owner === "none") throw missingState(checkpointDirectory, version);
  await checkStateMetadata(engine.files, directory, operators);
  if (!versions.ids.includes(version))
    throw cannotLoad({ path: versions.pathOf(version), version }, "the file is missing");
}

const pathsIn = (manifest: StateManifest | null): ReadonlySet<string> =>
  new Set([...(manifest?.values() ?? [])].flatMap((files) => files.map((file) => file.path)));

function missingState(checkpointLocation: string, version: number): AlluviumError {
  const message = `checkpoint ${checkpointLocation} has run ${version} batches, but holds no state for the query's stateful operators: the query had none before, or state/ was removed; start it from a new checkpointLocation`;
  return new AlluviumError("STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY", { checkpointLocation }, message);
}

function foreignState(checkpointLocation: string): AlluviumError {
  const message = `checkpoint ${checkpointLocation} holds operator state (state/) that another engine wrote: state stores of Spark are not read here; start the query from a new checkpointLocation`;
  return new AlluviumError("STREAMING_CHECKPOINT_MISMATCH", { checkpointLocation }, message);
}
