// engine/base/releases.ts: what must be undone when an opening fails half-way. (`AsyncDisposableStack` is newer than our oldest Node.)

/** Releases in the reverse order, unless they are taken over. */
export class Releases implements AsyncDisposable {
  #pending: (() => void | Promise<void>)[] = [];

  /** Remembers a resource to dispose of; answers it. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#pending.push(async () => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Remembers something to do. */
  defer(release: () => void): void {
    this.#pending.push(release);
  }

  /** From here on somebody else releases. */
  handOver(): void {
    this.#pending = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const release of this.#pending.splice(0).toReversed()) {
      try {
        await release();
      } catch {
        // The error that made the opening fail is the one to report.
      }
    }
  }
}
