// Statements and queries of Spark's SQL through a session.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { formatType } from "../../src/format/schema/schema-type.ts";
import { Session } from "../../src/session/door/session.ts";
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
    { rank: 1, title: "Emma" },
    { rank: 2, title: "Persuasion" },
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
    { col_name: "day", data_type: "date", comment: null },
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

test("the names of what is inserted by position do not matter, nor do they have to differ", async () => {
  const spark = await bookSession();
  await spark.sql("INSERT INTO books SELECT 'B5', 'Same', 'Same', price FROM books WHERE book_id = 'B1'");
  await spark.sql(
    "INSERT INTO books SELECT b.title, a.title, a.author, 1 FROM books a JOIN books b ON a.book_id = b.book_id AND a.book_id = 'B2'",
  );
  expect(await rowsOf(spark, "SELECT * FROM books WHERE title IN ('Same', 'Dracula') ORDER BY book_id")).toEqual([
    { book_id: "B2", title: "Dracula", author: "Stoker", price: 10.5 },
    { book_id: "B5", title: "Same", author: "Same", price: 8 },
    { book_id: "Dracula", title: "Dracula", author: "Stoker", price: 1 },
  ]);
  expect(await errorOf(rowsOf(spark, "SELECT 1, 1"))).toMatch(/^DELTA_DUPLICATE_COLUMNS_FOUND/);
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
  expect(await errorOf(spark.sql("SELECT author, count(*) FROM books"))).toMatch(/^MISSING_GROUP_BY: .*author/);
  expect(await errorOf(spark.sql("VACUUM books"))).toMatch(/^UNSUPPORTED_FEATURE/);
});

test("sums and means of decimals are exact decimals with Spark's digits, those of whole numbers long and double", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE TABLE prices (id INT, price DECIMAL(10,2), large DECIMAL(34,2))");
  await spark.sql(
    "INSERT INTO prices VALUES (1, -0.01, -99999999999999999999999999999999.99), (2, 0.02, 99999999999999999999999999999999.98), (3, NULL, NULL), (4, 0.01, 0.00)",
  );
  const frame = await spark.sql(
    "SELECT sum(price) AS s, avg(price) AS a, sum(price * price) AS p, avg(price + 1) AS q, sum(id) AS i, avg(id) AS d, avg(large) AS l, avg(price) FILTER (WHERE id = 9) AS n FROM prices",
  );
  expect((await frame.schema()).fields.map((field) => formatType(field.type))).toEqual([
    "decimal(20,2)",
    "decimal(14,6)",
    "decimal(31,4)",
    "decimal(15,6)",
    "bigint",
    "double",
    "decimal(38,6)",
    "decimal(14,6)",
  ]);
  expect(await frame.collect()).toEqual([
    { s: "0.02", a: "0.006667", p: "0.0006", q: "1.006667", i: 10n, d: 2.5, l: "-0.003333", n: null },
  ]);
  const over = "OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)";
  expect(
    await rowsOf(spark, `SELECT sum(id) ${over} AS s, avg(price) FILTER (WHERE id > 1) ${over} AS a FROM prices`),
  ).toEqual([
    { s: 1n, a: null },
    { s: 3n, a: "0.020000" },
    { s: 6n, a: "0.020000" },
    { s: 10n, a: "0.015000" },
  ]);
});

const inner: readonly (readonly [string, string, unknown])[] = [
  ["SELECT sum(n) AS v FROM (SELECT count(*) AS n FROM books GROUP BY author)", "bigint", 3n],
  [
    "WITH c AS (SELECT CAST(price AS DECIMAL(10,2)) AS p FROM books) SELECT avg(p) AS v FROM c",
    "decimal(14,6)",
    "8.500000",
  ],
  [
    "WITH c AS (SELECT CAST(price AS DECIMAL(10,2)) AS p FROM books), d AS (SELECT sum(p) AS s FROM c GROUP BY p) SELECT avg(s) AS v FROM d",
    "decimal(24,6)",
    "8.500000",
  ],
  [
    "SELECT avg(v) AS v FROM VALUES (CAST('-99999999999999999999999999999999.99' AS DECIMAL(34,2))), (CAST('-0.02' AS DECIMAL(34,2))), (NULL) AS t(v)",
    "decimal(38,6)",
    "-50000000000000000000000000000000.005000",
  ],
  ["SELECT sum(DISTINCT n) FILTER (WHERE n > 1) AS v FROM (SELECT length(author) AS n FROM books)", "bigint", 6n],
  [
    "SELECT max(v) AS v FROM (SELECT sum(n) OVER (ORDER BY n) AS v FROM (SELECT length(title) AS n FROM books))",
    "bigint",
    21n,
  ],
  [
    "SELECT sum(x.n) + 1 AS v FROM books b JOIN (SELECT book_id, 1 AS n FROM books) x ON b.book_id = x.book_id HAVING sum(x.n) > 2",
    "bigint",
    4n,
  ],
  ["SELECT avg(v) AS v FROM (SELECT price AS v FROM books)", "double", 8.5],
];

test.each(inner)("%s is %s", async (text, type, value) => {
  const spark = await bookSession();
  const frame = await spark.sql(text);
  expect((await frame.schema()).fields.map((field) => formatType(field.type))).toEqual([type]);
  expect(await frame.collect()).toEqual([{ v: value }]);
});

test("a literal has the type that Spark gives it", async () => {
  const spark = await bookSession();
  const frame = await spark.sql(
    "SELECT 1 AS i, -1 AS n, 2L AS l, -2L AS m, CAST(3 AS BIGINT) AS c, 4Y AS y, 5S AS s, 3000000000 AS b",
  );
  const types = (await frame.schema()).fields.map((field) => `${field.name} ${formatType(field.type)}`);
  expect(types).toEqual(["i int", "n int", "l bigint", "m bigint", "c bigint", "y tinyint", "s smallint", "b bigint"]);
  expect(await frame.collect()).toEqual([{ i: 1, n: -1, l: 2n, m: -2n, c: 3n, y: 4, s: 5, b: 3_000_000_000n }]);
});

test("VALUES as a query of its own names its columns col1, col2 and so on", async () => {
  const spark = await bookSession();
  expect(await rowsOf(spark, "VALUES (1, 'a'), (2, 'b') ORDER BY col1 DESC")).toEqual([
    { col1: 2, col2: "b" },
    { col1: 1, col2: "a" },
  ]);
  expect(await rowsOf(spark, "WITH t AS (VALUES 1, 2) SELECT max(col1) AS m FROM t")).toEqual([{ m: 2 }]);
  expect(await rowsOf(spark, "SELECT col2 FROM (VALUES (1, 2) UNION ALL VALUES (3, 4)) ORDER BY col2")).toEqual([
    { col2: 2 },
    { col2: 4 },
  ]);
});

test("CREATE TABLE AS SELECT may be the first statement of a warehouse that is not there yet", async () => {
  const root = mkdtempSync(join(tmpdir(), "alluvium-new-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  await using spark = await Session.open({ warehouse: join(root, "a", "b") });
  await spark.sql("CREATE TABLE shop.numbers AS SELECT * FROM range(3)");
  expect(await rowsOf(spark, "SELECT count(*) AS n FROM shop.numbers")).toEqual([{ n: 3n }]);
});
