// Doubles for tests of the query half: a source that counts, a sink that remembers, a clock moved by hand.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock, Engine } from "../../src/engine/base/engine.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import type { AddFile } from "../../src/format/action/action.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import type { BatchPlan } from "../../src/stream/operator/batch-plan.ts";
import { StreamingQueryManager } from "../../src/stream/query/query-manager.ts";
import type { Sink, SinkContext, SinkReceipt } from "../../src/stream/sink/sink.ts";
import type { OffsetJson, Source } from "../../src/stream/plan/source.ts";
import { startQuery } from "../../src/stream/query/start-query.ts";
import type { StartQueryOptions } from "../../src/stream/query/start-query.ts";
import type { StreamingQuery } from "../../src/stream/query/streaming-query.ts";
import { defaultTrigger } from "../../src/stream/plan/trigger.ts";

export const schema: StructType = {
  kind: "struct",
  fields: [{ name: "id", type: { kind: "primitive", name: "long" }, nullable: true, metadata: {} }],
};

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "alluvium-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** An engine on the real disk, closed with the test. */
export function testEngine(parts: Partial<Engine> = {}): Engine {
  const engine = localEngine();
  onTestFinished(() => engine[Symbol.asyncDispose]());
  return { ...engine, ...parts };
}

/** Items 1..count; one file an item; an offset says how many are consumed. */
export class CountingSource {
  count: number;
  limit: number;
  readonly id: string;
  onNews: (() => void) | null = null;
  /** Thrown by the next look at the tail. */
  failure: Error | null = null;
  looks: number = 0;
  /** Items that leave no file: commits without data. */
  readonly empties: Set<number> = new Set();

  constructor(count: number, options: { limit?: number; id?: string } = {}) {
    this.count = count;
    this.limit = options.limit ?? Infinity;
    this.id = options.id ?? "counter";
  }

  /** More items, and the news of them. */
  add(count: number): void {
    this.count += count;
    this.onNews?.();
  }

  open(): Source {
    let fixedEnd: number | null = null;
    return {
      description: `CountingSource[${this.id}]`,
      schema,
      fixEnd: async () => {
        fixedEnd = this.count;
      },
      latestOffset: async (start, admission) => {
        this.looks += 1;
        if (this.failure !== null) throw this.failure;
        const limit = admission === "all" ? Infinity : this.limit;
        const end = Math.min(at(start) + limit, fixedEnd ?? this.count);
        return end === 0 && this.count === 0 ? null : { n: end };
      },
      getBatch: async (start, end) => ({
        tablePath: `/sources/${this.id}`,
        schema,
        partitionColumns: [],
        files: Array.from({ length: at(end) - at(start) }, (_, index) => at(start) + index + 1)
          .filter((item) => !this.empties.has(item))
          .map(fileOf),
      }),
      commit: async () => undefined,
      lag: async (consumed) => ({
        lastConsumedVersion: at(consumed),
        versionsBehind: this.count - at(consumed),
        filesBehind: this.count - at(consumed),
        bytesBehind: 0,
        secondsBehind: 0,
      }),
      watch: (onNews) => {
        this.onNews = onNews;
        return { [Symbol.dispose]: () => undefined };
      },
      equals: (a, b) => (a === null ? null : at(a)) === (b === null ? null : at(b)),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
}

const at = (offset: OffsetJson | null): number => (offset === null ? 0 : (offset["n"] as number));

function fileOf(item: number): AddFile {
  return {
    kind: "add",
    path: `${item}`,
    partitionValues: new Map(),
    sizeBytes: 1,
    modificationTimeMs: 0,
    dataChange: true,
    stats: `{"numRecords":1}`,
  };
}

/** Hands the item numbers on in the text of a relation that is never run. */
export const namesPlan: BatchPlan = {
  outputSchema: schema,
  run: async ({ inputs }) => ({
    kind: "relation",
    schema,
    sql: inputs.flatMap((input) => input.files.map((file) => file.path)).join(","),
  }),
};

/** What the sink was given. */
export interface RememberedBatch {
  readonly items: readonly number[];
  readonly context: SinkContext;
}

/** Remembers what it was given; survives restarts as a table would. */
export class RememberingSink implements Sink {
  readonly description: string = "RememberingSink";
  readonly readsRowsAgain: boolean = false;
  readonly batches: Map<number, RememberedBatch> = new Map();
  readonly calls: number[] = [];
  /** Runs before a batch is remembered. */
  before: ((batchId: number) => unknown) | null = null;
  /** Runs after a batch is remembered. */
  after: ((batchId: number) => unknown) | null = null;
  leavesOffsets: boolean = true;

  /** Every item, in the order of batches. */
  get items(): readonly number[] {
    return [...this.batches.values()].flatMap((batch) => batch.items);
  }

  checkOutputMode(): void {}
  async checkSchema(): Promise<void> {}

  async lastReceipt(): Promise<SinkReceipt | null> {
    const newest = [...this.batches].at(-1);
    if (newest === undefined) return null;
    return { batchId: newest[0], endOffsets: this.leavesOffsets ? newest[1].context.endOffsets : null };
  }

  async addBatch(
    batchId: number,
    rows: Parameters<Sink["addBatch"]>[1],
    context: SinkContext,
  ): ReturnType<Sink["addBatch"]> {
    this.calls.push(batchId);
    await this.before?.(batchId);
    if (this.batches.has(batchId)) return { status: "already-written" };
    const items = rows === null || rows.kind !== "relation" || rows.sql === "" ? [] : rows.sql.split(",").map(Number);
    this.batches.set(batchId, { items, context });
    await this.after?.(batchId);
    return { status: "written", rowCount: items.length };
  }
}

/** Time moves only when it is told to; sleepers whose time has come wake in order. */
export class ManualClock implements Clock {
  #nowMs: number;
  #sleepers: { deadlineMs: number; wake: () => void }[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { deadlineMs: this.#nowMs + durationMs, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  }

  /** Deadlines of who sleeps now. */
  get deadlines(): readonly number[] {
    return this.#sleepers.map((sleeper) => sleeper.deadlineMs);
  }

  advance(durationMs: number): void {
    this.#nowMs += durationMs;
    const due = this.#sleepers.filter((sleeper) => sleeper.deadlineMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.deadlineMs > this.#nowMs);
    for (const sleeper of due) sleeper.wake();
  }
}

/** Waits until a condition holds, in real time. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`never happened: ${what}`);
}

/** Everything for a query over doubles; each start makes a run like the one before. */
export class Bench {
  readonly engine: Engine;
  readonly manager: StreamingQueryManager;
  readonly folder: string = temporaryFolder();
  readonly source: CountingSource;
  readonly sink: RememberingSink = new RememberingSink();

  constructor(source: CountingSource, engine: Engine = testEngine()) {
    this.source = source;
    this.engine = engine;
    this.manager = new StreamingQueryManager(engine.clock);
    onTestFinished(() => this.manager.stopAll());
  }

  get checkpoint(): string {
    return join(this.folder, "checkpoint");
  }

  start(options: Partial<StartQueryOptions> = {}): Promise<StreamingQuery> {
    return startQuery({
      engine: this.engine,
      manager: this.manager,
      name: null,
      checkpointLocation: this.checkpoint,
      trigger: defaultTrigger,
      outputMode: "append",
      sources: async () => [this.source.open()],
      plan: () => namesPlan,
      sink: this.sink,
      ...options,
    });
  }

  /** Starts, works off what there is, and ends. */
  async drain(options: Partial<StartQueryOptions> = {}): Promise<StreamingQuery> {
    const query = await this.start({ trigger: { kind: "availableNow" }, ...options });
    await query.awaitTermination();
    return query;
  }
}
