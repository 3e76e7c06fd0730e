// session/frame/data-stream-writer.ts: `df.writeStream`: from a streaming frame to a running query.
import { localPath } from "../../engine/files/local-path.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type OutputMode, parseOutputMode } from "../../stream/plan/output-mode.ts";
import type { StreamingQuery } from "../../stream/query/streaming-query.ts";
import { type Trigger, type TriggerInput, defaultTrigger, parseTrigger } from "../../stream/plan/trigger.ts";
import type { DataFrame } from "./data-frame.ts";
import { requireDelta } from "../plan/table-format.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { type OptionValue, withOption } from "../plan/option-bag.ts";
import type { Plan } from "../plan/plan.ts";
import type { StreamTarget } from "../run/start-stream.ts";

/** What `foreachBatch` calls: the batch's rows as a batch frame, and the batch's id. */
export type ForeachBatchFunction = (batch: DataFrame, batchId: number) => void | Promise<void>;

/** What a writer has been told so far. */
export interface StreamWriterState {
  readonly queryName: string | undefined;
  readonly trigger: Trigger;
  readonly outputMode: OutputMode;
  readonly partitionBy: readonly string[] | undefined;
  readonly options: ReadonlyMap<string, string>;
  readonly foreachBatch: ForeachBatchFunction | undefined;
}

const initialState: StreamWriterState = {
  queryName: undefined,
  trigger: defaultTrigger,
  outputMode: "append",
  partitionBy: undefined,
  options: new Map(),
  foreachBatch: undefined,
};

/** Collects how a stream is written, and starts it. Immutable. */
export class DataStreamWriter {
  readonly #context: FrameContext;
  readonly #plan: Plan;
  readonly #state: StreamWriterState;

  /** @internal */
  constructor(context: FrameContext, plan: Plan, state: StreamWriterState = initialState) {
    this.#context = context;
    this.#plan = plan;
    this.#state = state;
  }

  /** Only `delta` is there. */
  format(name: string): DataStreamWriter {
    requireDelta(name, {
      console: "watch a stream with live()",
      memory: "write to a table, or watch the stream with live()",
      noop: "use foreachBatch with a function that does nothing",
    });
    return this;
  }

  /** A name, unique among the running queries of the session. */
  queryName(name: string): DataStreamWriter {
    if (name !== "") return this.#with({ queryName: name });
    throw new AlluviumError("INVALID_ARGUMENT", {}, "a query's name cannot be empty");
  }

  /**
   * When batches run: `{ processingTime: "4 seconds" }`, `{ availableNow: true }` or `{ once: true }`.
   * @throws AlluviumError `INVALID_TRIGGER`
   */
  trigger(trigger: TriggerInput): DataStreamWriter {
    return this.#with({ trigger: parseTrigger(trigger) });
  }

  /** @throws AlluviumError `STREAMING_OUTPUT_MODE_INVALID` */
  outputMode(mode: OutputMode): DataStreamWriter {
    return this.#with({ outputMode: parseOutputMode(mode) });
  }

  /** Partition columns of a table that the query creates. */
  partitionBy(...columns: readonly string[]): DataStreamWriter {
    return this.#with({ partitionBy: columns });
  }

  /** `checkpointLocation`, `mergeSchema`, `userMetadata`, …; names in any case. */
  option(name: string, value: OptionValue): DataStreamWriter {
    return this.#with({ options: withOption(this.#state.options, name, value) });
  }

  /** Several options at once. */
  options(values: Readonly<Record<string, OptionValue>>): DataStreamWriter {
    return Object.entries(values).reduce<DataStreamWriter>((writer, [name, value]) => writer.option(name, value), this);
  }

  /**
   * Calls a function with each batch, at least once: a batch that was not ticked off is given again, same id, same rows.
   * Write with `txnAppId` and `txnVersion` to make that exactly once.
   */
  foreachBatch(step: ForeachBatchFunction): DataStreamWriter {
    return this.#with({ foreachBatch: step });
  }

  /** Starts writing to the table of this name; made first where it does not exist. */
  toTable(name: string): Promise<StreamingQuery> {
    const path = this.#context.catalog.tablePath(name);
    return this.#start({ path, createFirst: true });
  }

  /** Same as `toTable`. */
  table(name: string): Promise<StreamingQuery> {
    return this.toTable(name);
  }

  /** Starts writing to the table at this path, made by the first batch where it does not exist; no path with `foreachBatch`. */
  start(path?: string): Promise<StreamingQuery> {
    const target = path === undefined ? undefined : { path: localPath(path), createFirst: false };
    return this.#start(target);
  }

  async #start(target: StreamTarget | undefined): Promise<StreamingQuery> {
    const { startStream } = await import("../run/start-stream.ts");
    return startStream(this.#context, this.#plan, { ...this.#state, target });
  }

  #with(change: Partial<StreamWriterState>): DataStreamWriter {
    return new DataStreamWriter(this.#context, this.#plan, { ...this.#state, ...change });
  }
}
