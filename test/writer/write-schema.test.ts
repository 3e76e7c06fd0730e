// Schema enforcement and evolution on write.
import { expect, test } from "vitest";
import type { SqlRow } from "../../src/engine/base/engine.ts";
import { batchFromRows } from "../../src/engine/arrow/arrow-rows.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { formatType } from "../../src/format/schema/schema-type.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { planWriteSchema } from "../../src/writer/write-schema.ts";
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

function plan(
  tableSchema: StructType | null,
  dataSchema: StructType,
  more: { mergeSchema?: boolean; overwriteSchema?: boolean; partitionColumns?: readonly string[] } = {},
): string {
  const { schema } = planWriteSchema({ tableSchema, dataSchema, partitionColumns: [], ...more });
  return formatType(schema);
}

const code = (expected: string): Error => expect.objectContaining({ code: expected }) as Error;

test("columns are matched by name in any case, and the table keeps its order and spelling", () => {
  const planned = planWriteSchema({
    tableSchema: struct({ Id: "long", name: "string" }),
    dataSchema: struct({ NAME: "string", id: "long" }),
    partitionColumns: [],
  });
  expect(planned.changed).toBe(false);
  expect(planned.columns.map((column) => [column.target.name, column.source?.index])).toEqual([
    ["Id", 1],
    ["name", 0],
  ]);
});

test("a new column is refused without mergeSchema and added as nullable at the end with it, nested ones too", () => {
  const table = struct({ id: "long", s: struct({ a: "integer" }) });
  const data = struct({ "added!": "string", s: struct({ a: "integer", "b!": "string" }), id: "long" });
  expect(() => plan(table, data)).toThrowError(code("DELTA_METADATA_MISMATCH"));
  const { schema, changed } = planWriteSchema({
    tableSchema: table,
    dataSchema: data,
    partitionColumns: [],
    mergeSchema: true,
  });
  expect([changed, formatType(schema)]).toEqual([true, "struct<id:bigint,s:struct<a:int,b:string>,added:string>"]);
  expect(schema.fields.at(-1)?.nullable).toBe(true);
  const inner = schema.fields[1]?.type;
  expect(inner?.kind === "struct" && inner.fields[1]?.nullable).toBe(true);
});

test("overwriteSchema takes the rows' schema, everything nullable, but the partition columns must stay", () => {
  const table = struct({ id: "long", part: "string" });
  expect(plan(table, struct({ "other!": "double" }), { overwriteSchema: true })).toBe("struct<other:double>");
  // A column of nothing but null says nothing of its type: it keeps the table's, and becomes void where the table has none.
  expect(plan(struct({ a: "string" }), struct({ A: "void", b: "void" }), { overwriteSchema: true })).toBe(
    "struct<A:string,b:void>",
  );
  expect(() =>
    plan(table, struct({ other: "double" }), { overwriteSchema: true, partitionColumns: ["part"] }),
  ).toThrowError(code("COLUMN_NOT_FOUND"));
});

test("types that would lose something are refused, also inside of lists and maps", () => {
  const refused: readonly (readonly [StructType, StructType])[] = [
    [struct({ a: "integer" }), struct({ a: "string" })],
    [struct({ a: "string" }), struct({ a: "integer" })],
    [struct({ a: "date" }), struct({ a: "timestamp" })],
    [struct({ a: "boolean" }), struct({ a: "integer" })],
    [struct({ a: "binary" }), struct({ a: "string" })],
    [struct({ a: array(primitive("integer")) }), struct({ a: array(primitive("string")) })],
    [
      struct({ a: map(primitive("string"), primitive("integer")) }),
      struct({ a: map(primitive("string"), primitive("boolean")) }),
    ],
    [struct({ a: struct({ b: "integer" }) }), struct({ a: "integer" })],
  ];
  for (const [table, data] of refused) {
    expect(() => plan(table, data), `${formatType(data)} into ${formatType(table)}`).toThrowError(
      code("DELTA_FAILED_TO_MERGE_FIELDS"),
    );
    expect(() => plan(table, data, { mergeSchema: true })).toThrowError(code("DELTA_FAILED_TO_MERGE_FIELDS"));
  }
});

test("a NOT NULL column must be there, and no column twice", () => {
  expect(() => plan(struct({ "id!": "long", a: "string" }), struct({ a: "string" }))).toThrowError(
    code("DELTA_MISSING_NOT_NULL_COLUMN_VALUE"),
  );
  expect(() => plan(struct({ a: "string" }), struct({ a: "string", A: "string" }))).toThrowError(
    code("DELTA_DUPLICATE_COLUMNS_FOUND"),
  );
});

const wide = struct({
  l: "long",
  d: "double",
  de: decimal(20, 2),
  ts: "timestamp",
  i: "integer",
  f: "float",
  missing: "string",
  s: struct({ a: "long", b: "string" }),
  arr: array(primitive("long")),
  m: map(primitive("string"), primitive("double")),
});
const narrow = struct({
  L: "integer",
  d: "float",
  de: "integer",
  ts: "date",
  i: "long",
  f: "double",
  s: struct({ a: "integer" }),
  arr: array(primitive("short")),
  m: map(primitive("string"), primitive("integer")),
});
const narrowRow = {
  L: 7,
  d: 1.5,
  de: 12,
  ts: "2020-01-02",
  i: 5n,
  f: 0.5,
  s: { a: 3 },
  arr: [1, null],
  m: new Map([["k", 2]]),
};
const narrowSql = `SELECT 7::INTEGER, 1.5::FLOAT, 12::INTEGER, DATE '2020-01-02', 5::BIGINT, 0.5::DOUBLE, {'a': 3}, [1, NULL]::SMALLINT[], MAP {'k': 2}`;
const expected: SqlRow = {
  l: 7n,
  d: 1.5,
  de: "12.00",
  ts: 1577923200000000n,
  i: 5,
  f: 0.5,
  missing: null,
  s: { a: 3n, b: null },
  arr: [1n, null],
  m: new Map([["k", 2]]),
};

test("values are widened, and columns that the rows lack are null: the same for Arrow and for relations", async () => {
  const target = targetOf(newTablePath(), wide);
  const arrow = await writeDataFiles(engine, target, {
    kind: "arrow",
    schema: narrow,
    batches: streamOf(batchFromRows(narrow, [narrowRow])),
  });
  const relation = await writeDataFiles(engine, target, { kind: "relation", schema: narrow, sql: narrowSql });
  expect(await readBack(engine, target, arrow.adds)).toEqual([expected]);
  expect(await readBack(engine, target, relation.adds)).toEqual([expected]);
});

const inexact: readonly (readonly [string, StructType, StructType, unknown, string])[] = [
  ["a long beyond an int", struct({ a: "integer" }), struct({ a: "long" }), 3_000_000_000n, "3000000000::BIGINT"],
  ["a fraction into an int", struct({ a: "integer" }), struct({ a: "double" }), 1.5, "1.5::DOUBLE"],
  [
    "a long that no double holds",
    struct({ a: "double" }),
    struct({ a: "long" }),
    9007199254740993n,
    "9007199254740993::BIGINT",
  ],
  ["a double that no float holds", struct({ a: "float" }), struct({ a: "double" }), 0.1, "0.1::DOUBLE"],
  ["digits behind the scale", struct({ a: decimal(5, 1) }), struct({ a: decimal(5, 2) }), "1.25", "1.25::DECIMAL(5,2)"],
  [
    "digits before the scale",
    struct({ a: decimal(3, 2) }),
    struct({ a: decimal(5, 2) }),
    "123.25",
    "123.25::DECIMAL(5,2)",
  ],
  ["a decimal fraction into a long", struct({ a: "long" }), struct({ a: decimal(5, 2) }), "1.25", "1.25::DECIMAL(5,2)"],
];

test.each(inexact)("%s is refused, never rounded, and leaves no file", async (...parts) => {
  const [, table, data, value, sql] = parts;
  const target = targetOf(newTablePath(), table);
  const arrow = writeDataFiles(engine, target, {
    kind: "arrow",
    schema: data,
    batches: streamOf(batchFromRows(data, [{ a: value }])),
  });
  await expect(arrow).rejects.toMatchObject({ code: "CAST_INVALID_INPUT" });
  const relation = writeDataFiles(engine, target, { kind: "relation", schema: data, sql: `SELECT ${sql}` });
  await expect(relation).rejects.toMatchObject({ code: "CAST_INVALID_INPUT" });
  expect(dataFilesIn(target.tablePath)).toEqual([]);
});

test.each([
  ["long to int", struct({ a: "integer" }), struct({ a: "long" }), 5n, "5::BIGINT", 5],
  ["whole double to long", struct({ a: "long" }), struct({ a: "double" }), 5, "5.0::DOUBLE", 5n],
  ["double to float", struct({ a: "float" }), struct({ a: "double" }), Number.NaN, "'nan'::DOUBLE", Number.NaN],
  [
    "decimal to a smaller scale",
    struct({ a: decimal(5, 1) }),
    struct({ a: decimal(5, 2) }),
    "1.20",
    "1.20::DECIMAL(5,2)",
    "1.2",
  ],
  ["decimal to long", struct({ a: "long" }), struct({ a: decimal(5, 2) }), "3.00", "3.00::DECIMAL(5,2)", 3n],
] as const)("%s passes where the value stays the same", async (...parts) => {
  const [, table, data, value, sql, kept] = parts;
  const target = targetOf(newTablePath(), table);
  const arrow = await writeDataFiles(engine, target, {
    kind: "arrow",
    schema: data,
    batches: streamOf(batchFromRows(data, [{ a: value }])),
  });
  const relation = await writeDataFiles(engine, target, { kind: "relation", schema: data, sql: `SELECT ${sql}` });
  expect(await readBack(engine, target, [...arrow.adds, ...relation.adds])).toEqual([{ a: kept }, { a: kept }]);
});

test("types that only DuckDB has are written as the table's", async () => {
  const schema = struct({ e: "string", j: "string", h: decimal(38, 0), u: "string" });
  const target = targetOf(newTablePath(), schema);
  const sql = `SELECT 'a'::ENUM('a', 'b'), '{"x":1}'::JSON, 170141183460469231731687303715884105::HUGEINT, '4ac7a9e9-607c-4c8a-84f3-843f0191e3fd'::UUID`;
  const written = await writeDataFiles(engine, target, { kind: "relation", schema, sql });
  expect(await readBack(engine, target, written.adds)).toEqual([
    { e: "a", j: '{"x":1}', h: "170141183460469231731687303715884105", u: "4ac7a9e9-607c-4c8a-84f3-843f0191e3fd" },
  ]);
});
