// test/session/frame-steps.test.ts: what a DataFrame does to its rows, by the names and with the meaning of Spark's.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { col, expr, lit } from "../../src/expression/predicate/builder.ts";
import { when } from "../../src/expression/predicate/case-expression.ts";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import { Session } from "../../src/session/door/session.ts";

const warehouse = mkdtempSync(join(tmpdir(), "alluvium-test-"));
let spark: Session;
let people: DataFrame;

beforeAll(async () => {
  spark = await Session.open({ warehouse });
  people = spark.createDataFrame(
    [
      { id: 1n, name: "a", height: 1.5, age: 30 },
      { id: 2n, name: "b", height: Number.NaN, age: null },
      { id: 3n, name: null, height: null, age: null },
    ],
    "id BIGINT NOT NULL, name STRING, height DOUBLE, age INT",
  );
});

afterAll(async () => {
  await spark.close();
  rmSync(warehouse, { recursive: true, force: true });
});
afterEach(() => vi.restoreAllMocks());

const ids = async (frame: DataFrame): Promise<readonly unknown[]> =>
  (await frame.orderBy("id").collect()).map(({ id }) => id);

describe("na", () => {
  test("fill puts a number into columns of numbers, where they are null or NaN, cut to the type of the column", async () => {
    expect(await people.na.fill(7.9).orderBy("id").collect()).toEqual([
      { id: 1n, name: "a", height: 1.5, age: 30 },
      { id: 2n, name: "b", height: 7.9, age: 7 },
      { id: 3n, name: null, height: 7.9, age: 7 },
    ]);
  });

  test("fill puts text into columns of text, and only into those that are named", async () => {
    expect((await people.na.fill("?").orderBy("id").collect()).map(({ name }) => name)).toEqual(["a", "b", "?"]);
    const filled = await people.na.fill(0, ["AGE"]).where("id = 3").first();
    expect(filled).toEqual({ id: 3n, name: null, height: null, age: 0 });
  });

  test("fill takes a value for each column, and refuses a column that is not there", async () => {
    const known = { name: "?", age: 1 };
    const misspelt = { nam: "?" };
    // eslint-disable-next-line unicorn/no-array-fill-with-reference-type -- no array is filled
    expect(await people.na.fill(known).where("id = 3").first()).toEqual({
      id: 3n,
      name: "?",
      height: null,
      age: 1,
    });
    // eslint-disable-next-line unicorn/no-array-fill-with-reference-type -- no array is filled
    await expect(people.na.fill(misspelt).collect()).rejects.toThrow(/"nam" .* did you mean name/u);
  });

  test("drop leaves out rows that lack a value, every value, or too many; NaN is no value", async () => {
    expect(await ids(people.na.drop())).toEqual([1n]);
    expect(await ids(people.na.drop("all", ["name", "height"]))).toEqual([1n, 2n]);
    expect(await ids(people.na.drop({ atLeast: 2 }))).toEqual([1n, 2n]);
    expect(await ids(people.na.drop("any", ["name"]))).toEqual([1n, 2n]);
    expect(() => people.na.drop({ atLeast: 1.5 })).toThrow(/whole number/u);
  });
});

describe("columns", () => {
  test("toDF names all columns by position, and says so when there are more or fewer", async () => {
    expect(await people.toDF("a", "b", "c", "d").columns()).toEqual(["a", "b", "c", "d"]);
    await expect(people.toDF("a").schema()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("withColumns sees the columns as they were, whatever is put in their places", async () => {
    const swapped = people.select("id", "age").withColumns({ id: "age", age: "id", both: "id + age" });
    expect(await swapped.where("age = 1").collect()).toEqual([{ id: 30, age: 1n, both: 31n }]);
    expect(await people.withColumns({}).columns()).toEqual(await people.columns());
    await expect(people.withColumns({ a: "1", A: "2" }).schema()).rejects.toMatchObject({
      code: "DELTA_DUPLICATE_COLUMNS_FOUND",
    });
  });

  test("withColumnsRenamed renames those that are there", async () => {
    expect(await people.withColumnsRenamed({ id: "key", nothing: "x" }).columns()).toEqual([
      "key",
      "name",
      "height",
      "age",
    ]);
  });

  test("select takes window functions", async () => {
    const frame = people.selectExpr("id", "row_number() OVER (ORDER BY id DESC) AS place").orderBy("id");
    expect(await frame.collect()).toEqual([
      { id: 1n, place: 3 },
      { id: 2n, place: 2 },
      { id: 3n, place: 1 },
    ]);
  });

  test("when and otherwise make a CASE, null where nothing is said of the rest", async () => {
    const size = when(col("id").gt(2), "big").when(col("id").eq(2), lit("middle"));
    const frame = people.select("id", size.as("size"), size.otherwise("small").as("whole")).orderBy("id");
    expect(await frame.collect()).toEqual([
      { id: 1n, size: null, whole: "small" },
      { id: 2n, size: "middle", whole: "middle" },
      { id: 3n, size: "big", whole: "big" },
    ]);
  });

  test("an expression of text may bring its name along", async () => {
    expect(await people.select(expr("id + 1 AS next")).columns()).toEqual(["next"]);
    expect(() => expr("id, name")).toThrow(/one expression/u);
  });

  test("keys to sort by say where nulls stand", async () => {
    const sorted = async (key: Parameters<DataFrame["orderBy"]>[0]): Promise<readonly unknown[]> =>
      (await people.orderBy(key).collect()).map(({ id }) => id);
    expect(await sorted(col("name").asc())).toEqual([3n, 1n, 2n]);
    expect(await sorted(col("name").asc("last"))).toEqual([1n, 2n, 3n]);
    expect(await sorted(col("name").desc())).toEqual([2n, 1n, 3n]);
    expect(await sorted(col("name").desc("first"))).toEqual([3n, 2n, 1n]);
  });
});

describe("rows", () => {
  test("take, head and first give the first rows; a frame without rows has none", async () => {
    const sorted = people.select("id").orderBy("id");
    expect(await sorted.take(2)).toEqual([{ id: 1n }, { id: 2n }]);
    expect(await sorted.head()).toEqual([{ id: 1n }]);
    expect(await sorted.first()).toEqual({ id: 1n });
    expect(await sorted.where("id > 9").first()).toBeNull();
    expect([await sorted.isEmpty(), await sorted.where("id > 9").isEmpty()]).toEqual([false, true]);
    await expect(sorted.take(-1)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("count counts what mapBatches gives, and rows of tables without reading a column of them", async () => {
    expect(await people.mapBatches((batch) => [batch, batch]).count()).toBe(6n);
    await people.write.mode("overwrite").saveAsTable("counted");
    expect(await spark.table("counted").where("id > 1").count()).toBe(2n);
    expect(await spark.table("counted").limit(2).count()).toBe(2n);
  });

  test("intersect and except compare whole rows, with nulls alike, once or as often as they are there", async () => {
    const twice = people.select("name").union(people.select("name"));
    const one = people.where("id <> 2").select("name");
    const names = async (frame: DataFrame): Promise<readonly unknown[]> =>
      (await frame.orderBy("name").collect()).map(({ name }) => name);
    expect(await names(twice.intersect(one))).toEqual([null, "a"]);
    expect(await names(twice.intersectAll(twice))).toEqual([null, null, "a", "a", "b", "b"]);
    expect(await names(twice.except(one))).toEqual(["b"]);
    expect(await names(twice.exceptAll(one))).toEqual([null, "a", "b", "b"]);
  });

  test("range counts from a start by a step to before the end", async () => {
    const numbers = async (frame: DataFrame): Promise<readonly unknown[]> =>
      (await frame.collect()).map(({ id }) => id);
    expect(await numbers(spark.range(3))).toEqual([0n, 1n, 2n]);
    expect(await numbers(spark.range(5, 10n, 2))).toEqual([5n, 7n, 9n]);
    expect(await numbers(spark.range(3, 0, -1))).toEqual([3n, 2n, 1n]);
    expect(() => spark.range(1, 2, 0)).toThrow(/step/u);
    expect(() => spark.range(0.5)).toThrow(/whole numbers/u);
  });

  test("sample draws the same rows for the same seed, none and all at the ends", async () => {
    const many = spark.range(10_000);
    const drawn = await many.sample(0.1, 7).count();
    expect(drawn).toBe(await many.sample(0.1, 7).count());
    expect(Number(drawn)).toBeGreaterThan(500);
    expect(Number(drawn)).toBeLessThan(1500);
    expect([await many.sample(0).count(), await many.sample(1).count()]).toEqual([0n, 10_000n]);
    expect(() => many.sample(2)).toThrow(/from 0 to 1/u);
  });

  test("printSchema prints the tree that Spark prints", async () => {
    const print = vi.spyOn(console, "log").mockImplementation(() => {});
    const schema = "id BIGINT NOT NULL, tags ARRAY<STRING>, prices MAP<STRING, DECIMAL(10,2)>, at STRUCT<day: DATE>";
    await spark.createDataFrame([], schema).printSchema();
    expect(print.mock.calls[0]?.[0]).toBe(
      [
        "root",
        " |-- id: long (nullable = false)",
        " |-- tags: array (nullable = true)",
        " |    |-- element: string (containsNull = true)",
        " |-- prices: map (nullable = true)",
        " |    |-- key: string",
        " |    |-- value: decimal(10,2) (valueContainsNull = true)",
        " |-- at: struct (nullable = true)",
        " |    |-- day: date (nullable = true)",
        "",
      ].join("\n"),
    );
  });
});
