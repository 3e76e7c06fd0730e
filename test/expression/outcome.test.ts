// test/expression/outcome.test.ts: a file is given up only when no row of it can match.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SqlConnection } from "../../src/engine/base/engine.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { fileVerdict, partitionVerdict, statsVerdict } from "../../src/expression/predicate/evaluate.ts";
import type { PredicateScope } from "../../src/expression/tree/expression.ts";
import { parsePredicate } from "../../src/expression/predicate/parse-predicate.ts";
import { parseStats } from "../../src/format/value/file-stats.ts";
import { field, struct } from "./all-types.ts";
import { type FileRows, fileRows, predicateText, statsText, valuesSql } from "./random-file.ts";

const engine = localEngine();
let connection: SqlConnection;
beforeAll(async () => {
  connection = await engine.sql.connect();
});
afterAll(() => engine[Symbol.asyncDispose]());

const scope: PredicateScope = {
  schema: struct(
    field("p", "integer"),
    field("i", "integer"),
    field("x", "double"),
    field("s", "string"),
    field("d", "date"),
    field("t", "timestamp"),
    field("m", { kind: "decimal", precision: 5, scale: 2 }),
    field("b", "boolean"),
  ),
  partitionColumns: ["p"],
};

async function matches(file: FileRows, where: string): Promise<{ readonly matching: number; readonly all: number }> {
  const sql = `SELECT count(*) AS n, count(*) FILTER (WHERE ${where}) AS matching FROM (${valuesSql(file)})`;
  const [row] = await connection.rows(sql);
  return { matching: Number(row?.["matching"]), all: Number(row?.["n"]) };
}

test("neither partition values nor statistics give up a file with a matching row, nor take one whole that has another", async () => {
  await fc.assert(
    fc.asyncProperty(fileRows(), predicateText(), fc.boolean(), async (file, text, isExact) => {
      const predicate = await parsePredicate(engine.sql, text, scope);
      const { matching, all } = await matches(file, predicate.sql);
      const stats = parseStats(statsText(file, isExact));
      expect(stats).not.toBeNull();
      const partitionValues = new Map([["p", file.p === null ? null : String(file.p)]]);
      const verdicts = [
        partitionVerdict(predicate.expression, partitionValues, scope),
        stats === null ? "some" : statsVerdict(predicate.expression, stats, scope),
        fileVerdict(predicate.expression, { partitionValues, stats }, scope),
      ];
      for (const verdict of verdicts) {
        if (verdict === "none") expect(matching).toBe(0);
        if (verdict === "all") expect(matching).toBe(all);
      }
    }),
    { seed: 20, numRuns: 400 },
  );
});

const stats = (fields: object): NonNullable<ReturnType<typeof parseStats>> =>
  parseStats(JSON.stringify(fields)) ?? { minValues: {}, maxValues: {}, nullCount: {} };

async function verdict(text: string, fields: object): Promise<string> {
  const predicate = await parsePredicate(engine.sql, text, scope);
  return statsVerdict(predicate.expression, stats(fields), scope);
}

const range = (name: string, [min, max]: readonly [unknown, unknown], nullCount = 0): object => ({
  numRecords: 10,
  minValues: { [name]: min },
  maxValues: { [name]: max },
  nullCount: { [name]: nullCount },
});

test.each([
  ["i > 5", range("i", [1, 5]), "none"],
  ["i >= 5", range("i", [1, 5]), "some"],
  ["NOT (i <= 5)", range("i", [1, 5]), "none"],
  ["i = 5.5", range("i", [6, 9]), "none"],
  ["i <> 3", range("i", [3, 3]), "none"],
  ["i <> 3", range("i", [3, 3], 4), "none"],
  ["i IN (0, 9)", range("i", [1, 5]), "none"],
  ["i NOT IN (3, NULL)", range("i", [3, 9]), "none"],
  ["i IS NULL", range("i", [1, 5]), "none"],
  ["i IS NOT NULL", range("i", [null, null], 10), "none"],
  ["i = 5", { numRecords: 10, nullCount: { i: 10 } }, "none"],
  ["i <=> NULL", range("i", [1, 5]), "none"],
  ["i <=> NULL", range("i", [1, 5], 1), "some"],
  ["i = 5 AND s = 'x'", range("i", [7, 9]), "none"],
  ["i = 5 OR s = 'x'", range("i", [7, 9]), "some"],
  ["s LIKE 'b%'", range("s", ["ca", "cz"]), "none"],
  ["startswith(s, 'c')", range("s", ["ca", "cz"]), "some"],
  ["s > 'zz'", range("s", ["a", "zzzz"]), "some"],
  ["d > DATE'2024-01-01'", range("d", ["2023-01-01", "2024-01-01"]), "none"],
  ["d >= '2024-01-01'", range("d", ["2023-01-01", "2024-01-01"]), "some"],
  ["d > TIMESTAMP'2024-01-01 00:00:01'", range("d", ["2023-01-01", "2024-01-01"]), "none"],
  ["m > 5.55", range("m", [1.25, 5.55]), "none"],
  ["x < 1.5", range("x", [1.5, 9]), "none"],
  ["p = 1", range("i", [1, 2]), "some"],
  ["upper(s) = 'A'", range("s", ["b", "c"]), "some"],
] as const)("%s over %j: %s", async (text, fields, expected) => {
  expect(await verdict(text, fields)).toBe(expected);
});

test("NaN is above every number although statistics leave it out", async () => {
  expect(await verdict("x > 5", range("x", [1, 2]))).toBe("some");
  expect(await verdict("x = double('NaN')", range("x", [1, 2]))).toBe("some");
  expect(await verdict("x <> 1", range("x", [1, 1]))).toBe("some");
});

test("minus zero equals zero in statistics", async () => {
  expect(await verdict("x = 0.0D", range("x", [-0.0, 3]))).toBe("some");
  expect(await verdict("x < 0.0D", { ...range("x", [0, 3]), minValues: { x: -0.0 } })).toBe("none");
});

test("an upper timestamp of milliseconds covers the microseconds behind it", async () => {
  const milliseconds = range("t", ["2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.500Z"]);
  expect(await verdict("t = TIMESTAMP'2024-01-01 00:00:00.500999Z'", milliseconds)).toBe("some");
  expect(await verdict("t > TIMESTAMP'2024-01-01 00:00:00.501001Z'", milliseconds)).toBe("none");
});

test("a lower timestamp before the epoch may have been cut upwards", async () => {
  const cut = range("t", ["1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z"]);
  expect(await verdict("t < TIMESTAMP'1969-12-31 23:59:59.999Z'", cut)).toBe("some");
  expect(await verdict("t < TIMESTAMP'1969-12-31 23:59:59.998Z'", cut)).toBe("none");
});

test.each([
  ["p = 1 AND p < 5", "all"],
  ["p = 1 OR p IS NULL", "all"],
  ["p = 1 AND NOT (p IN (2, 3))", "all"],
  ["p = 1 AND (p = NULL)", "none"],
  ["p = 1 OR (p = NULL)", "all"],
  ["p = 2 OR (p = NULL)", "none"],
  ["p = 1 AND i = 1", "some"],
  ["p = 2 AND i = 1", "none"],
  ["p % 2 = 1", "some"],
])("%s is true for %s rows of partition 1", async (text, expected) => {
  const predicate = await parsePredicate(engine.sql, text, scope);
  expect(partitionVerdict(predicate.expression, new Map([["p", "1"]]), scope)).toBe(expected);
});

test("a file without rows has no matching row", async () => {
  expect(await verdict("true", { numRecords: 0 })).toBe("none");
});

test("a predicate that is null for a partition does not match it", async () => {
  const predicate = await parsePredicate(engine.sql, "p = 1", scope);
  expect(partitionVerdict(predicate.expression, new Map([["p", null]]), scope)).toBe("none");
  expect(partitionVerdict(predicate.expression, new Map([["P", "1"]]), scope)).toBe("all");
  expect(partitionVerdict(predicate.expression, new Map([["p", "2"]]), scope)).toBe("none");
  expect(() => partitionVerdict(predicate.expression, new Map([["p", "x"]]), scope)).toThrow(
    expect.objectContaining({ code: "CORRUPT_LOG" }),
  );
});
