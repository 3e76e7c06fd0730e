// Rows that stay in DuckDB: files, statistics, partitions.
import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { batchFromRows } from "../../src/engine/arrow/arrow-rows.ts";
import type { Rows } from "../../src/writer/rows.ts";
import { resolveDataPath } from "../../src/format/value/partition-path.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import {
  array,
  dataFilesIn,
  decimal,
  map,
  primitive,
  readBack,
  streamOf,
  struct,
  targetOf,
  workshop,
} from "./support.ts";

const { engine, newTablePath } = workshop();

const allTypes = struct({
  b: "boolean",
  t: "byte",
  s: "short",
  i: "integer",
  l: "long",
  f: "float",
  d: "double",
  de: decimal(38, 10),
  str: "string",
  bin: "binary",
  dt: "date",
  ts: "timestamp",
  ntz: "timestamp_ntz",
  st: struct({ "a b": "integer", "x.y": struct({ 'q"r': "string" }) }),
  arr: array(primitive("integer")),
  m: map(primitive("string"), primitive("integer")),
});
const allSql = `SELECT true, 1::TINYINT, (-5)::SMALLINT, 7, 9007199254740993, 0.1::FLOAT, -0.0::DOUBLE, (-1.5)::DECIMAL(38,10),
  repeat('é', 100), '\\xAA'::BLOB, DATE '2020-01-01', TIMESTAMPTZ '2020-01-01 00:00:00.123456+00', TIMESTAMP '1960-01-01 00:00:00.000001',
  {'a b': 1, 'x.y': {'q"r': 's'}}, [1, 2, NULL], MAP {'k': 1}`;
const allRow = {
  b: true,
  t: 1,
  s: -5,
  i: 7,
  l: 9007199254740993n,
  f: Math.fround(0.1),
  d: -0,
  de: "-1.5000000000",
  str: "é".repeat(100),
  bin: new Uint8Array([170]),
  dt: new Date("2020-01-01"),
  ts: 1577836800123456n,
  ntz: -315619199999999n,
  st: { "a b": 1, "x.y": { 'q"r': "s" } },
  arr: [1, 2, null],
  m: new Map([["k", 1]]),
};
const leafBounds = (text: string, zero: string): string =>
  `{"t":1,"s":-5,"i":7,"l":9007199254740993,"f":0.1,"d":${zero},"de":-1.5000000000,"str":"${text}","dt":"2020-01-01",` +
  `"ts":"2020-01-01T00:00:00.123Z","ntz":"1960-01-01T00:00:00.000","st":{"a b":1,"x.y":{"q\\"r":"s"}}}`;
const allBounds = `"minValues":${leafBounds("é".repeat(32), "-0.0")},"maxValues":${leafBounds(`${"é".repeat(32)}\u{10ffff}`, "0.0")}`;

test("one row of every type: the same statistics and the same row, from DuckDB and from Arrow", async () => {
  const target = targetOf(newTablePath(), allTypes);
  const relation = await writeDataFiles(engine, target, { kind: "relation", schema: allTypes, sql: allSql });
  const arrow = await writeDataFiles(engine, target, {
    kind: "arrow",
    schema: allTypes,
    batches: streamOf(batchFromRows(allTypes, [allRow])),
  });
  for (const { adds, rowCount } of [relation, arrow]) {
    expect(rowCount).toBe(1);
    expect(adds[0]?.path).toMatch(/^part-00000-[0-9a-f-]{36}-c000\.snappy\.parquet$/);
    expect(adds[0]?.stats).toContain(`{"numRecords":1,${allBounds},"nullCount":{"b":0,"t":0,`);
  }
  const rows = await readBack(engine, target, [...relation.adds, ...arrow.adds]);
  expect(rows).toEqual([
    { ...allRow, dt: 18262 },
    { ...allRow, dt: 18262 },
  ]);
});

test("no row gives no file, whatever the rows come as", async () => {
  const schema = struct({ id: "long", part: "string" });
  const empty: readonly Rows[] = [
    { kind: "relation", schema, sql: "SELECT range, 'a' FROM range(0)" },
    { kind: "arrow", schema, batches: streamOf(batchFromRows(schema, [])) },
    { kind: "files", schema, partitionColumns: [], files: [], relation: "SELECT range, 'a' FROM range(0)" },
  ];
  for (const partitionColumns of [[], ["part"]]) {
    for (const rows of empty) {
      const target = targetOf(newTablePath(), schema, { partitionColumns });
      expect((await writeDataFiles(engine, target, rows)).adds).toEqual([]);
      expect(dataFilesIn(target.tablePath)).toEqual([]);
    }
  }
});

test("NaN in any row group takes the upper bound away, infinities and all-null columns have no bound", async () => {
  const schema = struct({ early: "double", late: "float", none: "double", inf: "double", nul: "long", nan: "double" });
  const target = targetOf(newTablePath(), schema);
  const sql = `SELECT CASE WHEN range = 0 THEN 'nan'::DOUBLE ELSE range END, CASE WHEN range = 299999 THEN 'nan'::FLOAT ELSE range END, range, '-inf'::DOUBLE, NULL::BIGINT, 'nan'::DOUBLE FROM range(300000)`;
  const { adds } = await writeDataFiles(engine, target, { kind: "relation", schema, sql });
  const stats = JSON.parse(adds[0]?.stats ?? "") as unknown;
  expect(stats).toEqual({
    numRecords: 300000,
    minValues: { early: 1, late: -0, none: -0 },
    maxValues: { none: 299999 },
    nullCount: { early: 0, late: 0, none: 0, inf: 0, nul: 300000, nan: 0 },
  });
});

test("statistics follow dataSkippingNumIndexedCols and dataSkippingStatsColumns, and text its prefix length", async () => {
  const schema = struct({ a: "long", b: "long", s: "string" });
  const write = async (properties: Readonly<Record<string, string>>): Promise<unknown> => {
    const target = targetOf(newTablePath(), schema, { properties });
    const { adds } = await writeDataFiles(engine, target, { kind: "relation", schema, sql: "SELECT 1, 2, 'abcdef'" });
    return JSON.parse(adds[0]?.stats ?? "") as unknown;
  };
  expect(await write({ "delta.dataSkippingNumIndexedCols": "1" })).toEqual({
    numRecords: 1,
    minValues: { a: 1 },
    maxValues: { a: 1 },
    nullCount: { a: 0 },
  });
  expect(await write({ "delta.dataSkippingNumIndexedCols": "0" })).toEqual({ numRecords: 1 });
  expect(await write({ "delta.dataSkippingStatsColumns": "b" })).toEqual({
    numRecords: 1,
    minValues: { b: 2 },
    maxValues: { b: 2 },
    nullCount: { b: 0 },
  });
  expect(
    await write({ "delta.dataSkippingStatsColumns": "s", "delta.dataSkippingStringPrefixLength": "2" }),
  ).toMatchObject({ minValues: { s: "ab" }, maxValues: { s: "ab\u007f" } });
});

test("a large write is cut into files of the target size, a small one is one file", async () => {
  const schema = struct({ id: "long", h: "long" });
  const properties = { "delta.targetFileSize": "1mb" };
  const sql = "SELECT range, (hash(range) % 4611686018427387904)::BIGINT FROM range(1000000)";
  const target = targetOf(newTablePath(), schema, { properties });
  const { adds, rowCount } = await writeDataFiles(engine, target, { kind: "relation", schema, sql });
  expect(rowCount).toBe(1_000_000);
  expect(adds.length).toBeGreaterThan(4);
  expect(Math.max(...adds.map((add) => add.sizeBytes))).toBeLessThan(4 * 2 ** 20);
});

test("a partition is cut into files of the target size too, and keeps its rows, values and statistics", async () => {
  const schema = struct({ id: "long", h: "long", p: "string" });
  const properties = { "delta.targetFileSize": "1mb" };
  const large = "SELECT range, (hash(range) % 4611686018427387904)::BIGINT, 'large/1' FROM range(400000)";
  const sql = `${large} UNION ALL SELECT range, 1, NULL FROM range(10)`;
  const target = targetOf(newTablePath(), schema, { properties, partitionColumns: ["p"] });
  const { adds, rowCount } = await writeDataFiles(engine, target, { kind: "relation", schema, sql });
  expect(rowCount).toBe(400_010);
  const pieces = adds.filter((add) => add.partitionValues.get("p") === "large/1");
  expect(pieces.length).toBeGreaterThan(1);
  expect(adds.filter((add) => add.partitionValues.get("p") === null)).toHaveLength(1);
  const counts = pieces.map((add) => (JSON.parse(add.stats ?? "{}") as { numRecords: number }).numRecords);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(400_000);
  const onDisk = readdirSync(target.tablePath, { recursive: true, encoding: "utf8" });
  expect(onDisk.filter((name) => name.endsWith(".parquet"))).toHaveLength(adds.length);
});

const partitionedSchema = struct({
  id: "long",
  p: "string",
  day: "date",
  bin: "binary",
  ts: "timestamp",
  de: decimal(5, 2),
  d: "double",
});
const oddTexts = [
  null,
  "",
  "a/b c%:=é",
  "__HIVE_DEFAULT_PARTITION__",
  "__HIVE_DEFAULT_PARTITION__~",
  "x'y\"z",
  "..",
  "~",
  "𝒳\n\t",
];

test("partition values of every kind reach log and rows unchanged, from DuckDB and from Arrow; null and empty text are null", async () => {
  const partitionColumns = ["p", "day", "bin", "ts", "de", "d"];
  const rows = oddTexts.map((p, index) => ({
    id: BigInt(index),
    p,
    day: index % 2 === 0 ? new Date("2020-01-01") : null,
    bin: index % 3 === 0 ? new Uint8Array([255, 0]) : null,
    ts: index % 2 === 0 ? 1577836800100000n : null,
    de: "1.50",
    d: 1e300,
  }));
  const values = rows.map(
    ({ id, p, day, bin, ts }) =>
      `(${id}, ${p === null ? "NULL" : `'${p.replaceAll("'", "''")}'`}, ${day === null ? "NULL" : "DATE '2020-01-01'"}, ${bin === null ? "NULL" : "'\\xFF\\x00'::BLOB"}, ${ts === null ? "NULL" : "TIMESTAMPTZ '2020-01-01 00:00:00.1+00'"}, 1.5::DECIMAL(5,2), 1e300::DOUBLE)`,
  );
  const forms: readonly Rows[] = [
    { kind: "relation", schema: partitionedSchema, sql: `SELECT * FROM (VALUES ${values.join(", ")})` },
    { kind: "arrow", schema: partitionedSchema, batches: streamOf(batchFromRows(partitionedSchema, rows)) },
  ];
  for (const form of forms) {
    const target = targetOf(newTablePath(), partitionedSchema, { partitionColumns });
    const { adds, rowCount } = await writeDataFiles(engine, target, form);
    expect(rowCount).toBe(rows.length);
    expect(dataFilesIn(target.tablePath).length).toBe(adds.length);
    for (const add of adds) expect(existsSync(resolveDataPath(target.tablePath, add.path))).toBe(true);
    const ids = new Map<string | null, bigint[]>();
    for (const add of adds) {
      expect([...add.partitionValues.keys()]).toEqual(partitionColumns);
      expect(add.partitionValues.get("d")).toBe("1.0E300");
      const found = await readBack(engine, targetOf(target.tablePath, struct({ id: "long" })), [add]);
      ids.set(add.partitionValues.get("p") ?? null, [
        ...(ids.get(add.partitionValues.get("p") ?? null) ?? []),
        ...found.map((row) => row["id"] as bigint),
      ]);
    }
    expect(ids.get(null)?.toSorted()).toEqual([0n, 1n]);
    for (const [index, text] of oddTexts.entries())
      if (index > 1) expect(ids.get(text), String(text)).toEqual([BigInt(index)]);
  }
});

test("partition folders are spelled as Spark spells them, whoever writes the files, and no other folder is left", async () => {
  const schema = struct({ id: "long", p: "string", ts: "timestamp" });
  const folders = async (rows: Rows): Promise<readonly string[]> => {
    const target = targetOf(newTablePath(), schema, { partitionColumns: ["p", "ts"] });
    const { adds } = await writeDataFiles(engine, target, rows);
    const names = readdirSync(target.tablePath, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(names.length).toBe(2 * adds.length);
    return adds.map((add) => resolveDataPath("/t", add.path).replace(/\/[^/]*$/, "")).toSorted();
  };
  const expected = ["/t/p=New York/ts=2020-01-01T00%3A00%3A00.100000Z", "/t/p=a%2Fb%25é/ts=__HIVE_DEFAULT_PARTITION__"];
  const rows = [
    { id: 1n, p: "New York", ts: "2020-01-01T00:00:00.1Z" },
    { id: 2n, p: "a/b%é", ts: null },
  ];
  expect(
    await folders({
      kind: "relation",
      schema,
      sql: "SELECT 1, 'New York', TIMESTAMPTZ '2020-01-01 00:00:00.1+00' UNION ALL SELECT 2, 'a/b%é', NULL",
    }),
  ).toEqual(expected);
  expect(await folders({ kind: "arrow", schema, batches: streamOf(batchFromRows(schema, rows)) })).toEqual(expected);
});

test("partition columns are not in the files", async () => {
  const schema = struct({ id: "long", part: "string" });
  const target = targetOf(newTablePath(), schema, { partitionColumns: ["part"] });
  const { adds } = await writeDataFiles(engine, target, { kind: "relation", schema, sql: "SELECT 1, 'a'" });
  await using connection = await engine.sql.connect();
  const columns = await connection.rows(
    `SELECT name FROM parquet_schema('${resolveDataPath(target.tablePath, adds[0]?.path ?? "")}')`,
  );
  expect(columns.map((row) => row["name"])).not.toContain("part");
});

test("many partitions keep every row", async () => {
  const schema = struct({ id: "long", part: "integer" });
  const target = targetOf(newTablePath(), schema, { partitionColumns: ["part"] });
  const { adds, rowCount } = await writeDataFiles(engine, target, {
    kind: "relation",
    schema,
    sql: "SELECT range, (range % 500)::INTEGER FROM range(200000)",
  });
  expect(rowCount).toBe(200_000);
  expect(dataFilesIn(target.tablePath).length).toBe(adds.length);
  expect(new Set(adds.map((add) => add.partitionValues.get("part"))).size).toBe(500);
});

test("a query that fails in the middle leaves no file, partitioned or not", async () => {
  const schema = struct({ id: "long", part: "string" });
  for (const partitionColumns of [[], ["part"]]) {
    const target = targetOf(newTablePath(), schema, { partitionColumns });
    const sql = "SELECT CASE WHEN range = 900000 THEN error('boom') ELSE range END, 'a' FROM range(1000000)";
    await expect(writeDataFiles(engine, target, { kind: "relation", schema, sql })).rejects.toMatchObject({
      code: "CAST_INVALID_INPUT",
    });
    expect(dataFilesIn(target.tablePath)).toEqual([]);
  }
});
