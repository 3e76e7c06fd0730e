// test/session/data-frame.test.ts: batch frames: lazy steps over a table, read and written through a session.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RecordBatch } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { col, expr, lit } from "../../src/expression/predicate/builder.ts";
import type { ColumnExpression } from "../../src/expression/predicate/builder.ts";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import { Session } from "../../src/session/door/session.ts";

const warehouse = mkdtempSync(join(tmpdir(), "alluvium-test-"));
let spark: Session;

beforeAll(async () => {
  spark = await Session.open({ warehouse });
  const books = await spark.createTable("books", {
    schema: "id BIGINT, author STRING, price DECIMAL(10,2), place STRUCT<city: STRING>",
  });
  await books.append([
    { id: 1, author: "A", price: "1.50", place: { city: "Ulm" } },
    { id: 2, author: "B", price: null, place: null },
  ]);
  await books.append([{ id: 3, author: "A", price: "9.99", place: { city: null } }]);
});

afterAll(async () => {
  await spark.close();
  rmSync(warehouse, { recursive: true, force: true });
});

/** Rows in the order of the first column. */
async function rowsOf(frame: DataFrame): Promise<readonly unknown[]> {
  const rows = await frame.collect();
  return rows.toSorted((a, b) => (String(Object.values(a)[0]) < String(Object.values(b)[0]) ? -1 : 1));
}

describe("steps", () => {
  test("select takes names, fields of structs, a star and expressions", async () => {
    const frame = spark.table("books").select("id", "place.city", col("price").times(2).as("twice"));
    expect(await rowsOf(frame)).toMatchObject([
      { id: 1n, city: "Ulm" },
      { id: 2n, city: null, twice: null },
      { id: 3n, city: null },
    ]);
    expect((await spark.table("books").select("*").schema()).fields.map(({ name }) => name)).toEqual([
      "id",
      "author",
      "price",
      "place",
    ]);
  });

  test("selectExpr takes Spark SQL with aliases", async () => {
    const frame = spark.table("books").selectExpr("id + 1 AS next", "upper(author) || '!' AS loud");
    expect(await rowsOf(frame)).toEqual([
      { next: 2n, loud: "A!" },
      { next: 3n, loud: "B!" },
      { next: 4n, loud: "A!" },
    ]);
  });

  test.each<[string, string | ColumnExpression]>([
    ["text", "author = 'A' AND price > 2"],
    ["an expression", col("author").eq("A").and(col("price").gt(2))],
    ["an expression of text", expr("author = 'A' AND price > 2")],
  ])("where takes %s, and keeps the rows for which it is true", async (_name, condition) => {
    expect(await rowsOf(spark.table("books").where(condition).select("id"))).toEqual([{ id: 3n }]);
    expect(await spark.table("books").filter(condition).count()).toBe(1n);
  });

  test("rows for which a condition is null are left out", async () => {
    expect(await rowsOf(spark.table("books").where("NOT (price > 2)").select("id"))).toEqual([{ id: 1n }]);
  });

  test("withColumn replaces its namesake in place, or comes last", async () => {
    const frame = spark.table("books").withColumn("AUTHOR", "lower(author)").withColumn("one", lit(1));
    expect((await frame.schema()).fields.map(({ name }) => name)).toEqual(["id", "AUTHOR", "price", "place", "one"]);
    expect(await rowsOf(frame.select("id", "author", "one"))).toMatchObject([
      { AUTHOR: "a" },
      { AUTHOR: "b" },
      { AUTHOR: "a", one: 1 },
    ]);
  });

  test("withColumnRenamed and drop do nothing for names that are not there", async () => {
    const frame = spark
      .table("books")
      .withColumnRenamed("author", "writer")
      .withColumnRenamed("x", "y")
      .drop("place", "x", "PRICE");
    expect((await frame.schema()).fields.map(({ name }) => name)).toEqual(["id", "writer"]);
  });

  test("limit keeps that many rows", async () => {
    expect(await spark.table("books").limit(2).count()).toBe(2n);
    expect(await spark.table("books").limit(0).count()).toBe(0n);
    expect(() => spark.table("books").limit(-1)).toThrow(/whole number/u);
  });

  test("mapBatches is a step in JavaScript, with SQL before and after it", async () => {
    const frame = spark
      .table("books")
      .where("id < 3")
      .mapBatches((batch) => [batch, batch])
      .withColumn("twice", "id * 2")
      .select("id", "twice");
    expect(await rowsOf(frame)).toEqual([1n, 1n, 2n, 2n].map((id) => ({ id, twice: id * 2n })));
  });

  test("mapBatches may give other columns, when it says so", async () => {
    const ids = await spark.table("books").select("id").schema();
    const frame = spark.table("books").mapBatches((batch) => batch.select(["id"]), { schema: ids });
    expect(await rowsOf(frame)).toEqual([{ id: 1n }, { id: 2n }, { id: 3n }]);
  });

  test("current_timestamp is one moment for a whole frame", async () => {
    const before = Date.now();
    const rows = await spark.table("books").selectExpr("current_timestamp() AS t").collect();
    expect(new Set(rows.map(({ t }) => (t as Date).getTime())).size).toBe(1);
    expect(Number(rows[0]?.["t"])).toBeGreaterThanOrEqual(before);
  });

  test("transformations read nothing: an error comes with the first action", async () => {
    const frame = spark.table("nowhere").where("pages > 1");
    await expect(frame.collect()).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
    await expect(spark.table("books").where("pages > 1").collect()).rejects.toMatchObject({ code: "COLUMN_NOT_FOUND" });
    await expect(spark.table("books").select("pages").schema()).rejects.toMatchObject({ code: "COLUMN_NOT_FOUND" });
    await expect(spark.table("books").where("id >").collect()).rejects.toMatchObject({ code: "PARSE_SYNTAX_ERROR" });
  });
});

describe("actions", () => {
  test("batches, rows, collect, count and toArrow give the same rows", async () => {
    const frame = spark.table("books").select("id");
    const fromBatches: unknown[] = [];
    for await (const batch of frame.batches()) {
      expect(batch).toBeInstanceOf(RecordBatch);
      for (const id of batch.getChildAt(0) ?? []) fromBatches.push(id);
    }
    expect(new Set(fromBatches)).toEqual(new Set([1n, 2n, 3n]));
    expect(new Set((await frame.toArrow()).getChild("id"))).toEqual(new Set([1n, 2n, 3n]));
    expect(await rowsOf(frame)).toEqual([{ id: 1n }, { id: 2n }, { id: 3n }]);
    expect(await frame.count()).toBe(3n);
  });

  test("versionAsOf and timestampAsOf read the past", async () => {
    expect(await spark.read.option("versionAsOf", 1).table("books").count()).toBe(2n);
    expect(await spark.read.option("VERSIONASOF", "0").table("books").count()).toBe(0n);
    const [newest] = await (await spark.deltaTable("books")).history(1);
    const time = new Date(newest?.timestamp ?? 0).toISOString();
    expect(await spark.read.option("timestampAsOf", time).table("books").count()).toBe(3n);
    const tomorrow = spark.read.option("timestampAsOf", new Date(Date.now() + 86_400_000).toISOString());
    await expect(tomorrow.table("books").count()).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
    await expect(spark.read.option("versionAsOf", 9).table("books").count()).rejects.toMatchObject({
      code: "VERSION_NOT_FOUND",
    });
  });
});

describe("write", () => {
  test("makes the table where there is none, then follows its mode", async () => {
    const frame = spark.table("books").select("id", "author");
    expect(await frame.write.partitionBy("author").saveAsTable("copy")).toMatchObject({ version: 0, rowCount: 3 });
    expect((await spark.deltaTable("copy")).partitionColumns).toEqual(["author"]);
    await expect(frame.write.saveAsTable("copy")).rejects.toMatchObject({ code: "DELTA_TABLE_ALREADY_EXISTS" });
    expect(await frame.write.mode("ignore").saveAsTable("copy")).toMatchObject({ rowCount: 0 });
    expect(await frame.write.mode("append").saveAsTable("copy")).toMatchObject({ version: 1, rowCount: 3 });
    expect(await frame.where("id = 1").write.mode("overwrite").saveAsTable("copy")).toMatchObject({ version: 2 });
    expect(await spark.table("copy").count()).toBe(1n);
    await expect(frame.write.mode("append").partitionBy("id").saveAsTable("copy")).rejects.toMatchObject({
      code: "DELTA_METADATA_MISMATCH",
    });
  });

  test("replaceWhere and dynamic partition overwrite replace a region", async () => {
    const frame = spark.table("books").select("id", "author");
    await frame.write.partitionBy("author").saveAsTable("regions");
    const mine = frame.where("id = 1");
    await mine.write.mode("overwrite").option("replaceWhere", "author = 'A'").saveAsTable("regions");
    expect(await rowsOf(spark.table("regions").select("id"))).toEqual([{ id: 1n }, { id: 2n }]);
    await frame
      .where("id = 3")
      .write.mode("overwrite")
      .option("partitionOverwriteMode", "dynamic")
      .saveAsTable("regions");
    expect(await rowsOf(spark.table("regions").select("id"))).toEqual([{ id: 2n }, { id: 3n }]);
  });

  test("a table may be overwritten from itself", async () => {
    await spark.table("books").select("id").write.saveAsTable("self");
    await spark.table("self").withColumn("id", "id + 10").write.mode("overwrite").saveAsTable("self");
    expect(await rowsOf(spark.table("self"))).toEqual([{ id: 11n }, { id: 12n }, { id: 13n }]);
  });

  test.each([
    ["a write", () => spark.table("books").write.option("mergeShema", true), "mergeSchema"],
    ["a read", () => spark.read.option("versionAsof2", 1), "versionAsOf"],
    ["a stream's read", () => spark.readStream.option("ignoreDelete", true), "ignoreDeletes"],
  ])("an unknown option of %s is refused at once with the one that was meant", (_name, work, meant) => {
    expect(work).toThrow(
      expect.objectContaining({
        code: "DELTA_ILLEGAL_OPTION",
        message: expect.stringContaining(`did you mean ${meant}`) as string,
      }),
    );
  });

  test("a value that an option cannot have is refused", async () => {
    const { write } = spark.table("books");
    await expect(write.option("mergeSchema", "perhaps").saveAsTable("x")).rejects.toMatchObject({
      code: "DELTA_ILLEGAL_OPTION",
    });
    await expect(write.option("partitionOverwriteMode", "some").saveAsTable("x")).rejects.toMatchObject({
      code: "DELTA_ILLEGAL_OPTION",
    });
    expect(() => write.mode("replace" as "append")).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    await expect(spark.table("x").count()).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
  });
});

describe("names", () => {
  test("a name is a folder of the warehouse, with dots and backticks; a path is itself", async () => {
    await spark.createTable("shop.`my books`", { schema: "id INT" });
    expect((await spark.deltaTable("shop.`my books`")).path).toBe(join(warehouse, "shop", "my books"));
    const path = join(warehouse, "elsewhere", "t");
    await spark.createTableAt(path, { schema: "id INT" });
    expect((await spark.deltaTable(`delta.\`${path}\``)).path).toBe(path);
    expect((await spark.deltaTableAt(`file://${path}`)).path).toBe(path);
    expect(await spark.read.load(path).count()).toBe(0n);
  });

  test.each(["", "a-b", "a.", ".a", "a..b", "`../up`", "..", "a/b", "_delta_log"])("%j is no name", (name) => {
    expect(() => spark.table(name)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

test("a closed session refuses everything, and closing twice is no error", async () => {
  const session = await Session.open({ warehouse });
  await session.close();
  await session.close();
  expect(() => session.read).toThrow(expect.objectContaining({ code: "CLOSED" }));
  expect(() => session.readStream).toThrow(expect.objectContaining({ code: "CLOSED" }));
  expect(() => session.table("books")).toThrow(expect.objectContaining({ code: "CLOSED" }));
});
