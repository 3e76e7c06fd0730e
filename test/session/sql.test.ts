// Statements and queries of Spark's SQL through a session.
import { expect, test } from "vitest";
import { bookSession, errorOf, rowsOf } from "./books.ts";

test("a query groups, sorts with nulls first and names columns as Spark does", async () => {
  const spark = await bookSession();
  await spark.sql("INSERT INTO books (book_id) VALUES ('B4')");
  expect(
    await rowsOf(spark, "SELECT author, count(*), sum(price) AS total FROM books GROUP BY author ORDER BY author"),
  ).toEqual([
    { author: null, "count(1)": 1n, total: null },
    { author: "Austen", "count(1)": 2n, total: 15 },
    { author: "Stoker", "count(1)": 1n, total: 10.5 },
  ]);
});

test("a table is read at a version, at a time and by path", async () => {
  const spark = await bookSession();
  await spark.sql("DELETE FROM books WHERE author = 'Austen'");
  const path = (await spark.deltaTable("books")).path;
  expect(await rowsOf(spark, "SELECT count(*) AS n FROM books VERSION AS OF 1")).toEqual([{ n: 3n }]);
  expect(await rowsOf(spark, `SELECT b.title FROM delta.\`${path}\` b`)).toEqual([{ title: "Dracula" }]);
  const [first] = await (await spark.deltaTable("books", { version: 1 })).history(1);
  const time = new Date(first?.timestamp ?? 0).toISOString();
  expect(
    await rowsOf(spark, `SELECT count(*) AS n FROM books TIMESTAMP AS OF '${time}' AS past WHERE past.price > 7`),
  ).toEqual([{ n: 2n }]);
});

test("spellings of Spark mean what they mean in Spark", async () => {
  const spark = await bookSession();
  const [row] = await rowsOf(
    spark,
    "SELECT CAST(2.9D AS INT) AS cut, 'a' <=> NULL AS same, array(1, 2)[0] AS first, X'FF' AS bytes, 7 DIV 2 AS whole, title RLIKE '^E' AS found, length(title) AS n FROM books WHERE `book_id` = \"B1\"",
  );
  expect(row).toEqual({ cut: 2, same: false, first: 1, bytes: Uint8Array.of(255), whole: 3n, found: true, n: 4 });
});

test("sub-queries, window functions, semi joins, unions, inline tables and LATERAL VIEW are queries too", async () => {
  const spark = await bookSession();
  expect(await rowsOf(spark, "SELECT title FROM books WHERE price = (SELECT max(price) FROM books)")).toEqual([
    { title: "Dracula" },
  ]);
  expect(
    await rowsOf(
      spark,
      "SELECT row_number() OVER (PARTITION BY author ORDER BY price DESC) AS rank, title FROM books WHERE author = 'Austen' ORDER BY rank",
    ),
  ).toEqual([
    { rank: 1n, title: "Emma" },
    { rank: 2n, title: "Persuasion" },
  ]);
  expect(
    await rowsOf(spark, "SELECT b.title FROM books b LEFT SEMI JOIN VALUES ('Stoker') AS w(name) ON b.author = w.name"),
  ).toEqual([{ title: "Dracula" }]);
  expect(
    await rowsOf(
      spark,
      "SELECT id, tag FROM VALUES (1, array('x', 'y')), (2, array()) AS t(id, tags) LATERAL VIEW OUTER explode(tags) e AS tag ORDER BY id, tag",
    ),
  ).toEqual([
    { id: 1, tag: "x" },
    { id: 1, tag: "y" },
    { id: 2, tag: null },
  ]);
  expect(
    await rowsOf(
      spark,
      "WITH a AS (SELECT author FROM books) SELECT author FROM a UNION SELECT 'Zola' ORDER BY author",
    ),
  ).toHaveLength(3);
});

test("window(time, length, slide) puts a row into every window it belongs to", async () => {
  const spark = await bookSession();
  const rows = await rowsOf(
    spark,
    "SELECT window.start, window.end, count(*) AS n FROM VALUES (TIMESTAMP'2024-01-01 00:07:00'), (CAST(NULL AS TIMESTAMP)) AS t(ts) GROUP BY window(ts, '10 minutes', '5 minutes') ORDER BY start",
  );
  expect(rows).toEqual([
    { start: new Date("2024-01-01T00:00:00Z"), end: new Date("2024-01-01T00:10:00Z"), n: 1n },
    { start: new Date("2024-01-01T00:05:00Z"), end: new Date("2024-01-01T00:15:00Z"), n: 1n },
  ]);
});

test("only files that can have a row asked for are read", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE TABLE shelf PARTITIONED BY (author) AS SELECT * FROM books");
  const plan = await (await spark.sql("SELECT title FROM shelf s WHERE s.author = 'Stoker' AND price > 1")).explain();
  expect(plan).toContain("reads 1 of 2 files");
  expect(await (await spark.sql("SELECT title FROM books WHERE price < 1")).explain()).toContain(
    "leaves out 1 by statistics",
  );
  // The right side of a left join keeps its rows: nothing may be left out there.
  const joined = await spark.sql(
    "SELECT * FROM (SELECT title AS t FROM books) a LEFT JOIN shelf ON a.t = shelf.title WHERE shelf.author IS NULL",
  );
  expect(await joined.explain()).toContain("reads 2 of 2 files");
});

test("tables are created, replaced, shown, described and dropped", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE TABLE IF NOT EXISTS books (x INT)");
  expect(await errorOf(spark.sql("CREATE TABLE books (x INT)"))).toMatch(/^TABLE_OR_VIEW_ALREADY_EXISTS/);
  await spark.sql(
    "CREATE TABLE t (id BIGINT NOT NULL COMMENT 'key', day DATE) USING delta PARTITIONED BY (day) COMMENT 'words' TBLPROPERTIES ('delta.appendOnly' = 'true')",
  );
  expect(await rowsOf(spark, "DESCRIBE t")).toEqual([
    { col_name: "id", data_type: "bigint", comment: "key" },
    { col_name: "day", data_type: "date", comment: null },
    { col_name: "# Partition Information", data_type: "", comment: "" },
    { col_name: "# col_name", data_type: "data_type", comment: "comment" },
    { col_name: "day", data_type: "date", comment: "" },
  ]);
  expect(await rowsOf(spark, "SHOW TBLPROPERTIES t ('delta.appendOnly')")).toEqual([
    { key: "delta.appendOnly", value: "true" },
  ]);
  expect(await rowsOf(spark, "SHOW TABLES")).toMatchObject([{ tableName: "books" }, { tableName: "t" }]);
  await spark.sql("CREATE OR REPLACE TABLE t AS SELECT author FROM books");
  expect(await rowsOf(spark, "SHOW COLUMNS IN t")).toEqual([{ col_name: "author" }]);
  expect(await rowsOf(spark, "DESCRIBE HISTORY t")).toMatchObject([
    { version: 1n, operation: "CREATE OR REPLACE TABLE AS SELECT" },
    { version: 0n },
  ]);
  await spark.sql("DROP TABLE t");
  expect(await errorOf(spark.sql("SELECT * FROM t"))).toMatch(/^TABLE_OR_VIEW_NOT_FOUND/);
  await spark.sql("DROP TABLE IF EXISTS t");
});

test("values go in by position or by named columns, cast to the table's types", async () => {
  const spark = await bookSession();
  expect(await rowsOf(spark, "INSERT INTO books (price, book_id) SELECT '12', 'B9'")).toEqual([
    { num_affected_rows: 1n },
  ]);
  expect(await rowsOf(spark, "SELECT * FROM books WHERE book_id = 'B9'")).toEqual([
    { book_id: "B9", title: null, author: null, price: 12 },
  ]);
  expect(await errorOf(spark.sql("INSERT INTO books VALUES (1)"))).toMatch(
    /^INSERT_COLUMN_ARITY_MISMATCH: .*wants 4 values/,
  );
  await spark.sql("INSERT OVERWRITE books SELECT * FROM books WHERE author = 'Stoker'");
  expect(await rowsOf(spark, "SELECT title FROM books")).toEqual([{ title: "Dracula" }]);
});

test("temporary views live in the session, and views may be built on views", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE TEMP VIEW cheap AS SELECT title, price FROM books WHERE price < 9");
  await spark.sql("CREATE OR REPLACE TEMP VIEW cheapest (name) AS SELECT title FROM cheap ORDER BY price LIMIT 1");
  expect(await spark.table("cheapest").collect()).toEqual([{ name: "Persuasion" }]);
  expect(await errorOf(spark.sql("CREATE TEMP VIEW cheap AS SELECT 1"))).toMatch(/^TEMP_TABLE_OR_VIEW_ALREADY_EXISTS/);
  await spark.sql("INSERT INTO books VALUES ('B5', 'Lady Susan', 'Austen', 2)");
  expect(await rowsOf(spark, "SELECT * FROM cheapest")).toEqual([{ name: "Lady Susan" }]);
  await spark.sql("DROP VIEW cheap");
  expect(await errorOf(spark.sql("DROP VIEW cheap"))).toMatch(/^TABLE_OR_VIEW_NOT_FOUND/);
});

test("an error says where it is, and what was probably meant", async () => {
  const spark = await bookSession();
  expect(await errorOf(spark.sql("SELECT author,\n  titel FROM books"))).toMatch(
    /^UNRESOLVED_COLUMN: .*"titel" at line 2, column 3\. Did you mean "title"/,
  );
  expect(await errorOf(spark.sql("SELECT *\nFROM bookz"))).toMatch(
    /^TABLE_OR_VIEW_NOT_FOUND: .*"bookz" at line 2, column 6\. Did you mean "books"/,
  );
  expect(await errorOf(spark.sql("SELECT author FROM books\nWHERE price = = 3"))).toMatch(
    /^PARSE_SYNTAX_ERROR: .*line 2, column 15, near "="/,
  );
  expect(await errorOf(spark.sql("SELEC 1"))).toMatch(/^PARSE_SYNTAX_ERROR: .*line 1, column 1, near "SELEC"/);
  expect(await errorOf(spark.sql("SELECT author, count(*) FROM books"))).toMatch(/^MISSING_AGGREGATION: .*author/);
  expect(await errorOf(spark.sql("OPTIMIZE books"))).toMatch(/^UNSUPPORTED_FEATURE/);
});
