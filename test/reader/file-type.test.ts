// test/reader/file-type.test.ts: data files whose columns are of other types than the table's: read to the last value, or refused by name.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseSchemaDdl } from "../../src/expression/parse/parse-schema.ts";
import type { ParquetNode } from "../../src/engine/parquet/parquet-tree.ts";
import { misfitOf } from "../../src/reader/file-type.ts";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { field, primitive } from "../expression/all-types.ts";
import { makeTable, readRows, testEngine } from "./table-of-files.ts";

const engine = testEngine();

const types =
  "boolean byte short integer long float double string binary date timestamp timestamp_ntz decimal(4,2) decimal(9,0) decimal(10,0) decimal(10,2) decimal(12,2) decimal(18,2) decimal(19,0) decimal(20,0) decimal(22,2) decimal(38,18) array<int> map<string,int> struct<a:int>".split(
    " ",
  );
const ofWhole = "decimal(10,0) decimal(12,2) decimal(18,2) decimal(19,0) decimal(20,0) decimal(22,2) decimal(38,18)";
const ofShort = `decimal(9,0) decimal(10,2) ${ofWhole}`;
const times = "timestamp timestamp_ntz";

// What Spark 4.2 reads of each, but for what it makes other values of: a number below its type, days of numbers, units of decimals, bytes of halves.
const readable: readonly (readonly [name: string, sql: string, types: string])[] = [
  ["boolean", "true", "boolean"],
  ["tinyint", "1::TINYINT", `byte short integer long double ${ofShort}`],
  ["smallint", "1::SMALLINT", `byte short integer long double ${ofShort}`],
  ["int", "1::INTEGER", `byte short integer long double date ${ofWhole}`],
  ["bigint", "1::BIGINT", "long decimal(19,0) decimal(20,0) decimal(22,2) decimal(38,18)"],
  ["utinyint", "1::UTINYINT", `byte short integer long double ${ofShort}`],
  ["usmallint", "1::USMALLINT", `byte short integer long double ${ofShort}`],
  ["uint", "1::UINTEGER", `long double ${ofWhole}`],
  ["ubigint", "1::UBIGINT", "decimal(20,0) decimal(22,2) decimal(38,18)"],
  ["float", "1::FLOAT", "float double"],
  ["double", "1::DOUBLE", "double"],
  ["string", "'1'", "string binary"],
  ["json", `'{"a": 1}'::JSON`, "string binary"],
  ["binary", "'1'::BLOB", "string binary"],
  ["uuid", "uuid()", "binary"],
  ["interval", "INTERVAL 1 DAY", ""],
  ["time", "TIME '01:02:03'", ""],
  ["date", "DATE '2020-01-01'", "date timestamp_ntz"],
  ["timestamp_ms", "TIMESTAMP_MS '2020-01-01'", times],
  ["timestamp_us", "TIMESTAMP '2020-01-01'", times],
  ["timestamptz", "TIMESTAMPTZ '2020-01-01'", times],
  ["timestamp_ns", "TIMESTAMP_NS '2020-01-01'", ""],
  [
    "decimal_4_2",
    "1::DECIMAL(4,2)",
    "decimal(4,2) decimal(10,2) decimal(12,2) decimal(18,2) decimal(22,2) decimal(38,18)",
  ],
  ["decimal_9_0", "1::DECIMAL(9,0)", `integer long double decimal(9,0) ${ofWhole}`],
  ["decimal_18_0", "1::DECIMAL(18,0)", "long decimal(19,0) decimal(20,0) decimal(22,2) decimal(38,18)"],
  ["decimal_38_18", "1::DECIMAL(38,18)", "decimal(38,18)"],
  ["list", "[1]", "array<int>"],
  ["map", "MAP {'a': 1}", "map<string,int>"],
  ["struct", "{'a': 1}", "struct<a:int>"],
];

test("a column is read as the types that hold all its values as they are, and as no others", async () => {
  const path = join(temporaryFolder(), "a.parquet");
  await using connection = await engine.sql.connect();
  const select = readable.map(([name, sql]) => `${sql} AS ${name}`).join(", ");
  await connection.run(`COPY (SELECT ${select}) TO '${path}' (FORMAT parquet)`);
  const [columns = []] = await engine.parquet.columns([path]);
  const known = types.map(
    (name) =>
      [name, parseSchemaDdl(`c ${name.replace("integer", "int")}`).fields[0]?.type ?? primitive("void")] as const,
  );
  const found = (node: ParquetNode | undefined): readonly string[] =>
    known.flatMap(([name, type]) => (node !== undefined && misfitOf(node, type) === null ? [name] : []));
  for (const [index, [name, , expected]] of readable.entries())
    expect([name, ...found(columns[index])]).toEqual([
      name,
      ...types.filter((type) => expected.split(" ").includes(type)),
    ]);
});

test.each([
  ["a DOUBLE would be rounded", "integer", "1.5::DOUBLE", "c", "double", "int"],
  ["a BIGINT may not fit", "integer", "1::BIGINT", "c", "bigint", "int"],
  ["text is no number", "integer", "'1'", "c", "string", "int"],
  ["a number is no text", "string", "1", "c", "int", "string"],
  [
    "digits behind the point would be lost",
    "decimal(10,1)",
    "1.25::DECIMAL(4,2)",
    "c",
    "decimal(4,2)",
    "decimal(10,1)",
  ],
  ["nanoseconds would be lost", "timestamp", "TIMESTAMP_NS '2020-01-01'", "c", "timestamp_ns", "timestamp"],
  ["a day is no instant", "timestamp", "DATE '2020-01-01'", "c", "date", "timestamp"],
  ["elements count", "array<int>", "[1.5::DOUBLE]", "c.element", "double", "int"],
  ["values of maps count", "map<string,int>", "MAP {'a': 1::BIGINT}", "c.value", "bigint", "int"],
  ["fields count", "struct<A: struct<b: int>>", "{'a': {'b': 'x'}}", "c.A.b", "string", "int"],
  ["a list is no struct", "struct<a: int>", "[1]", "c", "array", "struct<a:int>"],
])("%s: a %s column of a file with %s is refused by name", async (...row) => {
  const [, type, sql, column, found, expected] = row;
  const schema = parseSchemaDdl(`id int, c ${type.replace("integer", "int")}`);
  const files = [
    { path: "good.parquet", sql: "SELECT 1 AS id" },
    { path: "bad.parquet", sql: `SELECT 1 AS id, ${sql} AS c` },
  ];
  const snapshot = await makeTable(engine, { schema, files });
  const { tablePath: table } = snapshot;
  const context = { table, path: "bad.parquet", column, found, expected };
  const code = "PARQUET_COLUMN_DATA_TYPE_MISMATCH";
  await expect(readRows(engine, snapshot)).rejects.toMatchObject({ code, context, kind: "corrupt" });
  await expect(readRows(engine, snapshot, { columns: ["id"], where: "c IS NULL" })).rejects.toMatchObject({ code });
  expect(await readRows(engine, snapshot, { columns: ["id"] })).toEqual([{ id: 1 }, { id: 1 }]);
});

test("no way of reading a table gives values that were rounded, and none of changing it writes them", async () => {
  const schema = parseSchemaDdl("id INT, n INT");
  const files = [{ path: "bad.parquet", sql: "SELECT 1 AS id, 1.5::DOUBLE AS n UNION ALL SELECT 2, 2.5::DOUBLE" }];
  const configuration = { "delta.enableChangeDataFeed": "true" };
  const { tablePath } = await makeTable(engine, { schema, files, configuration });
  await using spark = await Session.open({ warehouse: temporaryFolder() });
  const table = await spark.deltaTableAt(tablePath);
  const stream = async (): Promise<void> => {
    const frame = spark.readStream.load(tablePath);
    const checkpointLocation = temporaryFolder();
    const writer = frame.writeStream.options({ checkpointLocation }).trigger({ availableNow: true });
    await (await writer.table("copied")).awaitTermination();
  };
  const ways = {
    rows: () => drained(table.rows()),
    sql: () => spark.sql(`SELECT n FROM delta.\`${tablePath}\``).then((frame) => frame.collect()),
    frame: () => spark.read.load(tablePath).collect(),
    changes: () => drained(table.changes({ from: 0 }).rows()),
    stream,
    delete: () => table.delete("id = 1"),
    update: () => table.update({ set: { id: "3" }, where: "id = 1" }),
  };
  for (const [name, way] of Object.entries(ways)) {
    const outcome = await way().then(
      () => "done",
      ({ code, cause }: Failure) => (code === "STREAM_FAILED" ? cause?.code : code),
    );
    expect([name, outcome]).toEqual([name, "PARQUET_COLUMN_DATA_TYPE_MISMATCH"]);
  }
  expect(await table.history()).toHaveLength(1);
});

interface Failure {
  readonly code?: string;
  readonly cause?: { readonly code?: string };
}

async function drained(rows: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of rows) count += 1;
  return count;
}

test("a byte, a short and a long are decimals that have the digits for them", async () => {
  const files = [{ path: "a", sql: "SELECT (-128)::TINYINT AS b, 32767::SMALLINT AS s, -9223372036854775808 AS l" }];
  const schema = parseSchemaDdl("b DECIMAL(4,1), s DECIMAL(6,1), l DECIMAL(20,1)");
  expect(await readRows(engine, await makeTable(engine, { schema, files }))).toEqual([
    { b: '"-1280"', s: '"327670"', l: '"-92233720368547758080"' },
  ]);
});

test("numbers of days that are not marked as dates are dates where the schema says so", async () => {
  const files = [
    { path: "a", sql: "SELECT 18262 AS d, [0, NULL] AS l, {'d': -1} AS s" },
    { path: "b", sql: "SELECT DATE '2020-01-01' AS d, [DATE '1970-01-01', NULL] AS l, {'d': DATE '1969-12-31'} AS s" },
  ];
  const snapshot = await makeTable(engine, {
    schema: parseSchemaDdl("d DATE, l ARRAY<DATE>, s STRUCT<d: DATE>"),
    files,
  });
  const [first, second] = await readRows(engine, snapshot);
  expect(first).toEqual(second);
  expect(
    await readRows(engine, snapshot, { columns: ["d"], where: "s.d < DATE'1970-01-01' AND d = DATE'2020-01-01'" }),
  ).toHaveLength(2);
});

test("text where the schema says binary gives its bytes, whatever it spells", async () => {
  const texts = String.raw`SELECT i AS id, t AS b, [t, NULL] AS l, {'b': t} AS s FROM (VALUES (1, '\x41'), (2, 'a\'), (3, 'é')) v(i, t)`;
  const bytes = texts.replace(
    "t AS b, [t, NULL] AS l, {'b': t} AS s",
    "encode(t) AS b, [encode(t), NULL] AS l, {'b': encode(t)} AS s",
  );
  const schema = parseSchemaDdl("id INT, b BINARY, l ARRAY<BINARY>, s STRUCT<b: BINARY>");
  const files = [
    { path: "a", sql: texts },
    { path: "b", sql: bytes },
  ];
  const rows = await readRows(engine, await makeTable(engine, { schema, files }));
  expect(rows).toHaveLength(6);
  expect(rows.slice(0, 3)).toEqual(rows.slice(3));
  const found = await readRows(engine, await makeTable(engine, { schema, files }), {
    columns: ["id"],
    where: "b = X'C3A9'",
  });
  expect(found).toEqual([{ id: 3 }, { id: 3 }]);
});

test("a null, or nothing, in a column that the schema says is NOT NULL is read as null, also by filters and aggregates", async () => {
  const schema = parseSchemaDdl("id INT NOT NULL, s STRING NOT NULL, p STRING NOT NULL");
  const files = [
    { path: "a", sql: "SELECT 1 AS id, 'x' AS s UNION ALL SELECT NULL, NULL", partitionValues: { p: null } },
    { path: "b", sql: "SELECT 3 AS id", partitionValues: { p: "q" } },
  ];
  const snapshot = await makeTable(engine, { schema, files, partitionColumns: ["p"] });
  const rows = [
    { id: 1, s: "x", p: null },
    { id: null, s: null, p: null },
    { id: 3, s: null, p: "q" },
  ];
  expect(await readRows(engine, snapshot)).toEqual(rows);
  expect(await readRows(engine, snapshot, { where: "id IS NULL" })).toEqual([rows[1]]);
  expect(await readRows(engine, snapshot, { where: "s IS NULL AND p IS NULL" })).toEqual([rows[1]]);
  await using spark = await Session.open({ warehouse: temporaryFolder() });
  const frame = await spark.sql(`SELECT count(id) AS ids, count(*) AS rows FROM delta.\`${snapshot.tablePath}\``);
  expect(await frame.collect()).toEqual([{ ids: 2n, rows: 3n }]);
});

test("of a struct none of whose fields a file has, rows that have one get a struct of nulls", async () => {
  const sql = `SELECT 1 AS id, {'old': 1} AS s, [{'old': 1}, NULL] AS l, {'in': {'old': 2}} AS d, MAP {'k': {'old': 3}} AS m UNION ALL SELECT 2, NULL, NULL, NULL, NULL`;
  const schema = parseSchemaDdl(
    "id INT, s STRUCT<a: INT>, l ARRAY<STRUCT<a: INT>>, d STRUCT<in: STRUCT<a: INT>>, m MAP<STRING, STRUCT<a: INT>>",
  );
  const files = [
    { path: "a", sql },
    { path: "b", sql: "SELECT 3 AS id, {'a': 5} AS s" },
  ];
  expect(await readRows(engine, await makeTable(engine, { schema, files }))).toEqual([
    { id: 1, s: { a: null }, l: [{ a: null }, null], d: { in: { a: null } }, m: { k: { a: null } } },
    { id: 2, s: null, l: null, d: null, m: null },
    { id: 3, s: { a: 5 }, l: null, d: null, m: null },
  ]);
});

test("a struct without fields is there or null", async () => {
  const files = [
    { path: "a", sql: "SELECT 1 AS id, {'x': 1} AS s UNION ALL SELECT 2, NULL" },
    { path: "b", sql: "SELECT 3 AS id" },
  ];
  const none = { kind: "struct", fields: [] } as const;
  const schema = { kind: "struct", fields: [...parseSchemaDdl("id INT").fields, field("s", none)] } as const;
  const snapshot = await makeTable(engine, { schema, files });
  const rows = [
    { id: 1, s: {} },
    { id: 2, s: null },
    { id: 3, s: null },
  ];
  expect(await readRows(engine, snapshot)).toEqual(rows);
  await using spark = await Session.open({ warehouse: temporaryFolder() });
  const frame = await spark.sql(`SELECT * FROM delta.\`${snapshot.tablePath}\` ORDER BY id`);
  expect(await frame.collect()).toEqual(rows);
});

test("columns whose names differ in case alone are refused, for nobody can tell which is meant", async () => {
  const folder = temporaryFolder();
  await using connection = await engine.sql.connect();
  await connection.run(`COPY (SELECT 1 AS a, 2 AS b) TO '${folder}/a' (FORMAT parquet)`);
  const snapshot = await makeTable(engine, { schema: parseSchemaDdl("a INT"), files: [{ path: "f" }] });
  // DuckDB writes no such file: the name of the second column is changed in the footer.
  const bytes = readFileSync(join(folder, "a"), "latin1");
  writeFileSync(join(snapshot.tablePath, "f"), bytes.replaceAll("\u0018\u0001b", "\u0018\u0001A"), "latin1");
  const code = "PARQUET_COLUMN_DATA_TYPE_MISMATCH";
  await expect(readRows(engine, snapshot)).rejects.toMatchObject({ code, context: { found: "a and A" } });
});

test("columns are known of many files of several kinds, each as its own footer lists them", async () => {
  const folder = temporaryFolder();
  await using connection = await engine.sql.connect();
  const kinds = ["SELECT 1 AS a", "SELECT 1 AS a, 2 AS b", "SELECT 'x' AS a", "SELECT {'x': 1} AS a"];
  const paths = kinds.map((_, index) => join(folder, `${index}`));
  for (const [index, sql] of kinds.entries())
    await connection.run(`COPY (${sql}) TO '${paths[index]}' (FORMAT parquet)`);
  const asked = Array.from({ length: 600 }, (_, index) => (index * 7) % kinds.length);
  const found = await engine.parquet.columns(asked.map((kind) => paths[kind] ?? ""));
  const texts = found.map((columns) =>
    columns.map(({ name, type, children }) => `${name} ${type} ${children.length}`).join(),
  );
  const expected = ["a int 0", "a int 0,b int 0", "a string 0", "a  1"];
  expect(texts).toEqual(asked.map((kind) => expected[kind]));
  expect(new Set(found).size).toBe(kinds.length);
});
