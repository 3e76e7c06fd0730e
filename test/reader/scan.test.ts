// test/reader/scan.test.ts: rows of a snapshot, whatever its files look like.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePredicate } from "../../src/expression/predicate/parse-predicate.ts";
import { planScan } from "../../src/reader/scan.ts";
import { scanRelation } from "../../src/reader/scan-relation.ts";
import { field, list, primitive, struct } from "../expression/all-types.ts";
import { partitioned, partitionedFile } from "./partitioned-files.ts";
import { type FileSpec, makeTable, readRows, testEngine } from "./table-of-files.ts";

const engine = testEngine();

const twoColumns = struct(field("id", "long"), field("name", "string"));

test("columns come in the order of the schema, or as asked in any case", async () => {
  const files = [{ path: "a.parquet", sql: "SELECT 'x' AS NAME, 1::BIGINT AS Id" }];
  const snapshot = await makeTable(engine, { schema: twoColumns, files });
  expect(await readRows(engine, snapshot)).toEqual([{ id: "1", name: "x" }]);
  expect(await readRows(engine, snapshot, { columns: ["NAME"] })).toEqual([{ name: "x" }]);
  await expect(readRows(engine, snapshot, { columns: ["nam"] })).rejects.toThrow(/"nam".*Did you mean "name"/);
  await expect(readRows(engine, snapshot, { columns: ["nam"] })).rejects.toMatchObject({ code: "COLUMN_NOT_FOUND" });
});

test("a table without files has no rows, and its relation still has its columns", async () => {
  const snapshot = await makeTable(engine, { schema: twoColumns, files: [] });
  expect(await readRows(engine, snapshot, { where: "id > 1" })).toEqual([]);
  await using connection = await engine.sql.connect();
  const table = { tablePath: snapshot.tablePath, schema: snapshot.schema, partitionColumns: [] };
  const rows = await connection.rows(`DESCRIBE ${scanRelation(table, [], { fileNameColumn: "f" })}`);
  expect(rows.map((row) => [row["column_name"], row["column_type"]])).toEqual([
    ["id", "BIGINT"],
    ["name", "VARCHAR"],
    ["f", "VARCHAR"],
  ]);
});

test("what a file lacks is null, at any depth, and what the schema lacks is left out", async () => {
  const schema = struct(
    field("id", "long"),
    field("added", "timestamp"),
    field("s", struct(field("a", "integer"), field("b", struct(field("c", "string"))))),
    field("l", list(struct(field("x", "long"), field("y", "string")))),
    field("m", {
      kind: "map",
      keyType: primitive("string"),
      valueType: struct(field("p", "long"), field("q", "date")),
      valueContainsNull: true,
    }),
  );
  const files = [
    {
      path: "new.parquet",
      sql: "SELECT 2::BIGINT AS id, {'b': {'c': 'deep'}, 'a': 5} AS s, [{'y': 'z', 'x': 1}] AS l, MAP {'k': {'p': 1, 'q': DATE '2024-01-01'}} AS m, TIMESTAMPTZ '1970-01-01 00:00:00.000007+00' AS added, 1 AS dropped",
    },
    {
      path: "old.parquet",
      sql: "SELECT 1 AS id, {'A': 4::SMALLINT} AS s, [{'x': 9}, NULL] AS l, MAP {'k': {'p': 3}} AS m",
    },
    { path: "oldest.parquet", sql: "SELECT 0::TINYINT AS ID, NULL::STRUCT(a INT) AS S" },
  ];
  const snapshot = await makeTable(engine, { schema, files });
  expect(await readRows(engine, snapshot)).toEqual([
    {
      id: "2",
      added: expect.anything() as unknown,
      s: { a: 5, b: { c: "deep" } },
      l: [{ x: "1", y: "z" }],
      m: { k: { p: "1", q: expect.anything() as unknown } },
    },
    { id: "1", added: null, s: { a: 4, b: null }, l: [{ x: "9", y: null }, null], m: { k: { p: "3", q: null } } },
    { id: "0", added: null, s: null, l: null, m: null },
  ]);
  expect(await readRows(engine, snapshot, { where: "s.b.c IS NULL", columns: ["id"] })).toEqual([
    { id: "1" },
    { id: "0" },
  ]);
});

test("unmarked bytes are text where the schema says so, and binary stays binary", async () => {
  const files = [{ path: "a.parquet", sql: "SELECT encode('é') AS s" }];
  expect(await readRows(engine, await makeTable(engine, { schema: struct(field("s", "string")), files }))).toEqual([
    { s: "é" },
  ]);
  expect(await readRows(engine, await makeTable(engine, { schema: struct(field("s", "binary")), files }))).toEqual([
    { s: "c3a9" },
  ]);
});

test("partition columns come from the log, also when files have columns of their names", async () => {
  const files = [
    partitionedFile("a'b", "2024-01-01", 1),
    partitionedFile(null, null, 2),
    partitionedFile("", "0001-01-01", 3),
  ];
  const snapshot = await makeTable(engine, { schema: partitioned, partitionColumns: ["p", "day"], files });
  const rows = await readRows(engine, snapshot, { columns: ["id", "p"] });
  expect(rows).toEqual([
    { id: 1, p: "a'b" },
    { id: 2, p: null },
    { id: 3, p: null },
  ]);
  expect(await readRows(engine, snapshot, { columns: ["id"], where: "p = 'a\\'b' AND upper(p) = 'A\\'B'" })).toEqual([
    { id: 1 },
  ]);
  expect(await readRows(engine, snapshot, { columns: ["P"], where: "day < '0002-01-01'" })).toEqual([{ p: null }]);
});

test("a column may bear the name of one of DuckDB's own", async () => {
  const schema = struct(field("file_index", "integer"), field("filename", "string"), field("p", "integer"));
  const files = [1, 2].map((p) => ({
    path: `${p}.parquet`,
    sql: `SELECT ${p * 10} AS file_index, 'f' AS filename`,
    partitionValues: { p: String(p) },
  }));
  const snapshot = await makeTable(engine, { schema, partitionColumns: ["p"], files });
  expect(await readRows(engine, snapshot)).toEqual([
    { file_index: 10, filename: "f", p: 1 },
    { file_index: 20, filename: "f", p: 2 },
  ]);
});

test.each([
  ["a b%20c.parquet", "a%20b%2520c.parquet"],
  ["star*[1]?.parquet", "star*[1]%3F.parquet"],
  ['quote\'s "é😀".parquet', "quote's%20%22%C3%A9%F0%9F%98%80%22.parquet"],
  ["p=x%2Fy/f.parquet", "p=x%252Fy/f.parquet"],
  ["back\\slash.parquet", "back%5Cslash.parquet"],
  ["~tilde$HOME.parquet", "~tilde$HOME.parquet"],
])("the file %s is found", async (path, logPath) => {
  const decoy = { path: "starX1Y.parquet", sql: "SELECT 666 AS id" };
  const snapshot = await makeTable(engine, {
    schema: struct(field("id", "integer")),
    files: [{ path, logPath, sql: "SELECT 1 AS id" }],
  });
  await makeTable(engine, { schema: struct(field("id", "integer")), files: [decoy] });
  expect(await readRows(engine, snapshot)).toEqual([{ id: 1 }]);
});

test("files that cannot match are not opened, and the plan counts why", async () => {
  const file = (id: number, p: number): FileSpec => ({
    path: `${id}.parquet`,
    sql: `SELECT ${id} AS id`,
    partitionValues: { p: String(p) },
    stats: JSON.stringify({ numRecords: 1, minValues: { id }, maxValues: { id }, nullCount: { id: 0 } }),
  });
  const schema = struct(field("id", "integer"), field("p", "integer"));
  const snapshot = await makeTable(engine, {
    schema,
    partitionColumns: ["p"],
    files: [file(1, 1), file(2, 1), file(3, 2), file(4, 3)],
  });
  rmSync(join(snapshot.tablePath, "1.parquet"));
  rmSync(join(snapshot.tablePath, "4.parquet"));
  const text = "p < 3 AND id > 1";
  const where = await parsePredicate(engine.sql, text, { schema, partitionColumns: ["p"] });
  const plan = await planScan(engine, snapshot, { where });
  expect(plan).toMatchObject({ fileCount: 4, prunedCount: 1, skippedCount: 1 });
  expect(plan.files.map((kept) => kept.path)).toEqual(["2.parquet", "3.parquet"]);
  expect(await readRows(engine, snapshot, { where: text })).toEqual([
    { id: 2, p: 1 },
    { id: 3, p: 2 },
  ]);
});

test("NaN is found although Parquet's own statistics leave it out", async () => {
  const { tableFromArrays, tableToIPC } = await import("apache-arrow");
  const wasm = await import("parquet-wasm");
  const schema = struct(field("x", "double"), field("n", "integer"));
  const snapshot = await makeTable(engine, { schema, files: [{ path: "nan.parquet", sql: "SELECT 1 AS replaced" }] });
  const arrow = tableFromArrays({ x: new Float64Array([1, 2, Number.NaN, -0]), n: new Int32Array([1, 2, 3, 4]) });
  writeFileSync(
    join(snapshot.tablePath, "nan.parquet"),
    wasm.writeParquet(wasm.Table.fromIPCStream(tableToIPC(arrow, "stream"))),
  );
  const asked = async (where: string): Promise<readonly unknown[]> =>
    readRows(engine, snapshot, { where, columns: ["n"] });
  expect(await asked("x > 5")).toEqual([{ n: 3 }]);
  expect(await asked("NOT (x <= 2)")).toEqual([{ n: 3 }]);
  expect(await asked("x = double('NaN')")).toEqual([{ n: 3 }]);
  expect(await asked("x IN (double('NaN'), 1)")).toEqual([{ n: 1 }, { n: 3 }]);
  expect(await asked("x BETWEEN 1.5 AND double('NaN')")).toEqual([{ n: 2 }, { n: 3 }]);
  expect(await asked("x = 0.0D")).toEqual([{ n: 4 }]);
});

test("columns of the null type are null", async () => {
  const schema = struct(field("v", "void"), field("id", "integer"));
  const snapshot = await makeTable(engine, { schema, files: [{ path: "a.parquet", sql: "SELECT 1 AS id" }] });
  expect(await readRows(engine, snapshot)).toEqual([{ v: null, id: 1 }]);
  expect(await readRows(engine, snapshot, { columns: ["v"] })).toEqual([{ v: null }]);
});

test("the file of each row is told on request", async () => {
  const files = [
    { path: "a.parquet", sql: "SELECT 1 AS id" },
    { path: "b'.parquet", sql: "SELECT 2 AS id" },
  ];
  const snapshot = await makeTable(engine, { schema: struct(field("id", "integer")), files });
  const plan = await planScan(engine, snapshot, {});
  await using connection = await engine.sql.connect();
  const table = { tablePath: snapshot.tablePath, schema: snapshot.schema, partitionColumns: [] };
  const rows = await connection.rows(scanRelation(table, plan.files, { columns: [], fileNameColumn: "from" }));
  expect(rows.map((row) => row["from"])).toEqual([
    join(snapshot.tablePath, "a.parquet"),
    join(snapshot.tablePath, "b'.parquet"),
  ]);
});

test("statistics beyond what a column's type holds, or of another type, leave no matching row out", async () => {
  const decimal = { kind: "decimal", precision: 5, scale: 2 } as const;
  const schema = struct(
    field("b", "byte"),
    field("i", "integer"),
    field("l", "long"),
    field("d", decimal),
    field("f", "float"),
  );
  const sql = "SELECT 7::TINYINT AS b, 7 AS i, 7::BIGINT AS l, 7.5::DECIMAL(5,2) AS d, 7.5::FLOAT AS f";
  const tooMuch = '{"b":300,"i":9999999999,"l":99999999999999999999,"d":123456.5,"f":1e300}';
  const ofOtherTypes = '{"b":"8","i":"8","l":8.5,"d":true,"f":"8"}';
  const bounds = [
    [tooMuch, tooMuch],
    [tooMuch.replaceAll(":", ":-"), tooMuch.replaceAll(":", ":-")],
    [ofOtherTypes, ofOtherTypes],
  ];
  const files = bounds.map(([min, max], index) => ({
    path: `${index}`,
    sql,
    stats: `{"numRecords":1,"minValues":${min},"maxValues":${max},"nullCount":{"b":0,"i":0,"l":0,"d":0,"f":0}}`,
  }));
  const snapshot = await makeTable(engine, { schema, files });
  for (const where of ["b = 7", "i = 7", "l = 7", "d = 7.5", "f = 7.5", "i < 8 AND i > 6 AND d > 7 AND d < 8"])
    expect([where, ...(await readRows(engine, snapshot, { columns: ["i"], where }))]).toEqual([
      where,
      ...files.map(() => ({ i: 7 })),
    ]);
});
