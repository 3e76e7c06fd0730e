// test/engine/manual-clock.ts: time that passes when the test says so.
import type { Clock } from "../../src/engine/base/engine.ts";

/** A clock that stands still between calls of `advance`. */
export interface ManualClock extends Clock {
  /** Lets time pass, waking the sleepers whose time has come in their order. */
  advance(durationMs: number): Promise<void>;
  /** How many sleep now. */
  readonly sleeperCount: number;
}

/** A clock that starts at `startMs`. With `sleepsPass`, sleeping itself moves the time on, so that nothing ever waits. */
export function manualClock(startMs = 1_700_000_000_000, options: { readonly sleepsPass?: boolean } = {}): ManualClock {
  let elapsedMs = 0;
  const sleepers = new Set<{ readonly wakesAtMs: number; wake(): void }>();
  const advance = async (durationMs: number): Promise<void> => {
    elapsedMs += durationMs;
    const due = [...sleepers]
      .filter((sleeper) => sleeper.wakesAtMs <= elapsedMs)
      .sort((a, b) => a.wakesAtMs - b.wakesAtMs);
    for (const sleeper of due) {
      sleeper.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const sleep = (durationMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted === true || durationMs <= 0) return resolve();
      if (options.sleepsPass === true) return void advance(durationMs).then(() => setImmediate(resolve));
      const sleeper = {
        wakesAtMs: elapsedMs + durationMs,
        wake: (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake, { once: true });
    });
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep,
    advance,
    get sleeperCount() {
      return sleepers.size;
    },
  };
}
