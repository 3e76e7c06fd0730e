// Streams of events (key, value, time) over real tables, with what each batch put out on record.
import type { Engine, SqlRow } from "../../src/engine/base/engine.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { compileStreamNode } from "../../src/stream/operator/compile-stream-node.ts";
import { openDeltaSource } from "../../src/stream/source/open-delta-source.ts";
import type { OutputMode } from "../../src/stream/plan/output-mode.ts";
import type { Sink, SinkContext } from "../../src/stream/sink/sink.ts";
import { parseSourceOptions } from "../../src/stream/source/source-options.ts";
import { startQuery } from "../../src/stream/query/start-query.ts";
import type { StartQueryOptions } from "../../src/stream/query/start-query.ts";
import type { StreamNode } from "../../src/stream/plan/stream-node.ts";
import type { StreamingQuery } from "../../src/stream/query/streaming-query.ts";
import { createTable } from "../../src/table/input/create-table.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { beginTransaction } from "../../src/writer/transaction.ts";
import { writeTarget } from "../../src/table/rows/file-changes.ts";
import { Lake } from "./lake.ts";
import { eventSchema } from "./node-builders.ts";

/** One event; `at` is seconds since 2024-01-01 00:00:00 UTC. */
export interface Event {
  readonly k: string | null;
  readonly v?: number | null;
  readonly at: number | null;
}

/** 2024-01-01 00:00:00 UTC in milliseconds. */
export const dayMs: number = Date.UTC(2024, 0, 1);

/** Rows of VALUES. */
export function eventsSql(events: readonly Event[]): string {
  const rows = events.map(({ k, v, at }) => {
    const time = at === null ? "NULL" : `make_timestamptz(${BigInt(Math.round((dayMs + at * 1000) * 1000))})`;
    return `(${k === null ? "NULL" : `'${k}'`}::VARCHAR, ${v ?? "NULL"}::BIGINT, ${time}::TIMESTAMPTZ)`;
  });
  const from = rows.length === 0 ? "(NULL::VARCHAR, NULL::BIGINT, NULL::TIMESTAMPTZ)" : rows.join(", ");
  return `SELECT * FROM (VALUES ${from}) AS e(k, v, ts)${rows.length === 0 ? " WHERE false" : ""}`;
}

/** One batch as its sink got it. */
export interface SeenBatch {
  readonly batchId: number;
  readonly rows: readonly SqlRow[];
  readonly context: SinkContext;
}

/** A sink that keeps what it was given; it survives restarts, and takes each batch once. */
export class RecordingSink implements Sink {
  readonly description: string = "RecordingSink";
  readonly readsRowsAgain: boolean = true;
  readonly batches: Map<number, SeenBatch> = new Map();
  /** Runs before a batch is kept. */
  before: ((batchId: number) => unknown) | null = null;
  /** Runs after a batch is kept. */
  after: ((batchId: number) => unknown) | null = null;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  checkOutputMode(): void {}
  async checkSchema(): Promise<void> {}
  async lastReceipt(): Promise<null> {
    return null;
  }

  async addBatch(
    batchId: number,
    rows: Parameters<Sink["addBatch"]>[1],
    context: SinkContext,
  ): ReturnType<Sink["addBatch"]> {
    await this.before?.(batchId);
    if (this.batches.has(batchId)) return { status: "already-written" };
    const sql =
      rows === null ? null : rows.kind === "relation" ? rows.sql : rows.kind === "files" ? rows.relation : null;
    await using connection = await this.#engine.sql.connect();
    const read = sql === null ? [] : await connection.rows(sql);
    this.batches.set(batchId, { batchId, rows: read, context });
    await this.after?.(batchId);
    return { status: "written", rowCount: read.length };
  }

  /** What each batch put out, as sorted text. */
  get texts(): readonly (readonly string[])[] {
    return [...this.batches.values()].map(({ rows }) => rows.map(rowText).toSorted());
  }

  /** All rows of all batches, as sorted text. */
  get all(): readonly string[] {
    return this.texts.flat().toSorted();
  }
}

/** A row as text; times are seconds since the start of 2024, null is `-`. */
export function rowText(row: SqlRow): string {
  return Object.values(row).map(valueText).join(" ");
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return "-";
  if (typeof value === "bigint" && value > 1_600_000_000_000_000n) return `${(Number(value) / 1000 - dayMs) / 1000}s`;
  if (typeof value === "number") return String(Math.round(value * 1e6) / 1e6);
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`;
  if (typeof value === "object") return `{${Object.values(value).map(valueText).join(",")}}`;
  return typeof value === "string" || typeof value === "bigint" || typeof value === "boolean"
    ? `${value}`
    : JSON.stringify(value);
}

/** How one query of a test runs. */
export interface EventQuery extends Partial<Omit<StartQueryOptions, "sources" | "plan">> {
  readonly node: StreamNode;
  readonly mode?: OutputMode;
  /** Tables, by index of source; `events` alone when absent. */
  readonly tables?: readonly string[];
  readonly source?: Readonly<Record<string, string>>;
}

/** A lake of events. */
export class EventLake extends Lake {
  readonly sink: RecordingSink;

  constructor(engine: Engine, root: string) {
    super(engine, root);
    this.sink = new RecordingSink(engine);
  }

  async createEvents(...names: readonly string[]): Promise<void> {
    for (const name of names.length === 0 ? ["events"] : names)
      await createTable(this.engine, this.path(name), { schema: eventSchema });
  }

  /** One commit. */
  async add(events: readonly Event[], name: string = "events"): Promise<void> {
    await this.addSql(eventsSql(events), name);
  }

  /** One commit of a SELECT's rows. */
  async addSql(sql: string, name: string = "events"): Promise<void> {
    const snapshot = await loadSnapshot(this.engine, this.path(name));
    const written = await writeDataFiles(this.engine, writeTarget(snapshot), {
      kind: "relation",
      schema: snapshot.schema,
      sql,
    });
    await beginTransaction(this.engine, snapshot).commit({
      operation: "WRITE",
      parameters: { mode: "Append", partitionBy: "[]" },
      actions: written.adds,
    });
  }

  startEvents({
    node,
    mode = "append",
    tables = ["events"],
    source = {},
    ...rest
  }: EventQuery): Promise<StreamingQuery> {
    const { engine } = this;
    return startQuery({
      engine,
      manager: this.manager,
      name: null,
      checkpointLocation: this.path("checkpoint"),
      trigger: { kind: "availableNow" },
      outputMode: mode,
      sources: async () =>
        Promise.all(
          tables.map((table) =>
            openDeltaSource(engine, {
              tablePath: this.path(table),
              options: parseSourceOptions(new Map(Object.entries(source))),
            }),
          ),
        ),
      plan: () => compileStreamNode(engine, node, { outputMode: mode }),
      sink: this.sink,
      ...rest,
    });
  }

  /** Runs to the end. */
  async drainEvents(query: EventQuery): Promise<StreamingQuery> {
    const running = await this.startEvents(query);
    await running.awaitTermination();
    return running;
  }
}
