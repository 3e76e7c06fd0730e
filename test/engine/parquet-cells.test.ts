// Values of a few rows, columns as codes, and bounds, read without DuckDB: they are what was written, and damage hurts nobody.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { sqlFilePath, sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import { columnBounds } from "../../src/engine/parquet/parquet-bounds.ts";
import { leafIndex } from "../../src/engine/parquet/parquet-metadata.ts";
import { AlluviumError } from "../../src/format/text/error.ts";
import { formatJson } from "../../src/format/text/json-int64.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const engine = localEngine();
afterAll(() => engine[Symbol.asyncDispose]());

interface Row {
  readonly text: string | null;
  readonly size: bigint | null;
  readonly day: number | null;
  readonly flag: boolean | null;
  readonly few: string | null;
  readonly tags: Readonly<Record<string, string | null>> | null;
}

const text = fc.string({ unit: "grapheme", maxLength: 8 }).filter((value) => !value.includes("\0"));
const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { freq: 4 });
const row: fc.Arbitrary<Row | null> = fc.option(
  fc.record({
    text: optional(text),
    size: optional(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    day: optional(fc.integer({ min: -1000, max: 40_000 })),
    flag: optional(fc.boolean()),
    few: optional(fc.constantFrom("", "a", "b", "Straße", "\u{1F600}")),
    tags: optional(fc.dictionary(text, optional(text), { maxKeys: 3 })),
  }),
  { freq: 6 },
);

const rowType = "STRUCT(text VARCHAR, size BIGINT, day INTEGER, flag BOOLEAN, few VARCHAR, tags MAP(VARCHAR, VARCHAR))";
const shape = {
  text: "VARCHAR",
  size: "BIGINT",
  day: "INTEGER",
  flag: "BOOLEAN",
  few: "VARCHAR",
  tags: "MAP(VARCHAR, VARCHAR)",
};
const columns = Object.keys(shape).map((name) => ["meta", name]);
const layouts = fc.constantFrom(
  "COMPRESSION uncompressed",
  "COMPRESSION snappy",
  "COMPRESSION gzip",
  "COMPRESSION snappy, ROW_GROUP_SIZE 2048",
  "COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 1",
);

/** The rows given, as often as it takes to fill row groups. */
async function write(rows: readonly (Row | null)[], options: string): Promise<string> {
  const path = join(temporaryFolder(), "cells.parquet");
  const lines = rows.map((meta) => formatJson({ meta } as never)).join("\n");
  const parsed = `from_json(line, ${sqlLiteral(JSON.stringify({ meta: shape }))}).meta::${rowType}`;
  await using connection = await engine.sql.connect();
  await connection.run(
    `COPY (SELECT ${parsed} AS meta FROM (SELECT unnest(string_split(${sqlLiteral(lines)}, chr(10))) AS line)) TO ${sqlLiteral(path)} (FORMAT parquet, ${options})`,
  );
  return path;
}

const plain = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : (value ?? null);
};

const repeated = (rows: readonly (Row | null)[], options: string): readonly (Row | null)[] =>
  options.includes("2048") ? Array.from({ length: 5000 }, (_, index) => rows[index % rows.length] ?? null) : rows;

test("cells of a few rows are what was written, however they are packed", async () => {
  const property = fc.asyncProperty(
    fc.array(row, { minLength: 1, maxLength: 40 }),
    layouts,
    fc.array(fc.nat(), { maxLength: 6 }),
    async (some, options, picks) => {
      const rows = repeated(some, options);
      const path = await write(rows, options);
      const metadata = await engine.parquet.metadata(path);
      let start = 0;
      for (const [group, { rowCount }] of metadata.rowGroups.entries()) {
        const wanted = [...new Set(picks.map((pick) => pick % rowCount))].toSorted((a, b) => a - b);
        const cells = await engine.parquet.cells(path, { metadata, group, rows: wanted, columns });
        for (const [index, [, name = ""]] of columns.entries())
          expect(cells?.[index]).toEqual(wanted.map((at) => plain(rows[start + at]?.[name as keyof Row])));
        start += rowCount;
      }
    },
  );
  await fc.assert(property, { seed: 43, numRuns: 60 });
});

test("codes stand for the values of each row, and no value is beyond the bounds", async () => {
  const property = fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), layouts, async (some, options) => {
    const rows = repeated(some, options);
    const path = await write(rows, options);
    const metadata = await engine.parquet.metadata(path);
    for (const name of ["few", "day", "size"] as const) {
      const column = ["meta", name];
      const groups = [...metadata.rowGroups.keys()];
      const read = await engine.parquet.codes(path, { metadata, column, groups });
      const node = metadata.tree[0]?.children.find((child) => child.name === name) ?? { physicalType: "" };
      const decoded = read?.flatMap(({ codes, values }) =>
        Array.from(codes, (code) => (code === 0 ? null : values[code - 1])),
      );
      if (decoded !== undefined) expect(decoded).toEqual(rows.map((each) => plain(each?.[name])));
      let start = 0;
      for (const [group, { rowCount }] of metadata.rowGroups.entries()) {
        const bounds = columnBounds(metadata, { group, leaf: leafIndex(metadata, column), node });
        for (const each of rows.slice(start, start + rowCount)) {
          const value = each?.[name] ?? null;
          if (value === null) continue;
          expect(bounds === null || bounds.compareLeast(value) <= 0).toBe(true);
          expect(bounds === null || bounds.compareGreatest(value) >= 0).toBe(true);
        }
        start += rowCount;
      }
    }
  });
  await fc.assert(property, { seed: 47, numRuns: 40 });
});

test("a column of many values has codes, where its writer gave it a dictionary, or none", async () => {
  const folder = temporaryFolder();
  await using connection = await engine.sql.connect();
  const write = async (name: string, value: string): Promise<string> => {
    const path = join(folder, name);
    await connection.run(
      `COPY (SELECT ${value} AS v FROM range(3000) AS r(i)) TO ${sqlLiteral(path)} (FORMAT parquet)`,
    );
    return path;
  };
  const codesOf = async (path: string) => {
    const metadata = await engine.parquet.metadata(path);
    return engine.parquet.codes(path, { metadata, column: ["v"], groups: [0] });
  };
  const [few, each, twice] = [
    await write("few", "'v' || i % 7"),
    await write("each", "'v' || i"),
    await write("list", "[i % 3]"),
  ];
  expect((await codesOf(few))?.[0]?.values.toSorted()).toEqual(["v0", "v1", "v2", "v3", "v4", "v5", "v6"]);
  expect(await codesOf(each)).toBeNull();
  expect(await codesOf(twice)).toBeNull();
});

test("of a long page of texts any rows are read, with nulls before them or without", async () => {
  const path = join(temporaryFolder(), "long.parquet");
  await using connection = await engine.sql.connect();
  const rowCount = 12_000;
  await connection.run(
    `COPY (SELECT md5(i::VARCHAR) AS whole, CASE WHEN i % 3 > 0 THEN 'x' || md5(i::VARCHAR) END AS gaps FROM range(${rowCount}) AS r(i)) TO ${sqlLiteral(path)} (FORMAT parquet, COMPRESSION snappy)`,
  );
  const metadata = await engine.parquet.metadata(path);
  const picks = fc.uniqueArray(fc.nat(rowCount - 1), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(picks, async (some) => {
    const rows = some.toSorted((a, b) => a - b);
    const cells = await engine.parquet.cells(path, { metadata, group: 0, rows, columns: [["whole"], ["gaps"]] });
    const wanted = rows.map((row) => createHash("md5").update(String(row)).digest("hex"));
    expect(cells?.[0]).toEqual(wanted);
    expect(cells?.[1]).toEqual(wanted.map((hash, at) => ((rows[at] ?? 0) % 3 > 0 ? `x${hash}` : null)));
  });
  await fc.assert(property, { seed: 59, numRuns: 40 });
});

test("whatever byte is damaged, cells and codes end, in values, in nothing, or in an error that names the file", async () => {
  const some: Row = { text: "a text", size: 5n, day: 1, flag: true, few: "a", tags: { k: "v", l: null } };
  const path = await write(
    Array.from({ length: 300 }, (_, index) => (index % 7 === 0 ? null : { ...some, size: BigInt(index) })),
    "COMPRESSION snappy",
  );
  const whole = readFileSync(path);
  const metadata = await engine.parquet.metadata(path);
  const damaged = join(temporaryFolder(), "damaged.parquet");
  const property = fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ flip;
    writeFileSync(damaged, bytes);
    try {
      await engine.parquet.cells(damaged, { metadata, group: 0, rows: [1, 2, 299], columns });
      await engine.parquet.codes(damaged, { metadata, column: ["meta", "few"], groups: [0] });
    } catch (error) {
      expect(error).toBeInstanceOf(AlluviumError);
      expect((error as AlluviumError).message).toContain(sqlFilePath(damaged).slice(1, -1));
    }
  });
  await fc.assert(property, { seed: 53, numRuns: 400 });
});
