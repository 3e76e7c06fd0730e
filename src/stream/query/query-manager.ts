// stream/query/query-manager.ts: the queries of one session. Spark's `StreamingQueryManager`.
import type { Clock } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { ListenerBus } from "./query-listener.ts";
import type { StreamingQueryListener } from "./query-listener.ts";
import { endsWithin } from "./streaming-query.ts";
import type { StreamingQuery } from "./streaming-query.ts";

/** A query and the checkpoint it runs from. */
interface Registered {
  readonly query: StreamingQuery;
  readonly checkpointDirectory: string;
}

/** Knows every query that runs, and remembers that one has ended. */
export class StreamingQueryManager {
  /** @internal */
  readonly bus: ListenerBus = new ListenerBus();
  readonly #clock: Clock;
  readonly #byRunId = new Map<string, Registered>();
  readonly #names = new Set<string>();
  #termination: { readonly error: AlluviumError | null } | null = null;
  #nextEnd: NextEnd | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Every query that runs, in the order of their starts. */
  get active(): readonly StreamingQuery[] {
    return [...this.#byRunId.values()].map(({ query }) => query);
  }

  /** The running query of this id, or null. */
  get(id: string): StreamingQuery | null {
    return this.active.find((query) => query.id === id) ?? null;
  }

  /**
   * Waits until any query has ended since the session began or since `resetTerminated`: true, or false when `timeoutMs` passed first.
   * @throws AlluviumError `STREAM_FAILED` when one of them failed; a later clean stop does not hide it
   */
  async awaitAnyTermination(timeoutMs?: number): Promise<boolean> {
    const ended = this.#termination === null ? (this.#nextEnd ??= nextEnd()).promise : Promise.resolve();
    const hasEnded = await endsWithin(ended, timeoutMs, this.#clock);
    const error = this.#termination?.error ?? null;
    if (hasEnded && error !== null) throw error;
    return hasEnded;
  }

  /** Forgets the queries that have ended, so that `awaitAnyTermination` waits again. */
  resetTerminated(): void {
    this.#termination = null;
  }

  /** Tells `listener` of every query of the session from now on. */
  addListener(listener: StreamingQueryListener): void {
    this.bus.add(listener);
  }

  /** Stops telling it. */
  removeListener(listener: StreamingQueryListener): void {
    this.bus.remove(listener);
  }

  /** In the order in which they were added. */
  listListeners(): readonly StreamingQueryListener[] {
    return this.bus.list();
  }

  /** Stops every query and waits for them; failures stay in the queries. */
  async stopAll(): Promise<void> {
    await Promise.all(this.active.map((query) => query.stop()));
  }

  /**
   * Takes a name for a query that starts, until `end` or `releaseName`.
   * @internal
   * @throws AlluviumError `DUPLICATE_QUERY_NAME`
   */
  claimName(name: string): void {
    if (this.#names.has(name)) {
      const message = `cannot start query with name ${name}: a query with that name is already active in this session; stop it, or choose another name`;
      throw new AlluviumError("DUPLICATE_QUERY_NAME", { name }, message);
    }
    this.#names.add(name);
  }

  /** @internal */
  releaseName(name: string): void {
    this.#names.delete(name);
  }

  /** The running query of a checkpoint folder. @internal */
  runningFrom(checkpointDirectory: string): StreamingQuery | null {
    return (
      [...this.#byRunId.values()].find((registered) => registered.checkpointDirectory === checkpointDirectory)?.query ??
      null
    );
  }

  /** @internal */
  begin(query: StreamingQuery, checkpointDirectory: string): void {
    this.#byRunId.set(query.runId, { query, checkpointDirectory });
  }

  /** @internal */
  end(query: StreamingQuery, error: AlluviumError | null): void {
    this.#byRunId.delete(query.runId);
    if (query.name !== null) this.releaseName(query.name);
    // The first failure stays until it is reset.
    if ((this.#termination?.error ?? null) === null) this.#termination = { error };
    this.#nextEnd?.resolve();
    this.#nextEnd = null;
  }
}

/** One promise for all who wait for the next end. */
interface NextEnd {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function nextEnd(): NextEnd {
  const resolvers: (() => void)[] = [];
  const promise = new Promise<void>((resolve) => resolvers.push(resolve));
  return { promise, resolve: () => resolvers.forEach((resolve) => resolve()) };
}

/** The same by a shorter name. */
export type QueryManager = StreamingQueryManager;
