// format/row-runs.ts: sets of row numbers as runs.
import type { Run } from "./roaring.ts";

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
