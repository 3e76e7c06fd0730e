// Statements that ask for what there is, insert into partitions, and values for parameter markers.
import { expect, test } from "vitest";
import { type DataFrame, Session } from "../../src/index.ts";
import { temporaryFolder, testEngine } from "../stream/query-doubles.ts";

const open = (): Session => Session.over(testEngine(), { warehouse: temporaryFolder() });

async function rowsOf(frame: DataFrame | Promise<DataFrame>): Promise<readonly Record<string, unknown>[]> {
  return (await frame).collect();
}

async function books(): Promise<Session> {
  const spark = open();
  await spark.sql(
    "CREATE TABLE books (id INT NOT NULL, title STRING COMMENT 'printed', year INT, kind STRING) PARTITIONED BY (year, kind)",
  );
  await spark.sql("INSERT INTO books PARTITION (year = 2020, kind = 'a') VALUES (1, 'one'), (2, 'two')");
  await spark.sql("INSERT INTO books PARTITION (kind, year = 2021) SELECT 3, 'three', 'b'");
  return spark;
}

test("INSERT … PARTITION gives columns one value, and OVERWRITE replaces the rows of those partitions only", async () => {
  const spark = await books();
  await spark.sql("INSERT OVERWRITE books PARTITION (year = 2020) SELECT 4, 'four', 'c'");
  const query = "SELECT id, year, kind FROM books ORDER BY id";
  const left = [
    { id: 3, year: 2021, kind: "b" },
    { id: 4, year: 2020, kind: "c" },
  ];
  expect(await rowsOf(spark.sql(query))).toEqual(left);
  await expect(spark.sql("INSERT INTO books PARTITION (title = 'x') VALUES (1, 2, 'x')")).rejects.toThrow(
    /title is no partition column of books: those are year, kind/,
  );
  await spark.sql("INSERT INTO books REPLACE WHERE year = 2021 AND id > 2 VALUES (5, 'five', 2021, 'd')");
  await expect(spark.sql("INSERT INTO books REPLACE WHERE year = 2021 VALUES (6, 'six', 1999, 'd')")).rejects.toThrow(
    /outside the region/,
  );
  expect(await rowsOf(spark.sql(query))).toEqual([left[1], { id: 5, year: 2021, kind: "d" }]);
});

test("SHOW and DESCRIBE tell of partitions, of how a table is made, of databases and functions, of one column", async () => {
  const spark = await books();
  expect(await rowsOf(spark.sql("SHOW PARTITIONS books"))).toEqual([
    { year: 2020, kind: "a" },
    { year: 2021, kind: "b" },
  ]);
  const [made] = await rowsOf(spark.sql("SHOW CREATE TABLE books"));
  await spark.sql(String(made?.["createtab_stmt"]).replace("`books`", "copy"));
  expect(await rowsOf(spark.sql("DESCRIBE copy"))).toEqual(await rowsOf(spark.sql("DESCRIBE books")));
  expect(await rowsOf(spark.sql("SHOW SCHEMAS"))).toEqual([{ namespace: "default" }]);
  expect(await rowsOf(spark.sql("SHOW FUNCTIONS LIKE 'try_avg'"))).toEqual([{ function: "try_avg" }]);
  expect(await rowsOf(spark.sql("DESCRIBE TABLE books title"))).toEqual([
    { info_name: "col_name", info_value: "title" },
    { info_name: "data_type", info_value: "string" },
    { info_name: "comment", info_value: "printed" },
  ]);
});

test("SET tells settings and changes none; USE knows the one database; what is not there is refused by its name", async () => {
  const spark = open();
  expect(await rowsOf(spark.sql("SET spark.sql.ansi.enabled = true"))).toEqual([
    { key: "spark.sql.ansi.enabled", value: "true" },
  ]);
  await expect(spark.sql("SET spark.sql.ansi.enabled = false")).rejects.toThrow(
    /is true; give it when the session opens/,
  );
  await spark.sql("USE default");
  await expect(spark.sql("USE other")).rejects.toMatchObject({ code: "SCHEMA_NOT_FOUND" });
  for (const statement of ["RESET", "FROM t |> SELECT a", "DESCRIBE FUNCTION upper", "SHOW TABLE EXTENDED LIKE 'x'"])
    await expect(spark.sql(statement), statement).rejects.toMatchObject({ code: "UNSUPPORTED_FEATURE" });
});

test("values take the places of parameter markers, whatever is in them, and never those inside of quotes", async () => {
  const spark = await books();
  const args = { low: 2, name: "it's ':low' \\ ?" };
  expect(
    await rowsOf(spark.sql("SELECT id, :name AS n, ':low' AS q FROM books WHERE id >= :low AND id < 9L", { args })),
  ).toEqual([
    { id: 2, n: args.name, q: ":low" },
    { id: 3, n: args.name, q: ":low" },
  ]);
  expect(await rowsOf(spark.sql("SELECT ? AS a, ? + 1 AS b, '?' AS c", { args: [null, 41n] }))).toEqual([
    { a: null, b: 42n, c: "?" },
  ]);
  await expect(spark.sql("SELECT :high AS h", { args })).rejects.toThrow(/no value for :high/);
  await expect(spark.sql("SELECT ? AS h")).rejects.toMatchObject({ code: "UNBOUND_SQL_PARAMETER" });
});
