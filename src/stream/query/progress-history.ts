// stream/query/progress-history.ts: the last reports of a query.
import type { StreamingQueryProgress } from "./query-progress.ts";

/** Keeps a bounded number of reports, and few of those that say nothing happened. */
export class ProgressHistory {
  readonly #countMax: number;
  readonly #idleIntervalMs: number;
  readonly #recent: StreamingQueryProgress[] = [];
  #lastIdleMs: number | null = null;

  /** @param idleIntervalMs between two reports of an idle query */
  constructor(countMax: number, idleIntervalMs: number) {
    this.#countMax = countMax;
    this.#idleIntervalMs = idleIntervalMs;
  }

  /** Oldest first. */
  get recent(): readonly StreamingQueryProgress[] {
    return [...this.#recent];
  }

  get last(): StreamingQueryProgress | null {
    return this.#recent.at(-1) ?? null;
  }

  /** A trigger that ran a batch. */
  addBatch(progress: StreamingQueryProgress): void {
    this.#lastIdleMs = null;
    this.#add(progress);
  }

  /** A trigger that found nothing. Says whether it was kept: the `first` since a batch, one `again` after the interval, or `dropped`. */
  addIdle(progress: StreamingQueryProgress, nowMs: number): "first" | "again" | "dropped" {
    const last = this.#lastIdleMs;
    if (last !== null && nowMs - last < this.#idleIntervalMs) return "dropped";
    this.#lastIdleMs = nowMs;
    this.#add(progress);
    return last === null ? "first" : "again";
  }

  #add(progress: StreamingQueryProgress): void {
    this.#recent.push(progress);
    if (this.#recent.length > this.#countMax) this.#recent.shift();
  }
}
