// Functions of JavaScript in SQL, in expressions and on streams: `spark.udf.register`.
import { join } from "node:path";
import { expect, test } from "vitest";
import { col, sum } from "../../src/index.ts";
import { AlluviumError } from "../../src/format/text/error.ts";
import { bookSession, errorOf, rowsOf } from "./books.ts";

test("a registered function is called in SQL by its name in any case, and its column is named by its text", async () => {
  const spark = await bookSession();
  spark.udf.register("initials", (name: string) => name.slice(0, 2));
  expect(await rowsOf(spark, "SELECT INITIALS(title) FROM books ORDER BY book_id LIMIT 1")).toEqual([
    { "INITIALS(title)": "Em" },
  ]);
  expect(
    await rowsOf(
      spark,
      "SELECT initials(author) AS a, count(*) AS n, (SELECT max(initials(title)) FROM books) AS t FROM books WHERE initials(author) <> 'St' GROUP BY initials(author)",
    ),
  ).toEqual([{ a: "Au", n: 2n, t: "Pe" }]);
});

test("values of every type come and go as row objects have them, null included", async () => {
  const spark = await bookSession();
  const seen: unknown[] = [];
  const values =
    "1 AS i, CAST(2 AS BIGINT) AS l, CAST('1.50' AS DECIMAL(4,2)) AS d, TIMESTAMP '2024-01-02 03:04:05' AS t, DATE '2024-01-02' AS day, X'0aff' AS b, array(1, NULL) AS a, named_struct('x', 'y') AS s, map('k', 1) AS m, true AS yes, CAST(NULL AS STRING) AS nothing, NULL AS void";
  spark.udf.register(
    "look",
    (...args: unknown[]) => {
      seen.push(...args);
      return args.length;
    },
    "INT",
  );
  expect(
    await rowsOf(spark, `SELECT look(i, 2L, d, t, day, b, a, s, m, yes, nothing, void) AS n FROM (SELECT ${values})`),
  ).toEqual([{ n: 12 }]);
  expect(seen.slice(0, 12)).toEqual([
    1,
    2n,
    "1.50",
    new Date("2024-01-02T03:04:05Z"),
    new Date("2024-01-02"),
    Uint8Array.of(10, 255),
    [1, null],
    { x: "y" },
    new Map([["k", 1]]),
    true,
    null,
    null,
  ]);
  for (const [type, value] of [
    ["BIGINT", 2n ** 62n],
    ["DECIMAL(10,2)", "12.50"],
    ["TIMESTAMP", new Date(1234)],
    ["DATE", new Date("2024-01-02")],
    ["BINARY", Uint8Array.of(1, 0)],
    ["ARRAY<STRUCT<a: INT, b: STRING>>", [{ a: 1, b: null }, null]],
    ["MAP<STRING, BIGINT>", new Map([["a", 1n]])],
    ["DOUBLE", 0.1],
    ["BOOLEAN", false],
    ["STRING", "naïve 🎈"],
    ["INT", null],
  ] as const) {
    spark.udf.register("give", (...args: unknown[]) => (args.length === 1 ? value : args), type);
    expect(await rowsOf(spark, "SELECT give(book_id) AS v FROM books LIMIT 1")).toEqual([{ v: value }]);
  }
});

test("a registered function is an expression of a DataFrame too, and its answers have its type", async () => {
  const spark = await bookSession();
  const half = spark.udf.register("half", (price: number) => price / 2, "DOUBLE");
  const frame = spark.table("books").withColumn("h", half("price")).where("half(price) > 4").selectExpr("half(h) AS q");
  expect((await frame.collect()).map((row) => row["q"])).toEqual([2.625]);
  expect(
    await spark
      .table("books")
      .agg(sum(half(col("price"))).as("s"))
      .collect(),
  ).toEqual([{ s: 12.75 }]);
});

test("a function is called for each row when it says that its answers differ, or takes nothing", async () => {
  const spark = await bookSession();
  let count = 0;
  spark.udf.register("next", () => (count += 1), "INT");
  const rows = await rowsOf(spark, "SELECT next() AS n FROM books");
  expect(new Set(rows.map((row) => (row as { n: number }).n)).size).toBe(3);
});

test("what a function throws, or answers of another type, ends the query and is the cause of its error", async () => {
  const spark = await bookSession();
  spark.udf.register("fails", () => {
    throw new TypeError("no such author");
  });
  const error: unknown = await rowsOf(spark, "SELECT fails(author) FROM books").catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(AlluviumError);
  expect(error).toMatchObject({ code: "FAILED_EXECUTE_UDF", cause: new TypeError("no such author") });
  spark.udf.register("wrong", () => "text", "INT");
  expect(await errorOf(rowsOf(spark, "SELECT wrong(author) FROM books"))).toMatch(
    /^FAILED_EXECUTE_UDF: the function wrong failed: it answered "text", which is no INTEGER: expected a whole number/,
  );
  spark.udf.register("later", async () => "text");
  expect(await errorOf(rowsOf(spark, "SELECT later(author) FROM books"))).toContain("it answered a promise");
  expect(await rowsOf(spark, "SELECT count(*) AS n FROM books")).toEqual([{ n: 3n }]);
});

test("a function that fails on a stream ends the query with its error, and the batch is not published", async () => {
  const spark = await bookSession();
  const warehouse = (await spark.deltaTable("books")).path;
  let isBroken = true;
  spark.udf.register("shout", (title: string) => {
    if (isBroken && title === "Dracula") throw new Error("too loud");
    return title.toUpperCase();
  });
  spark.readStream.table("books").createOrReplaceTempView("books_stream");
  const start = async () => {
    const frame = await spark.sql("SELECT shout(title) AS t FROM books_stream WHERE shout(title) <> 'EMMA'");
    return frame.writeStream
      .option("checkpointLocation", join(warehouse, "..", "..", `checkpoint-${warehouse.split("/").at(-2)}`))
      .trigger({ availableNow: true })
      .toTable("shouted");
  };
  const query = await start();
  await expect(query.awaitTermination()).rejects.toMatchObject({
    code: "STREAM_FAILED",
    cause: { code: "FAILED_EXECUTE_UDF", cause: new Error("too loud") },
  });
  expect(await rowsOf(spark, "SELECT count(*) AS n FROM shouted")).toEqual([{ n: 0n }]);
  isBroken = false;
  await (await start()).awaitTermination();
  expect(await rowsOf(spark, "SELECT t FROM shouted ORDER BY t")).toEqual([{ t: "DRACULA" }, { t: "PERSUASION" }]);
});

test("a name that is none, or that Spark has, and a type that is none are refused", async () => {
  const spark = await bookSession();
  expect(await errorOf(Promise.resolve().then(() => spark.udf.register("a b", () => "")))).toContain(
    "INVALID_ARGUMENT",
  );
  expect(await errorOf(Promise.resolve().then(() => spark.udf.register("Upper", () => "")))).toContain(
    "INVALID_ARGUMENT: Upper is a function of Spark already",
  );
  expect(await errorOf(Promise.resolve().then(() => spark.udf.register("f", () => "", "INTT")))).toContain(
    "INVALID_ARGUMENT: the type of a function's answers cannot be read",
  );
});
