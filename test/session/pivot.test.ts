// test/session/pivot.test.ts: PIVOT in SQL: its cells are aggregates as exact as any, null where a group has no row of a value.
import { expect, test } from "vitest";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

async function sales(): Promise<Session> {
  const spark = await Session.open({ warehouse: temporaryFolder() });
  await spark.sql("CREATE TABLE sales (g STRING, k INT, k2 STRING, d DECIMAL(10,2))");
  await spark.sql(
    "INSERT INTO sales VALUES ('a', 1, 'x', 1.25), ('a', 1, 'y', 1.26), ('a', NULL, 'x', 7), ('b', 2, NULL, 0.1), ('b', 2, 'x', NULL)",
  );
  return spark;
}

const from = {
  "a table": "(SELECT g, k, d FROM sales)",
  "columns whose types only DuckDB knows":
    "(SELECT g, k, d FROM (SELECT g, k, CAST(d AS DECIMAL(10,2)) AS d FROM sales))",
};

test.each(Object.entries(from))("a mean of decimals is a decimal in a cell, over %s", async (_, source) => {
  await using spark = await sales();
  const pivoted = await spark.sql(`SELECT * FROM ${source} PIVOT (AVG(d) FOR k IN (1, 2, 3)) ORDER BY g`);
  expect(await pivoted.collect()).toEqual([
    { g: "a", 1: "1.255000", 2: null, 3: null },
    { g: "b", 1: null, 2: "0.100000", 3: null },
  ]);
});

test("cells are called by value and aggregate, null is a value, and several columns make one", async () => {
  await using spark = await sales();
  const several = await spark.sql(
    "SELECT * FROM (SELECT g, k, d FROM sales) PIVOT (sum(d) AS s, count(d) AS n FOR k IN (1 AS one, NULL)) AS p ORDER BY g",
  );
  expect(await several.collect()).toEqual([
    { g: "a", one_s: "2.51", one_n: 2n, null_s: "7.00", null_n: 1n },
    { g: "b", one_s: null, one_n: null, null_s: null, null_n: null },
  ]);
  const pairs = await spark.sql(
    "SELECT * FROM (SELECT g, k, k2, d FROM sales) PIVOT (max(d) FOR (k, k2) IN ((1, 'y') AS first, (2, NULL) AS second)) ORDER BY g",
  );
  expect(await pairs.collect()).toEqual([
    { g: "a", first: "1.26", second: null },
    { g: "b", first: null, second: "0.10" },
  ]);
});

test("without other columns there is one row", async () => {
  await using spark = await sales();
  const pivoted = await spark.sql("SELECT * FROM (SELECT k FROM sales) PIVOT (count(*) FOR k IN (1, 2, 3))");
  expect(await pivoted.collect()).toEqual([{ 1: 2n, 2: 2n, 3: null }]);
});
