// log/state/file-table.ts: the files of a table over all versions that were replayed, so that a new snapshot costs one commit
// and not one copy of the table. PROTOCOL.md, "Action Reconciliation".
import type { Action, AddFile, RemoveFile } from "../../format/action/action.ts";
import { assert } from "../../format/text/error.ts";
import { fileKey } from "./file-key.ts";

/** How many live files there are, and their bytes. */
export interface FileTotals {
  readonly count: number;
  readonly sizeBytes: number;
}

/** The file actions of one version. */
export interface FileStep {
  readonly version: number;
  readonly actions: readonly Action[];
  /** Totals of the version before, without the base. */
  readonly before: FileTotals;
}

/** A key that actions after the base speak of. */
export interface TouchedKey {
  readonly key: string;
  /** As the log spells it. */
  readonly path: string;
  /** First version whose actions speak of it. */
  readonly version: number;
}

/** What some versions changed; actions in their order. */
export interface FileChanges {
  /** Keys of the files that they speak of. */
  readonly touched: ReadonlySet<string>;
  /** What they added that holds at the last of them. */
  readonly adds: readonly AddFile[];
  readonly removes: readonly RemoveFile[];
}

type FileAction = AddFile | RemoveFile;

/** A file action and the versions it holds for: from `from` inclusive to `to` exclusive. */
interface Entry {
  readonly key: string;
  readonly action: FileAction;
  readonly from: number;
  to: number;
}

/**
 * File actions that came after a base (a checkpoint that stays Parquet, or nothing). Actions are added version by version;
 * what was said of older versions stays true, so any number of snapshots share one table.
 */
export class FileTable {
  readonly #entries: Entry[] = [];
  readonly #newest = new Map<string, Entry>();
  /** First version whose actions speak of a key: from then on the base has no say about it. */
  readonly #touched = new Map<string, number>();
  /** The same, ascending by version. */
  readonly #touches: TouchedKey[] = [];
  readonly #hasBase: boolean;
  #deadCount = 0;
  #headVersion = -1;

  /** @param hasBase whether there is a base that newer actions must hide */
  constructor(hasBase: boolean) {
    this.#hasBase = hasBase;
  }

  /** The newest version applied; -1 before the first. */
  get headVersion(): number {
    return this.#headVersion;
  }

  /** True when most of what is held has been overtaken, so that a fresh table of the living would pay. */
  get isMostlyDead(): boolean {
    return this.#deadCount > 10_000 && this.#deadCount > 2 * this.#newest.size;
  }

  /** True when an action after the base and up to `version` speaks of the key. */
  isTouched(key: string, version: number): boolean {
    const since = this.#touched.get(key);
    return since !== undefined && since <= version;
  }

  /** The keys first touched after one version and up to another. */
  touchedBetween(after: number, upTo: number): readonly TouchedKey[] {
    const start = this.#touches.findLastIndex(({ version }) => version <= after) + 1;
    const end = this.#touches.findLastIndex(({ version }) => version <= upTo) + 1;
    return this.#touches.slice(start, end);
  }

  /** Replays the file actions of one version, in order, and gives the totals after it, those of the base left out. */
  apply({ version, actions, before }: FileStep): FileTotals {
    assert(version > this.#headVersion, "versions are replayed in order");
    let { count, sizeBytes } = before;
    for (const action of actions) {
      if (action.kind !== "add" && action.kind !== "remove") continue;
      const key = fileKey(action);
      const replaced = this.#newest.get(key)?.action;
      if (replaced?.kind === "add") {
        count -= 1;
        sizeBytes -= replaced.sizeBytes;
      }
      if (action.kind === "add") {
        count += 1;
        sizeBytes += action.sizeBytes;
      }
      this.#put({ key, action, from: version, to: Number.POSITIVE_INFINITY });
    }
    this.#headVersion = version;
    return { count, sizeBytes };
  }

  /** Live files at `version`, in the order in which they were added. */
  *adds(version: number): Generator<AddFile> {
    for (const entry of this.#at(version)) if (entry.action.kind === "add") yield entry.action;
  }

  /** What the versions after `after` changed, up to `upTo`. */
  between(after: number, upTo: number): FileChanges {
    const touched = new Set<string>();
    const adds: AddFile[] = [];
    const removes: RemoveFile[] = [];
    for (let index = this.#entries.findLastIndex(({ from }) => from <= after) + 1; ; index += 1) {
      const entry = this.#entries[index];
      if (entry === undefined || entry.from > upTo) return { touched, adds, removes };
      touched.add(entry.key);
      if (entry.to <= upTo) continue;
      if (entry.action.kind === "add") adds.push(entry.action);
      else removes.push(entry.action);
    }
  }

  /** Tombstones at `version`, in the order in which they were written. */
  *removes(version: number): Generator<RemoveFile> {
    for (const entry of this.#at(version)) if (entry.action.kind === "remove") yield entry.action;
  }

  /** How many actions it holds of versions up to one. */
  countUpTo(version: number): number {
    return this.#entries.length === 0 ? 0 : this.#entries.findLastIndex(({ from }) => from <= version) + 1;
  }

  /**
   * What came after a version, for a base that says what held at it. It serves the head and what follows.
   * @returns totals of the head as well, those of the base left out
   */
  after(version: number): { readonly table: FileTable; readonly totals: FileTotals } {
    const table = new FileTable(true);
    let totals: FileTotals = { count: 0, sizeBytes: 0 };
    for (let start = this.countUpTo(version); start < this.#entries.length;) {
      const at = this.#entries[start]?.from ?? 0;
      const actions: FileAction[] = [];
      for (let entry = this.#entries[start]; entry?.from === at; entry = this.#entries[start]) {
        actions.push(entry.action);
        start += 1;
      }
      totals = table.apply({ version: at, actions, before: totals });
    }
    table.#headVersion = this.#headVersion;
    return { table, totals };
  }

  /** A new table that knows only what holds at the head; it serves versions from the head on. */
  compacted(): FileTable {
    const fresh = new FileTable(this.#hasBase);
    // Whatever key was ever touched has an add or a tombstone that holds at the head: so the base stays hidden.
    for (const entry of this.#at(this.#headVersion)) fresh.#put({ ...entry });
    fresh.#headVersion = this.#headVersion;
    return fresh;
  }

  *#at(version: number): Generator<Entry> {
    const end = this.#entries.length; // what comes later is of later versions
    for (let index = 0; index < end; index += 1) {
      const entry = this.#entries[index];
      if (entry !== undefined && entry.from <= version && version < entry.to) yield entry;
    }
  }

  #put(entry: Entry): void {
    const newest = this.#newest.get(entry.key);
    if (newest !== undefined) {
      newest.to = entry.from;
      this.#deadCount += 1;
    } else if (this.#hasBase) {
      this.#touched.set(entry.key, entry.from);
      this.#touches.push({ key: entry.key, path: entry.action.path, version: entry.from });
    }
    this.#newest.set(entry.key, entry);
    this.#entries.push(entry);
  }
}
