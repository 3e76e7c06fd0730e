// stream/query/query-run.ts: the loop of one running query: trigger, batch, pause. docs/STREAMING.md, "Triggers and lifecycle".
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { StatefulReport } from "../operator/batch-plan.ts";
import { formatJson } from "../../format/text/json-int64.ts";
import { Durations } from "./durations.ts";
import { planBatch, positionAfter, runBatch } from "./micro-batch.ts";
import type { Batch, Position, QueryParts } from "./micro-batch.ts";
import { ProgressHistory } from "./progress-history.ts";
import { batchProgress, idleProgress } from "./query-progress.ts";
import type { StreamingQueryProgress } from "./query-progress.ts";
import { nextQueryState } from "./query-state.ts";
import type { QueryEvent, QueryState, StreamingQueryStatus } from "./query-state.ts";
import type { OffsetJson } from "../plan/source.ts";
import { nextTickMs } from "../plan/trigger.ts";
import type { Trigger } from "../plan/trigger.ts";
import { Backoff, Wake } from "./wake.ts";

/** Where a run begins and whom it tells. */
export interface RunOptions {
  readonly trigger: Trigger;
  /** The batch an earlier run promised, or where the next one starts. */
  readonly from: Batch | Position;
  readonly onProgress: (progress: StreamingQueryProgress) => void;
  readonly onIdle: (timestamp: string) => void;
  /** Called once, when everything is released; `error` is null after a stop or a normal end. */
  readonly onEnded: (error: AlluviumError | null) => void;
  /** Frees what the run holds besides its sources. */
  readonly release: () => Promise<void>;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: AlluviumError) => void;
}

/** One run of a query, from start to end; `StreamingQuery` is its face. */
export class QueryRun {
  readonly parts: QueryParts;
  /** Resolves when the run is over, whatever its end. */
  readonly ended: Promise<void>;
  readonly history: ProgressHistory;
  readonly #options: RunOptions;
  readonly #wake: Wake;
  readonly #backoff: Backoff;
  #state: QueryState = "waiting";
  #message = "Initializing sources";
  #pending: Batch | null;
  #position: Position;
  #current: Batch | null = null;
  #isEndFixed = false;
  #hasRunBatch = false;
  #lastState: StatefulReport | null = null;
  #previousStartMs: number | null = null;
  readonly #waiters: Waiter[] = [];
  #exception: AlluviumError | null = null;
  #explanation: string | null = null;

  /** The loop starts in a later turn of the event loop. */
  constructor(parts: QueryParts, options: RunOptions) {
    this.parts = parts;
    this.#options = options;
    this.#wake = new Wake(parts.engine.clock);
    this.#backoff = new Backoff(parts.conf.pollingDelayMs);
    this.history = new ProgressHistory(parts.conf.recentProgressMax, parts.conf.idleProgressIntervalMs);
    this.#pending = "entry" in options.from ? options.from : null;
    this.#position =
      "entry" in options.from ? positionAfter(options.from, options.from.entry.batchWatermarkMs) : options.from;
    this.ended = this.#live();
  }

  get state(): QueryState {
    return this.#state;
  }

  /** False once the run is over and has released everything. */
  get isActive(): boolean {
    return this.#state !== "stopped" && this.#state !== "failed";
  }

  get exception(): AlluviumError | null {
    return this.#exception;
  }

  get status(): StreamingQueryStatus {
    const isTriggerActive = this.#state === "planning" || this.#state === "running";
    return { message: this.#message, isDataAvailable: this.#state === "running", isTriggerActive };
  }

  /** What the last batch did, null before the first. */
  get explanation(): string | null {
    return this.#explanation;
  }

  /** Asks the run to end; a batch whose rows the sink has been given is finished first. */
  requestStop(): void {
    this.#apply("stopAsked");
    this.#wake.stop();
  }

  /** Resolves after a trigger that began after this call and found nothing, or when the run ends; rejects when it fails. */
  async untilNothingNew(): Promise<void> {
    if (this.#exception !== null) throw this.#exception;
    if (!this.isActive) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#wake.ask();
    });
  }

  async #live(): Promise<void> {
    await Promise.resolve();
    const watches: Disposable[] = [];
    let error: AlluviumError | null = null;
    try {
      for (const source of this.parts.sources) watches.push(source.watch(() => this.#wake.tellNews()));
      await this.#loop();
    } catch (cause) {
      error = this.#failure(cause);
    }
    for (const watch of watches) watch[Symbol.dispose]();
    await this.#release();
    this.#exception = error;
    this.#apply(error === null ? "ended" : "threw");
    this.#message = error === null ? "Stopped" : `Terminated with exception: ${error.message}`;
    this.#options.onEnded(error);
    for (const waiter of this.#waiters.splice(0)) {
      if (error === null) waiter.resolve();
      else waiter.reject(error);
    }
  }

  async #loop(): Promise<void> {
    const { trigger } = this.#options;
    while (this.#state !== "stopping") {
      const startMs = this.parts.engine.clock.nowMs();
      const outcome = await this.#runTrigger(startMs);
      const isOver = trigger.kind === "once" || (trigger.kind === "availableNow" && outcome === "idle");
      if (isOver || this.#isStopping()) return;
      await this.#pause(startMs, outcome);
    }
  }

  async #pause(startMs: number, outcome: "ran" | "idle"): Promise<void> {
    const { trigger } = this.#options;
    if (outcome === "ran") this.#backoff.reset();
    if (trigger.kind === "processingTime" && trigger.intervalMs > 0) {
      this.#message = "Waiting for next trigger";
      await this.#wake.untilMs(nextTickMs(trigger.intervalMs, startMs));
    } else if (outcome === "idle") {
      this.#message = "Waiting for data to arrive";
      if (await this.#wake.forNews(this.#backoff.next())) this.#backoff.reset();
    }
  }

  async #runTrigger(startMs: number): Promise<"ran" | "idle"> {
    // Whoever waits now is answered by this trigger; who comes later, by a later one.
    const waiters = this.#waiters.splice(0);
    const { clock } = this.parts.engine;
    const durations = new Durations(clock);
    this.#wake.lookingNow();
    this.#apply("triggered");
    try {
      const done = await durations.measure("triggerExecution", () => this.#work(durations));
      const times = { startMs, previousStartMs: this.#previousStartMs, durationMs: durations.toObject() };
      this.#previousStartMs = startMs;
      if (done === "abandoned") return "ran";
      if (done === "idle") {
        this.#reportIdle(idleProgress(this.parts, { position: this.#position, state: this.#lastState }, times));
        for (const waiter of waiters.splice(0)) waiter.resolve();
        return "idle";
      }
      const progress = batchProgress(this.parts, done, times);
      this.#explanation = done.explanation;
      this.history.addBatch(progress);
      this.#options.onProgress(progress);
      return "ran";
    } finally {
      this.#waiters.unshift(...waiters);
      this.#apply("finished");
    }
  }

  async #work(durations: Durations): Promise<NonNullable<Awaited<ReturnType<typeof runBatch>>> | "idle" | "abandoned"> {
    const batch = this.#pending ?? (await durations.measure("latestOffset", () => this.#plan()));
    if (batch === null) return "idle";
    if (this.#isStopping()) return "abandoned";
    this.#current = batch;
    this.#apply("planned");
    this.#message = "Processing new data";
    const report = await runBatch(this.parts, batch, { durations, isStopping: () => this.#isStopping() });
    if (report === null) return "abandoned";
    this.#pending = null;
    this.#current = null;
    this.#position = positionAfter(batch, report.stateful?.nextWatermarkMs ?? batch.entry.batchWatermarkMs);
    this.#lastState = report.stateful;
    this.#hasRunBatch = true;
    return report;
  }

  async #plan(): Promise<Batch | null> {
    const { trigger } = this.#options;
    this.#message = `Getting offsets from ${this.parts.sources.map((source) => source.description).join(", ")}`;
    if (trigger.kind === "availableNow" && !this.#isEndFixed) {
      for (const [index, source] of this.parts.sources.entries())
        await source.fixEnd(this.#position.starts[index] ?? null);
      this.#isEndFixed = true;
    }
    const admission = trigger.kind === "once" ? "all" : "limited";
    return planBatch(this.parts, this.#position, { admission, followsBatch: this.#hasRunBatch });
  }

  #reportIdle(progress: StreamingQueryProgress): void {
    const kept = this.history.addIdle(progress, this.parts.engine.clock.nowMs());
    if (kept === "again") this.#options.onIdle(progress.timestamp);
  }

  async #release(): Promise<void> {
    const { sources, plan } = this.parts;
    const owned = [...sources, ...(plan.stateful === undefined ? [] : [plan.stateful])];
    const releases = [...owned.map((one) => one[Symbol.asyncDispose]()), this.#options.release()];
    // The run is over whatever comes of these; an error here must not hide the one that ended it.
    await Promise.allSettled(releases);
  }

  #isStopping(): boolean {
    return this.#state === "stopping";
  }

  #apply(event: QueryEvent): void {
    this.#state = nextQueryState[this.#state][event];
  }

  #failure(cause: unknown): AlluviumError {
    const { queryId, runId, name } = this.parts;
    const starts = this.#current?.starts ?? this.#position.starts;
    const ends = this.#current?.entry.offsets ?? null;
    const causeCode = cause instanceof AlluviumError ? cause.code : undefined;
    const what = messageOf(cause);
    const context = {
      ...(cause instanceof AlluviumError ? cause.context : {}),
      queryId,
      runId,
      name,
      batchId: this.#current?.id ?? this.#position.batchId,
      causeCode,
      startOffset: formatOffsets(starts),
      endOffset: ends === null ? null : formatOffsets(ends),
    };
    const message = `streaming query ${name ?? queryId} failed on batch ${context.batchId}: ${causeCode === undefined ? "" : `${causeCode}: `}${what}`;
    return new AlluviumError("STREAM_FAILED", context, message, { cause });
  }
}

/** As in Spark's exceptions: `[{…},-]`. */
function formatOffsets(offsets: readonly (OffsetJson | null)[]): string {
  return `[${offsets.map((offset) => (offset === null ? "-" : formatJson(offset))).join(",")}]`;
}
