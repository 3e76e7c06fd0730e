// NOT NULL and column invariants: nothing that breaks them is written, and nothing is left of the attempt.
import { expect, test } from "vitest";
import { batchFromRows } from "../../src/engine/arrow/arrow-rows.ts";
import type { StructField, StructType } from "../../src/format/schema/schema.ts";
import type { Rows } from "../../src/writer/rows.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { array, dataFilesIn, primitive, streamOf, struct, targetOf, workshop } from "./support.ts";

const { engine, newTablePath } = workshop();

function withInvariant(schema: StructType, name: string, expression: string): StructType {
  const add = (field: StructField): StructField =>
    field.name === name
      ? { ...field, metadata: { "delta.invariants": JSON.stringify({ expression: { expression } }) } }
      : field;
  return { kind: "struct", fields: schema.fields.map(add) };
}

const nullable = (schema: StructType): StructType => ({
  kind: "struct",
  fields: schema.fields.map((field) => ({ ...field, nullable: true })),
});

interface Case {
  readonly name: string;
  readonly schema: StructType;
  readonly good: Readonly<Record<string, unknown>>;
  readonly bad: Readonly<Record<string, unknown>>;
  readonly goodSql: string;
  readonly badSql: string;
  readonly code: string;
  readonly partitionColumns?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "a NOT NULL column",
    schema: struct({ "a!": "long" }),
    good: { a: 1n },
    bad: { a: null },
    goodSql: "SELECT 1",
    badSql: "SELECT NULL::BIGINT",
    code: "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
  },
  {
    name: "a NOT NULL partition column",
    schema: struct({ a: "long", "p!": "string" }),
    partitionColumns: ["p"],
    good: { a: 1n, p: "x" },
    bad: { a: 1n, p: null },
    goodSql: "SELECT 1, 'x'",
    badSql: "SELECT 1, NULL::VARCHAR",
    code: "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
  },
  {
    name: "a NOT NULL struct",
    schema: struct({ "s!": struct({ a: "long" }) }),
    good: { s: { a: null } },
    bad: { s: null },
    goodSql: "SELECT {'a': NULL::BIGINT}",
    badSql: "SELECT NULL::STRUCT(a BIGINT)",
    code: "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
  },
  {
    name: "a NOT NULL field of a struct, unless the struct is null",
    schema: struct({ i: "long", s: struct({ "a!": "long" }) }),
    good: { i: 1n, s: null },
    bad: { i: 1n, s: { a: null } },
    goodSql: "SELECT 1, NULL::STRUCT(a BIGINT)",
    badSql: "SELECT 1, {'a': NULL::BIGINT}",
    code: "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
  },
  {
    name: "an array without nulls",
    schema: struct({ l: array(primitive("long"), false) }),
    good: { l: [1n] },
    bad: { l: [1n, null] },
    goodSql: "SELECT [1::BIGINT]",
    badSql: "SELECT [1::BIGINT, NULL]",
    code: "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
  },
  {
    name: "a NOT NULL field inside an array",
    schema: struct({ l: array(struct({ "a!": "long" })) }),
    good: { l: [null, { a: 1n }] },
    bad: { l: [{ a: 1n }, { a: null }] },
    goodSql: "SELECT [NULL, {'a': 1::BIGINT}]",
    badSql: "SELECT [{'a': 1::BIGINT}, {'a': NULL}]",
    code: "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
  },
  {
    name: "an invariant that is false",
    schema: withInvariant(struct({ a: "long", b: "string" }), "a", "a > 3 AND b <> 'bad'"),
    good: { a: 4n, b: "x" },
    bad: { a: 3n, b: "x" },
    goodSql: "SELECT 4, 'x'",
    badSql: "SELECT 3, 'x'",
    code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
  },
  {
    name: "an invariant that is null",
    schema: withInvariant(struct({ a: "long" }), "a", "a > 3"),
    good: { a: 4n },
    bad: { a: null },
    goodSql: "SELECT 4",
    badSql: "SELECT NULL::BIGINT",
    code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
  },
  {
    name: "an invariant over a partition column",
    schema: withInvariant(struct({ a: "long", p: "integer" }), "a", "`p` < a"),
    partitionColumns: ["p"],
    good: { a: 4n, p: 3 },
    bad: { a: 4n, p: 4 },
    goodSql: "SELECT 4, 3::INTEGER",
    badSql: "SELECT 4, 4::INTEGER",
    code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
  },
];

test.each(cases)("$name is kept", async ({ schema, good, bad, goodSql, badSql, code, partitionColumns = [] }) => {
  const arrow = (row: Readonly<Record<string, unknown>>): Rows => ({
    kind: "arrow",
    schema,
    batches: streamOf(batchFromRows(schema, [good, row])),
  });
  const relation = (sql: string): Rows => ({ kind: "relation", schema, sql: `${goodSql} UNION ALL ${sql}` });
  for (const rows of [arrow(bad), relation(badSql)]) {
    const target = targetOf(newTablePath(), schema, { partitionColumns });
    await expect(writeDataFiles(engine, target, rows)).rejects.toMatchObject({ code });
    expect(dataFilesIn(target.tablePath)).toEqual([]);
  }
  for (const rows of [arrow(good), relation(goodSql)]) {
    const target = targetOf(newTablePath(), schema, { partitionColumns });
    expect((await writeDataFiles(engine, target, rows)).rowCount).toBe(2);
  }
});

test("a violated invariant is told with its expression and the values of the row", async () => {
  const schema = withInvariant(struct({ a: "long", other: "string" }), "a", "a > 3");
  const target = targetOf(newTablePath(), schema);
  const rows: Rows = { kind: "relation", schema, sql: "SELECT 1, 'unrelated'" };
  await expect(writeDataFiles(engine, target, rows)).rejects.toThrow(
    /CHECK constraint a \(a > 3\) violated by row with values:\n - a : 1\n/,
  );
});

test("files are not copied into a table that demands more than theirs", async () => {
  const loose = struct({ a: "long" });
  const from = targetOf(newTablePath(), loose);
  const written = await writeDataFiles(engine, from, { kind: "relation", schema: loose, sql: "SELECT NULL::BIGINT" });
  const [add] = written.adds;
  const path = `${from.tablePath}/${add?.path ?? ""}`;
  const rows: Rows = {
    kind: "files",
    schema: loose,
    partitionColumns: [],
    relation: `SELECT * FROM read_parquet('${path}')`,
    files: [
      {
        path,
        sizeBytes: add?.sizeBytes ?? 0,
        partitionValues: new Map(),
        ...(add?.stats === undefined ? {} : { stats: add.stats }),
      },
    ],
  };
  const strict = targetOf(newTablePath(), struct({ "a!": "long" }));
  await expect(writeDataFiles(engine, strict, rows)).rejects.toMatchObject({
    code: "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
  });
  const copied = await writeDataFiles(engine, targetOf(newTablePath(), nullable(strict.schema)), rows);
  expect(copied.adds[0]?.stats).toBe(add?.stats);
  expect(copied.adds[0]?.path).not.toBe(add?.path);
});
