// log/snapshot/hidden-files.ts: how much of a checkpoint later actions hide, found out when a table's totals are asked for and not before.
import type { CheckpointBase } from "../checkpoint/checkpoint-base.ts";
import type { FileTable, FileTotals } from "../state/file-table.ts";

/** The live files of a checkpoint that actions after it replace or remove. */
export class HiddenFiles {
  readonly #base: CheckpointBase;
  readonly #table: FileTable;
  #counted: Counted = { version: -1, count: 0, sizeBytes: 0 };
  #busy: Promise<unknown> = Promise.resolve();

  constructor(base: CheckpointBase, table: FileTable) {
    this.#base = base;
    this.#table = table;
  }

  /** The same for a compacted table, which serves versions from its head on. */
  over(compacted: FileTable): HiddenFiles {
    const same = new HiddenFiles(this.#base, compacted);
    if (this.#counted.version === compacted.headVersion) same.#counted = this.#counted;
    return same;
  }

  /** Count and bytes of the files that are hidden at a version. What was found for an older one is built upon. */
  upTo(version: number): Promise<FileTotals> {
    const step = this.#busy.then(() => this.#count(version));
    this.#busy = step.catch(() => undefined);
    return step;
  }

  async #count(version: number): Promise<FileTotals> {
    const before = this.#counted.version <= version ? this.#counted : nothing;
    const touched = this.#table.touchedBetween(before.version, version);
    const files = await this.#base.find(touched);
    let { count, sizeBytes } = before;
    for (const { key } of touched) {
      const file = files.get(key);
      if (file === undefined) continue;
      count += 1;
      sizeBytes += file.sizeBytes;
    }
    if (version > this.#counted.version) this.#counted = { version, count, sizeBytes };
    return { count, sizeBytes };
  }
}

interface Counted extends FileTotals {
  readonly version: number;
}

const nothing: Counted = { version: -1, count: 0, sizeBytes: 0 };
