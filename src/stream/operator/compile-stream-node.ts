// stream/operator/compile-stream-node.ts: a streaming query made ready to run: its operators, its state, its watermark.
import type { Engine } from "../../engine/base/engine.ts";
import { assert } from "../../format/text/error.ts";
import type { Rows } from "../../writer/rows.ts";
import type {
  BatchInput,
  BatchPlan,
  StateLocation,
  StatefulPlan,
  StatefulReport,
  StateOperatorProgress,
} from "./batch-plan.ts";
import { batchRelation, identityRows } from "../source/batch-relation.ts";
import { compileOperators } from "./compile-node.ts";
import type { CompiledNode } from "./compile-node.ts";
import type { OutputMode } from "../plan/output-mode.ts";
import { StateStore } from "../state/state-store.ts";
import type { StreamNode } from "../plan/stream-node.ts";
import { figuresOf } from "./stream-operator.ts";
import type { OperatorBatch } from "./stream-operator.ts";
import { watermarkPolicy, WatermarkTracker } from "./watermark.ts";

/** How a tree is to run. */
export interface CompileStreamOptions {
  readonly outputMode: OutputMode;
}

/**
 * Compiles a query whose shape runs in its output mode. The plan belongs to one run: `startQuery` opens and disposes of its state.
 * @throws AlluviumError `_LEGACY_ERROR_TEMP_3102` as `joinOperator`, and of DuckDB for SQL that it cannot resolve
 */
export async function compileStreamNode(
  engine: Engine,
  node: StreamNode,
  { outputMode }: CompileStreamOptions,
): Promise<BatchPlan> {
  if (node.kind === "source") return { outputSchema: node.schema, run: (batch) => identity(batch, node.index) };
  await using connection = await engine.sql.connect();
  const compiled = await compileOperators(connection, node, outputMode);
  const run = new StreamRun(compiled, outputMode);
  if (compiled.stateful.length > 0 || compiled.delaysMs.length > 0)
    return { outputSchema: node.schema, stateful: run, run: (batch) => run.run(batch) };
  return { outputSchema: node.schema, run: (batch) => run.runWithoutState(batch) };
}

/** Without operators the source's files are the rows. */
function identity(batch: BatchInput, index: number): Promise<Rows> {
  const input = batch.inputs[index];
  assert(input !== undefined, "a batch has an input for each source");
  return identityRows(batch.engine, input);
}

/** A query in one of its runs. */
class StreamRun implements StatefulPlan {
  readonly #compiled: CompiledNode;
  readonly #outputMode: OutputMode;
  readonly #tracker: WatermarkTracker;
  #store: StateStore | null = null;
  #engine: Engine | null = null;
  #last: { readonly batch: OperatorBatch; readonly nextWatermarkMs: number } | null = null;
  #commitMs = 0;

  constructor(compiled: CompiledNode, outputMode: OutputMode) {
    this.#compiled = compiled;
    this.#outputMode = outputMode;
    this.#tracker = new WatermarkTracker(compiled.delaysMs);
  }

  get hasWatermark(): boolean {
    return this.#compiled.delaysMs.length > 0;
  }

  get hasState(): boolean {
    return this.#compiled.stateful.length > 0;
  }

  async open({ engine, checkpointDirectory, batchId }: StateLocation): Promise<void> {
    const operators = this.#compiled.stateful.map(({ spec }) => spec);
    this.#engine = engine;
    this.#store = await StateStore.open({ engine, checkpointDirectory, operators, version: batchId });
  }

  wantsBatch(nextWatermarkMs: number, watermarkMs: number): boolean {
    return nextWatermarkMs > watermarkMs && this.#compiled.stateful.some((operator) => operator.heedsWatermark);
  }

  async run(input: BatchInput): Promise<Rows> {
    const state = this.#opened();
    await state.load(input.batchId);
    state.beginBatch();
    const batch = await this.#operatorBatch(input);
    const { root } = this.#compiled;
    const sql = await root.evaluate(batch);
    const policy = watermarkPolicy(input.conf);
    const nextWatermarkMs = this.#tracker.advance(batch.eventTimes, input.watermarkMs, policy);
    this.#last = { batch, nextWatermarkMs };
    const rows = input.isReadAgain ? `SELECT * FROM ${await state.scratch(sql)}` : sql;
    return { kind: "relation", schema: root.schema, sql: rows };
  }

  /** A query without state and watermark is one statement, which the sink runs. */
  async runWithoutState(input: BatchInput): Promise<Rows> {
    const { root } = this.#compiled;
    return { kind: "relation", schema: root.schema, sql: await root.evaluate(await this.#operatorBatch(input)) };
  }

  async persist(batchId: number, isReplay: boolean): Promise<void> {
    if (!this.hasState) return;
    const startMs = this.#now();
    await this.#opened().persist(batchId, isReplay);
    this.#commitMs = Math.round(this.#now() - startMs);
  }

  async report(): Promise<StatefulReport> {
    const last = this.#last;
    assert(last !== null, "a batch was run before it is reported");
    const stateOperators: StateOperatorProgress[] = [];
    for (const { spec } of this.#compiled.stateful) {
      const counts = this.#opened().counts(spec.id);
      const figures = figuresOf(last.batch, spec.id);
      stateOperators.push({
        operatorName: spec.name,
        numRowsTotal: counts.rowsTotal,
        numRowsUpdated: counts.rowsUpdated,
        allUpdatesTimeMs: figures.updatesMs,
        numRowsRemoved: counts.rowsRemoved,
        allRemovalsTimeMs: figures.removalsMs,
        commitTimeMs: this.#commitMs,
        memoryUsedBytes: counts.sizeBytes,
        numRowsDroppedByWatermark: figures.droppedRowCount,
        numShufflePartitions: 1,
        numStateStoreInstances: spec.tables.length,
        customMetrics: {},
      });
    }
    const eventTime = this.#compiled.delaysMs
      .map((_, index) => last.batch.eventTimes.get(index))
      .find((stats) => stats !== undefined);
    return { nextWatermarkMs: last.nextWatermarkMs, stateOperators, eventTime: eventTime ?? null };
  }

  async purgeBefore(batchId: number): Promise<void> {
    if (this.hasState) await this.#opened().purgeBefore(batchId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.[Symbol.asyncDispose]();
    this.#store = null;
  }

  async #operatorBatch(input: BatchInput): Promise<OperatorBatch> {
    const inputs = await Promise.all(input.inputs.map((files) => batchRelation(input.engine, files)));
    const opened = (): StateStore => this.#opened();
    return {
      batchId: input.batchId,
      outputMode: this.#outputMode,
      nowMs: input.batchTimestampMs,
      inputs,
      watermarks: { lateMicros: BigInt(input.lateWatermarkMs) * 1000n, closeMicros: BigInt(input.watermarkMs) * 1000n },
      get state() {
        return opened();
      },
      eventTimes: new Map(),
      figures: new Map(),
      monotonicMs: () => this.#now(),
    };
  }

  #opened(): StateStore {
    assert(this.#store !== null, "a query's state is opened before its first batch");
    return this.#store;
  }

  #now(): number {
    return this.#engine?.clock.monotonicMs() ?? 0;
  }
}
