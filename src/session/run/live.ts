// session/run/live.ts: a streaming frame watched as it changes: a query of its own over a checkpoint that goes when the watching ends.
import { temporaryDirectory } from "../../engine/files/temporary-directory.ts";
import type { OutputMode } from "../../stream/plan/output-mode.ts";
import { type TriggerInput, defaultTrigger, parseTrigger } from "../../stream/plan/trigger.ts";
import type { RowObject } from "../../table/input/table-input.ts";
import { checkOutputMode, hasAggregate } from "../../sql/stream/streaming-rules.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import type { Plan } from "../plan/plan.ts";

/** How a frame is watched. */
export interface LiveOptions {
  /** When batches run; as soon as there is data by default. */
  readonly trigger?: TriggerInput;
}

/** What a batch changed. */
export interface LiveUpdate {
  readonly batchId: number;
  /** `append`: `rows` are new; `complete`: `rows` are the whole result. */
  readonly outputMode: OutputMode;
  readonly rows: readonly RowObject[];
}

/** What `live` gives: iterate it; leaving the loop, or `return()` at any moment, stops the query. */
export interface LiveUpdates extends AsyncIterableIterator<LiveUpdate>, AsyncDisposable {
  next(): Promise<IteratorResult<LiveUpdate, undefined>>;
  return(): Promise<IteratorResult<LiveUpdate, undefined>>;
  [Symbol.asyncIterator](): LiveUpdates;
}

/**
 * Runs the frame until the caller leaves the loop or the query ends. Aggregates are shown whole, other frames row by new row.
 * @throws AlluviumError as `startStream`; `STREAM_FAILED` when the query fails
 */
export function liveUpdates(context: FrameContext, plan: Plan, options: LiveOptions): LiveUpdates {
  const queue = new Handover<LiveUpdate>();
  const updates = watch(context, plan, { ...options, queue });
  // A generator that waits for rows does not hear `return`: the wait is ended first.
  const stop = (): Promise<IteratorResult<LiveUpdate, undefined>> => {
    queue.close();
    return updates.return(undefined);
  };
  const live: LiveUpdates = {
    next: () => updates.next(),
    return: stop,
    [Symbol.asyncIterator]: () => live,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
  return live;
}

interface Watch extends LiveOptions {
  readonly queue: Handover<LiveUpdate>;
}

async function* watch(
  context: FrameContext,
  plan: Plan,
  { trigger, queue }: Watch,
): AsyncGenerator<LiveUpdate, undefined> {
  const { startStream } = await import("./start-stream.ts");
  const outputMode = await liveMode(context, plan);
  await using scratch = await temporaryDirectory();
  const query = await startStream(context, plan, {
    queryName: undefined,
    trigger: trigger === undefined ? defaultTrigger : parseTrigger(trigger),
    outputMode,
    partitionBy: undefined,
    options: new Map([["checkpointLocation", scratch.path]]),
    foreachBatch: async (batch, batchId) => {
      const rows = await batch.collect();
      if (rows.length > 0 || outputMode === "complete") await queue.put({ batchId, outputMode, rows });
    },
    target: undefined,
  });
  const ended = query.awaitTermination().then(
    () => queue.close(),
    () => queue.close(),
  );
  try {
    for (let update = await queue.take(); update !== null; update = await queue.take()) yield update;
  } finally {
    queue.close();
    await query.stop();
    await ended;
  }
  await query.awaitTermination();
  return undefined;
}

async function liveMode(context: FrameContext, plan: Plan): Promise<OutputMode> {
  const { compileStreamFrame } = await import("./compile-stream.ts");
  const { relation } = await compileStreamFrame(context, plan);
  const outputMode = relation !== null && hasAggregate(relation.node) ? "complete" : "append";
  if (relation !== null && outputMode === "append") checkOutputMode(relation.node, outputMode);
  return outputMode;
}

/** One value at a time from a writer that waits to a reader that waits. */
class Handover<T> {
  #value: { readonly item: T; readonly taken: () => void } | null = null;
  #waiting: ((item: T | null) => void) | null = null;
  #isClosed = false;

  /** Resolves when the reader has asked for the next one; at once when it is closed. */
  put(item: T): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((taken) => {
      if (this.#waiting === null) {
        this.#value = { item, taken };
        return;
      }
      const give = this.#waiting;
      this.#waiting = null;
      give(item);
      taken();
    });
  }

  /** The next value, null when it is closed and empty. */
  take(): Promise<T | null> {
    const value = this.#value;
    if (value !== null) {
      this.#value = null;
      value.taken();
      return Promise.resolve(value.item);
    }
    if (this.#isClosed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#value?.taken();
    this.#waiting?.(null);
    this.#waiting = null;
  }
}
