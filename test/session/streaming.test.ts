// test/session/streaming.test.ts: streams as a session starts them: steps, functions, refusals, and their end.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { localEngine } from "../../src/engine/local-engine.ts";
import type { AlluviumError } from "../../src/format/error.ts";
import type { DataFrame } from "../../src/session/data-frame.ts";
import type { DataStreamWriter } from "../../src/session/data-stream-writer.ts";
import { Session } from "../../src/session/session.ts";
import type { DeltaTable } from "../../src/table/delta-table.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

/** A session in a folder of its own with the table `books`: ids 1 to 4 in two commits. */
interface Lake {
  readonly spark: Session;
  readonly root: string;
  readonly books: DeltaTable;
}

async function lake(parts: Partial<Engine> = {}): Promise<Lake> {
  const root = temporaryFolder();
  const spark = Session.over({ ...localEngine(), ...parts }, { warehouse: root });
  onTestFinished(() => spark.close());
  const books = await spark.createTable("books", { schema: "id BIGINT, author STRING" });
  await books.append([
    { id: 1, author: "A" },
    { id: 2, author: "B" },
  ]);
  await books.append([
    { id: 3, author: "A" },
    { id: 4, author: null },
  ]);
  return { spark, root, books };
}

/** The writer of a stream whose checkpoint is in the lake, and that ends when its source is worked off. */
function draining(frame: DataFrame, root: string, checkpoint = "checkpoint"): DataStreamWriter {
  return frame.writeStream.option("checkpointLocation", join(root, checkpoint)).trigger({ availableNow: true });
}

async function rowsOf(frame: DataFrame): Promise<readonly unknown[]> {
  const rows = await frame.collect();
  return rows.toSorted((a, b) => Number((a["id"] as bigint) - (b["id"] as bigint)));
}

const idsOf = async (frame: DataFrame): Promise<readonly unknown[]> =>
  (await rowsOf(frame.select("id"))).map((row) => (row as { id: bigint }).id);

async function errorOf(work: () => unknown): Promise<AlluviumError> {
  try {
    await work();
  } catch (error) {
    return error as AlluviumError;
  }
  throw new Error("it was not refused");
}

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
    expect((await spark.deltaTable("copy")).detail().txns).toEqual({ [first.id]: 1n });
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

describe("what is refused before anything is written", () => {
  const batchActions: readonly [string, (frame: DataFrame) => unknown][] = [
    ["collect", (frame) => frame.collect()],
    ["count", (frame) => frame.count()],
    ["toArrow", (frame) => frame.toArrow()],
    ["batches", (frame) => frame.batches()],
    ["rows", (frame) => frame.rows().next()],
    ["write", (frame) => frame.write],
  ];
  test.each(batchActions)("%s on a streaming frame", async (_name, action) => {
    const { spark } = await lake();
    const error = await errorOf(() => action(spark.readStream.table("books")));
    expect(error.code).toBe("CALL_ON_STREAMING_DATASET_UNSUPPORTED");
    expect(error.message).toContain("writeStream");
  });

  test("a streaming frame as input of a table", async () => {
    const { spark, books } = await lake();
    const error = await errorOf(() => books.append(spark.readStream.table("books")));
    expect(error.code).toBe("CALL_ON_STREAMING_DATASET_UNSUPPORTED");
  });

  test("writeStream on a batch frame", async () => {
    const { spark } = await lake();
    expect((await errorOf(() => spark.table("books").writeStream)).code).toBe("WRITE_STREAM_NOT_ALLOWED");
  });

  const started: readonly [string, string, (frame: DataFrame, root: string) => unknown][] = [
    [
      "an aggregate",
      "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION",
      (frame, root) => draining(frame.selectExpr("count(*) AS n"), root).toTable("copy"),
    ],
    [
      "a limit",
      "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION",
      (frame, root) => draining(frame.limit(1), root).toTable("copy"),
    ],
    [
      "an unknown column",
      "COLUMN_NOT_FOUND",
      (frame, root) => draining(frame.where("pages > 1"), root).toTable("copy"),
    ],
    ["no checkpoint", "STREAMING_CHECKPOINT_LOCATION_MISSING", (frame) => frame.writeStream.toTable("copy")],
    ["no target", "INVALID_ARGUMENT", (frame, root) => draining(frame, root).start()],
    [
      "a function and a target",
      "INVALID_ARGUMENT",
      (frame, root) =>
        draining(frame, root)
          .foreachBatch(() => {})
          .toTable("copy"),
    ],
    [
      "complete mode without aggregation",
      "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION",
      (frame, root) => draining(frame, root).outputMode("complete").toTable("copy"),
    ],
    [
      "update mode into a table",
      "DELTA_UNSUPPORTED_OUTPUT_MODE",
      (frame, root) => draining(frame, root).outputMode("update").toTable("copy"),
    ],
    [
      "a mode that is none",
      "STREAMING_OUTPUT_MODE_INVALID",
      (frame, root) =>
        draining(frame, root)
          .outputMode("all" as "append")
          .toTable("copy"),
    ],
    [
      "a source's option on the writer",
      "DELTA_ILLEGAL_OPTION",
      (frame, root) => draining(frame, root).option("maxFilesPerTrigger", 1).toTable("copy"),
    ],
    [
      "an unknown option of the writer",
      "DELTA_ILLEGAL_OPTION",
      (frame, root) => draining(frame, root).option("mergeShema", true).toTable("copy"),
    ],
    ["a trigger that is none", "INVALID_TRIGGER", (frame) => frame.writeStream.trigger({ processingTime: "soon" })],
    ["an empty name", "INVALID_ARGUMENT", (frame) => frame.writeStream.queryName("")],
  ];
  test.each(started)("%s: %s", async (_name, code, start) => {
    const { spark, root } = await lake();
    const before = readdirSync(root);
    const error = await errorOf(() => start(spark.readStream.table("books"), root));
    expect(error.code).toBe(code);
    expect(readdirSync(root)).toEqual(before);
    expect(spark.streams.active).toEqual([]);
  });

  test("a source's option on the writer is told where it belongs; a slip is told what was meant", async () => {
    const { spark, root } = await lake();
    const frame = spark.readStream.table("books");
    const misplaced = await errorOf(() => draining(frame, root).option("ignoreDeletes", true).toTable("copy"));
    expect(misplaced.message).toContain("readStream");
    const slip = await errorOf(() => draining(frame, root).option("checkpointLocaton", "x").toTable("copy"));
    expect(slip.message).toContain("did you mean checkpointLocation");
  });
});

describe("one checkpoint, one query", () => {
  test("a second start while the first runs is refused, and the first is not disturbed", async () => {
    const { spark, root, books } = await lake();
    const writer = spark.readStream.table("books").writeStream.option("checkpointLocation", join(root, "cp"));
    const first = await writer.toTable("copy");
    const other = Session.over(localEngine(), { warehouse: root });
    onTestFinished(() => other.close());
    const again = other.readStream.table("books").writeStream.option("checkpointLocation", join(root, "cp"));
    expect((await errorOf(() => again.toTable("copy"))).code).toBe("CONCURRENT_QUERY");
    await books.append([{ id: 5, author: "C" }]);
    await first.processAllAvailable();
    await first.stop();
    expect(await idsOf(spark.table("copy"))).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  test("a checkpoint of another table is refused by id, and nothing is written", async () => {
    const { spark, root } = await lake();
    await (await draining(spark.readStream.table("books"), root).toTable("copy")).awaitTermination();
    await spark.createTable("others", { schema: "id BIGINT, author STRING" });
    const query = draining(spark.readStream.table("others"), root).toTable("copy");
    const error = await errorOf(async () => (await query).awaitTermination());
    expect([error.code, error.context["causeCode"]]).toContain("DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE");
    expect((await spark.deltaTable("copy")).version).toBe(1);
    expect(existsSync(join(root, "checkpoint", "offsets", "1"))).toBe(false);
  });
});
