// stream/query/wake.ts: how an idle query sleeps, and what ends its sleep.
import type { Clock } from "../../engine/base/engine.ts";

/** One sleeper. What happens while it is awake is remembered until it next goes to sleep. */
export class Wake {
  readonly #clock: Clock;
  #hasNews = false;
  #isAsked = false;
  #isStopped = false;
  #sleep: AbortController | null = null;
  #heeds: "news" | "asked" = "news";

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** There may be new data. */
  tellNews(): void {
    this.#hasNews = true;
    if (this.#heeds === "news") this.#sleep?.abort();
  }

  /** Somebody waits for the next trigger: it comes now. */
  ask(): void {
    this.#isAsked = true;
    this.#sleep?.abort();
  }

  /** Ends this sleep and every later one. */
  stop(): void {
    this.#isStopped = true;
    this.#sleep?.abort();
  }

  /** Forgets news: what is there is about to be looked at. */
  lookingNow(): void {
    this.#hasNews = false;
    this.#isAsked = false;
  }

  /** Sleeps until there are news, somebody asks, or the time is over. True when it was not the time. */
  async forNews(durationMs: number): Promise<boolean> {
    if (this.#hasNews || this.#isAsked || this.#isStopped) return true;
    await this.#sleepFor(durationMs, "news");
    return this.#hasNews || this.#isAsked;
  }

  /** Sleeps until the wall clock says `deadlineMs`, or somebody asks; news do not disturb. */
  async untilMs(deadlineMs: number): Promise<void> {
    // Timers may fire a little early; the tick must not.
    while (!this.#isAsked && !this.#isStopped) {
      const restMs = deadlineMs - this.#clock.nowMs();
      if (restMs <= 0) return;
      await this.#sleepFor(restMs, "asked");
    }
  }

  async #sleepFor(durationMs: number, heeds: "news" | "asked"): Promise<void> {
    const sleep = new AbortController();
    this.#sleep = sleep;
    this.#heeds = heeds;
    try {
      await this.#clock.sleep(durationMs, sleep.signal);
    } finally {
      this.#sleep = null;
    }
  }
}

/** How long an idle query sleeps between looks: short at first, for the next commit is often near, then longer. */
export class Backoff {
  readonly #firstMs: number;
  #nextMs: number;

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
    this.#nextMs = firstMs;
  }

  /** The pause to make now. */
  next(): number {
    const pauseMs = this.#nextMs;
    this.#nextMs = Math.max(this.#firstMs, Math.min(idlePauseMaxMs, pauseMs * 2));
    return pauseMs;
  }

  /** There was something: be quick again. */
  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}

// News come by file watching; polling is the net under it.
const idlePauseMaxMs = 1000;
