// Rows that stay in DuckDB: files, statistics, partitions.
import { expect, test } from "vitest";
import { batchFromRows } from "../../src/engine/arrow-rows.ts";
import { boundAt, nullCountAt, parseStats } from "../../src/format/file-stats.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { array, dataFilesIn, decimal, map, readBack, struct, streamOf, targetOf, workshop } from "./support.ts";

const { engine, newTablePath } = workshop();

const allTypes = struct({
  b: "boolean", t: "byte", s: "short", i: "integer", l: "long", f: "float", d: "double", de: decimal(38, 10), str: "string",
  bin: "binary", dt: "date", ts: "timestamp", ntz: "timestamp_ntz", st: struct({ "a b": "integer", "x.y": struct({ q: "string" }) }), arr: array({ kind: "primitive", name: "integer" }),
  m: map({ kind: "primitive", name: "string" }, { kind: "primitive", name: "integer" }),
});

const allSql = `SELECT true b, 1::TINYINT t, (-5)::SMALLINT s, 7 i, 9007199254740993 l, 1.5::FLOAT f, -0.0::DOUBLE d, (-1.5)::DECIMAL(38,10) de,
  repeat('é', 100) str, '\\xAA'::BLOB bin, DATE '2020-01-01' dt, TIMESTAMPTZ '2020-01-01 00:00:00.123456+00' ts, TIMESTAMP '1960-01-01 00:00:00.000001' ntz,
  {'a b': 1, 'x.y': {'q': 's'}} st, [1, 2, NULL] arr, MAP {'k': 1} m`;

test("a relation becomes one durable file with Delta's statistics for every type", async () => {
  const target = targetOf(newTablePath(), allTypes);
  const written = await writeDataFiles(engine, target, { kind: "relation", schema: allTypes, sql: allSql });
  expect(written.adds.length).toBe(1);
  const [add] = written.adds;
  expect(add?.path).toMatch(/^part-00000-[0-9a-f-]{36}-c000\.snappy\.parquet$/);
  console.log(add?.stats);
  const stats = parseStats(add?.stats ?? "");
  expect(stats?.numRecords).toBe(1);
  expect(boundAt(stats!.minValues, ["l"])).toBe(9007199254740993n);
  expect(nullCountAt(stats!.nullCount, ["st", "x.y", "q"])).toBe(0);
  console.log(await readBack(engine, target, written.adds));
});

test("arrow all types", async () => {
  const target = targetOf(newTablePath(), allTypes);
  const batch = batchFromRows(allTypes, [{ b: true, t: 1, s: -5, i: 7, l: 9007199254740993n, f: 1.5, d: -0, de: "-1.5", str: "é".repeat(100), bin: new Uint8Array([170]), dt: "2020-01-01", ts: "2020-01-01T00:00:00.123456Z", ntz: "1960-01-01T00:00:00.000001", st: { "a b": 1, "x.y": { q: "s" } }, arr: [1, 2, null], m: { k: 1 } }]);
  const written = await writeDataFiles(engine, target, { kind: "arrow", schema: allTypes, batches: streamOf(batch) });
  console.log(written.adds[0]?.stats);
  console.log(await readBack(engine, target, written.adds));
});

test("partitioned", async () => {
  const schema = struct({ id: "long", p: "string", day: "date", bin: "binary", ts: "timestamp" });
  const target = targetOf(newTablePath(), schema, { partitionColumns: ["p", "day", "bin", "ts"] });
  const written = await writeDataFiles(engine, target, { kind: "relation", schema, sql: `SELECT range id, CASE range % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'a/b c%:=é' ELSE '__HIVE_DEFAULT_PARTITION__' END p, DATE '2020-01-01' + (range % 2)::INT "day", '\\xFF\\x00'::BLOB bin, TIMESTAMPTZ '2020-01-01 00:00:00.1+00' ts FROM range(8)` });
  console.log(written.adds.map((a) => [a.path, a.partitionValues, a.stats]));
  const again = await writeDataFiles(engine, targetOf(newTablePath(), schema, { partitionColumns: ["p", "day", "bin", "ts"] }), { kind: "arrow", schema, batches: streamOf(batchFromRows(schema, [{ id: 1n, p: "a/b c%:=é", day: "2020-01-01", bin: new Uint8Array([255, 0]), ts: "2020-01-01T00:00:00.1Z" }, { id: 2n, p: "", day: "2020-01-01", bin: null, ts: null }])) });
  console.log(again.adds.map((a) => [a.path, a.partitionValues, a.stats]));
  expect(dataFilesIn(target.tablePath).length).toBe(written.adds.length);
});
