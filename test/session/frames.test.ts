// What a DataFrame does with rows that are all there: groups, joins, unions, order, duplicates, printing, rows of the program.
import { expect, test } from "vitest";
import { expr } from "../../src/expression/predicate/builder.ts";
import { count, desc, sum } from "../../src/session/plan/functions.ts";
import { formatRows } from "../../src/session/run/show-rows.ts";
import { bookSession, errorOf } from "./books.ts";

test("groupBy and agg name their results as Spark does", async () => {
  const spark = await bookSession();
  const books = spark.table("books");
  expect(
    await books.groupBy("author").agg(count("*"), sum("price").as("total")).orderBy(desc("total")).collect(),
  ).toEqual([
    { author: "Austen", "count(1)": 2n, total: 15 },
    { author: "Stoker", "count(1)": 1n, total: 10.5 },
  ]);
  expect(await books.groupBy("author").count().orderBy("author").collect()).toEqual([
    { author: "Austen", count: 2n },
    { author: "Stoker", count: 1n },
  ]);
  expect(await books.groupBy().max("price").collect()).toEqual([{ "max(price)": 10.5 }]);
});

test("rows of the program are joined with a table by names or by a condition", async () => {
  const spark = await bookSession();
  const born = spark.createDataFrame([
    { author: "Austen", born: 1775n },
    { author: "Woolf", born: 1882n },
  ]);
  const books = spark.table("books");
  expect(await books.join(born, "author").select("title", "born").orderBy("title").collect()).toEqual([
    { title: "Emma", born: 1775n },
    { title: "Persuasion", born: 1775n },
  ]);
  expect(await books.join(born, "author", "leftanti").select("title").collect()).toEqual([{ title: "Dracula" }]);
  const people = born.withColumnRenamed("author", "name").alias("p");
  expect(await books.alias("b").join(people, expr("b.author = p.name AND p.born < 1800")).count()).toBe(2n);
  expect(await errorOf(Promise.resolve().then(() => books.alias("x").join(born.alias("x"), "author")))).toMatch(
    /^INVALID_ARGUMENT/,
  );
});

test("rows of the program stand under the names of their schema, in whatever order an object has them", async () => {
  const spark = await bookSession();
  const schema = "a BIGINT, b STRING";
  expect(await spark.createDataFrame([{ b: "x", a: 1n }], schema).collect()).toEqual([{ a: 1n, b: "x" }]);
  expect(await spark.createDataFrame([{ b: "x" }], schema).collect()).toEqual([{ a: null, b: "x" }]);
});

test("unions, distinct rows and duplicates", async () => {
  const spark = await bookSession();
  const authors = spark.table("books").select("author");
  expect(await authors.union(authors).count()).toBe(6n);
  expect(await authors.distinct().orderBy("author").collect()).toEqual([{ author: "Austen" }, { author: "Stoker" }]);
  expect(await spark.table("books").dropDuplicates(["author"]).count()).toBe(2n);
  const other = spark.createDataFrame([{ year: 1n, author: "Zola" }]);
  expect(await authors.unionByName(other).where("year IS NOT NULL").collect()).toEqual([{ author: "Zola", year: 1n }]);
});

test("current_timestamp is one time in a whole query, and limits nest", async () => {
  const spark = await bookSession();
  const [row] = await spark.table("books").sql("SELECT count(DISTINCT current_timestamp()) AS n FROM source").collect();
  expect(row).toEqual({ n: 1n });
  expect(await spark.table("books").limit(2).sql("SELECT * FROM t LIMIT 9", "t").count()).toBe(2n);
  expect(await errorOf(spark.table("books").sql("SELECT * FROM nowhere").collect())).toMatch(
    /^TABLE_OR_VIEW_NOT_FOUND: .*source/,
  );
});

test("show draws the table of Spark: right-aligned when cut, NULL for null", () => {
  const schema = {
    kind: "struct" as const,
    fields: [
      { name: "name", type: { kind: "primitive" as const, name: "string" as const }, nullable: true, metadata: {} },
      { name: "x", type: { kind: "primitive" as const, name: "double" as const }, nullable: true, metadata: {} },
    ],
  };
  const rows = [
    ["a name that is longer than twenty", 1],
    [null, null],
  ];
  expect(formatRows(rows, { schema, widthMax: 20, hasMore: true })).toBe(
    [
      "+--------------------+----+",
      "|                name|   x|",
      "+--------------------+----+",
      "|a name that is lo...| 1.0|",
      "|                NULL|NULL|",
      "+--------------------+----+",
      "only showing top 2 rows",
    ].join("\n"),
  );
});

test("two columns of one name are read by their places, and never by name", async () => {
  const spark = await bookSession();
  const pairs = await spark.sql("SELECT a.id, b.id, b.id > 1 AS more FROM range(2) a JOIN range(1, 3) b ORDER BY 1, 2");
  expect(await pairs.columns()).toEqual(["id", "id", "more"]);
  const table = await pairs.toArrow();
  expect([0, 1, 2].map((index): unknown => table.getChildAt(index)?.get(1))).toEqual([0n, 2n, true]);
  expect(await pairs.count()).toBe(4n);
  expect(await pairs.toDF("x", "y", "z").collect()).toHaveLength(4);
  const inner = await spark.sql("SELECT * FROM (SELECT a.id, b.id FROM range(2) a JOIN range(1, 3) b)");
  expect(await inner.columns()).toEqual(["id", "id"]);
  const byName = [
    () => pairs.collect(),
    () => pairs.select("id").collect(),
    () => pairs.write.saveAsTable("pairs"),
    () => inner.first(),
  ];
  for (const read of byName)
    expect(await errorOf(read())).toMatch(/^DELTA_DUPLICATE_COLUMNS_FOUND: .*two columns named "id"/);
  expect(await errorOf(spark.table("pairs").collect())).toMatch(/^TABLE_NOT_FOUND/);
});
