// Row objects into Arrow: exact or refused, with the column and the row named.
import { Dictionary, Int32, Table, Utf8, tableFromArrays, vectorFromArray } from "apache-arrow";
import type { RecordBatch } from "apache-arrow";
import fc from "fast-check";
import { expect, test } from "vitest";
import { batchFromRows, inferSchema, rowsFromBatch } from "../../src/engine/arrow/arrow-rows.ts";
import { fromArrowSchema } from "../../src/engine/arrow/arrow-schema.ts";
import type { DataType, PrimitiveName } from "../../src/format/schema/schema.ts";
import { tables } from "./arbitrary-rows.ts";
import { primitive, schemaOf } from "./schema-helpers.ts";

const decimal = (precision: number, scale: number): DataType => ({ kind: "decimal", precision, scale });
const list = (elementType: DataType): DataType => ({ kind: "array", elementType, containsNull: true });
const map = (keyType: DataType, valueType: DataType): DataType => ({
  kind: "map",
  keyType,
  valueType,
  valueContainsNull: true,
});

function roundTrip(type: DataType | PrimitiveName, value: unknown): unknown {
  const schema = schemaOf({ c: type });
  return [...rowsFromBatch(batchFromRows(schema, [{ c: value }]), schema)][0]?.["c"];
}

const accepted: readonly (readonly [DataType | PrimitiveName, unknown, unknown])[] = [
  ["byte", -128n, -128],
  ["long", 42, 42n],
  ["double", 3n, 3],
  ["float", 0.1, Math.fround(0.1)],
  ["double", Number.NaN, Number.NaN],
  [decimal(5, 2), 1.5, "1.50"],
  [decimal(5, 2), "-0.05", "-0.05"],
  [decimal(5, 2), "1e2", "100.00"],
  [decimal(5, 2), "12.3400", "12.34"],
  [decimal(5, 2), 7n, "7.00"],
  [decimal(38, 0), "-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999"],
  [decimal(20, 10), 1e-7, "0.0000001000"],
  ["date", "2024-02-29", new Date("2024-02-29T00:00:00Z")],
  ["date", "0001-01-01", new Date("0001-01-01T00:00:00Z")],
  ["date", new Date("1969-12-31T00:00:00Z"), new Date("1969-12-31T00:00:00Z")],
  ["timestamp", "2024-01-31", new Date("2024-01-31T00:00:00Z")],
  ["timestamp", "2024-01-31 12:34:56.789", new Date("2024-01-31T12:34:56.789Z")],
  ["timestamp", "2024-01-31T12:34:56+02:00", new Date("2024-01-31T10:34:56Z")],
  ["timestamp", -1n, new Date(-1)],
  ["timestamp_ntz", "2024-01-31T12:34", new Date("2024-01-31T12:34:00Z")],
  ["binary", Buffer.from("ab"), Uint8Array.of(97, 98)],
  [list(primitive("integer")), Int32Array.of(1, 2), [1, 2]],
  [map(primitive("string"), primitive("long")), { a: 1 }, new Map([["a", 1n]])],
  ["void", undefined, null],
];

test.each(accepted)("a value for %j is taken: %s", (type, value, expected) => {
  expect(roundTrip(type, value)).toEqual(expected);
});

const refused: readonly (readonly [DataType | PrimitiveName, unknown, RegExp])[] = [
  ["byte", 128, /-128 to 127/],
  ["integer", 1.5, /whole number/],
  ["integer", "1", /whole number/],
  ["long", 2 ** 53, /bigint/],
  ["long", 2n ** 63n, /64 bits/],
  ["long", "1", /whole number/],
  ["double", 2n ** 53n + 1n, /number/],
  ["double", "1.5", /number/],
  ["float", 1e300, /range/],
  ["boolean", 1, /true or false/],
  ["string", 1, /text/],
  ["string", "\ud800", /surrogate/],
  [decimal(5, 2), "1.005", /2 digits after the point/],
  [decimal(5, 2), 0.001, /2 digits after the point/],
  [decimal(5, 2), "1000", /3 digits before the point/],
  [decimal(5, 2), Number.NaN, /decimal/],
  [decimal(5, 2), "abc", /decimal/],
  [decimal(5, 2), "1e999", /digits/],
  ["date", new Date("2024-01-01T10:00:00Z"), /time of day/],
  ["date", "2023-02-29", /no such day/],
  ["date", "yesterday", /2024-01-31/],
  ["timestamp", 1_700_000_000, /bigint of microseconds/],
  ["timestamp", new Date(Number.NaN), /invalid/],
  ["timestamp", "2024-01-31T12:34:56.1234567Z", /microseconds/],
  ["timestamp", "2024-01-31T25:00:00Z", /time of day/],
  ["timestamp_ntz", "2024-01-31T12:34:56Z", /zone/],
  ["binary", "text", /Uint8Array/],
  [list(primitive("integer")), "12", /array/],
  [list(primitive("integer")), [1, "x"], /c\.element, row 0/],
  [map(primitive("string"), primitive("long")), new Map([[null, 1]]), /key/],
  [schemaOf({ a: "long" }), { a: 1, b: 2 }, /"b"/],
  [schemaOf({ a: "long" }), [1], /object/],
  ["void", 0, /null/],
];

test.each(refused)("a value for %j is refused, not bent: %s", (type, value, reason) => {
  const rows = [{ c: null }, { c: value }];
  const attempt = (): RecordBatch =>
    batchFromRows(schemaOf({ c: type }), Array.isArray(value) && typeof value[1] === "string" ? rows.slice(1) : rows);
  expect(attempt).toThrow(reason);
  expect(attempt).toThrow(
    expect.objectContaining({
      code: "INVALID_ARGUMENT",
      context: expect.objectContaining({ column: expect.stringMatching(/^c/) as unknown }) as unknown,
    }) as Error,
  );
});

test("an error deep in a column names the column's path and the row", () => {
  const schema = schemaOf({ s: schemaOf({ items: list(schemaOf({ n: "integer" })) }) });
  const rows = [{ s: { items: [{ n: 1 }, { n: 2 }] } }, {}, { s: { items: [{ n: 3 }, { n: "four" }] } }];
  expect(() => batchFromRows(schema, rows)).toThrow(/column s\.items\.element\.n, row 2/);
});

test("columns may bear the names that all objects have", () => {
  const schema = schemaOf(
    Object.fromEntries([
      ["constructor", primitive("long")],
      ["__proto__", primitive("long")],
      ["toString", primitive("string")],
    ]),
  );
  const row = JSON.parse('{"__proto__": 5}') as Record<string, unknown>;
  const [found] = [...rowsFromBatch(batchFromRows(schema, [row]), schema)];
  expect(Object.entries(found ?? {})).toEqual([
    ["constructor", null],
    ["__proto__", 5n],
    ["toString", null],
  ]);
});

test("a schema is inferred that holds all the rows it was inferred from", () => {
  const rows = [
    { a: 1, b: "x", c: null },
    { a: 2.5, d: [1, null], e: { f: true } },
    { a: 3n, d: [], e: { g: new Date(0) }, c: Uint8Array.of(1) },
    { h: new Map([["k", 1]]), i: -0, j: null },
  ];
  const schema = inferSchema(rows);
  expect(schema).toEqual(
    schemaOf({
      a: "double",
      b: "string",
      c: "binary",
      d: list(primitive("long")),
      e: schemaOf({ f: "boolean", g: "timestamp" }),
      h: map(primitive("string"), primitive("long")),
      i: "double",
      j: "void",
    }),
  );
  expect(batchFromRows(schema, rows).numRows).toBe(4);
});

test("rows whose values have no type in common are refused", () => {
  expect(() => inferSchema([{ a: { b: 1 } }, { a: { b: "x" } }])).toThrow(/column a\.b, row 1/);
  expect(() => inferSchema([{ a: () => 1 }])).toThrow(/column a, row 0/);
});

test("slices of a batch give the rows of the slice", () => {
  fc.assert(
    fc.property(tables(20), fc.nat(20), fc.nat(20), ({ schema, rows }, start, count) => {
      const batch = batchFromRows(schema, rows);
      const slice = batch.slice(Math.min(start, rows.length), Math.min(start + count, rows.length));
      expect([...rowsFromBatch(slice, schema)]).toEqual(rows.slice(start, start + count));
    }),
    { seed: 12, numRuns: 300 },
  );
});

test("Arrow data of the user's own making gives rows: dictionaries, numbers of other widths", () => {
  const words = vectorFromArray(["a", "b", null, "a"], new Dictionary(new Utf8(), new Int32()));
  const table = new Table({
    words,
    n: tableFromArrays({ n: Uint32Array.of(1, 2, 3, 4294967295) }).getChild("n") as never,
  });
  const schema = fromArrowSchema(table.schema);
  expect(schema.fields.map((field) => field.type)).toEqual([primitive("string"), primitive("long")]);
  expect(table.batches.flatMap((batch) => [...rowsFromBatch(batch, schema)])).toEqual([
    { words: "a", n: 1 },
    { words: "b", n: 2 },
    { words: null, n: 3 },
    { words: "a", n: 4294967295 },
  ]);
});
