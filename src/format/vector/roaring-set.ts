// format/vector/roaring-set.ts: sets of row numbers in memory, as Roaring bitmaps have them: in containers of 65536 neighbouring
// numbers, each in the form that is short for it. Sets are put together container by container, and those by whole words.
import {
  containerLength,
  containerOf,
  lastOf,
  listCardinalityMax,
  setWords,
  visitContainer,
  wordCount,
  wordsOf,
} from "./roaring-container.ts";
import type { Container, Members, Run, RunVisitor } from "./roaring-container.ts";

/** A set of numbers from 0 up to 2^53 - 1. */
export class RoaringSet {
  readonly cardinality: number;
  /** Ascending by base. */
  readonly containers: readonly Container[];
  #last: number | undefined;

  /** @param containers ascending by base */
  constructor(containers: readonly Container[]) {
    this.containers = containers;
    this.cardinality = containers.reduce((sum, container) => sum + container.cardinality, 0);
  }

  /** Runs that do not touch one another, ascending. */
  forEachRun(visit: RunVisitor): void {
    let [openFirst, openLast] = [-1, -1];
    for (const container of this.containers) {
      visitContainer(container, (first, last) => {
        if (openFirst >= 0 && first === openLast + 1) {
          openLast = last;
          return;
        }
        if (openFirst >= 0) visit(openFirst, openLast);
        [openFirst, openLast] = [first, last];
      });
    }
    if (openFirst >= 0) visit(openFirst, openLast);
  }

  /** The greatest number; -1 of none. */
  get last(): number {
    const container = this.containers.at(-1);
    return (this.#last ??= container === undefined ? -1 : container.base + lastOf(container.members));
  }

  /**
   * Sets the bits of those numbers that `bits` has room for, the lowest bit of a byte first.
   * @param bits of the numbers from `first` on
   * @param first a multiple of 65536
   */
  setBits(bits: Uint8Array, first: number): void {
    const { containers } = this;
    for (let at = indexFrom(containers, first); at < containers.length; at += 1) {
      const container = containers[at];
      const start = ((container?.base ?? 0) - first) / 8;
      if (container === undefined || start >= bits.length) return;
      const words = container.members.kind === "bitmap" ? container.members.words : wordsOf(container);
      bits.set(new Uint8Array(words.buffer, words.byteOffset, Math.min(words.byteLength, bits.length - start)), start);
    }
  }
}

/** The set of some runs that are ascending and do not overlap. */
export function setOfRuns(runs: Iterable<Run>): RoaringSet {
  const containers: Container[] = [];
  let pairs: number[] = [];
  let [base, cardinality] = [0, 0];
  const close = (): void => {
    const members: Members = { kind: "runs", pairs: Uint16Array.from(pairs) };
    if (cardinality > 0) containers.push({ base, cardinality, members });
    [pairs, cardinality] = [[], 0];
  };
  for (const run of runs) {
    for (let { first } = run; first <= run.last;) {
      const ownBase = first - (first % containerLength);
      const last = Math.min(run.last, ownBase + containerLength - 1);
      if (ownBase !== base) close();
      base = ownBase;
      pairs.push(first - base, last - first);
      cardinality += last - first + 1;
      first = last + 1;
    }
  }
  close();
  return new RoaringSet(containers);
}

/** The set of some numbers, in ascending order; a number may stand there more than once. */
export function setOfNumbers(numbers: ArrayLike<number>): RoaringSet {
  const containers: Container[] = [];
  for (let from = 0; from < numbers.length;) {
    const first = numbers[from] ?? 0;
    const base = first - (first % containerLength);
    const values: number[] = [];
    let before = -1;
    for (; from < numbers.length && (numbers[from] ?? 0) < base + containerLength; from += 1) {
      const value = (numbers[from] ?? 0) - base;
      if (value > before) values.push(value);
      before = value;
    }
    const words = new Uint32Array(values.length > listCardinalityMax ? wordCount : 0);
    const list = Uint16Array.from(values);
    if (words.length > 0) setWords(words, { kind: "list", values: list });
    const members: Members = words.length > 0 ? { kind: "bitmap", words } : { kind: "list", values: list };
    containers.push({ base, cardinality: values.length, members });
  }
  return new RoaringSet(containers);
}

/** The numbers that are in one set or the other. */
export function union(left: RoaringSet, right: RoaringSet): RoaringSet {
  const rest = new Map(right.containers.map((container) => [container.base, container]));
  const containers = left.containers.map((container) => {
    const other = rest.get(container.base);
    rest.delete(container.base);
    if (other === undefined) return container;
    const words = wordsOf(container);
    setWords(words, other.members);
    return containerOf(container.base, words);
  });
  const all = [...containers.filter((container) => container !== null), ...rest.values()];
  return new RoaringSet(all.toSorted((a, b) => a.base - b.base));
}

/** The numbers of the first set that are not in the second. */
export function difference(left: RoaringSet, right: RoaringSet): RoaringSet {
  const others = new Map(right.containers.map((container) => [container.base, container]));
  const containers = left.containers.map((container) => {
    const other = others.get(container.base);
    if (other === undefined) return container;
    const words = wordsOf(container);
    const without = wordsOf(other);
    for (let index = 0; index < wordCount; index += 1) words[index] = (words[index] ?? 0) & ~(without[index] ?? 0);
    return containerOf(container.base, words);
  });
  return new RoaringSet(containers.filter((container) => container !== null));
}

/** Place of the first container that holds `first` or greater numbers. */
function indexFrom(containers: readonly Container[], first: number): number {
  let [low, high] = [0, containers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((containers[middle]?.base ?? 0) < first) low = middle + 1;
    else high = middle;
  }
  return low;
}
