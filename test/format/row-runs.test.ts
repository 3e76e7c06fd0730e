// test/format/row-runs.test.ts: differences of sets of row numbers.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Run } from "../../src/format/roaring.ts";
import { runsWithout } from "../../src/format/row-runs.ts";

function runsOf(numbers: readonly number[]): readonly Run[] {
  const runs: { first: number; last: number }[] = [];
  for (const number of [...new Set(numbers)].toSorted((a, b) => a - b)) {
    const open = runs.at(-1);
    if (open !== undefined && open.last === number - 1) open.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
}

test("what is left are the numbers of the first set that the second does not have", () => {
  const numbers = fc.array(fc.nat(60), { maxLength: 60 });
  fc.assert(
    fc.property(numbers, numbers, (left, right) => {
      const expected = runsOf(left.filter((number) => !right.includes(number)));
      expect([...runsWithout(runsOf(left), runsOf(right))]).toEqual(expected);
    }),
    { seed: 20, numRuns: 1000 },
  );
});
