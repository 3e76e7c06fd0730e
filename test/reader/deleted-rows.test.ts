// test/reader/deleted-rows.test.ts: rows that deletion vectors take away are in no answer. PROTOCOL.md, "Deletion Vectors".
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { parsePredicate } from "../../src/expression/predicate/parse-predicate.ts";
import { planScan } from "../../src/reader/scan.ts";
import { scannedTable, scanRelation } from "../../src/reader/scan-relation.ts";
import { scannedFiles } from "../../src/reader/scanned-files.ts";
import { field, struct } from "../expression/all-types.ts";
import { inlineVector, vectorBytes, vectorFile } from "../format/roaring-bytes.ts";
import { makeTable, readRows, testEngine } from "./table-of-files.ts";
import type { FileSpec } from "./table-of-files.ts";

const engine = testEngine();
const schema = struct(field("id", "long"), field("p", "string"));
const partitionColumns = ["p"];

const numbered = (path: string, rowCount: number, more: Partial<FileSpec> = {}): FileSpec => ({
  path,
  sql: `SELECT i::BIGINT AS id, i AS file_row_number, 99 AS file_index FROM range(${rowCount}) t(i)`,
  partitionValues: { p: path },
  stats: JSON.stringify({ numRecords: rowCount }),
  ...more,
});

const table = (...files: readonly FileSpec[]): Promise<Snapshot> =>
  makeTable(engine, { schema, partitionColumns, files, features: ["deletionVectors"] });

const range = (start: number, end: number): readonly number[] =>
  Array.from({ length: end - start }, (_, index) => start + index);

test("exactly the rows that are left come out of each file, whatever is deleted", async () => {
  const deletions = fc.uniqueArray(
    fc.oneof(
      fc.nat(70_000).map((row) => [row]),
      fc.tuple(fc.nat(60_000), fc.nat(9000)).map(([start, length]) => range(start, start + length)),
    ),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(deletions), { minLength: 1, maxLength: 4 }), async (perFile) => {
      const files = perFile.map((parts, index) => {
        const deletionVector = parts === null ? undefined : inlineVector(parts.flat(), () => index % 2 === 0);
        return numbered(`f${index}`, 66_000, deletionVector === undefined ? {} : { deletionVector });
      });
      const snapshot = await table(...files);
      const scanned = await scannedFiles(engine, scannedTable(snapshot), await planScan(engine, snapshot, {}));
      await using connection = await engine.sql.connect();
      const relation = scanRelation(scannedTable(snapshot), scanned);
      const found = await connection.rows(
        `SELECT p, count(*)::INTEGER AS n, sum(id)::BIGINT AS total FROM (${relation}) GROUP BY p ORDER BY p`,
      );
      const expected = perFile.map((parts, index) => {
        const gone = new Set((parts ?? []).flat());
        const left = range(0, 66_000).filter((row) => !gone.has(row));
        return { p: `f${index}`, n: left.length, total: BigInt(left.reduce((sum, row) => sum + row, 0)) };
      });
      expect(found).toEqual(expected);
    }),
    { seed: 31, numRuns: 12 },
  );
});

test("rows go with a predicate, without columns of the file, and as a whole file", async () => {
  const snapshot = await table(
    numbered("a", 10, { deletionVector: inlineVector([0, 3, 9]) }),
    numbered("b", 3, { deletionVector: inlineVector([0, 1, 2]) }),
    numbered("c", 2),
  );
  expect(await readRows(engine, snapshot, { where: "id < 5 AND p = 'a'" })).toEqual(
    ["1", "2", "4"].map((id) => ({ id, p: "a" })),
  );
  const onlyPartitions = await readRows(engine, snapshot, { columns: ["p"] });
  expect(onlyPartitions.map((row) => JSON.stringify(row)).toSorted()).toEqual([
    ...range(0, 7).map(() => '{"p":"a"}'),
    ...range(0, 2).map(() => '{"p":"c"}'),
  ]);
});

test("many vectors in one file, with a prefix, absolute, and of rows that the file does not have", async () => {
  const vectors = [vectorBytes([1]), vectorBytes([0, 2, 50, 2 ** 33]), vectorBytes(range(1, 5000))];
  const { bytes, offsets } = vectorFile(vectors);
  const on = (index: number, cardinality: number, place: object): object => ({
    ...place,
    offset: offsets[index],
    sizeInBytes: vectors[index]?.length,
    cardinality,
  });
  const relative = { storageType: "u", pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^" };
  const snapshot = await table(
    numbered("a", 3, { deletionVector: on(0, 1, relative) }),
    numbered("b", 4, { deletionVector: on(1, 4, relative) }),
    numbered("c", 5000, { deletionVector: on(2, 4999, relative) }),
  );
  mkdirSync(join(snapshot.tablePath, "ab"));
  const path = join(snapshot.tablePath, "ab", "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
  writeFileSync(path, bytes);
  const rows = [
    { id: "0", p: "a" },
    { id: "2", p: "a" },
    { id: "1", p: "b" },
    { id: "3", p: "b" },
    { id: "0", p: "c" },
  ];
  expect(sorted(await readRows(engine, snapshot))).toEqual(sorted(rows));
  const absolute = await table(
    numbered("a", 3, { deletionVector: on(0, 1, { storageType: "p", pathOrInlineDv: `file://${path}` }) }),
  );
  expect(await readRows(engine, absolute)).toEqual(rows.slice(0, 2));
});

test("a missing vector file and a damaged one are named", async () => {
  const vector = vectorBytes([1]);
  const descriptor = {
    storageType: "u",
    pathOrInlineDv: "-aqEH.-t@S}K{vb[*k^".padStart(20, "^"),
    offset: 1,
    sizeInBytes: vector.length,
    cardinality: 1,
  };
  const snapshot = await table(numbered("a", 3, { deletionVector: descriptor }));
  const path = join(snapshot.tablePath, "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
  await expect(readRows(engine, snapshot)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    context: { path, dataFile: "a" },
  });
  const { bytes } = vectorFile([vector]);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await expect(readRows(engine, snapshot)).rejects.toMatchObject({ code: "CORRUPT_FILE", context: { path } });
});

test("a missing data file with deleted rows is named as the log names it", async () => {
  const snapshot = await table(numbered("a", 3), {
    path: "gone file",
    logPath: "gone%20file",
    partitionValues: { p: "x" },
    deletionVector: inlineVector([1]),
  });
  await expect(readRows(engine, snapshot)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    context: { path: "gone%20file" },
  });
});

test("wide bounds skip files that cannot match, and no others", async () => {
  const wide = (deletionVector: object): Partial<FileSpec> => ({
    deletionVector,
    stats: JSON.stringify({
      numRecords: 10,
      tightBounds: false,
      minValues: { id: 0 },
      maxValues: { id: 9 },
      nullCount: { id: 3 },
    }),
  });
  const snapshot = await table(numbered("a", 10, wide(inlineVector([0, 9]))));
  const plan = async (where: string): Promise<number> => {
    const predicate = await parsePredicate(engine.sql, where, { schema, partitionColumns });
    return (await planScan(engine, snapshot, { where: predicate })).files.length;
  };
  expect(await plan("id > 9")).toBe(0);
  expect(await plan("id = 9")).toBe(1);
  expect(await plan("id IS NULL")).toBe(1);
  expect(await plan("id IS NOT NULL")).toBe(1);
  expect(await readRows(engine, snapshot, { where: "id = 9" })).toEqual([]);
});

function sorted(rows: readonly unknown[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted();
}
