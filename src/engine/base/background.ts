// engine/base/background.ts: work that follows a commit and that nobody has to wait for.
import type { Background } from "./engine.ts";

/** Runs works one after the other beside the caller. A second one waits for the first, so that works never pile up. */
export function oneAtATime(): Background {
  let running: Promise<void> = Promise.resolve();
  return {
    start: (work) => {
      const before = running;
      // The work tells of its own failures; here none may end the process.
      running = before.then(work).catch(() => undefined);
      return before;
    },
    finish: () => running,
  };
}
