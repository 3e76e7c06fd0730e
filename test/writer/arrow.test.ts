// Rows from JavaScript: any Arrow layout, bounded memory, statistics that never exclude a row.
import {
  BinaryView,
  Bool,
  DateMillisecond,
  Dictionary,
  Field,
  FixedSizeList,
  Float64,
  Int32,
  Int64,
  LargeList,
  LargeUtf8,
  List,
  Struct,
  Table,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint32,
  Utf8,
  Utf8View,
  makeData,
  makeVector,
  vectorFromArray,
} from "apache-arrow";
import type { RecordBatch, Vector } from "apache-arrow";
import fc from "fast-check";
import { expect, test } from "vitest";
import { batchFromRows } from "../../src/engine/arrow/arrow-rows.ts";
import { fromArrowSchema } from "../../src/engine/arrow/arrow-schema.ts";
import { boundAt, nullCountAt, parseStats, readBound } from "../../src/format/value/file-stats.ts";
import type { PartitionScalar } from "../../src/format/value/partition-value.ts";
import type { DataType } from "../../src/format/schema/schema.ts";
import { compareText } from "../../src/format/text/utf8-order.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { tables } from "../engine/arbitrary-rows.ts";
import { array, dataFilesIn, readBack, streamOf, struct, targetOf, workshop } from "./support.ts";

const { engine, newTablePath } = workshop();

function batchOf(columns: Readonly<Record<string, Vector>>): RecordBatch {
  const [batch] = new Table(columns).batches;
  if (batch === undefined) throw new Error("no batch");
  return batch;
}

test("dictionaries, other widths, units and offsets arrive as the table's types", async () => {
  const schema = struct({
    dict: "string",
    large: "string",
    s: "timestamp",
    ms: "timestamp",
    ns: "timestamp",
    day: "date",
    u: "long",
    fixed: array({ kind: "primitive", name: "integer" }),
    flag: "boolean",
  });
  const fixed = new FixedSizeList(2, new Field("item", new Int32(), true));
  const batch = batchOf({
    dict: vectorFromArray(["a", "b", null, "a"], new Dictionary(new Utf8(), new Int32())),
    large: vectorFromArray(["é", null, "c", ""], new LargeUtf8()),
    s: makeVector(makeData({ type: new TimestampSecond(), data: new BigInt64Array([1n, 2n, 3n, -1n]) })),
    ms: makeVector(makeData({ type: new TimestampMillisecond(), data: new BigInt64Array([1n, 2n, 3n, -1n]) })),
    ns: makeVector(
      makeData({ type: new TimestampNanosecond("UTC"), data: new BigInt64Array([1000n, 2000n, 3000n, -1000n]) }),
    ),
    day: vectorFromArray([new Date("2020-01-01"), new Date("1969-12-31"), null, new Date(0)], new DateMillisecond()),
    u: vectorFromArray([4294967295, 0, null, 1], new Uint32()),
    fixed: vectorFromArray([[1, 2], [3, null], null, [5, 6]], fixed),
    flag: vectorFromArray([true, false, null, true], new Bool()),
  });
  const target = targetOf(newTablePath(), schema);
  const { adds } = await writeDataFiles(engine, target, {
    kind: "arrow",
    schema: fromArrowSchema(batch.schema),
    batches: streamOf(batch, batch.slice(1, 3)),
  });
  const rows = [
    { dict: "a", large: "é", s: 1_000_000n, ms: 1000n, ns: 1n, day: 18262, u: 4294967295n, fixed: [1, 2], flag: true },
    { dict: "b", large: null, s: 2_000_000n, ms: 2000n, ns: 2n, day: -1, u: 0n, fixed: [3, null], flag: false },
    { dict: null, large: "c", s: 3_000_000n, ms: 3000n, ns: 3n, day: null, u: null, fixed: null, flag: null },
    { dict: "a", large: "", s: -1_000_000n, ms: -1000n, ns: -1n, day: 0, u: 1n, fixed: [5, 6], flag: true },
  ];
  expect(await readBack(engine, target, adds)).toEqual([...rows, rows[1], rows[2]]);
});

test("views and large lists arrive as plain text, bytes and lists", async () => {
  const batch = batchOf({
    t: vectorFromArray(["a", "a text of more than twelve bytes", null], new Utf8View()),
    b: vectorFromArray([new Uint8Array([1, 2]), null, new Uint8Array(20)], new BinaryView()),
    l: vectorFromArray([[1, 2], null, []], new LargeList(new Field("item", new Int32(), true))),
  });
  const schema = struct({ t: "string", b: "binary", l: array({ kind: "primitive", name: "integer" }) });
  const target = targetOf(newTablePath(), schema);
  const { adds } = await writeDataFiles(engine, target, {
    kind: "arrow",
    schema: fromArrowSchema(batch.schema),
    batches: streamOf(batch),
  });
  expect(await readBack(engine, target, adds)).toEqual([
    { t: "a", b: new Uint8Array([1, 2]), l: [1, 2] },
    { t: "a text of more than twelve bytes", b: null, l: null },
    { t: null, b: new Uint8Array(20), l: [] },
  ]);
});

test("nanoseconds and times of day that would be cut off are refused", async () => {
  const schema = struct({ ns: "timestamp_ntz" });
  const ns = batchOf({
    ns: makeVector(makeData({ type: new TimestampNanosecond(), data: new BigInt64Array([1001n]) })),
  });
  const target = targetOf(newTablePath(), schema);
  await expect(writeDataFiles(engine, target, { kind: "arrow", schema, batches: streamOf(ns) })).rejects.toMatchObject({
    code: "CAST_INVALID_INPUT",
  });
  const day = batchOf({ ns: vectorFromArray([new Date("2020-01-01T10:00:00Z")], new DateMillisecond()) });
  const dates = targetOf(newTablePath(), struct({ ns: "date" }));
  await expect(
    writeDataFiles(engine, dates, { kind: "arrow", schema: dates.schema, batches: streamOf(day) }),
  ).rejects.toMatchObject({ code: "CAST_INVALID_INPUT" });
  expect(dataFilesIn(target.tablePath)).toEqual([]);
});

test("slices of nested columns keep their rows, in one partition and in many", async () => {
  const type = new Struct([
    new Field("l", new List(new Field("item", new Int64(), true)), true),
    new Field("d", new Float64(), true),
  ]);
  const values = Array.from({ length: 100 }, (_, index) =>
    index % 7 === 0
      ? null
      : {
          l: index % 5 === 0 ? null : Array.from({ length: index % 4 }, (_, at) => BigInt(index * 10 + at)),
          d: index % 3 === 0 ? null : index / 2,
        },
  );
  const batch = batchOf({
    s: vectorFromArray(values, type),
    id: vectorFromArray(
      values.map((_, index) => index),
      new Int32(),
    ),
    part: vectorFromArray(
      values.map((_, index) => `p${index % 3}`),
      new Utf8(),
    ),
  });
  const schema = fromArrowSchema(batch.schema);
  const expected = values.map((s, id) => ({ s, id, part: `p${id % 3}` })).slice(13, 77);
  for (const partitionColumns of [[], ["part"]]) {
    const target = targetOf(newTablePath(), schema, { partitionColumns });
    const { adds } = await writeDataFiles(engine, target, {
      kind: "arrow",
      schema,
      batches: streamOf(batch.slice(13, 77)),
    });
    const rows = (await readBack(engine, target, adds)).toSorted((a, b) => Number(a["id"]) - Number(b["id"]));
    expect(rows).toEqual(expected);
  }
});

test("a file is closed when it is full, however large the batches are", async () => {
  const schema = struct({ id: "long", text: "string" });
  const target = targetOf(newTablePath(), schema, { properties: { "delta.targetFileSize": "1mb" } });
  const rows = Array.from({ length: 30_000 }, (_, index) => ({
    id: BigInt(index),
    text: `${index}`.padStart(100, "x"),
  }));
  const { adds, rowCount } = await writeDataFiles(engine, target, {
    kind: "arrow",
    schema,
    batches: streamOf(batchFromRows(schema, rows)),
  });
  expect(rowCount).toBe(30_000);
  expect(adds.length).toBeGreaterThanOrEqual(3);
  const ids = (await readBack(engine, target, adds)).map((row) => row["id"]);
  expect(ids).toEqual(rows.map((row) => row.id));
});

test("rows of more partitions than memory holds are written in several files each, none lost", async () => {
  const schema = struct({ id: "long", text: "string", part: "integer" });
  const target = targetOf(newTablePath(), schema, {
    partitionColumns: ["part"],
    properties: { "delta.targetFileSize": "1mb" },
  });
  const batches = Array.from({ length: 30 }, (_, batch) =>
    batchFromRows(
      schema,
      Array.from({ length: 1000 }, (_, index) => ({
        id: BigInt(batch * 1000 + index),
        text: "x".repeat(100),
        part: index % 50,
      })),
    ),
  );
  const { adds, rowCount } = await writeDataFiles(engine, target, {
    kind: "arrow",
    schema,
    batches: streamOf(...batches),
  });
  expect(rowCount).toBe(30_000);
  const ids = new Set((await readBack(engine, target, adds)).map((row) => row["id"]));
  expect(ids.size).toBe(30_000);
});

test("an iterable that fails leaves no file", async () => {
  const schema = struct({ id: "long" });
  const target = targetOf(newTablePath(), schema, { properties: { "delta.targetFileSize": "1" } });
  const failing = async function* (): AsyncGenerator<RecordBatch> {
    yield batchFromRows(schema, [{ id: 1n }, { id: 2n }]);
    throw new Error("no more");
  };
  await expect(writeDataFiles(engine, target, { kind: "arrow", schema, batches: failing() })).rejects.toThrow(
    "no more",
  );
  expect(dataFilesIn(target.tablePath)).toEqual([]);
});

function compare(a: NonNullable<PartitionScalar>, b: NonNullable<PartitionScalar>, type: DataType): number {
  if (typeof a === "string" && typeof b === "string") {
    if (type.kind !== "decimal") return compareText(a, b);
    const [x, y] = [BigInt(a.replace(".", "")), BigInt(b.replace(".", ""))];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b
    ? -1
    : a > b
      ? 1
      : Object.is(a, -0) && Object.is(b, 0)
        ? -1
        : Object.is(a, 0) && Object.is(b, -0)
          ? 1
          : 0;
}

test("any rows of any schema come back, and no bound excludes a value, whichever way they are written", async () => {
  await fc.assert(
    fc.asyncProperty(tables(12), async ({ schema, rows }) => {
      fc.pre(rows.length > 0);
      const target = targetOf(newTablePath(), schema);
      const batch = batchFromRows(schema, rows);
      const arrow = await writeDataFiles(engine, target, { kind: "arrow", schema, batches: streamOf(batch) });
      const path = `${target.tablePath}/${arrow.adds[0]?.path ?? ""}`;
      const relation = await writeDataFiles(engine, target, {
        kind: "relation",
        schema,
        sql: `SELECT * FROM read_parquet('${path}')`,
      });
      const [first, second] = [
        await readBack(engine, target, arrow.adds),
        await readBack(engine, target, relation.adds),
      ];
      expect(first.length).toBe(rows.length);
      expect(second).toEqual(first);
      for (const { adds } of [arrow, relation]) {
        const stats = parseStats(adds[0]?.stats ?? "");
        expect(stats?.numRecords).toBe(rows.length);
        for (const field of schema.fields) {
          if (
            stats === null ||
            field.type.kind === "array" ||
            field.type.kind === "map" ||
            field.type.kind === "struct"
          )
            continue;
          const values = first
            .map((row) => row[field.name] as PartitionScalar)
            .map((value) =>
              field.type.kind === "primitive" && field.type.name === "float" && value !== null
                ? Math.fround(Number(value))
                : value,
            );
          const nulls = nullCountAt(stats.nullCount, [field.name]);
          expect(nulls).toBe(values.filter((value) => value === null).length);
          const min = readBound(boundAt(stats.minValues, [field.name]), field.type, "min");
          const max = readBound(boundAt(stats.maxValues, [field.name]), field.type, "max");
          for (const value of values) {
            if (value === null) continue;
            if (min !== null)
              expect(compare(min, value, field.type), `${String(min)} <= ${String(value)}`).toBeLessThanOrEqual(0);
            if (max !== null)
              expect(compare(value, max, field.type), `${String(value)} <= ${String(max)}`).toBeLessThanOrEqual(0);
          }
        }
      }
    }),
    { seed: 7, numRuns: 60 },
  );
});
