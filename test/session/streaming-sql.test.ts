// Streaming queries said in SQL and by DataFrames: the program of a notebook, aggregates taken apart, live updates.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { window } from "../../src/session/functions.ts";
import type { DataFrame } from "../../src/session/data-frame.ts";
import type { Session } from "../../src/session/session.ts";
import type { OutputMode } from "../../src/stream/output-mode.ts";
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
