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

test("pivot refuses an aggregate that is no call, and no values", () => {
  const grouped = sales.groupBy("book");
  expect(() => grouped.pivot("year", [2024]).agg("sum(price) + 1")).toThrow(/calls of aggregates/u);
  expect(() => grouped.pivot("year", [])).toThrow(/values/u);
});
