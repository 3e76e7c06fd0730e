// session/door/session.ts: the front door: one engine, one warehouse, the queries that run.
import { localPath } from "../../engine/files/local-path.ts";
import { localEngine } from "../../engine/local/local-engine.ts";
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { StreamingQueryManager } from "../../stream/query/query-manager.ts";
import type { CreateTableOptions } from "../../table/input/create-table.ts";
import { DeltaTable } from "../../table/whole/delta-table.ts";
import { type OpenOptions, openSnapshot } from "../../table/whole/open-table.ts";
import { type SchemaInput, toSchema } from "../../table/input/schema-input.ts";
import type { InputPortion } from "../../table/input/table-input.ts";
import { Catalog } from "../plan/catalog.ts";
import { DataFrame } from "../frame/data-frame.ts";
import { DataFrameReader } from "../frame/data-frame-reader.ts";
import { DataStreamReader } from "../frame/data-stream-reader.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { rangePlan } from "../plan/frame-query.ts";
import { parseCheckpointConf } from "../../log/checkpoint/checkpoint-conf.ts";
import { once } from "../../log/state/once.ts";
import type { SqlOptions } from "../statement/run-sql.ts";
import { SessionCatalog } from "../statement/session-catalog.ts";
import { UdfRegistration } from "../statement/udf-registration.ts";

/** How a session is opened. */
export interface SessionOptions {
  /** Folder in which tables have names; made when the first table is. Default `./warehouse`. */
  readonly warehouse?: string;
  /**
   * Settings by Spark's names, such as `spark.sql.streaming.checkpointLocation`, `spark.sql.streaming.minBatchesToRetain` or
   * `spark.databricks.delta.checkpoint.partSize`.
   */
  readonly conf?: Readonly<Record<string, string>>;
}

/** Tables by name, batch and streaming frames, running queries. Close it, or take it with `await using`. */
export class Session implements AsyncDisposable {
  readonly #context: FrameContext;
  #isClosed = false;

  private constructor(context: FrameContext) {
    this.#context = context;
  }

  /** Opens a session; nothing is written. @throws AlluviumError `CORRUPT_FILE` for a catalog that cannot be read, `INVALID_ARGUMENT` */
  static async open(options: SessionOptions = {}): Promise<Session> {
    const session = Session.#over(localEngine(), options);
    await session.#current();
    return session;
  }

  /** @internal A session over doors of its own; for tests. */
  static over(engine: Engine, options: SessionOptions = {}): Session {
    return Session.#over(engine, options);
  }

  static #over(doors: Engine, options: SessionOptions): Session {
    const conf = new Map(Object.entries(options.conf ?? {}));
    parseCheckpointConf(conf); // a setting that cannot be read is told now, not with a checkpoint that fails
    const engine = { ...doors, conf };
    const context: FrameContext = {
      engine,
      catalog: new Catalog(options.warehouse ?? "warehouse"),
      queries: new StreamingQueryManager(engine.clock),
      views: new Map(),
      functions: new Map(),
      aggregateNames: once(async () => (await import("../../sql/tree/aggregate-names.ts")).readAggregateNames(engine)),
      conf,
      frame: (plan) => new DataFrame(context, plan),
    };
    return new Session(context);
  }

  /** Reads tables as they are. */
  get read(): DataFrameReader {
    return new DataFrameReader(this.#open());
  }

  /** Reads tables as streams. */
  get readStream(): DataStreamReader {
    return new DataStreamReader(this.#open());
  }

  /** Functions of JavaScript for SQL. */
  get udf(): UdfRegistration {
    return new UdfRegistration(this.#open());
  }

  /** The queries of this session. */
  get streams(): StreamingQueryManager {
    return this.#context.queries;
  }

  /** What tables and views there are. */
  get catalog(): SessionCatalog {
    return new SessionCatalog(() => this.#current());
  }

  /** Whole numbers in a column `id` (a long), from 0 or `start` up to before `end`. @throws AlluviumError `INVALID_ARGUMENT` */
  range(startOrEnd: number | bigint, end?: number | bigint, step: number | bigint = 1): DataFrame {
    return this.#open().frame(rangePlan(end === undefined ? 0 : startOrEnd, end ?? startOrEnd, step));
  }

  /** A view by name, or a table as a batch frame. */
  table(name: string): DataFrame {
    return this.read.table(name);
  }

  /**
   * Runs a statement in Spark's SQL. A query gives a lazy frame, which streams when it reads a stream; anything else is done
   * before the promise resolves, and the frame holds its answer.
   * @throws AlluviumError `PARSE_SYNTAX_ERROR`, `UNBOUND_SQL_PARAMETER`, `TABLE_OR_VIEW_NOT_FOUND`, `UNRESOLVED_COLUMN` pointing at line and column; for a
   * query over a stream that no output mode can run, why
   */
  async sql(query: string, options: SqlOptions = {}): Promise<DataFrame> {
    const context = await this.#current();
    const { runSql } = await import("../statement/run-sql.ts");
    return runSql(context, query, options);
  }

  /** A frame of rows of the program: objects, or Arrow data. Types are inferred where no schema is given. */
  createDataFrame(rows: InputPortion | Iterable<InputPortion>, schema?: SchemaInput): DataFrame {
    const portions =
      Symbol.iterator in rows && !("schema" in rows && "numRows" in rows) ? [...rows] : [rows as InputPortion];
    const source = { kind: "rows" as const, rows: portions, schema: schema === undefined ? null : toSchema(schema) };
    return this.#open().frame({ source, steps: [] });
  }

  /** Opens a table by name. @throws AlluviumError as `DeltaTable.open` */
  async deltaTable(name: string, options: OpenOptions = {}): Promise<DeltaTable> {
    return this.#openTable((await this.#current()).catalog.tablePath(name), options);
  }

  /** Opens a table by path. @throws AlluviumError as `DeltaTable.open` */
  deltaTableAt(path: string, options: OpenOptions = {}): Promise<DeltaTable> {
    return this.#openTable(localPath(path), options);
  }

  /** Makes a new table by name. @throws AlluviumError as `DeltaTable.create` */
  async createTable(name: string, options: CreateTableOptions): Promise<DeltaTable> {
    return this.#createTable((await this.#current()).catalog.tablePath(name), options);
  }

  /** Makes a new table by path. @throws AlluviumError as `DeltaTable.create` */
  createTableAt(path: string, options: CreateTableOptions): Promise<DeltaTable> {
    return this.#createTable(localPath(path), options);
  }

  /** Stops the running queries, then frees everything. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#context.queries.stopAll();
    } finally {
      await this.#context.engine[Symbol.asyncDispose]();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #openTable(path: string, options: OpenOptions): Promise<DeltaTable> {
    const { engine } = this.#open();
    return new DeltaTable(engine, await openSnapshot(engine, path, options), false);
  }

  async #createTable(path: string, options: CreateTableOptions): Promise<DeltaTable> {
    const { engine } = this.#open();
    const { createTable } = await import("../../table/input/create-table.ts");
    return new DeltaTable(engine, await createTable(engine, path, options), false);
  }

  /** The context, knowing what other sessions have put into the catalog. */
  async #current(): Promise<FrameContext> {
    const context = this.#open();
    await context.catalog.refresh(context.engine.files);
    return context;
  }

  #open(): FrameContext {
    if (!this.#isClosed) return this.#context;
    throw new AlluviumError("CLOSED", {}, "this session is closed; open another one");
  }
}
