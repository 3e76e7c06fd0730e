// engine/base/clock.ts: the time of this machine.
import type { Clock } from "./engine.ts";

/** The system's clock and timers. */
export function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep,
  };
}

function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    // Timers hold at most 2^31 - 1 ms and fire at once beyond; a longer sleep wakes early, which its caller must bear anyway.
    const timer = setTimeout(wake, Math.min(Math.max(0, Math.ceil(durationMs)), 0x7fffffff));
    signal?.addEventListener("abort", wake, { once: true });
  });
}
