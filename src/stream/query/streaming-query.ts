// stream/query/streaming-query.ts: the handle of a running query. Spark's `StreamingQuery`; durations are milliseconds.
import type { Clock } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { StreamingQueryProgress } from "./query-progress.ts";
import type { QueryRun } from "./query-run.ts";
import type { StreamingQueryStatus } from "./query-state.ts";
import { isInsideUserCode } from "../plan/user-code.ts";

/** One run of a streaming query. */
export class StreamingQuery {
  readonly #run: QueryRun;

  /** @internal */
  constructor(run: QueryRun) {
    this.#run = run;
  }

  /** The same for every run from one checkpoint; the appId of the sink's transactions. */
  get id(): string {
    return this.#run.parts.queryId;
  }

  /** New for every start. */
  get runId(): string {
    return this.#run.parts.runId;
  }

  /** As given by `queryName`, or null. */
  get name(): string | null {
    return this.#run.parts.name;
  }

  /** True from the start until the end by stop, failure or for want of data (`once`, `availableNow`). */
  get isActive(): boolean {
    return this.#run.isActive;
  }

  /** What it does at this moment. */
  get status(): StreamingQueryStatus {
    return this.#run.status;
  }

  /** The newest of `recentProgress`; null before the first. */
  get lastProgress(): StreamingQueryProgress | null {
    return this.#run.history.last;
  }

  /** The last reports, oldest first; bounded by `spark.sql.streaming.numRecentProgressUpdates`. */
  get recentProgress(): readonly StreamingQueryProgress[] {
    return this.#run.history.recent;
  }

  /** Why it failed: `STREAM_FAILED` with the cause's code in `context.causeCode` and the cause kept; null while it runs and after a stop. */
  get exception(): AlluviumError | null {
    return this.#run.exception;
  }

  /**
   * Waits for the end: true when it ended, false when `timeoutMs` passed first.
   * @throws AlluviumError `STREAM_FAILED` when the query failed, each time it is asked; `INVALID_ARGUMENT` for a timeout of 0 or below
   */
  async awaitTermination(timeoutMs?: number): Promise<boolean> {
    const hasEnded = await endsWithin(this.#run.ended, timeoutMs, this.#run.parts.engine.clock);
    if (hasEnded && this.#run.exception !== null) throw this.#run.exception;
    return hasEnded;
  }

  /**
   * Waits until a trigger that began after this call found nothing new; at once when the query has ended.
   * @throws AlluviumError `STREAM_FAILED` when the query failed
   */
  processAllAvailable(): Promise<void> {
    return this.#run.untilNothingNew();
  }

  /**
   * Ends the query and waits for it. A batch whose rows the sink has been given is finished; one before that stays pending
   * and runs first after a restart. Stopping twice is no error, and a stop leaves `exception` null. Called from inside
   * a function of the query itself (`foreachBatch`) it does not wait.
   */
  async stop(): Promise<void> {
    this.#run.requestStop();
    if (!isInsideUserCode(this.runId)) await this.#run.ended;
  }

  /** What the last batch did, for people. */
  explain(): string {
    return this.#run.explanation ?? "No physical plan. Waiting for data.";
  }
}

/** True when `ended` resolves before `timeoutMs` is over; without a timeout it waits. */
export async function endsWithin(ended: Promise<void>, timeoutMs: number | undefined, clock: Clock): Promise<boolean> {
  if (timeoutMs === undefined) {
    await ended;
    return true;
  }
  if (!(timeoutMs > 0)) {
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { timeoutMs },
      `a timeout must be more than 0 milliseconds, not ${timeoutMs}`,
    );
  }
  const giveUp = new AbortController();
  try {
    return await Promise.race([ended.then(() => true), clock.sleep(timeoutMs, giveUp.signal).then(() => false)]);
  } finally {
    giveUp.abort();
  }
}
