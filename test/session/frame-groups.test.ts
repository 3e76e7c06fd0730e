// test/session/frame-groups.test.ts: frames joined and grouped: names of the sides of a join, sets of keys, pivots.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { col, expr, lit } from "../../src/expression/predicate/builder.ts";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import { sum } from "../../src/session/plan/functions.ts";
import { Session } from "../../src/session/door/session.ts";

const warehouse = mkdtempSync(join(tmpdir(), "alluvium-test-"));
let spark: Session;
let books: DataFrame;
let sales: DataFrame;

beforeAll(async () => {
  spark = await Session.open({ warehouse });
  books = spark.createDataFrame([
    { id: 1n, title: "A" },
    { id: 2n, title: "B" },
  ]);
  sales = spark.createDataFrame([
    { id: 10n, book: 1n, year: 2024, price: 5 },
    { id: 11n, book: 1n, year: 2025, price: 7 },
    { id: 12n, book: 2n, year: 2025, price: 1 },
  ]);
});

afterAll(async () => {
  await spark.close();
  rmSync(warehouse, { recursive: true, force: true });
});

test("what follows a join speaks of its sides by their aliases, though columns have the same name", async () => {
  const joined = books.as("b").join(sales.as("s"), expr("b.id = s.book"));
  expect(await joined.where("s.price > 1").select("s.id", "b.title").orderBy("id").collect()).toEqual([
    { id: 10n, title: "A" },
    { id: 11n, title: "A" },
  ]);
  expect(await joined.groupBy("b.id").agg(sum("price").as("total")).orderBy("id").collect()).toEqual([
    { id: 1n, total: 12n },
    { id: 2n, total: 1n },
  ]);
  await expect(joined.collect()).rejects.toMatchObject({ code: "DELTA_DUPLICATE_COLUMNS_FOUND" });
});

test("a join goes on with its aliases in a further join", async () => {
  const again = books
    .as("b")
    .join(sales.as("s"), expr("b.id = s.book"))
    .join(books.as("c"), expr("c.id = s.book"), "left")
    .where("s.year = 2025")
    .select("s.id", col("c").field("title").as("t"));
  expect(await again.orderBy("id").collect()).toEqual([
    { id: 11n, t: "A" },
    { id: 12n, t: "B" },
  ]);
});

test("a join of frames without names is one side of the next", async () => {
  const renamed = sales.select("book", "price").withColumnRenamed("book", "key");
  const first = books.join(renamed, expr("left.id = right.key"));
  const second = first.join(sales.select("year", "book"), expr("left.key = right.book"));
  expect(await second.count()).toBe(5n);
});

test("crossJoin gives each row with each", async () => {
  expect(await books.select("title").crossJoin(sales.select("year")).count()).toBe(6n);
});

test("rollup adds totals from the right, cube of every set of keys", async () => {
  const counted = async (frame: DataFrame): Promise<readonly unknown[]> => {
    const rows = await frame.orderBy("book", "year").collect();
    return rows.map(({ book, year, count }) => [book, year, count]);
  };
  expect(await counted(sales.rollup("book", "year").count())).toEqual([
    [null, null, 3n],
    [1n, null, 2n],
    [1n, 2024n, 1n],
    [1n, 2025n, 1n],
    [2n, null, 1n],
    [2n, 2025n, 1n],
  ]);
  expect(await sales.cube("book", "year").count().count()).toBe(8n);
});

test("pivot makes columns of values, null where a group has no row of one", async () => {
  const pivoted = sales.groupBy("book").pivot("year", [2024, lit(2025).as("last_year")]);
  expect(await pivoted.sum("price").orderBy("book").collect()).toEqual([
    { book: 1n, 2024: 5n, last_year: 7n },
    { book: 2n, 2024: null, last_year: 1n },
  ]);
  expect(await pivoted.agg("count(1)", sum("price").as("total")).orderBy("book").collect()).toEqual([
    { book: 1n, "2024_count(1)": 1n, "2024_total": 5n, "last_year_count(1)": 1n, last_year_total: 7n },
    { book: 2n, "2024_count(1)": null, "2024_total": null, "last_year_count(1)": 1n, last_year_total: 1n },
  ]);
});

test("pivot takes expressions of aggregates, and looks for the values where none are given", async () => {
  const pivoted = await sales.groupBy("book").pivot("year");
  expect(await pivoted.agg("round(sum(price) / count(1) + 1, 1)").orderBy("book").collect()).toEqual([
    { book: 1n, 2024: 6, 2025: 8 },
    { book: 2n, 2024: null, 2025: 2 },
  ]);
  const named = spark.createDataFrame([
    { k: "Ab", n: 1 },
    { k: null, n: 2 },
  ]);
  expect(await (await named.groupBy().pivot("k")).sum("n").collect()).toEqual([{ null: 2n, Ab: 1n }]);
});

test("pivot refuses what is no aggregate, and no values", () => {
  const grouped = sales.groupBy("book");
  expect(() => grouped.pivot("year", [2024]).agg("price + 1")).toThrow(/takes aggregates/u);
  expect(() => grouped.pivot("year", [])).toThrow(/values/u);
});

test("agg takes the name of an aggregate for each column", async () => {
  expect(await sales.groupBy("book").agg({ price: "mean", "*": "count" }).orderBy("book").collect()).toEqual([
    { book: 1n, "avg(price)": 6, "count(1)": 2n },
    { book: 2n, "avg(price)": 1, "count(1)": 1n },
  ]);
  expect(await sales.agg({ year: "max" }).collect()).toEqual([{ "max(year)": 2025n }]);
});

test("describe and summary tell of columns of numbers and texts", async () => {
  const frame = spark.createDataFrame([
    { n: 1, t: "10" },
    { n: 3, t: "x" },
    { n: null, t: null },
  ]);
  const told = async (summary: Promise<DataFrame>): Promise<unknown> =>
    (await (await summary).collect()).map((row) => Object.values(row));
  expect(await told(frame.describe())).toEqual([
    ["count", "2", "2"],
    ["mean", "2.0", "10.0"],
    ["stddev", "1.4142135623730951", null],
    ["min", "1", "10"],
    ["max", "3", "x"],
  ]);
  expect(await told(frame.summary("50%", "count_distinct"))).toEqual([
    ["50%", "1", "10.0"],
    ["count_distinct", "2", "2"],
  ]);
  await expect(frame.describe("m")).rejects.toThrow(/no column "m"/u);
  await expect(frame.summary("median")).rejects.toThrow(/no statistic/u);
});

test("insertInto writes by the places of columns, cast to those of the table", async () => {
  await spark.sql("CREATE TABLE places (id BIGINT, name STRING)");
  const rows = spark.createDataFrame([{ name: 7, id: "x" }]);
  await rows.write.insertInto("places");
  expect(await spark.table("places").collect()).toEqual([{ id: 7n, name: "x" }]);
  await rows.write.mode("overwrite").insertInto("places");
  expect(await spark.table("places").count()).toBe(1n);
  await expect(rows.select("id").write.insertInto("places")).rejects.toThrow(/2 columns \(id, name\), but 1/u);
});
