// test/reader/deleted-row-sieve.test.ts: the rows of a chunk that are not deleted.
import fc from "fast-check";
import { expect, test } from "vitest";
import { deletedRowSieve } from "../../src/reader/deleted-row-sieve.ts";
import { rowsPerFile } from "../../src/reader/live-rows.ts";
import type { ScannedFile } from "../../src/reader/scanned-files.ts";
import { rowSet, runsOfNumbers } from "../../src/format/row-runs.ts";

const fileOf = (deleted: readonly number[] | null): ScannedFile => {
  const file: ScannedFile = {
    kind: "add",
    path: "a",
    partitionValues: new Map(),
    sizeBytes: 1,
    modificationTimeMs: 1,
    dataChange: true,
  };
  if (deleted === null) return file;
  return { ...file, deletedRows: rowSet([...runsOfNumbers(deleted.toSorted((a, b) => a - b))]) };
};

const rows = fc.uniqueArray(fc.nat(60), { maxLength: 40 });

test("keeps what is not deleted of every chunk, whole, thinned out or in no order", () => {
  const chunk = fc.oneof(
    fc
      .record({ file: fc.nat(3), from: fc.nat(60), length: fc.nat(30) })
      .map(({ file, from, length }) =>
        Array.from({ length: length + 1 }, (_, index) => file * rowsPerFile + from + index),
      ),
    fc.uniqueArray(
      fc.record({ file: fc.nat(3), row: fc.nat(80) }).map(({ file, row }) => file * rowsPerFile + row),
      { minLength: 1, maxLength: 60 },
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.option(rows), { minLength: 4, maxLength: 4 }), fc.array(chunk), (files, chunks) => {
      const sieve = deletedRowSieve(files.map(fileOf));
      const gone = new Set(files.flatMap((deleted, file) => (deleted ?? []).map((row) => file * rowsPerFile + row)));
      if (sieve === null) {
        expect(gone.size).toBe(0);
        return;
      }
      for (const keys of chunks) {
        const bounds = sieve.keep(Float64Array.from(keys)) ?? Uint32Array.of(0, keys.length);
        const kept = Array.from({ length: bounds.length / 2 }, (_, index) =>
          keys.slice(bounds[index * 2], bounds[index * 2 + 1]),
        );
        expect(kept.every((stretch) => stretch.length > 0)).toBe(true);
        expect(kept.flat()).toEqual(keys.filter((key) => !gone.has(key)));
      }
    }),
    { seed: 41, numRuns: 400 },
  );
});

test("is not there where no file has deleted rows", () => {
  expect(deletedRowSieve([fileOf(null), fileOf(null)])).toBeNull();
});
