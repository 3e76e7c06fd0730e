// stream/query/durations.ts: how long the stations of a trigger took, by Spark's names.
import type { Clock } from "../../engine/base/engine.ts";

/** The stations, as the keys of a progress' `durationMs`. */
export type Station =
  | "addBatch"
  | "commitOffsets"
  | "getBatch"
  | "latestOffset"
  | "queryPlanning"
  | "triggerExecution"
  | "walCommit";

/** Sums up the time spent per station; whole milliseconds come out. */
export class Durations {
  readonly #clock: Clock;
  readonly #spentMs = new Map<Station, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `work` on the account of a station; also work that fails takes time. */
  async measure<T>(station: Station, work: () => Promise<T>): Promise<T> {
    const startMs = this.#clock.monotonicMs();
    try {
      return await work();
    } finally {
      this.#spentMs.set(station, (this.#spentMs.get(station) ?? 0) + this.#clock.monotonicMs() - startMs);
    }
  }

  /** By name, ascending, as Spark prints them. */
  toObject(): Readonly<Record<string, number>> {
    const entries = [...this.#spentMs].map(([station, spentMs]) => [station, Math.round(spentMs)] as const);
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}
