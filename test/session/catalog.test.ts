// Views and tables elsewhere that a warehouse remembers: CREATE VIEW, LOCATION.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Session } from "../../src/session/door/session.ts";
import { bookSession, errorOf, rowsOf } from "./books.ts";

async function warehouseOf(spark: Session): Promise<string> {
  return join((await spark.deltaTable("books")).path, "..");
}

async function another(spark: Session): Promise<Session> {
  const session = await Session.open({ warehouse: await warehouseOf(spark) });
  onTestFinished(() => session.close());
  return session;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "alluvium-elsewhere-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("a view without TEMP is there in every session of the warehouse, and shows the tables as they are", async () => {
  const spark = await bookSession();
  const open = await another(spark);
  await spark.sql(
    "CREATE VIEW cheap (name, cost) COMMENT 'not dear' AS SELECT title, price FROM books WHERE price < 9;",
  );
  await spark.sql("CREATE VIEW cheapest AS SELECT min(cost) AS cost FROM cheap");
  for (const session of [spark, open, await another(spark)]) {
    expect(await rowsOf(session, "SELECT name FROM Cheap ORDER BY name")).toEqual([
      { name: "Emma" },
      { name: "Persuasion" },
    ]);
    expect(await session.table("cheapest").collect()).toEqual([{ cost: 7 }]);
    expect(await session.read.table("cheap").where("cost > 7").select("name").collect()).toEqual([{ name: "Emma" }]);
  }
  await open.sql("INSERT INTO books VALUES ('B9', 'Nothing', 'None', 0)");
  expect(await rowsOf(spark, "SELECT * FROM cheapest")).toEqual([{ cost: 0 }]);
  expect(await rowsOf(open, "SHOW VIEWS")).toEqual([
    { namespace: "default", viewName: "cheap", isTemporary: false },
    { namespace: "default", viewName: "cheapest", isTemporary: false },
  ]);
  expect(await rowsOf(open, "DESCRIBE cheap")).toMatchObject([{ col_name: "name" }, { col_name: "cost" }]);
  expect(await rowsOf(open, "DESCRIBE EXTENDED cheap")).toContainEqual({
    col_name: "View Text",
    data_type: "SELECT title, price FROM books WHERE price < 9",
    comment: "",
  });
  await open.sql("DROP VIEW cheapest");
  expect(await errorOf(spark.sql("SELECT * FROM cheapest"))).toMatch(/^TABLE_OR_VIEW_NOT_FOUND/);
});

test("a temporary view hides a view of the warehouse until it is dropped", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE VIEW v AS SELECT 1 AS x");
  await spark.sql("CREATE TEMP VIEW v AS SELECT 2 AS x");
  expect(await rowsOf(spark, "SELECT x FROM v")).toEqual([{ x: 2 }]);
  await spark.sql("DROP VIEW v");
  expect(await rowsOf(spark, "SELECT x FROM v")).toEqual([{ x: 1 }]);
});

test("a name is given once: IF NOT EXISTS keeps, OR REPLACE replaces, all else is refused", async () => {
  const spark = await bookSession();
  const other = await another(spark);
  await spark.sql("CREATE VIEW v AS SELECT 1 AS x");
  expect(await errorOf(other.sql("CREATE VIEW V AS SELECT 2 AS x"))).toMatch(
    /^TABLE_OR_VIEW_ALREADY_EXISTS: the view V/,
  );
  await other.sql("CREATE VIEW IF NOT EXISTS v AS SELECT 2 AS x");
  expect(await rowsOf(spark, "SELECT x FROM v")).toEqual([{ x: 1 }]);
  await other.sql("CREATE OR REPLACE VIEW v AS SELECT 3 AS x");
  expect(await rowsOf(spark, "SELECT x FROM v")).toEqual([{ x: 3 }]);
  expect(await errorOf(spark.sql("CREATE OR REPLACE VIEW books AS SELECT 1 AS x"))).toMatch(
    /^TABLE_OR_VIEW_ALREADY_EXISTS: the table books/,
  );
  expect(await errorOf(spark.sql("CREATE TABLE v (x INT)"))).toMatch(/^EXPECT_TABLE_NOT_VIEW/);
  expect(await errorOf(spark.createTable("v", { schema: "x INT" }))).toMatch(/^EXPECT_TABLE_NOT_VIEW/);
  expect(await errorOf(spark.sql("INSERT INTO v VALUES (1)"))).toMatch(/^EXPECT_TABLE_NOT_VIEW/);
  expect(await errorOf(spark.sql("DROP TABLE v"))).toMatch(/^EXPECT_TABLE_NOT_VIEW/);
  expect(await errorOf(spark.sql("DROP VIEW books"))).toMatch(/^EXPECT_VIEW_NOT_TABLE/);
  expect(await errorOf(spark.sql("DROP VIEW vv"))).toMatch(/^TABLE_OR_VIEW_NOT_FOUND: .*v/);
  await spark.sql("DROP VIEW IF EXISTS vv");
});

test("a view that no other session could read is refused: of itself, of what is temporary, of a stream", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE VIEW a AS SELECT * FROM books");
  await spark.sql("CREATE VIEW b AS SELECT * FROM a");
  expect(await errorOf(spark.sql("CREATE OR REPLACE VIEW a AS SELECT x.* FROM (SELECT * FROM b) x"))).toMatch(
    /^RECURSIVE_VIEW: the view would read itself: a -> b -> a/,
  );
  await spark.sql("CREATE TEMP VIEW t AS SELECT * FROM books");
  expect(await errorOf(spark.sql("CREATE VIEW c AS SELECT * FROM t"))).toMatch(/^INVALID_TEMP_OBJ_REFERENCE/);
  spark.udf.register("mine", () => "x");
  expect(await errorOf(spark.sql("CREATE VIEW c AS SELECT mine(title) FROM books"))).toMatch(
    /^INVALID_TEMP_OBJ_REFERENCE: .*function mine/,
  );
  expect(await errorOf(spark.sql("CREATE VIEW c AS SELECT * FROM STREAM books"))).toMatch(/^UNSUPPORTED_FEATURE/);
  expect(await errorOf(spark.sql("CREATE VIEW c AS SELECT misspelt FROM books"))).toMatch(/^UNRESOLVED_COLUMN/);
  expect(await rowsOf(spark, "SELECT count(*) AS n FROM a")).toEqual([{ n: 3n }]);
});

test("CREATE TABLE … LOCATION names a table elsewhere, in every session; DROP TABLE forgets the name and keeps the table", async () => {
  const spark = await bookSession();
  const location = join(folder(), "events");
  await spark.sql(`CREATE TABLE shop.events (id BIGINT, day DATE) PARTITIONED BY (day) LOCATION '${location}'`);
  await spark.sql("INSERT INTO shop.events VALUES (1, DATE '2024-01-01')");
  const other = await another(spark);
  expect(await rowsOf(other, "SELECT id FROM shop.events")).toEqual([{ id: 1n }]);
  expect(await other.read.table("shop.events").count()).toBe(1n);
  expect((await other.deltaTable("shop.events")).path).toBe(location);
  await other
    .createDataFrame([{ id: 2n, day: new Date("2024-01-02") }], "id BIGINT, day DATE")
    .write.mode("append")
    .saveAsTable("shop.events");
  expect(await rowsOf(spark, `SELECT count(*) AS n FROM delta.\`${location}\``)).toEqual([{ n: 2n }]);
  expect(await errorOf(spark.sql(`CREATE TABLE shop.events (id INT) LOCATION '${location}'`))).toMatch(
    /^TABLE_OR_VIEW_ALREADY_EXISTS/,
  );
  await spark.sql("DROP TABLE shop.events");
  expect(await errorOf(other.sql("SELECT * FROM shop.events"))).toMatch(/^TABLE_OR_VIEW_NOT_FOUND/);
  await other.sql(`CREATE TABLE again LOCATION '${location}'`);
  expect(await rowsOf(spark, "SELECT count(*) AS n FROM again")).toEqual([{ n: 2n }]);
  expect(await rowsOf(spark, "SHOW TABLES")).toMatchObject([{ tableName: "again" }, { tableName: "books" }]);
});

test("a table that is at the location already is taken when it is as the statement says", async () => {
  const spark = await bookSession();
  const location = join(folder(), "t");
  await spark.sql(`CREATE TABLE delta.\`${location}\` (id BIGINT, k STRING)`);
  expect(await errorOf(spark.sql(`CREATE TABLE t (id INT) LOCATION '${location}'`))).toMatch(
    /^DELTA_CREATE_TABLE_SCHEMA_MISMATCH/,
  );
  expect(await errorOf(spark.sql(`CREATE TABLE t LOCATION '${location}' AS SELECT 1 AS id`))).toMatch(
    /^DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION/,
  );
  await spark.sql(`CREATE TABLE t (id BIGINT, k STRING) LOCATION '${location}'`);
  await spark.sql(`CREATE OR REPLACE TABLE t LOCATION '${location}' AS SELECT 5 AS five`);
  expect(await rowsOf(spark, `SELECT * FROM delta.\`${location}\``)).toEqual([{ five: 5 }]);
  await spark.sql("CREATE OR REPLACE TABLE t AS SELECT 6 AS six");
  expect(await rowsOf(spark, `SELECT * FROM delta.\`${location}\``)).toEqual([{ six: 6 }]);
});

test("a damaged entry of the catalog is an error that names its file", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE VIEW v AS SELECT 1 AS x");
  const path = join(await warehouseOf(spark), "_catalog", "v.json");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.slice(0, 20));
  expect(await errorOf(spark.sql("SELECT * FROM v"))).toContain(`CORRUPT_FILE: ${path} is no entry of a catalog`);
  expect(await errorOf(another(spark))).toMatch(/^CORRUPT_FILE/);
  writeFileSync(path, text);
  expect(await rowsOf(spark, "SELECT * FROM v")).toEqual([{ x: 1 }]);
});

test("who comes second to make a table finds it there: IF NOT EXISTS takes it, OR REPLACE replaces it", async () => {
  const spark = await bookSession();
  const each = (statement: (n: number) => string): Promise<readonly string[]> =>
    Promise.all([0, 1, 2].map((n) => errorOf(spark.sql(statement(n)))));
  const made = "no error";
  expect(await each(() => "CREATE TABLE IF NOT EXISTS once (x INT)")).toEqual([made, made, made]);
  const replaced = await each((n) => `CREATE OR REPLACE TABLE again AS SELECT ${n} AS x`);
  expect(replaced.filter((answer) => /ALREADY_EXISTS/.test(answer))).toEqual([]);
  expect(await rowsOf(spark, "SELECT count(*) AS n FROM again")).toEqual([{ n: 1n }]);
  const refused = await each(() => "CREATE TABLE first (x INT)");
  expect(refused.filter((answer) => answer.startsWith("TABLE_OR_VIEW_ALREADY_EXISTS"))).toHaveLength(2);
});
