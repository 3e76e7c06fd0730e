// test/reader/live-rows.test.ts: the condition that lets the rows through that are not deleted, over files of any size.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DeletedRows } from "../../src/format/deletion-vector.ts";
import { rowSet } from "../../src/format/row-runs.ts";
import { liveRows } from "../../src/reader/live-rows.ts";
import { rowBits } from "../../src/reader/row-bits.ts";
import type { ScannedFile } from "../../src/reader/scanned-files.ts";
import { testEngine } from "./table-of-files.ts";

const engine = testEngine();

type Run = readonly [first: number, last: number];

const setOf = (runs: readonly Run[]): DeletedRows => rowSet(runs.map(([first, last]) => ({ first, last })));

const fileOf = (runs: readonly Run[] | null): ScannedFile => ({
  kind: "add",
  path: "a",
  partitionValues: new Map(),
  sizeBytes: 1,
  modificationTimeMs: 1,
  dataChange: true,
  ...(runs !== null && { deletedRows: setOf(runs) }),
});

/** What is left of some rows of each file, by the condition and by looking. */
async function expectLive(files: readonly (readonly Run[] | null)[], rows: readonly number[]): Promise<void> {
  const condition = liveRows(files.map(fileOf)) ?? "TRUE";
  await using connection = await engine.sql.connect();
  const found = await connection.rows(
    `SELECT file_index::INTEGER AS file, file_row_number::DOUBLE AS row FROM (SELECT unnest(range(${files.length}))::UBIGINT AS file_index), (SELECT unnest([${rows.join(", ")}]::BIGINT[]) AS file_row_number) WHERE ${condition} ORDER BY ALL`,
  );
  const expected = files.flatMap((runs, file) =>
    rows
      .filter((row) => !(runs ?? []).some(([first, last]) => first <= row && row <= last))
      .map((row) => ({ file, row })),
  );
  expect(found).toEqual(expected);
}

test("every row of every file is judged by its own bit, in small files and in files cut into stretches", async () => {
  const runs = fc.oneof(fc.constant(100), fc.constant(3_000_000)).chain((size) =>
    fc
      .uniqueArray(fc.nat(size), { minLength: 2, maxLength: 12 })
      .map((ends) => ends.toSorted((a, b) => a - b))
      .map((ends) => ends.flatMap((end, at): Run[] => (at % 2 === 0 ? [] : [[ends[at - 1] ?? 0, end]])))
      // Runs do not touch: a set would have them as one.
      .map((all) => all.filter(([first], at) => at === 0 || first > (all[at - 1]?.[1] ?? 0) + 1)),
  );
  const files = fc.array(fc.option(runs), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(files, fc.array(fc.nat(4_000_000), { maxLength: 20 }), async (all, more) => {
      const edges = all.flatMap((one) => one ?? []).flatMap(([first, last]) => [first - 1, first, last, last + 1]);
      const rows = [...new Set([0, 2 ** 19 - 1, 2 ** 19, 2 ** 19 + 1, 2 ** 40, ...edges, ...more])]
        .filter((row) => row >= 0)
        .toSorted((a, b) => a - b);
      await expectLive(all, rows);
    }),
    { seed: 12, numRuns: 25 },
  );
});

test("a row of which no vector could speak sensibly is looked up in a list, not in bits", async () => {
  const files: (readonly Run[])[] = [[[5, 5]], [[2 ** 36, 2 ** 36 + 2]], [[1, 9000]]];
  expect(rowBits(files.map(setOf))).toBeNull();
  await expectLive(files, [0, 1, 5, 9000, 9001, 2 ** 36, 2 ** 36 + 3]);
});

test("bits stay in short strings, and few, however many files there are and however long", () => {
  const everySecond = (rowCount: number): DeletedRows =>
    setOf(Array.from({ length: rowCount / 2 }, (_, at) => [at * 2, at * 2] as const));
  const longest = (fileCount: number, rows: DeletedRows): number => {
    const bits = rowBits(Array.from({ length: fileCount }, () => rows)) ?? [];
    expect(bits.length).toBeGreaterThan(0);
    expect(bits.length).toBeLessThanOrEqual(128);
    return Math.max(...bits.map(({ base64 }) => base64.length));
  };
  expect(longest(1, everySecond(1_000_000))).toBeLessThan(100_000);
  expect(longest(300, everySecond(20_000))).toBeLessThan(100_000);
  // Where short strings would be too many, they are longer.
  expect(longest(4000, everySecond(20_000))).toBeLessThan(1_000_000);
});
