// engine/files/commit-signals.ts: news of commits, from this process by a call and from others by watching `_delta_log`.
import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { join, resolve } from "node:path";
import type { CommitSignals } from "../base/engine.ts";

/** Announcements in this process, and the file system's own of what other processes do. */
export function localCommitSignals(): CommitSignals {
  const tables = new Map<string, WatchedTable>();
  return {
    announce: (tablePath) => tables.get(resolve(tablePath))?.tell(),
    watch: (tablePath, onCommit) => {
      const path = resolve(tablePath);
      const table = tables.get(path) ?? new WatchedTable(join(path, "_delta_log"));
      tables.set(path, table);
      const listener = (): void => onCommit(); // the same function may be given twice
      table.add(listener);
      return {
        [Symbol.dispose]: () => {
          table.remove(listener);
          if (table.isIdle && tables.get(path) === table) tables.delete(path);
        },
      };
    },
  };
}

/** A folder that cannot be watched, mostly for not being there yet, is tried again after so long. */
const retryMs = 1000;
const commitName = /^\d{20}\.json$/;

/** One table with all who wait for it: they share one watcher. */
class WatchedTable {
  readonly #logPath: string;
  readonly #listeners = new Set<() => void>();
  #watcher: FSWatcher | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isTelling = false;

  constructor(logPath: string) {
    this.#logPath = logPath;
  }

  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  add(listener: () => void): void {
    this.#listeners.add(listener);
    if (this.#watcher === undefined && this.#retry === undefined) this.#start();
  }

  remove(listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.isIdle) this.#stop();
  }

  /** Calls every listener soon, once for many calls in one turn of the event loop. */
  tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const listener of this.#listeners) listener();
    });
  }

  #start(): void {
    this.#retry = undefined;
    try {
      // Not persistent: a watcher alone must not keep the process alive.
      const watcher = watch(this.#logPath, { persistent: false }, (event, name) => this.#changed(event, name));
      watcher.on("error", () => this.#restartLater());
      this.#watcher = watcher;
    } catch {
      this.#restartLater(); // polling goes on meanwhile
    }
  }

  #changed(event: string, name: string | null): void {
    // A log folder that is itself renamed or removed reports its own name; its watcher is deaf from then on.
    if (event === "rename" && name === "_delta_log") this.#restartLater();
    if (name === null || commitName.test(name) || name === "_delta_log") this.tell();
  }

  #restartLater(): void {
    this.#stop();
    if (this.isIdle) return;
    this.#retry = setTimeout(() => {
      this.#start();
      if (this.#watcher !== undefined) this.tell(); // what was committed while nobody looked
    }, retryMs);
    this.#retry.unref();
  }

  #stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }
}
