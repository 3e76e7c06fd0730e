// test/session/streaming.test.ts: streams as a session starts them: steps, functions, restarts.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expr } from "../../src/expression/predicate/builder.ts";
import { sum, window } from "../../src/session/plan/functions.ts";
import type { DataStreamWriter } from "../../src/session/frame/data-stream-writer.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { draining, errorOf, idsOf, lake, rowsOf } from "./book-lake.ts";

describe("a stream", () => {
  test("is lazy: it reads nothing before it is started", async () => {
    const { spark, root } = await lake();
    const frame = spark.readStream.table("nowhere");
    expect(frame.isStreaming).toBe(true);
    expect(spark.table("books").isStreaming).toBe(false);
    expect((await errorOf(() => draining(frame, root).toTable("copy"))).code).toBe("TABLE_NOT_FOUND");
    expect(readdirSync(root).filter((name) => name === "copy")).toEqual([]);
  });

  test("takes its rows through every step, into a table with the partitions asked for", async () => {
    const { spark, root } = await lake();
    const frame = spark.readStream
      .table("books")
      .where("author IS NOT NULL")
      .withColumn("twice", "id * 2")
      .mapBatches((batch) => batch)
      .withColumnRenamed("author", "writer")
      .selectExpr("id", "lower(writer) AS writer", "twice")
      .drop("nothing");
    const query = await draining(frame, root).partitionBy("writer").toTable("copy");
    await query.awaitTermination();
    expect(await rowsOf(spark.table("copy"))).toEqual([
      { id: 1n, writer: "a", twice: 2n },
      { id: 2n, writer: "b", twice: 4n },
      { id: 3n, writer: "a", twice: 6n },
    ]);
    expect((await spark.deltaTable("copy")).partitionColumns).toEqual(["writer"]);
    // The last report of all says that nothing was left.
    expect(query.recentProgress.map(({ numInputRows, sink }) => [numInputRows, sink.numOutputRows])).toEqual([
      [4, 3],
      [0, 0],
    ]);
  });

  test("fills nulls, leaves out rows that lack values, and names all its columns anew", async () => {
    const { spark, root } = await lake();
    const stream = spark.readStream.table("books").select("id", "author");
    const filled = stream.na.fill("?").where("author = '?'").toDF("key", "writer");
    await (await draining(filled, root).toTable("filled")).awaitTermination();
    expect(await rowsOf(spark.table("filled"))).toEqual([{ key: 4n, writer: "?" }]);
    const kept = draining(stream.na.drop(), join(root, "other"));
    await (await kept.toTable("kept")).awaitTermination();
    expect(await idsOf(spark.table("kept"))).toEqual([1n, 2n, 3n]);
  });

  test("keeps its event time under the name that toDF gives it", async () => {
    const { spark, root } = await lake();
    await spark.sql("CREATE TABLE clicks (at TIMESTAMP, n INT)");
    await spark.sql(
      "INSERT INTO clicks VALUES (TIMESTAMP '2024-01-01 00:00:01', 1), (TIMESTAMP '2024-01-01 01:00:00', 2)",
    );
    const named = spark.readStream.table("clicks").withWatermark("at", "1 minute").toDF("moment", "m");
    const windows = named.groupBy(window("moment", "1 minute")).agg(sum("m").as("total"));
    const query = await draining(windows, root).outputMode("append").toTable("totals");
    await query.awaitTermination();
    expect((await spark.table("totals").collect()).map(({ total }) => total)).toEqual([1n]);
  });

  test("joins tables whose columns have the same names, told apart by the aliases of the sides", async () => {
    const { spark, root } = await lake();
    const stream = spark.readStream.table("books").as("s");
    const both = stream
      .join(spark.table("books").as("t"), expr("s.id = t.id"))
      .where("t.id > 2")
      .select("s.id", "t.author");
    await (await draining(both, root).toTable("joined")).awaitTermination();
    expect(await rowsOf(spark.table("joined"))).toEqual([
      { id: 3n, author: "A" },
      { id: 4n, author: null },
    ]);
  });

  test("goes on where it ended, under the same id and a new run", async () => {
    const { spark, root, books } = await lake();
    const frame = spark.readStream.table("books");
    const first = await draining(frame, root).toTable("copy");
    await first.awaitTermination();
    await books.append([{ id: 5, author: "C" }]);
    const second = await draining(frame, root).toTable("copy");
    await second.awaitTermination();
    expect([second.id === first.id, second.runId === first.runId]).toEqual([true, false]);
    expect(await idsOf(spark.table("copy"))).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect((await (await spark.deltaTable("copy")).detail()).txns).toEqual({ [first.id]: 1n });
  });

  test("runs beside the commits of its own session, and sees them at once", async () => {
    const { spark, root, books } = await lake();
    const query = await spark.readStream
      .table("books")
      .writeStream.option("checkpointLocation", join(root, "cp"))
      .queryName("copying")
      .toTable("copy");
    await query.processAllAvailable();
    expect(await idsOf(spark.table("copy"))).toEqual([1n, 2n, 3n, 4n]);
    await books.append([{ id: 5, author: "C" }]);
    await query.processAllAvailable();
    expect(await idsOf(spark.table("copy"))).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect([query.name, query.isActive, spark.streams.active]).toEqual(["copying", true, [query]]);
    await spark.close();
    expect([query.isActive, query.exception]).toEqual([false, null]);
  });

  test("calls a function with each batch as a frame; its idempotent writes happen once, though it fails in between", async () => {
    const { spark, root } = await lake();
    const seen: number[] = [];
    let fails = true;
    const start = (): ReturnType<DataStreamWriter["start"]> =>
      draining(spark.readStream.option("maxFilesPerTrigger", 1).table("books"), root)
        .foreachBatch(async (batch, batchId) => {
          seen.push(batchId);
          expect(batch.isStreaming).toBe(false);
          const write = batch
            .where("id <> 2")
            .write.mode("append")
            .option("txnAppId", "app")
            .option("txnVersion", batchId);
          await write.saveAsTable("copy");
          if (batchId === 1 && fails) throw new Error("the mail server is away");
        })
        .start();
    const failed = await start();
    const error = await errorOf(() => failed.awaitTermination());
    expect([error.code, error.message.includes("the mail server is away")]).toEqual(["STREAM_FAILED", true]);
    expect(failed.exception).toBe(error);
    fails = false;
    await (await start()).awaitTermination();
    expect(seen).toEqual([0, 1, 1]);
    expect(await idsOf(spark.table("copy"))).toEqual([1n, 3n, 4n]);
  });

  test("sees the clock of a batch's first attempt, also when the batch runs again", async () => {
    const clock = manualClock();
    const { spark, root } = await lake({ clock });
    let fails = true;
    const seen: unknown[] = [];
    const start = (): ReturnType<DataStreamWriter["start"]> =>
      draining(spark.readStream.table("books").withColumn("at", "current_timestamp()"), root)
        .foreachBatch(async (batch) => {
          seen.push(
            ...new Set(
              (await batch.selectExpr("at", "current_timestamp() AS now").collect()).map(
                ({ at, now }) => `${String(at)} ${String(now)}`,
              ),
            ),
          );
          if (fails) throw new Error("not yet");
        })
        .start();
    await errorOf(async () => (await start()).awaitTermination());
    await clock.advance(3_600_000);
    fails = false;
    await (await start()).awaitTermination();
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
  });
});
