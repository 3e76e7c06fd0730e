// Queries whose types come from inside of them, sessions over rows that are all there, and the smaller forms of a query.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Session, formatType } from "../../src/index.ts";
import { roundCount } from "../round-count.ts";

let root: string;
let session: Session;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "alluvium-types-"));
  session = await Session.open({ warehouse: root });
  await session.sql("CREATE TABLE t (a INT, b STRING, p DECIMAL(18, 2))");
  await session.sql("INSERT INTO t VALUES (1, 'x', 3.75), (2, 'y', -0.01)");
});
afterAll(async () => {
  await session.close();
  await rm(root, { recursive: true, force: true });
});

async function typed(query: string): Promise<readonly [readonly string[], readonly (readonly unknown[])[]]> {
  const frame = await session.sql(query);
  const { fields } = await frame.schema();
  const rows = (await frame.collect()) as readonly Record<string, unknown>[];
  return [fields.map((field) => formatType(field.type)), rows.map((row) => fields.map(({ name }) => row[name]))];
}

test.each([
  {
    where: "a sub-query",
    query: "SELECT x / 3 AS v FROM (SELECT p AS x FROM t WHERE a = 1)",
    type: "decimal(22,6)",
    value: "1.250000",
  },
  {
    where: "WITH",
    query: "WITH c AS (SELECT p AS x FROM t WHERE a = 1) SELECT x / 3 AS v FROM c",
    type: "decimal(22,6)",
    value: "1.250000",
  },
  {
    where: "VALUES",
    query: "SELECT x / 2 / 2 AS v FROM VALUES (1.5) AS u(x)",
    type: "decimal(9,8)",
    value: "0.37500000",
  },
  {
    where: "a window function",
    query: "SELECT max(p) OVER () / 3 AS v FROM t LIMIT 1",
    type: "decimal(22,6)",
    value: "1.250000",
  },
  {
    where: "a sub-query that is a value",
    query: "SELECT 1 / (SELECT max(p) FROM t) AS v",
    type: "decimal(22,19)",
    value: "0.2666666666666666667",
  },
  {
    where: "an aggregate of a quotient",
    query: "SELECT sum(x / 2) AS v FROM (SELECT p AS x FROM t)",
    type: "decimal(32,6)",
    value: "1.870000",
  },
  {
    where: "the condition of a join",
    query: "SELECT u.x AS v FROM VALUES (1.5) AS u(x) JOIN VALUES (3.0) AS w(y) ON u.x = w.y / 2",
    type: "decimal(2,1)",
    value: "1.5",
  },
  {
    where: "an element of a list",
    query: "SELECT transform(array(x), y -> y / 2)[0] AS v FROM VALUES (1.5) AS u(x)",
    type: "decimal(7,6)",
    value: "0.750000",
  },
  {
    where: "a cast",
    query: "SELECT CAST(x AS INT) AS v FROM (SELECT p AS x FROM t WHERE a = 1)",
    type: "int",
    value: 3,
  },
])("a quotient of decimals from $where is a decimal", async ({ query, type, value }) => {
  expect(await typed(query)).toEqual([[type], [[value]]]);
});

test("a decimal quotient in a CHECK, a generated column and a stream is the same", async () => {
  await session.sql("CREATE TABLE g (p DECIMAL(18, 2), q DECIMAL(22, 6) GENERATED ALWAYS AS (p / 3))");
  await session.sql("ALTER TABLE g ADD CONSTRAINT third CHECK (p / 3 < 1.250001)");
  await session.sql("INSERT INTO g (p) VALUES (3.75)");
  expect(await typed("SELECT q FROM g")).toEqual([["decimal(22,6)"], [["1.250000"]]]);
  await expect(session.sql("INSERT INTO g (p) VALUES (3.77)")).rejects.toMatchObject({
    code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
  });
  const stream = session.readStream.table("t").selectExpr("p / 3 AS third");
  const query = await stream.writeStream
    .option("checkpointLocation", join(root, "_third"))
    .trigger({ availableNow: true })
    .table("thirds");
  await query.awaitTermination();
  expect(await typed("SELECT third FROM thirds ORDER BY third")).toEqual([
    ["decimal(22,6)"],
    [["-0.003333"], ["1.250000"]],
  ]);
});

test("nested values as text are in Spark's form", async () => {
  const query =
    "SELECT CAST(named_struct('m', map('k', array(1, NULL)), 'd', p, 'f', 1e10D) AS STRING) AS v FROM t WHERE a = 1";
  expect(await typed(query)).toEqual([["string"], [["{{k -> [1, null]}, 3.75, 1.0E10}"]]]);
});

test("sessions of rows that are all there merge where they touch, key by key", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key: fc.constantFrom("a", "b"), second: fc.integer({ min: 0, max: 60 }) }), {
        minLength: 1,
        maxLength: 12,
      }),
      async (rows) => {
        const expected = ["a", "b"].flatMap((key) => {
          const found: { key: string; start: number; end: number; count: number }[] = [];
          const times = rows.filter((row) => row.key === key).map((row) => row.second);
          for (const second of times.toSorted((x, y) => x - y)) {
            const last = found.at(-1);
            if (last !== undefined && second <= last.end) {
              last.end = second + 5;
              last.count += 1;
            } else found.push({ key, start: second, end: second + 5, count: 1 });
          }
          return found.map(({ start, end, count }) => [key, BigInt(start), BigInt(end), BigInt(count)]);
        });
        const values = rows.map(({ key, second }) => `('${key}', timestamp_seconds(${second}))`).join(", ");
        const [, answer] = await typed(
          `SELECT k, unix_seconds(session_window.start) s, unix_seconds(session_window.end) e, count(*) c FROM VALUES ${values} AS t(k, ts) GROUP BY session_window(ts, '5 seconds'), k ORDER BY k, s`,
        );
        expect(answer).toEqual(expected);
      },
    ),
    { seed: 30, numRuns: roundCount(25) },
  );
}, 60_000);

test("TABLE names all rows of a table, wherever a query may stand", async () => {
  await session.sql("CREATE TABLE copied AS TABLE t");
  await session.sql("INSERT INTO copied TABLE t");
  const queries = [
    "TABLE copied",
    "SELECT * FROM (TABLE copied)",
    "WITH c AS (TABLE copied) TABLE c",
    "TABLE t UNION ALL TABLE t",
  ];
  for (const query of queries) expect((await typed(query))[1], query).toHaveLength(4);
});

test("DESCRIBE QUERY tells the columns of a query", async () => {
  const columns = [
    ["q", "double", null],
    ["b", "string", null],
  ];
  expect((await typed("DESCRIBE QUERY SELECT a / 2 AS q, b FROM t"))[1]).toEqual(columns);
  expect((await typed("DESC SELECT a / 2 AS q, b FROM t"))[1]).toEqual(columns);
});

test("samples stand before the alias, and are drawn before rows are chosen", async () => {
  const count = async (sample: string): Promise<unknown> =>
    (await typed(`SELECT count(*) AS n FROM t TABLESAMPLE ${sample} AS s WHERE s.a > 0`))[1][0]?.[0];
  expect(await count("(100 PERCENT)")).toBe(2n);
  expect(await count("(0.0 PERCENT)")).toBe(0n);
  expect(await count("(1 ROWS)")).toBe(1n);
  expect(await count("(BUCKET 4 OUT OF 4) REPEATABLE (7)")).toBe(2n);
  for (const sample of ["(101 PERCENT)", "(5)", "(BUCKET 3 OUT OF 2)"])
    await expect(count(sample), sample).rejects.toMatchObject({ code: "PARSE_SYNTAX_ERROR" });
});
