// stream/query/query-listener.ts: news of queries for whoever listens. Spark's `StreamingQueryListener`.
import type { StreamingQueryProgress } from "./query-progress.ts";

/** Told before the start of a query returns. */
export interface QueryStartedEvent {
  readonly id: string;
  readonly runId: string;
  readonly name: string | null;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly jobTags: readonly string[];
}

/** Told after each batch. */
export interface QueryProgressEvent {
  readonly progress: StreamingQueryProgress;
}

/** Told now and then while nothing arrives. */
export interface QueryIdleEvent {
  readonly id: string;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
}

/** Told when a query is over. */
export interface QueryTerminatedEvent {
  readonly id: string;
  readonly runId: string;
  /** The message of the failure; null after a stop or a normal end. */
  readonly exception: string | null;
  /** The code of the failure's cause; null likewise, or when the cause has none. */
  readonly errorClassOnException: string | null;
}

/** Any of the methods may be missing. What they throw is dropped: a listener cannot harm a query. */
export interface StreamingQueryListener {
  onQueryStarted?(event: QueryStartedEvent): unknown;
  onQueryProgress?(event: QueryProgressEvent): unknown;
  onQueryIdle?(event: QueryIdleEvent): unknown;
  onQueryTerminated?(event: QueryTerminatedEvent): unknown;
}

/** Calls the listeners in the order in which they were added, at once. */
export class ListenerBus {
  readonly #listeners = new Set<StreamingQueryListener>();

  /** Adds a listener; adding it twice changes nothing. */
  add(listener: StreamingQueryListener): void {
    this.#listeners.add(listener);
  }

  /** Takes a listener off; one that was not there is no error. */
  remove(listener: StreamingQueryListener): void {
    this.#listeners.delete(listener);
  }

  /** In the order in which they were added. */
  list(): readonly StreamingQueryListener[] {
    return [...this.#listeners];
  }

  /** Tells all of them. */
  tell(call: (listener: StreamingQueryListener) => unknown): void {
    for (const listener of this.list()) {
      try {
        const answer = call(listener);
        // A listener may be asynchronous; a promise nobody waits for must not end the process when it fails.
        if (answer instanceof Promise) answer.catch(() => undefined);
      } catch {
        // Dropped: see StreamingQueryListener.
      }
    }
  }
}
