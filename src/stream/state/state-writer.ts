// stream/state/state-writer.ts: changes of the live tables, made in order beside the batch, which goes on to its files and its sink meanwhile.
import type { SqlConnection } from "../../engine/base/engine.ts";

/** The one connection that changes the live state. What asks for rows that may have changed waits for `done` first. */
export class StateWriter implements AsyncDisposable {
  readonly connection: SqlConnection;
  #last: Promise<void> = Promise.resolve();

  constructor(connection: SqlConnection) {
    this.connection = connection;
  }

  /** Begins work as soon as all before it is done; after a failure nothing is begun any more. */
  begin(work: () => Promise<void>): void {
    this.#last = this.#last.then(work);
    // Who waits next is told.
    this.#last.catch(() => undefined);
  }

  /** Waits for all that was begun. @throws what any of it threw: the live state is of no use then */
  async done(): Promise<void> {
    await this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.connection[Symbol.asyncDispose]();
  }
}
