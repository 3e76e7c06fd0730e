// test/reader/live-rows.test.ts: the condition that lets the rows through that are not deleted, over files of any size.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DeletedRows } from "../../src/format/vector/deletion-vector.ts";
import { setOfNumbers, setOfRuns } from "../../src/format/vector/roaring-set.ts";
import { liveRows } from "../../src/reader/live-rows.ts";
import { rowPieces } from "../../src/reader/row-pieces.ts";
import type { ScannedFile } from "../../src/reader/scanned-files.ts";
import { testEngine } from "./table-of-files.ts";

const engine = testEngine();

type Run = readonly [first: number, last: number];

const setOf = (runs: readonly Run[]): DeletedRows => setOfRuns(runs.map(([first, last]) => ({ first, last })));

type Place = "deletedRows" | "onlyRows";

const fileOf = (runs: readonly Run[] | null, place: Place): ScannedFile => ({
  kind: "add",
  path: "a",
  partitionValues: new Map(),
  sizeBytes: 1,
  modificationTimeMs: 1,
  dataChange: true,
  ...((runs !== null || place === "onlyRows") && { [place]: setOf(runs ?? []) }),
});

/** What is left of some rows of each file, by the condition and by looking: of those not deleted, and of those chosen. */
async function expectLive(files: readonly (readonly Run[] | null)[], rows: readonly number[]): Promise<void> {
  await using connection = await engine.sql.connect();
  for (const place of ["deletedRows", "onlyRows"] as const) {
    const condition = liveRows(files.map((runs) => fileOf(runs, place))) ?? "TRUE";
    const found = await connection.rows(
      `SELECT file_index::INTEGER AS file, file_row_number::DOUBLE AS row FROM (SELECT unnest(range(${files.length}))::UBIGINT AS file_index), (SELECT unnest([${rows.join(", ")}]::BIGINT[]) AS file_row_number) WHERE ${condition} ORDER BY ALL`,
    );
    const expected = files.flatMap((runs, file) =>
      rows
        .filter((row) => (runs ?? []).some(([first, last]) => first <= row && row <= last) === (place === "onlyRows"))
        .map((row) => ({ file, row })),
    );
    expect(found).toEqual(expected);
  }
}

test("every row of every file is judged by its own bit, in small files and in files cut into stretches", async () => {
  const runs = fc.oneof(fc.constant(100), fc.constant(3_000_000)).chain((size) =>
    fc
      .uniqueArray(fc.nat(size), { minLength: 2, maxLength: 40 })
      .map((ends) => ends.toSorted((a, b) => a - b))
      .map((ends) => ends.flatMap((end, at): Run[] => (at % 2 === 0 ? [] : [[ends[at - 1] ?? 0, end]])))
      // Runs do not touch: a set would have them as one.
      .map((all) => all.filter(([first], at) => at === 0 || first > (all[at - 1]?.[1] ?? 0) + 1)),
  );
  const files = fc.array(fc.option(runs), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(files, fc.array(fc.nat(4_000_000), { maxLength: 20 }), async (all, more) => {
      const edges = all.flatMap((one) => one ?? []).flatMap(([first, last]) => [first - 1, first, last, last + 1]);
      const rows = [...new Set([0, 2 ** 16 - 1, 2 ** 16, 2 ** 16 + 1, 2 ** 40, ...edges, ...more])]
        .filter((row) => row >= 0)
        .toSorted((a, b) => a - b);
      await expectLive(all, rows);
    }),
    { seed: 12, numRuns: 25 },
  );
});

test("where it is known how many rows files have, all of these are judged right without a look at where a file ends", async () => {
  const file = fc
    .record({ rowCount: fc.constantFrom(5, 64, 3000, 65_536, 150_000), seed: fc.nat(1000), isWhole: fc.boolean() })
    .map(({ rowCount, seed, isWhole }) => {
      const deleted = Array.from({ length: 12 }, (_, at) => (seed * 7919 + at * at * 104_729) % rowCount);
      return { rowCount, isWhole, deleted: [...new Set(deleted)].toSorted((a, b) => a - b) };
    });
  // Nobody counts the rows of a file without deleted ones.
  const files = fc.array(fc.option(file, { freq: 3 }), { minLength: 1, maxLength: 9 });
  await using connection = await engine.sql.connect();
  let shorter = 0;
  const property = fc.asyncProperty(files, async (all) => {
    const scanned = all.map((each): ScannedFile => {
      const bare = fileOf(null, "deletedRows");
      if (each === null) return bare;
      return { ...bare, deletedRows: setOfNumbers(each.deleted), ...(each.isWhole && { rowCount: each.rowCount }) };
    });
    const condition = liveRows(scanned) ?? "TRUE";
    if (condition.length < (liveRows(scanned.map(({ rowCount: _count, ...rest }) => rest)) ?? "TRUE").length)
      shorter += 1;
    const edges = [0, 1, 4, 5, 63, 64, 128, 2999, 3000, 32_768, 65_535, 65_536, 149_999, 200_000];
    const rows = all.flatMap((each, at) =>
      [...new Set([...edges, ...(each?.deleted ?? [])])]
        .filter((row) => each === null || !each.isWhole || row < each.rowCount)
        .map((row) => ({ file: at, row, isLive: each?.deleted.includes(row) !== true })),
    );
    const values = rows.map(({ file: at, row }) => `(${at}::UBIGINT, ${row}::BIGINT)`).join(", ");
    const found = await connection.rows(
      `SELECT file_index::INTEGER AS file, file_row_number::DOUBLE AS row FROM (VALUES ${values}) AS t(file_index, file_row_number) WHERE ${condition} ORDER BY ALL`,
    );
    const expected = rows.filter(({ isLive }) => isLive).map(({ file: at, row }) => ({ file: at, row }));
    expect(found).toEqual(expected.toSorted((a, b) => a.file - b.file || a.row - b.row));
  });
  await fc.assert(property, { seed: 14, numRuns: 60 });
  expect(shorter).toBeGreaterThan(10);
});

test("rows so far out that no file has them are judged as all others", async () => {
  const files: (readonly Run[])[] = [[[5, 5]], [[2 ** 36, 2 ** 36 + 2]], [[1, 9000]]];
  await expectLive(files, [0, 1, 5, 9000, 9001, 2 ** 36, 2 ** 36 + 2, 2 ** 36 + 3]);
});

test("rows of many files, few in each and far between, are looked up in a list, not in bits", async () => {
  const rows = [3, 9000, 9001, 20_000, 40_000, 60_000];
  const files = Array.from({ length: 300 }, (_, file): readonly Run[] => rows.map((row) => [row + file, row + file]));
  expect(rowPieces(files.map((runs) => ({ set: setOf(runs) })))).toBeNull();
  await expectLive(files, [3, 4, 302, 303, 9000, 9150, 60_299, 60_300]);
});

test("a few runs are compared with, and take no bits", async () => {
  const files: (readonly Run[])[] = [
    [[70_000, 500_000]],
    [],
    [[0, 65_535]],
    [
      [1, 1],
      [9, 80_000_000],
    ],
  ];
  const pieces = rowPieces(files.map((runs) => ({ set: setOf(runs) }))) ?? [];
  expect(pieces.map(({ rows }) => rows.kind)).not.toContain("bits");
  await expectLive(files, [0, 1, 2, 9, 65_535, 65_536, 69_999, 70_000, 500_000, 500_001, 80_000_000, 80_000_001]);
});

test("bits stay in short strings, and few, however many files there are and however long", async () => {
  const everySecond = (rowCount: number): DeletedRows =>
    setOfNumbers(Array.from({ length: rowCount / 2 }, (_, at) => at * 2));
  const longest = (fileCount: number, rows: DeletedRows): number => {
    const pieces = rowPieces(Array.from({ length: fileCount }, () => ({ set: rows }))) ?? [];
    expect(pieces.length).toBeGreaterThan(0);
    expect(pieces.length).toBeLessThanOrEqual(64);
    return Math.max(...pieces.map((piece) => (piece.rows.kind === "bits" ? piece.rows.bits.length : 0)));
  };
  expect(longest(1, everySecond(1_000_000))).toBe(8192);
  // A short file has a string of its own, shorter ones share one.
  expect(longest(50, everySecond(50_000))).toBe(6250);
  expect(longest(50, everySecond(1000))).toBe(50 * 128);
  // Where short strings would be too many, they are longer.
  expect(longest(4000, everySecond(20_000))).toBe(262_144);
});
