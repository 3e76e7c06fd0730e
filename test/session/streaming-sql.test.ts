// Streaming queries said in SQL and by DataFrames: the program of a notebook, aggregates taken apart, live updates.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { window } from "../../src/session/plan/functions.ts";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import type { Session } from "../../src/session/door/session.ts";
import type { OutputMode } from "../../src/stream/plan/output-mode.ts";
import { bookSession, errorOf, rowsOf } from "./books.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "alluvium-checkpoint-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Streamed {
  readonly into: string;
  readonly outputMode: OutputMode;
  readonly checkpoint: string;
}

async function drain(frame: DataFrame, { into, outputMode, checkpoint }: Streamed): Promise<void> {
  const query = await frame.writeStream
    .trigger({ availableNow: true })
    .outputMode(outputMode)
    .option("checkpointLocation", checkpoint)
    .toTable(into);
  await query.awaitTermination();
}

const sorted = async (spark: Session, text: string): Promise<readonly string[]> =>
  (await rowsOf(spark, text))
    .map((row) => JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)))
    .toSorted();

test("a grouped view of a streaming view goes to a table in complete mode, run after run", async () => {
  const spark = await bookSession();
  spark.readStream.table("books").createOrReplaceTempView("books_streaming_tmp_vw");
  const counts = await spark.sql(
    "SELECT author, count(book_id) AS total_books FROM books_streaming_tmp_vw GROUP BY author",
  );
  expect(counts.isStreaming).toBe(true);
  counts.createOrReplaceTempView("author_counts_tmp_vw");
  const checkpoint = folder();
  const target = { into: "author_counts", outputMode: "complete", checkpoint } as const;
  await drain(spark.table("author_counts_tmp_vw"), target);
  await spark.sql("INSERT INTO books VALUES ('B19', 'Lodore', 'Shelley', 25), ('B20', 'Sanditon', 'Austen', 5)");
  await drain(spark.table("author_counts_tmp_vw"), target);
  expect(await sorted(spark, "SELECT * FROM author_counts")).toEqual([
    '{"author":"Austen","total_books":3}',
    '{"author":"Shelley","total_books":1}',
    '{"author":"Stoker","total_books":1}',
  ]);
  expect(await errorOf(spark.sql("SELECT * FROM books_streaming_tmp_vw ORDER BY author"))).toMatch(
    /^_LEGACY_ERROR_TEMP_3102: .*ORDER BY/,
  );
  expect(await errorOf(spark.table("books_streaming_tmp_vw").count())).toMatch(
    /^CALL_ON_STREAMING_DATASET_UNSUPPORTED/,
  );
});

test("windows are given out once the watermark has passed their end", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE TABLE events (ts TIMESTAMP, k STRING)");
  const counts = spark.readStream
    .table("events")
    .withWatermark("ts", "10 seconds")
    .groupBy(window("ts", "5 seconds"), "k")
    .count();
  const target = { into: "counts", outputMode: "append", checkpoint: folder() } as const;
  for (const rows of [
    "('2024-01-01 00:00:01', 'a'), ('2024-01-01 00:00:02', 'a')",
    "('2024-01-01 00:00:16', 'a')",
    "('2024-01-01 00:00:03', 'late')",
  ]) {
    await spark.sql(`INSERT INTO events SELECT CAST(ts AS TIMESTAMP), k FROM VALUES ${rows} AS t(ts, k)`);
    await drain(counts, target);
  }
  expect(await sorted(spark, "SELECT window.start AS s, k, `count` AS n FROM counts")).toEqual([
    '{"s":"2024-01-01T00:00:00.000Z","k":"a","n":2}',
  ]);
});

test("a window of a row that is not grouped is a column like others", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE TABLE events (ts TIMESTAMP)");
  spark.readStream.table("events").createOrReplaceTempView("events_s");
  await spark.sql("INSERT INTO events VALUES (TIMESTAMP'2024-01-01 00:07:00')");
  const rows = await spark.sql("SELECT window(ts, '10 minutes', '5 minutes') FROM events_s");
  await drain(rows, { into: "windows", outputMode: "append", checkpoint: folder() });
  expect(await sorted(spark, "SELECT window.start AS s FROM windows")).toEqual([
    '{"s":"2024-01-01T00:00:00.000Z"}',
    '{"s":"2024-01-01T00:05:00.000Z"}',
  ]);
});

test("two streams are joined in SQL, columns named as on both sides", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE TABLE prices (title STRING, sold DOUBLE)");
  for (const name of ["books", "prices"]) spark.readStream.table(name).createOrReplaceTempView(`${name}_s`);
  const joined = await spark.sql(
    "SELECT b.title, b.author, p.sold - b.price AS gain FROM books_s b JOIN prices_s p ON b.title = p.title WHERE p.sold > 1",
  );
  const target = { into: "gains", outputMode: "append", checkpoint: folder() } as const;
  await drain(joined, target);
  await spark.sql("INSERT INTO prices VALUES ('Emma', 9), ('Dracula', 0)");
  await drain(joined, target);
  expect(await sorted(spark, "SELECT * FROM gains")).toEqual(['{"title":"Emma","author":"Austen","gain":1}']);
});

test("live shows new rows as they are committed, and ends when the loop is left", async () => {
  const spark = await bookSession();
  const seen: unknown[] = [];
  for await (const { rows, outputMode } of spark.readStream.table("books").select("title").live()) {
    expect(outputMode).toBe("append");
    seen.push(...rows.map((row) => row["title"]));
    if (seen.length === 3) await spark.sql("INSERT INTO books VALUES ('B7', 'Lodore', 'Shelley', 3)");
    if (seen.length > 3) break;
  }
  expect(seen.at(-1)).toBe("Lodore");
  expect(spark.streams.active).toEqual([]);
});

test("live shows an aggregate whole, and return() ends a wait for rows", async () => {
  const spark = await bookSession();
  const updates = spark.readStream.table("books").groupBy("author").count().live();
  const first = await updates.next();
  const update = first.done === true ? null : first.value;
  expect(update?.outputMode).toBe("complete");
  expect(update?.rows).toHaveLength(2);
  const waiting = updates.next();
  await updates.return();
  expect((await waiting).done).toBe(true);
  expect(spark.streams.active).toEqual([]);
});

const eventTables = async (spark: Session): Promise<void> => {
  await spark.sql("CREATE TABLE events (ts TIMESTAMP, k STRING, price DECIMAL(10,2))");
};
const addEvents = async (spark: Session, rows: string): Promise<void> => {
  await spark.sql(
    `INSERT INTO events SELECT CAST(concat('2024-01-01 00:', t) AS TIMESTAMP), k, p FROM VALUES ${rows} AS e(t, k, p)`,
  );
};

test("FROM STREAM with a WATERMARK clause is a stream with that watermark", async () => {
  const spark = await bookSession();
  await eventTables(spark);
  const spellings = [
    "STREAM events WATERMARK ts DELAY OF INTERVAL 10 SECONDS",
    "STREAM(events) WATERMARK ts DELAY OF INTERVAL '10' SECOND AS e",
    "STREAM events WITH ('maxFilesPerTrigger' = 1) WATERMARK ts + INTERVAL 0 SECONDS AS ts DELAY OF INTERVAL '10 seconds' e",
    "(SELECT * FROM STREAM events) WATERMARK ts DELAY OF INTERVAL 10 SECONDS e",
    "events_view WATERMARK ts DELAY OF INTERVAL 10 SECONDS",
  ];
  spark.readStream.table("events").createOrReplaceTempView("events_view");
  const targets = spellings.map((_, index) => ({
    into: `counts_${index}`,
    outputMode: "append" as const,
    checkpoint: folder(),
  }));
  for (const rows of ["('00:01', 'a', 1), ('00:02', 'a', 2)", "('00:16', 'a', 3)", "('00:03', 'late', 4)"]) {
    await addEvents(spark, rows);
    for (const [index, from] of spellings.entries()) {
      const frame = await spark.sql(
        `SELECT window(ts, '5 seconds') AS w, k, avg(price) AS a FROM ${from} GROUP BY window(ts, '5 seconds'), k`,
      );
      const target = targets[index];
      if (target !== undefined) await drain(frame, target);
    }
  }
  for (const { into } of targets) {
    expect(await sorted(spark, `SELECT w.start AS s, k, a FROM ${into}`)).toEqual([
      '{"s":"2024-01-01T00:00:00.000Z","k":"a","a":"1.500000"}',
    ]);
  }
});

test("a WATERMARK clause that cannot be read is refused at its place, and STREAM of a view of tables too", async () => {
  const spark = await bookSession();
  await eventTables(spark);
  expect(await errorOf(spark.sql("SELECT *\nFROM STREAM events WATERMARK ts DELAY 10 MINUTES"))).toMatch(
    /^PARSE_SYNTAX_ERROR: WATERMARK is followed by .* at line 2, column 20/,
  );
  expect(await errorOf(spark.sql("SELECT * FROM STREAM events WATERMARK ts DELAY OF INTERVAL 1 MONTH"))).toMatch(
    /^CANNOT_PARSE_INTERVAL/,
  );
  await spark.sql("CREATE TEMP VIEW cheap AS SELECT * FROM events WHERE price < 1");
  expect(await errorOf(spark.sql("SELECT * FROM STREAM cheap"))).toMatch(/^EXPECT_TABLE_NOT_VIEW/);
  expect(await errorOf(spark.sql("SELECT * FROM STREAM nothing"))).toMatch(/^TABLE_OR_VIEW_NOT_FOUND/);
  await spark.sql("CREATE TEMP VIEW stream AS SELECT 1 AS watermark");
  expect(await rowsOf(spark, "SELECT watermark FROM stream AS s WHERE s.watermark = 1")).toEqual([{ watermark: 1 }]);
});

test("each row may bring the gap of its session; one without a gap is in no session", async () => {
  const spark = await bookSession();
  await eventTables(spark);
  const frame = await spark.sql(
    "SELECT session_window.end AS e, k, count(*) AS n FROM STREAM events GROUP BY session_window(ts, CASE WHEN k = 'a' THEN '5 seconds' WHEN k = 'b' THEN '10 seconds' END), k",
  );
  const target = { into: "sessions", outputMode: "complete", checkpoint: folder() } as const;
  await addEvents(
    spark,
    "('00:01', 'a', 1), ('00:10', 'a', 1), ('00:01', 'b', 1), ('00:10', 'b', 1), ('00:01', 'c', 1)",
  );
  await drain(frame, target);
  await addEvents(spark, "('00:05', 'a', 1)");
  await drain(frame, target);
  expect(await sorted(spark, "SELECT * FROM sessions")).toEqual([
    '{"e":"2024-01-01T00:00:15.000Z","k":"a","n":3}',
    '{"e":"2024-01-01T00:00:20.000Z","k":"b","n":2}',
  ]);
});

test("a stream that a query reads twice is one source, read once", async () => {
  const spark = await bookSession();
  spark.readStream.table("books").createOrReplaceTempView("s");
  spark.table("s").where("price > 7").createOrReplaceTempView("dear");
  const queries: readonly (readonly [string, bigint])[] = [
    ["SELECT title FROM s UNION ALL SELECT author FROM s", 6n],
    ["SELECT a.title, b.price FROM s a JOIN s b ON a.book_id = b.book_id", 3n],
    ["SELECT title FROM s UNION ALL SELECT title FROM dear", 5n],
    ["SELECT title FROM STREAM books UNION ALL SELECT title FROM STREAM(books)", 6n],
  ];
  for (const [index, [text, rowCount]] of queries.entries()) {
    const query = await (
      await spark.sql(text)
    ).writeStream
      .trigger({ availableNow: true })
      .option("checkpointLocation", folder())
      .toTable(`twice_${index}`);
    await query.awaitTermination();
    const progress = query.recentProgress.find(({ numInputRows }) => numInputRows > 0);
    expect([progress?.sources.length, progress?.numInputRows]).toEqual([1, 3]);
    expect(await rowsOf(spark, `SELECT count(*) AS n FROM twice_${index}`)).toEqual([{ n: rowCount }]);
  }
});

test("sums of a sub-query over a stream have Spark's types", async () => {
  const spark = await bookSession();
  spark.readStream.table("books").createOrReplaceTempView("s");
  const text =
    "SELECT author, sum(n) AS n, avg(p) AS p FROM (SELECT author, length(title) AS n, CAST(price AS DECIMAL(6,2)) AS p FROM books) GROUP BY author";
  const frame = await spark.sql(text.replace("FROM books", "FROM s"));
  const target = { into: "sums", outputMode: "complete", checkpoint: folder() } as const;
  await drain(frame, target);
  await spark.sql("INSERT INTO books VALUES ('B9', 'Mansfield Park', 'Austen', 9.5)");
  await drain(frame, target);
  expect(await rowsOf(spark, "SELECT * FROM sums ORDER BY author")).toEqual([
    { author: "Austen", n: 28n, p: "8.166667" },
    { author: "Stoker", n: 7n, p: "10.500000" },
  ]);
  expect(await sorted(spark, "SELECT * FROM sums")).toEqual(await sorted(spark, text));
});

test("what a query computes and refuses over a table, it computes and refuses over the stream of that table", async () => {
  const spark = await bookSession();
  spark.readStream.table("books").createOrReplaceTempView("s");
  const computed: readonly (readonly [string, OutputMode])[] = [
    [
      "SELECT t, CASE WHEN p > 9 THEN 'dear' ELSE a END AS c FROM (SELECT title AS t, price AS p, author AS a FROM s) WHERE NOT (p = 1 OR a IS NULL)",
      "append",
    ],
    ["SELECT book_id, k, v FROM s UNPIVOT INCLUDE NULLS (v FOR k IN (title, author))", "append"],
    [
      "SELECT title, try_cast(d AS DATE) AS d, DATE'2024-01-31' + make_interval(0, length(title)) AS e FROM (SELECT title, '2024-5' AS d FROM s)",
      "append",
    ],
    ["SELECT title, NULL AS nothing, try_to_number(right(book_id, 1), '99') AS n FROM s", "append"],
    [
      "SELECT a, sum(n) AS n FROM (SELECT author AS a, '2' AS n, price AS p FROM s) WHERE p BETWEEN 1 AND 90 GROUP BY a",
      "complete",
    ],
  ];
  for (const [index, [text, outputMode]] of computed.entries()) {
    await drain(await spark.sql(text), { into: `alike_${index}`, outputMode, checkpoint: folder() });
    const over = text.replace("FROM s", "FROM books");
    expect(await sorted(spark, `SELECT * FROM alike_${index}`)).toEqual(await sorted(spark, over));
  }
  const refused = [
    "SELECT * FROM s WHERE 1",
    "SELECT t = 1 AS x FROM (SELECT price > 1 AS t FROM s)",
    "SELECT sum(t) AS n FROM (SELECT price > 1 AS t FROM s)",
  ];
  for (const text of refused)
    for (const source of ["s", "books"])
      expect(await errorOf(rowsOf(spark, text.replace("FROM s", `FROM ${source}`)))).toMatch(/^DATATYPE_MISMATCH/);
});
