// test/session/refusals.test.ts: what a session refuses to stream, and what is left behind: nothing.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import { draining, errorOf, idsOf, lake } from "./book-lake.ts";

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
