// reader/deleted-row-sieve.ts: leaves deleted rows out while they pass by. Most chunks of a scan have none, and cost next to nothing.
import type { RowSieve } from "../engine/engine.ts";
import { rowsPerFile } from "./live-rows.ts";
import type { ScannedFile } from "./scanned-files.ts";

/**
 * A sieve for rows with keys of `rowKeySql`; null when no file has deleted rows.
 * @param files in the order of their indexes
 */
export function deletedRowSieve(files: readonly ScannedFile[]): RowSieve | null {
  if (files.every((file) => file.deletedRows === undefined)) return null;
  const runs = new RunList();
  for (const [index, { deletedRows }] of files.entries()) {
    if (deletedRows === undefined) continue;
    const base = index * rowsPerFile;
    deletedRows.forEachRun((first, last) => {
      // No file has more rows.
      if (first < rowsPerFile) runs.push(base + first, base + Math.min(last, rowsPerFile - 1));
    });
  }
  return new Sieve(runs);
}

/** Ascending stretches of keys, both ends inside. */
class RunList {
  #firsts = new Float64Array(64);
  #lasts = new Float64Array(64);
  #count = 0;

  push(first: number, last: number): void {
    if (this.#count === this.#firsts.length) {
      this.#firsts = doubled(this.#firsts);
      this.#lasts = doubled(this.#lasts);
    }
    this.#firsts[this.#count] = first;
    this.#lasts[this.#count] = last;
    this.#count += 1;
  }

  first(index: number): number {
    return index < this.#count ? (this.#firsts[index] ?? Infinity) : Infinity;
  }

  last(index: number): number {
    return index < this.#count ? (this.#lasts[index] ?? Infinity) : Infinity;
  }

  /** Index of the first run that ends at `key` or after. */
  find(key: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lasts[middle] ?? Infinity) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}

class Sieve implements RowSieve {
  readonly #runs: RunList;
  #kept = new Uint32Array(64);

  constructor(runs: RunList) {
    this.#runs = runs;
  }

  keep(keys: Float64Array): Uint32Array | null {
    const first = keys[0] ?? 0;
    // Without a predicate the rows of a chunk follow one another: then only runs are looked at, not rows.
    const isWhole = keys[keys.length - 1] === first + keys.length - 1;
    return isWhole ? this.#keepOfStretch(first, keys.length) : this.#keepOfSome(keys);
  }

  #keepOfStretch(first: number, length: number): Uint32Array | null {
    const runs = this.#runs;
    let run = runs.find(first);
    if (runs.first(run) >= first + length) return null;
    let count = 0;
    let start = 0;
    for (; start < length && runs.first(run) < first + length; run += 1) {
      const deletedFrom = runs.first(run) - first;
      if (deletedFrom > start) count = this.#put(count, start, deletedFrom);
      start = runs.last(run) - first + 1;
    }
    if (start < length) count = this.#put(count, start, length);
    return this.#kept.subarray(0, count);
  }

  #keepOfSome(keys: Float64Array): Uint32Array | null {
    let run = this.#runs.find(keys[0] ?? 0);
    let [first, last] = [this.#runs.first(run), this.#runs.last(run)];
    let count = 0;
    let start = 0;
    let before = -1;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] ?? 0;
      // Keys ascend; where they do not, the place is looked up again.
      if (key < before || key > last) {
        run = key < before ? this.#runs.find(key) : nextRun(this.#runs, run, key);
        [first, last] = [this.#runs.first(run), this.#runs.last(run)];
      }
      before = key;
      if (key < first) continue;
      if (index > start) count = this.#put(count, start, index);
      start = index + 1;
    }
    if (start === 0) return null;
    if (keys.length > start) count = this.#put(count, start, keys.length);
    return this.#kept.subarray(0, count);
  }

  #put(count: number, from: number, to: number): number {
    if (count + 2 > this.#kept.length) {
      const larger = new Uint32Array(this.#kept.length * 2);
      larger.set(this.#kept);
      this.#kept = larger;
    }
    this.#kept[count] = from;
    this.#kept[count + 1] = to;
    return count + 2;
  }
}

/** The run that ends at `key` or after, given one before it: mostly the very next. */
function nextRun(runs: RunList, run: number, key: number): number {
  return runs.last(run + 1) >= key ? run + 1 : runs.find(key);
}
