// Statements of session SQL, one after the other, in Spark and here: the same columns and rows, or the same error class.
import { expect, test } from "vitest";
import { AlluviumError, type Session, formatType } from "../../src/index.ts";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import { peerRows } from "./peer-value.ts";

/** A statement, and how its answer is compared: its columns and rows, its columns alone, or not at all. */
type Statement = readonly [text: string, compare?: "columns" | "nothing"];

const statements: readonly Statement[] = [
  [
    "CREATE TABLE books (id BIGINT NOT NULL, title STRING COMMENT 'as printed', price DECIMAL(10,2), year INT) USING delta PARTITIONED BY (year) COMMENT 'all of them' TBLPROPERTIES ('owner.name' = 'me')",
    "nothing",
  ],
  ["CREATE TABLE books (id BIGINT) USING delta"],
  ["CREATE TABLE IF NOT EXISTS books (id BIGINT) USING delta", "nothing"],
  ["INSERT INTO books VALUES (1, 'Emma', 8.5, 1815), (2, 'Dracula', 10, 1897)", "nothing"],
  ["INSERT INTO books (title, id) VALUES ('Persuasion', 3)", "nothing"],
  ["INSERT INTO books (id, year) SELECT 4, 1900", "nothing"],
  ["SELECT * FROM books ORDER BY id"],
  ["INSERT INTO books VALUES (5, 'short')"],
  ["INSERT INTO books BY NAME SELECT 1900 AS year, 6 AS id", "nothing"],
  ["INSERT INTO books BY NAME SELECT 1 AS nowhere"],
  ["INSERT INTO books (id, nowhere) VALUES (5, 1)"],
  ["INSERT INTO books (id, id) VALUES (5, 1)"],
  ["INSERT INTO books (title) VALUES ('without an id')"],
  ["INSERT INTO books VALUES ('x', 'y', 1, 1)"],
  ["INSERT INTO nowhere VALUES (1)"],
  ["SHOW TABLES"],
  ["SHOW TABLES LIKE 'b*'"],
  ["SHOW TABLES LIKE 'x*'"],
  ["SHOW COLUMNS IN books"],
  ["SHOW COLUMNS FROM books"],
  ["SHOW COLUMNS IN nowhere"],
  ["SHOW TBLPROPERTIES books ('owner.name')"],
  ["SHOW TBLPROPERTIES books", "columns"],
  ["DESCRIBE books"],
  ["DESC TABLE books"],
  ["DESCRIBE EXTENDED books", "columns"],
  ["DESCRIBE DETAIL books", "columns"],
  ["DESCRIBE HISTORY books", "columns"],
  ["SELECT version, operation FROM (DESCRIBE HISTORY books)", "nothing"],
  ["DESCRIBE nowhere"],
  ["CREATE TABLE dear USING delta AS SELECT id, price * 2 AS twice FROM books WHERE price > 9", "nothing"],
  ["DESCRIBE dear"],
  ["SELECT * FROM dear"],
  ["CREATE TABLE dear USING delta AS SELECT 1 AS x"],
  ["CREATE OR REPLACE TABLE dear USING delta AS SELECT id FROM books WHERE id > 2", "nothing"],
  ["SELECT * FROM dear ORDER BY id"],
  ["INSERT OVERWRITE dear SELECT 9", "nothing"],
  ["SELECT * FROM dear"],
  ["INSERT INTO dear TABLE dear", "nothing"],
  ["SELECT count(*) FROM dear"],
  ["CREATE TEMPORARY VIEW cheap AS SELECT id, price FROM books WHERE price < 9", "nothing"],
  ["CREATE TEMPORARY VIEW cheap AS SELECT 1 AS x"],
  ["CREATE OR REPLACE TEMP VIEW cheap AS SELECT id FROM books WHERE price < 9", "nothing"],
  ["SELECT * FROM cheap"],
  ["SHOW VIEWS"],
  ["DESCRIBE cheap"],
  ["DESCRIBE QUERY SELECT 1 AS a, 'x' AS b"],
  ["DROP VIEW cheap", "nothing"],
  ["SELECT * FROM cheap"],
  ["DROP VIEW IF EXISTS cheap", "nothing"],
  ["DROP VIEW cheap"],
  ["DELETE FROM dear WHERE id = 9", "nothing"],
  ["SELECT * FROM dear"],
  ["SELECT id FROM books VERSION AS OF 1 ORDER BY id"],
  ["SELECT id FROM books VERSION AS OF 99"],
  ["SELECT titel FROM books"],
  ["SELECT nothing(1)"],
  ["SELECT title, count(*) FROM books"],
  ["SELECT id FROM books WHERE title > "],
  ["SELEC 1"],
  ["SELECT CAST('x' AS INT)"],
  ["SELECT 1 / 0"],
  ["SELECT books.id, b.id FROM books JOIN books b ON id = 1"],
  ["SELECT sum(title) FROM books WHERE id = 1", "nothing"],
  ["SELECT id FROM books UNION SELECT id, title FROM books"],
  ["SELECT id FROM books GROUP BY nowhere"],
  ["SELECT * FROM books ORDER BY nowhere"],
  ["DROP TABLE dear", "nothing"],
  ["DROP TABLE dear"],
  ["DROP TABLE IF EXISTS dear", "nothing"],
  ["DROP TABLE books", "nothing"],
  [
    "CREATE TABLE parts (id INT, v STRING DEFAULT 'new', s STRUCT<a: INT, b: STRUCT<x: INT, y: STRING>>, l ARRAY<STRUCT<p: INT>>) USING delta TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported', 'delta.enableRowTracking' = 'true')",
    "nothing",
  ],
  [
    "INSERT INTO parts VALUES (1, DEFAULT, named_struct('a', 1, 'b', named_struct('x', 1, 'y', 'q')), array(named_struct('p', 1)))",
    "nothing",
  ],
  ["INSERT INTO parts (v, id) VALUES (DEFAULT, 2), ('x', DEFAULT)", "nothing"],
  ["INSERT INTO parts VALUES (1, DEFAULT || 'x', NULL, NULL)"],
  ["SELECT id, v FROM parts ORDER BY id"],
  ["UPDATE parts SET s.a = 5, s.b.y = 'new' WHERE id = 1", "nothing"],
  ["UPDATE parts SET s.a = 7 WHERE id = 2", "nothing"],
  ["SELECT id, s.a, s.b.x, s.b.y FROM parts ORDER BY id"],
  ["UPDATE parts SET s.a = 5, s = NULL"],
  ["UPDATE parts SET l.p = 5"],
  ["UPDATE parts SET s = named_struct('a', 9)"],
  ["MERGE INTO parts t USING (SELECT 10 AS id) n ON t.id = n.id WHEN NOT MATCHED THEN INSERT (id, s.a) VALUES (10, 3)"],
  [
    "MERGE WITH SCHEMA EVOLUTION INTO parts t USING (SELECT 1 AS id, named_struct('a', 6, 'c', 9) AS s, array(named_struct('p', 7, 'q', 8)) AS l, 'e' AS extra) n ON t.id = n.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
  ],
  [
    "MERGE WITH SCHEMA EVOLUTION INTO parts t USING (SELECT 4 AS id, 'v' AS v, 8 AS more) n ON t.id = n.id WHEN NOT MATCHED THEN INSERT (id, more) VALUES (n.id, n.more)",
  ],
  ["SELECT id, v, s.a, s.b.x, s.c, l[0].q, extra, more FROM parts ORDER BY id"],
  ["SELECT id, _metadata.row_id, _metadata.row_commit_version FROM parts WHERE id = 1"],
  ["SELECT * FROM parts WHERE _metadata.row_id < 0"],
  ["SELECT max(_metadata.row_index) FROM parts"],
  ["DROP TABLE parts", "nothing"],
  [
    "CREATE TABLE numbers (id BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 10 INCREMENT BY 5), v STRING) USING delta",
    "nothing",
  ],
  ["INSERT INTO numbers VALUES (101, 'a'), (23, 'b')", "nothing"],
  ["ALTER TABLE numbers ALTER COLUMN id SYNC IDENTITY", "nothing"],
  ["INSERT INTO numbers (v) VALUES ('c')", "nothing"],
  [
    "MERGE INTO numbers t USING (SELECT 'n' AS v, CAST(7 AS BIGINT) AS id) n ON t.v = n.v WHEN NOT MATCHED THEN INSERT *",
    "nothing",
  ],
  ["SELECT * FROM numbers ORDER BY id"],
  ["ALTER TABLE numbers ALTER COLUMN v SYNC IDENTITY"],
  ["INSERT INTO numbers VALUES (DEFAULT, 'x')", "nothing"],
  ["DROP TABLE numbers", "nothing"],
  [
    "CREATE TABLE split (id BIGINT NOT NULL, v STRING COMMENT 'a v', p INT, q STRING) USING delta PARTITIONED BY (p, q)",
    "nothing",
  ],
  ["INSERT INTO split PARTITION (p = 1, q = 'x') VALUES (1, 'a'), (2, 'b')", "nothing"],
  ["INSERT INTO split PARTITION (p = 2, q) (v, id, q) VALUES ('z', 9, 'w')", "nothing"],
  ["INSERT INTO split PARTITION (p, q) VALUES (4, 'd', 3, 'k')", "nothing"],
  ["INSERT OVERWRITE split PARTITION (p = 1) SELECT 5, 'e', 'n'", "nothing"],
  ["INSERT INTO split REPLACE WHERE p = 2 SELECT 7, 'g', 2, 'm'", "nothing"],
  ["INSERT INTO split REPLACE WHERE p = 2 SELECT 7, 'g', 1, 'm'"],
  ["INSERT INTO split REPLACE USING (p) SELECT 8, 'g', 2, 'm'"],
  ["INSERT INTO split PARTITION (v = 'a') VALUES (1, 2, 'x')"],
  ["INSERT INTO split PARTITION (p = 'abc', q = 'x') VALUES (1, 'a')"],
  ["SELECT * FROM split ORDER BY id"],
  ["DESCRIBE split v"],
  ["DESCRIBE TABLE split id"],
  ["DESCRIBE split nope"],
  ["SHOW CATALOGS"],
  ["SHOW FUNCTIONS LIKE 'to_da*'"],
  ["SET spark.sql.ansi.enabled"],
  ["SET nope.nope"],
  ["USE nope"],
  ["DROP TABLE split", "nothing"],
  ["CREATE TABLE checked (id INT, CONSTRAINT positive CHECK (id > 0)) USING delta"],
  ["CREATE TABLE checked (id INT PRIMARY KEY) USING delta"],
];

/** Error classes that are not Spark's, and why. */
const ownClasses: Readonly<Record<string, { readonly ours: string; readonly why: string }>> = {
  "INSERT INTO books VALUES (5, 'short')": {
    ours: "error INSERT_COLUMN_ARITY_MISMATCH",
    why: "Spark's own class; Delta has one of the same meaning with its prefix",
  },
  "INSERT INTO books BY NAME SELECT 1 AS nowhere": {
    ours: "error UNRESOLVED_COLUMN",
    why: "the class of a column that INSERT names and the table has not, as in a list of columns",
  },
  "INSERT INTO books (id, id) VALUES (5, 1)": {
    ours: "error DELTA_DUPLICATE_COLUMNS_FOUND",
    why: "the class of every other duplicate column here",
  },
  "INSERT INTO books (title) VALUES ('without an id')": {
    ours: "error DELTA_MISSING_NOT_NULL_COLUMN_VALUE",
    why: "the class of a missing value in every other write",
  },
  "SELECT id FROM books VERSION AS OF 99": {
    ours: "error VERSION_NOT_FOUND",
    why: "the class of every door to a version",
  },
  "SHOW TABLES": {
    ours: "namespace string, tableName string, isTemporary boolean; default books False",
    why: "there is one namespace",
  },
  "SHOW TABLES LIKE 'b*'": {
    ours: "namespace string, tableName string, isTemporary boolean; default books False",
    why: "there is one namespace",
  },
};

async function inSpark(): Promise<readonly string[]> {
  return (await sharedPeer("spark").execute(
    `
spark.sql("CREATE DATABASE IF NOT EXISTS statements")
spark.sql("USE statements")
result = []
for text, compare in args:
    try:
        frame = spark.sql(text)
        columns = ", ".join(f"{field.name} {field.dataType.simpleString()}" for field in frame.schema.fields)
        rows = [] if compare else [" ".join(str(value) for value in row) for row in frame.collect()]
        result.append("done" if compare == "nothing" else "; ".join([columns] + rows))
    except Exception as error:
        result.append("error " + str(error.getCondition() if hasattr(error, "getCondition") else type(error).__name__))
spark.sql("USE default")
spark.sql("DROP DATABASE statements CASCADE")
`,
    statements.map(([text, compare]) => [text, compare ?? null]),
  )) as readonly string[];
}

async function here(spark: Session, [text, compare]: Statement): Promise<string> {
  try {
    const frame = await spark.sql(text);
    if (compare === "nothing") return "done";
    const schema = await frame.schema();
    const columns = schema.fields.map((field) => `${field.name} ${formatType(field.type)}`).join(", ");
    const rows = compare === "columns" ? [] : peerRows((await frame.toArrow()).batches, schema);
    return [columns, ...rows.map((row) => Object.values(row).map(textOf).join(" "))].join("; ");
  } catch (error) {
    if (error instanceof AlluviumError) return `error ${error.code}`;
    throw error;
  }
}

const textOf = (value: unknown): string =>
  value === null
    ? "None"
    : value === true
      ? "True"
      : value === false
        ? "False"
        : typeof value === "string"
          ? value
          : JSON.stringify(value);

test("statements answer what Spark's answer", async () => {
  await using lake = await Lake.open();
  const theirs = await inSpark();
  const lines: string[] = [];
  for (const statement of statements) lines.push(`${statement[0]} -> ${await here(lake.session, statement)}`);
  const expected = statements.map(([text], index) => {
    const own = ownClasses[text]?.ours;
    const answer = (theirs[index] ?? "").replace(/^error .*/, (found) => found.replace(/\..*/, ""));
    expect(answer, text).not.toBe(own);
    return `${text} -> ${own ?? answer}`;
  });
  expect(lines).toEqual(expected);
});
