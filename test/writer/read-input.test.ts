// Files of rows as input: every format, strict types, nothing rounded.
import { mkdirSync, writeFileSync } from "node:fs";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { expect, test } from "vitest";
import type { SqlRow } from "../../src/engine/base/engine.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { formatType } from "../../src/format/schema/schema-type.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { readInputFiles } from "../../src/writer/read-input.ts";
import type { InputFiles } from "../../src/writer/read-input.ts";
import { array, decimal, map, primitive, readBack, struct, targetOf, workshop } from "./support.ts";

const { engine, newTablePath } = workshop();

function fileOf(name: string, content: string | Uint8Array): string {
  const folder = newTablePath();
  mkdirSync(folder);
  writeFileSync(`${folder}/${name}`, content);
  return `${folder}/${name}`;
}

async function rowsOf(input: InputFiles): Promise<readonly SqlRow[]> {
  const rows = await readInputFiles(engine, input);
  const target = targetOf(newTablePath(), input.tableSchema ?? rows.schema);
  const { adds } = await writeDataFiles(engine, target, rows);
  return readBack(engine, target, adds);
}

async function schemaOf(input: InputFiles): Promise<string> {
  return formatType((await readInputFiles(engine, input)).schema);
}

const refused = expect.objectContaining({ code: "CAST_INVALID_INPUT" }) as Error;

const exact: StructType = struct({
  l: "long",
  de: decimal(38, 10),
  d: "double",
  s: "string",
  bin: "binary",
  dt: "date",
  ts: "timestamp",
  arr: array(primitive("integer")),
  st: struct({ x: "long" }),
  m: map(primitive("integer"), primitive("string")),
});

test("JSON lines keep 64-bit integers, all digits of decimals, and nested values", async () => {
  const line = `{"l":9007199254740993,"de":1234567890123456789.0123456789,"d":0.1,"s":"é","bin":"qgE=","dt":"2020-01-02","ts":"2020-01-01T00:00:00.123456+02:00","arr":[1,null],"st":{"X":-9223372036854775808},"m":{"7":"x"}}`;
  const path = fileOf("in.jsonl", `${line}\n\n{"l":1e3,"s":null}`);
  expect(await rowsOf({ paths: [path], tableSchema: exact })).toEqual([
    {
      l: 9007199254740993n,
      de: "1234567890123456789.0123456789",
      d: 0.1,
      s: "é",
      bin: new Uint8Array([170, 1]),
      dt: 18263,
      ts: 1577829600123456n,
      arr: [1, null],
      st: { x: -9223372036854775808n },
      m: new Map([[7, "x"]]),
    },
    { l: 1000n, de: null, d: null, s: null, bin: null, dt: null, ts: null, arr: null, st: null, m: null },
  ]);
});

test.each([
  ["l", "1.5"],
  ["l", '"12"'],
  ["l", "99999999999999999999"],
  ["l", "true"],
  ["de", "0.12345678901"],
  ["s", "1"],
  ["dt", '"2020-01-02 10:00:00"'],
  ["ts", '"2020-01-01T00:00:00.1234567Z"'],
])("JSON lines refuse %s: %s", async (name, value) => {
  const path = fileOf("in.jsonl", `{"${name}":${value}}`);
  await expect(rowsOf({ paths: [path], tableSchema: exact })).rejects.toThrowError(refused);
});

test("JSON lines without a table get their types from the first lines; bytes and broken lines are told apart", async () => {
  const bytes = new TextEncoder().encode(`{"a":1,"b":"x"}\n{"a":1.5,"c":[true]}`);
  expect(await schemaOf({ paths: [bytes], tableSchema: null, format: "jsonl" })).toBe(
    "struct<a:double,b:string,c:array<boolean>>",
  );
  await expect(
    schemaOf({ paths: [new TextEncoder().encode(`{"a":1}\n{"a":`)], tableSchema: null, format: "jsonl" }),
  ).rejects.toMatchObject({ code: "CORRUPT_FILE", context: { line: 2 } });
  await expect(
    schemaOf({ paths: [new TextEncoder().encode("[1]")], tableSchema: null, format: "jsonl" }),
  ).rejects.toMatchObject({ code: "CORRUPT_FILE" });
});

test("an unknown JSON column is part of the rows, so that the table's schema decides about it", async () => {
  const path = fileOf("in.jsonl", `{"id":1,"extra":"x"}`);
  await expect(rowsOf({ paths: [path], tableSchema: struct({ id: "long" }) })).rejects.toMatchObject({
    code: "DELTA_METADATA_MISMATCH",
  });
});

const csvSchema = struct({
  l: "long",
  de: decimal(5, 2),
  d: "double",
  s: "string",
  b: "boolean",
  dt: "date",
  ts: "timestamp",
});

test("CSV takes the table's types; an empty field is null, quoted quotes are empty text", async () => {
  const path = fileOf(
    "in.csv",
    `s,L,de,d,b,dt,ts\n"",9007199254740993,1.20,0.1,true,2020-01-02,2020-01-01T00:00:00.123456Z\n,,,,,,\n"a, ""b""",-1,-1.5000,1e3,FALSE,2020-1-2,2020-01-01 02:00:00+02\n`,
  );
  expect(await rowsOf({ paths: [path], tableSchema: csvSchema })).toEqual([
    { l: 9007199254740993n, de: "1.20", d: 0.1, s: "", b: true, dt: 18263, ts: 1577836800123456n },
    { l: null, de: null, d: null, s: null, b: null, dt: null, ts: null },
    { l: -1n, de: "-1.50", d: 1000, s: 'a, "b"', b: false, dt: 18263, ts: 1577836800000000n },
  ]);
});

test.each([
  ["l", "1.5"],
  ["l", "x"],
  ["l", "99999999999999999999"],
  ["de", "1.239"],
  ["de", "1234.5"],
  ["d", "x"],
  ["dt", "2020-01-02 10:00:00"],
  ["ts", "2020-01-01 00:00:00.1234567"],
  ["b", "maybe"],
])("CSV refuses %s: %s", async (name, value) => {
  const path = fileOf("in.csv", `${name},s\n${value},x\n`);
  await expect(rowsOf({ paths: [path], tableSchema: csvSchema })).rejects.toThrowError(refused);
});

test("CSV without a table is made out by DuckDB", async () => {
  expect(await schemaOf({ paths: [fileOf("in.csv", "a,b\n1,x\n2,y\n")], tableSchema: null })).toBe(
    "struct<a:bigint,b:string>",
  );
});

test("Parquet comes from files and from bytes, several files by name of column", async () => {
  const folder = newTablePath();
  mkdirSync(folder);
  await using connection = await engine.sql.connect();
  await connection.run(`COPY (SELECT 1::BIGINT a, 'x' b) TO '${folder}/1.parquet' (FORMAT parquet)`);
  await connection.run(`COPY (SELECT 'y' b, 2::BIGINT a) TO '${folder}/2.parquet' (FORMAT parquet)`);
  const both = { paths: [`${folder}/1.parquet`, `${folder}/2.parquet`], tableSchema: null };
  expect((await rowsOf(both)).toSorted((x, y) => Number((x["a"] as bigint) - (y["a"] as bigint)))).toEqual([
    { a: 1n, b: "x" },
    { a: 2n, b: "y" },
  ]);
  const bytes = await engine.files.read(`${folder}/1.parquet`);
  expect(await rowsOf({ paths: [bytes], tableSchema: null, format: "parquet" })).toEqual([{ a: 1n, b: "x" }]);
});

test("Arrow comes as file and as stream", async () => {
  const table = tableFromArrays({ a: BigInt64Array.from([1n, 2n]), b: ["x", "y"] });
  for (const kind of ["file", "stream"] as const) {
    const path = fileOf("in.arrow", tableToIPC(table, kind));
    expect(await rowsOf({ paths: [path, path], tableSchema: null })).toEqual([
      { a: 1n, b: "x" },
      { a: 2n, b: "y" },
      { a: 1n, b: "x" },
      { a: 2n, b: "y" },
    ]);
  }
});

test("an Arrow file that was cut short is no file, wherever it was cut", async () => {
  const table = tableFromArrays({ a: BigInt64Array.from([1n, 2n]), b: ["x", "y"] });
  const bytes = tableToIPC(table, "file");
  for (let length = 0; length < bytes.length; length += 7) {
    const path = fileOf("cut.arrow", bytes.subarray(0, length));
    await expect(rowsOf({ paths: [path], tableSchema: null })).rejects.toMatchObject({ code: "CORRUPT_FILE" });
  }
});

test("files of several formats are one input; a column that some lack is null there", async () => {
  const arrow = fileOf("a.arrow", tableToIPC(tableFromArrays({ id: BigInt64Array.from([1n]), name: ["arrow"] })));
  const folder = newTablePath();
  mkdirSync(folder);
  await using connection = await engine.sql.connect();
  await connection.run(`COPY (SELECT 'parquet' AS name, 4::BIGINT AS ID) TO '${folder}/4.parquet' (FORMAT parquet)`);
  const paths = [
    fileOf("b.jsonl", '{"id":2,"note":"n"}'),
    arrow,
    fileOf("c.csv", "name,id\ncsv,3\n"),
    `${folder}/4.parquet`,
  ];
  const tableSchema = struct({ id: "long", name: "string", note: "string" });
  expect(await rowsOf({ paths, tableSchema })).toEqual([
    { id: 2n, name: null, note: "n" },
    { id: 1n, name: "arrow", note: null },
    { id: 3n, name: "csv", note: null },
    { id: 4n, name: "parquet", note: null },
  ]);
  await expect(rowsOf({ paths: [fileOf("d.jsonl", '{"id":"text"}'), arrow], tableSchema: null })).rejects.toMatchObject(
    {
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(
        "the column id is string in one file and bigint in one of another format",
      ) as string,
    },
  );
});

test("lines and batches are read as they come, whatever pieces the bytes come in", async () => {
  const lines = Array.from({ length: 60_000 }, (_, id) => JSON.stringify({ id, text: "é".repeat(id % 60) }));
  const path = fileOf("large.jsonl", lines.join("\n"));
  expect(await rowsOf({ paths: [path], tableSchema: struct({ id: "long", text: "string" }) })).toHaveLength(60_000);
  const ids = BigInt64Array.from({ length: 40_000 }, (_, id) => BigInt(id));
  const texts = Array.from(ids, (id) => `text number ${id}, and more of it`);
  for (const kind of ["file", "stream"] as const) {
    const arrow = fileOf("large.arrow", tableToIPC(tableFromArrays({ id: ids, text: texts }), kind));
    expect(await rowsOf({ paths: [arrow, arrow], tableSchema: null })).toHaveLength(80_000);
  }
});

test("what is missing, broken or of no known format is told by its code", async () => {
  await expect(schemaOf({ paths: ["/nowhere/x.parquet"], tableSchema: null })).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
  await expect(schemaOf({ paths: [fileOf("x.parquet", "not parquet")], tableSchema: null })).rejects.toMatchObject({
    code: "CORRUPT_FILE",
  });
  await expect(schemaOf({ paths: [fileOf("x.arrow", "not arrow at all")], tableSchema: null })).rejects.toMatchObject({
    code: "CORRUPT_FILE",
  });
  await expect(schemaOf({ paths: [fileOf("x.xml", "<a/>")], tableSchema: null })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  await expect(schemaOf({ paths: [], tableSchema: null })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
