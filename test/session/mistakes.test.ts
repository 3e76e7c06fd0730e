// Mistakes of a new user: each error says where it is and what to do.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { OutputMode } from "../../src/stream/plan/output-mode.ts";
import { bookSession, errorOf, rowsOf } from "./books.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "alluvium-mistake-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const streaming = async () => {
  const spark = await bookSession();
  spark.readStream.table("books").createOrReplaceTempView("books_vw");
  const counts = await spark.sql("SELECT author, count(*) AS n FROM books_vw GROUP BY author");
  return { spark, counts };
};

test("a misspelt column is named with its place, and the column that is near", async () => {
  const { spark } = await streaming();
  const expected =
    'there is no column "athor" at line 2, column 3. Did you mean "author"? The columns are: book_id, title, author, price.';
  for (const table of ["books", "books_vw"]) {
    expect(await errorOf(spark.sql(`SELECT title,\n  athor\nFROM ${table}`))).toBe(`UNRESOLVED_COLUMN: ${expected}`);
  }
  expect(await errorOf(spark.table("books").select("athor").collect())).toContain('Did you mean "author"?');
  expect(await errorOf(spark.sql("SELECT _metadata.row_id FROM books"))).toBe(
    'UNRESOLVED_COLUMN: there is no struct with the field "row_id" at line 1, column 18.',
  );
});

test("a table that is not there is named with its place, and the table that is near", async () => {
  const { spark } = await streaming();
  expect(await errorOf(spark.sql("SELECT *\nFROM boks"))).toBe(
    'TABLE_OR_VIEW_NOT_FOUND: there is no table or view "boks" at line 2, column 6. Did you mean "books"?',
  );
  expect(await errorOf(spark.sql("SELECT * FROM nothing_like_it"))).toMatch(
    /^TABLE_OR_VIEW_NOT_FOUND: .* at line 1, column 15\. Tables are folders of the warehouse .*; a path is written delta\.`\/path`\.$/,
  );
  const stream = spark.readStream.table("boks").writeStream.option("checkpointLocation", folder());
  expect(await errorOf(stream.toTable("target"))).toMatch(
    /^TABLE_NOT_FOUND: .*boks is not a Delta table.* Did you mean "books"\?/,
  );
  expect(await errorOf(spark.table("boks").collect())).toMatch(/^TABLE_NOT_FOUND: .* Did you mean "books"\?/);
});

test("ORDER BY on a stream says that a stream never ends, and where the order belongs", async () => {
  const { spark } = await streaming();
  expect(await errorOf(spark.sql("SELECT * FROM books_vw ORDER BY author"))).toBe(
    "_LEGACY_ERROR_TEMP_3102: sorting (ORDER BY) is not supported on a stream in output mode append; a stream never has all its rows; leave the order to whoever reads the result, or sort an aggregation in complete mode",
  );
});

test("an output mode that the query cannot have is refused with one that it can", async () => {
  const { spark, counts } = await streaming();
  const start = (mode: string, frame = counts): Promise<unknown> =>
    frame.writeStream
      .outputMode(mode as OutputMode)
      .option("checkpointLocation", folder())
      .toTable("target");
  expect(await errorOf(start("append"))).toMatch(/^STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION: .*(complete|update)/);
  expect(await errorOf(start("complete", spark.table("books_vw")))).toMatch(
    /^STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION: .*append/,
  );
  expect(await errorOf(start("update"))).toMatch(/^DELTA_UNSUPPORTED_OUTPUT_MODE: .*keyColumns/);
  expect(await errorOf((async () => start("compleet"))())).toMatch(/^STREAMING_OUTPUT_MODE_INVALID: .*complete/);
  expect(await rowsOf(spark, "SHOW TABLES LIKE 'target'")).toEqual([]);
});

test("a stream without a checkpoint location says which option is missing", async () => {
  const { counts } = await streaming();
  expect(await errorOf(counts.writeStream.outputMode("complete").toTable("target"))).toMatch(
    /^STREAMING_CHECKPOINT_LOCATION_MISSING: .*option\("checkpointLocation", /,
  );
});

const placed: readonly (readonly [string, RegExp])[] = [
  [
    "SELECT upperr(title) FROM books",
    /^UNRESOLVED_ROUTINE: there is no function "upperr" at line 1, column 8\. Did you mean "upper"/,
  ],
  ["SELECT title,\n sum(title) FROM books GROUP BY title", /^CAST_INVALID_INPUT: Could not convert string .*Emma/],
  [
    "SELECT *\nFROM books JOIN books b USING (author)\nWHERE title = 'x'",
    /at line 3, column 7, near "title": Ambiguous/,
  ],
  ["SELECT CAST(title AS INTT) FROM books", /at line 1, column 22, near "INTT"/],
  ["SELECT title FROM books LIMIT 'a'", /at line 1, column 31, near "a"/],
  [
    "SELECT price || FROM books",
    /^PARSE_SYNTAX_ERROR: a value is missing behind the operator at line 1, column 14, near "\|\|"/,
  ],
  ["SELECT * FROM books WHERE title > 3 +", /^PARSE_SYNTAX_ERROR: .* at line 1, column 37/],
  ["SELECT 'abc FROM books", /^PARSE_SYNTAX_ERROR: a string has no end at line 1, column 8, near "'abc"/],
  ["SELEC * FROM books", /^PARSE_SYNTAX_ERROR: .*SELECT.* at line 1, column 1, near "SELEC"/],
  ["CREATE TABLE t (id BIGINTT)", /^PARSE_SYNTAX_ERROR: .* at line 1, column 20, near "BIGINTT\)"/],
  ["DROP TABEL books", /^PARSE_SYNTAX_ERROR: TABLE is missing at line 1, column 6, near "TABEL"/],
  ["INSERT INTO boks VALUES (1)", /^TABLE_OR_VIEW_NOT_FOUND: .* at line 1, column 13\. Did you mean "books"/],
];

test.each(placed)("%s: the error says where it is", async (text, expected) => {
  const { spark } = await streaming();
  expect(await errorOf(rowsOf(spark, text))).toMatch(expected);
});

test("a start that is refused for its key leaves no table behind", async () => {
  const { spark, counts } = await streaming();
  const start = counts.writeStream
    .outputMode("update")
    .option("checkpointLocation", folder())
    .option("keyColumns", "autor")
    .toTable("never_made");
  expect(await errorOf(start)).toBe(
    "COLUMN_NOT_FOUND: keyColumns names autor, but the query gives the columns author, n",
  );
  expect(await errorOf(spark.sql("SELECT * FROM never_made"))).toMatch(/^TABLE_OR_VIEW_NOT_FOUND/);
});

test("an aggregation of an aggregation is refused as such, whatever the output mode", async () => {
  const { spark, counts } = await streaming();
  counts.createOrReplaceTempView("counts_vw");
  expect(await errorOf(spark.sql("SELECT n, count(*) AS authors FROM counts_vw GROUP BY n"))).toMatch(
    /^_LEGACY_ERROR_TEMP_3102: an aggregation of an aggregation is not supported .*; use append with a watermark and windows/,
  );
});

test("a format that is no table's is refused with what there is instead", async () => {
  const { spark } = await streaming();
  const { writeStream } = spark.table("books_vw");
  expect(() => writeStream.format("console")).toThrow(/only table format here is delta, not console; .* live\(\)/);
  expect(() => writeStream.format("memory")).toThrow(/write to a table/);
  expect(() => writeStream.format("kafka")).toThrow(/not kafka$/);
  expect(() => spark.readStream.format("rate")).toThrow(/append to a table/);
});
