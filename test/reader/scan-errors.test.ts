// test/reader/scan-errors.test.ts: what cannot be read is reported by name.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { field, struct } from "../expression/all-types.ts";
import { partitioned, partitionedFile } from "./partitioned-files.ts";
import { makeTable, readRows, testEngine } from "./table-of-files.ts";

const engine = testEngine();

const twoColumns = struct(field("id", "long"), field("name", "string"));

test("a partition value that is none of its column's type is a corrupt log", async () => {
  const snapshot = await makeTable(engine, {
    schema: partitioned,
    partitionColumns: ["p", "day"],
    files: [partitionedFile("a", "noon", 1)],
  });
  await expect(readRows(engine, snapshot)).rejects.toMatchObject({ code: "CORRUPT_LOG" });
});

test("a missing file is named as in the log", async () => {
  const files = [
    { path: "here.parquet", sql: "SELECT 1 AS id" },
    { path: "gone file.parquet", logPath: "gone%20file.parquet" },
  ];
  const snapshot = await makeTable(engine, { schema: struct(field("id", "integer")), files });
  await expect(readRows(engine, snapshot)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    context: { path: "gone%20file.parquet" },
  });
});

test("a glob in the path of a missing file does not match its neighbours", async () => {
  const files = [{ path: "x1.parquet", sql: "SELECT 1 AS id" }, { path: "x[1].parquet" }, { path: "x*.parquet" }];
  const snapshot = await makeTable(engine, { schema: struct(field("id", "integer")), files });
  await expect(readRows(engine, snapshot)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    context: { path: "x[1].parquet" },
  });
});

test.each(["", "PAR1", "not parquet at all, but long enough to look at", "PAR1aaaaaaaaaaaaaaaaaaaaaaaaPAR1"])(
  "a damaged file (%j) is named",
  async (bytes) => {
    const files = [
      { path: "good.parquet", sql: "SELECT 1 AS id" },
      { path: "bad.parquet", sql: "SELECT 2 AS id" },
    ];
    const snapshot = await makeTable(engine, { schema: struct(field("id", "integer")), files });
    writeFileSync(join(snapshot.tablePath, "bad.parquet"), bytes);
    await expect(readRows(engine, snapshot)).rejects.toMatchObject({
      code: "CORRUPT_FILE",
      context: { path: "bad.parquet" },
    });
  },
);

test("values that do not fit their column's type make the file a damaged one", async () => {
  const files = [
    { path: "good.parquet", sql: "SELECT 1 AS id" },
    { path: "bad.parquet", sql: "SELECT 300 AS id" },
  ];
  const snapshot = await makeTable(engine, { schema: struct(field("id", "byte")), files });
  const expected = { code: "CORRUPT_FILE", context: { path: "bad.parquet" } };
  await expect(readRows(engine, snapshot)).rejects.toMatchObject(expected);
  await expect(readRows(engine, snapshot, { where: "id > 0" })).rejects.toMatchObject(expected);
});

test("a predicate that fails on a row is an invalid predicate", async () => {
  const files = [{ path: "a.parquet", sql: "SELECT 1::BIGINT AS id, 'x' AS name" }];
  const snapshot = await makeTable(engine, { schema: twoColumns, files });
  await expect(readRows(engine, snapshot, { where: "name = 5" })).rejects.toMatchObject({ code: "INVALID_PREDICATE" });
  await expect(readRows(engine, snapshot, { where: "1 / (id - 1) > 5" })).rejects.toThrow(/DIVIDE_BY_ZERO/);
});
