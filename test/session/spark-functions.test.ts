// Functions of Spark that DuckDB lacks, or has with another meaning; the values are those that Spark 4.2 answers.
import { expect, test } from "vitest";
import { bookSession, errorOf, rowsOf } from "./books.ts";

async function values(query: string): Promise<readonly unknown[]> {
  const spark = await bookSession();
  const [row] = await rowsOf(spark, query);
  const all: unknown[] = Object.values(row ?? {});
  return all;
}

test("hash is Spark's Murmur3 over values of every type, and null leaves what came before", async () => {
  expect(
    await values(
      "SELECT hash('Spark', 1) AS a, hash(NULL) AS b, hash(1L) AS c, hash(-0.0D) AS d, hash(1.25) AS e, hash(CAST(-1.25 AS DECIMAL(38,2))) AS f, hash(X'0102030405') AS g, hash(array(array(1, 2), array(3))) AS h, hash(struct(1, 'a')) AS i, hash(DATE'2020-01-01') AS j",
    ),
  ).toEqual([
    205329825, 42, -1712319331, -1670924195, 1910520950, -342901333, -2064006189, -912918097, -936062819, -725858435,
  ]);
});

test("xxhash64 is Spark's, of texts shorter and longer than 32 bytes", async () => {
  expect(
    await values(
      "SELECT xxhash64('Spark', 1L, 2.5D) AS a, xxhash64('a very long text of more than thirty-two bytes, that is') AS b, xxhash64(1.5F) AS c, xxhash64('') AS d",
    ),
  ).toEqual([6347670751611486601n, 6141474066327626421n, 6163473420726370430n, -7444071767201028348n]);
});

test("a map has no hash", async () => {
  const spark = await bookSession();
  expect(await errorOf(rowsOf(spark, "SELECT hash(map(1, 2))"))).toMatch(/^UNRESOLVED_ROUTINE/);
});

test("numbers change their base within 64 bits", async () => {
  expect(
    await values(
      "SELECT conv('100', 2, 10) AS a, conv('-10', 16, -10) AS b, conv('-10', 16, 10) AS c, conv(' 11abc ', 10, 16) AS d, conv('12', 1, 10) AS e, conv('9223372036854775808', 10, -10) AS f",
    ),
  ).toEqual(["4", "-16", "18446744073709551600", "B", null, "-9223372036854775808"]);
  const spark = await bookSession();
  expect(await errorOf(rowsOf(spark, "SELECT conv('18446744073709551616', 10, 10)"))).toMatch(/^ARITHMETIC_OVERFLOW/);
});

test("soundex, crc32 and sha2 of any size are Spark's", async () => {
  expect(
    await values(
      "SELECT soundex('Ashcraft') AS a, soundex('Tymczak') AS b, soundex('1a') AS c, crc32('é') AS d, sha2('Spark', 224) AS e, sha2('a', 1) AS f",
    ),
  ).toEqual(["A261", "T522", "1a", 235179326n, "dbeab94971678d36af2195851c0f7485775a2a7c60073d62fc04549c", null]);
});

test("texts in hexadecimal become their bytes, not their bits", async () => {
  expect(await values("SELECT hex(to_binary('616')) AS a, try_to_binary('zz') AS b")).toEqual(["0616", null]);
});

test("a query raises errors of its own, and a key twice in a map is one", async () => {
  const spark = await bookSession();
  expect(await errorOf(rowsOf(spark, "SELECT raise_error('too dear')"))).toMatch(/^USER_RAISED_EXCEPTION/);
  expect(await errorOf(rowsOf(spark, "SELECT assert_true(price > 100) FROM books"))).toMatch(/^USER_RAISED_EXCEPTION/);
  expect(await errorOf(rowsOf(spark, "SELECT map_concat(map(1, 2), map(1, 4))"))).toMatch(/^DUPLICATED_MAP_KEY/);
});

test("lists of text have no separator unless one is given, and the order asked for", async () => {
  expect(
    await values(
      "SELECT listagg(s) AS a, listagg(s, '-') WITHIN GROUP (ORDER BY s DESC) AS b, string_agg(DISTINCT s, '|') WITHIN GROUP (ORDER BY s) AS c FROM VALUES ('a'), ('b'), (NULL), ('a') AS t(s)",
    ),
  ).toEqual(["aba", "b-a-a", "a|b"]);
});

test("an approximate percentile is a value that is there, as in Spark", async () => {
  expect(
    await values(
      "SELECT percentile_approx(id, 0.5) AS a, approx_percentile(id, array(0.0, 0.25, 0.9), 100) AS b FROM range(1, 11)",
    ),
  ).toEqual([5n, [1n, 3n, 9n]]);
});

test("a recursive query is refused by name, and a query may be called recursive", async () => {
  const spark = await bookSession();
  const steps = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r";
  expect(await errorOf(spark.sql(steps))).toMatch(/^UNSUPPORTED_FEATURE.*WITH RECURSIVE/);
  expect(await values("WITH recursive AS (SELECT 1 AS n) SELECT n FROM recursive")).toEqual([1]);
});

test("functions of windows pass over nulls where IGNORE NULLS says so", async () => {
  const spark = await bookSession();
  const rows = await rowsOf(
    spark,
    "SELECT last(s) IGNORE NULLS OVER w AS a, lead(s) IGNORE NULLS OVER (ORDER BY v) AS b, lag(s) RESPECT NULLS OVER w AS c, row_number() OVER w AS n FROM VALUES (1, 'x'), (2, NULL), (3, 'z') AS t(v, s) WINDOW w AS (ORDER BY v)",
  );
  expect(rows).toEqual([
    { a: "x", b: "z", c: null, n: 1 },
    { a: "x", b: "z", c: "x", n: 2 },
    { a: "z", b: null, c: null, n: 3 },
  ]);
  expect(
    await values("SELECT first(s, true) AS a, last(s) IGNORE NULLS AS b FROM VALUES (NULL), ('y') AS t(s)"),
  ).toEqual(["y", "y"]);
});

test("INSERT BY NAME puts values into the columns that the query names, and TRUNCATE TABLE leaves no row", async () => {
  const spark = await bookSession();
  await spark.sql("TRUNCATE TABLE books");
  await spark.sql("INSERT INTO books BY NAME SELECT 'Emma' AS title, 'B9' AS book_id");
  expect(await rowsOf(spark, "SELECT book_id, title, author FROM books")).toEqual([
    { book_id: "B9", title: "Emma", author: null },
  ]);
  expect(await errorOf(spark.sql("INSERT INTO books BY NAME SELECT 1 AS nowhere"))).toMatch(/^UNRESOLVED_COLUMN/);
});
