// format/row-runs.ts: sets of row numbers as runs.
import type { RoaringSet, Run } from "./roaring.ts";

/**
 * The numbers of the first set that are not in the second, as runs that do not touch one another.
 * @param left runs that do not touch one another, ascending; and so is `right`
 */
export function* runsWithout(left: Iterable<Run>, right: Iterable<Run>): Generator<Run> {
  const others = right[Symbol.iterator]();
  let other = others.next();
  for (const run of left) {
    let { first } = run;
    while (other.done !== true && other.value.first <= run.last && first <= run.last) {
      if (other.value.first > first) yield { first, last: other.value.first - 1 };
      first = Math.max(first, other.value.last + 1);
      if (other.value.last > run.last) break; // it may reach into the next run
      other = others.next();
    }
    if (first <= run.last) yield { first, last: run.last };
  }
}

/**
 * The numbers that are in one set or the other, as runs that do not touch one another.
 * @param left runs in ascending order; and so is `right`
 */
export function* runsTogether(left: Iterable<Run>, right: Iterable<Run>): Generator<Run> {
  const sides = [left[Symbol.iterator](), right[Symbol.iterator]()] as const;
  let [a, b] = [sides[0].next(), sides[1].next()];
  let open: { first: number; last: number } | null = null;
  while (a.done !== true || b.done !== true) {
    const isLeft = b.done === true || (a.done !== true && a.value.first <= b.value.first);
    const run: Run = isLeft ? (a.value as Run) : (b.value as Run); // that side is not done
    if (isLeft) a = sides[0].next();
    else b = sides[1].next();
    if (open !== null && run.first <= open.last + 1) {
      open.last = Math.max(open.last, run.last);
      continue;
    }
    if (open !== null) yield open;
    open = { first: run.first, last: run.last };
  }
  if (open !== null) yield open;
}

/** Ascending numbers as runs that do not touch one another; a number may stand there more than once. */
export function* runsOfNumbers(numbers: Iterable<number>): Generator<Run> {
  let open: { first: number; last: number } | null = null;
  for (const number of numbers) {
    if (open !== null && number <= open.last + 1) {
      open.last = number;
      continue;
    }
    if (open !== null) yield open;
    open = { first: number, last: number };
  }
  if (open !== null) yield open;
}

/** A set of some runs, which are walked through again by each call. */
export function rowSet(runs: readonly Run[]): RoaringSet {
  const cardinality = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return {
    cardinality,
    *runs() {
      yield* runs;
    },
    forEachRun: (visit) => runs.forEach(({ first, last }) => visit(first, last)),
  };
}
