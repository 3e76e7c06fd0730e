// The state of a streaming query as rows: `spark.read.format("statestore")` and `format("state-metadata")`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import type { OutputMode } from "../../src/stream/plan/output-mode.ts";
import { bookSession, errorOf, rowsOf } from "./books.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "alluvium-checkpoint-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, "__k0=1"); // a folder's name is no column
}

async function drain(frame: DataFrame, checkpoint: string, outputMode: OutputMode): Promise<void> {
  const query = await frame.writeStream
    .outputMode(outputMode)
    .option("checkpointLocation", checkpoint)
    .trigger({ availableNow: true })
    .foreachBatch(() => undefined)
    .start();
  await query.awaitTermination();
}

test("the groups of a query are read as they were after each batch, those that came, changed and went", async () => {
  const spark = await bookSession();
  const checkpoint = folder();
  spark.readStream.table("books").createOrReplaceTempView("s");
  const counts = await spark.sql("SELECT author, count(*) AS n FROM s GROUP BY author");
  const read = async (batchId?: number): Promise<readonly string[]> => {
    const reader = spark.read.format("statestore");
    const frame = (batchId === undefined ? reader : reader.option("batchId", batchId)).load(checkpoint);
    expect((await frame.schema()).fields.map((field) => field.name)).toEqual(["key", "value", "partition_id"]);
    const rows = await frame.selectExpr("key.k0 AS author", "value.p0_0 AS n", "partition_id AS p").collect();
    return rows.map((row) => `${String(row["author"])} ${String(row["n"])} ${String(row["p"])}`).toSorted();
  };
  const before = ["Austen 2 0", "Stoker 1 0"];
  await drain(counts, checkpoint, "complete");
  expect(await read()).toEqual(before);
  // More batches than are kept as changes: a snapshot is written among them.
  for (let batch = 1; batch <= 14; batch += 1) {
    await spark.sql(`INSERT INTO books VALUES ('N${batch}', 'T', ${batch === 1 ? "NULL" : "'Austen'"}, 1)`);
    await drain(counts, checkpoint, "complete");
  }
  expect(await read()).toEqual(["Austen 15 0", "Stoker 1 0", "null 1 0"]);
  expect(await read(0)).toEqual(before);
  expect(await read(6)).toEqual(["Austen 7 0", "Stoker 1 0", "null 1 0"]);
  expect(await rowsOf(spark, "SELECT 1 AS x")).toEqual([{ x: 1 }]);
  expect(await spark.read.format("state-metadata").load(checkpoint).collect()).toEqual([
    {
      operatorId: 0n,
      operatorName: "stateStoreSave",
      stateStoreName: "groups",
      numPartitions: 1,
      minBatchId: 0n,
      maxBatchId: 14n,
    },
  ]);
});

test("groups that the watermark closed are gone, and each side of a join is read by its name", async () => {
  const spark = await bookSession();
  await spark.sql("CREATE TABLE events (ts TIMESTAMP, k STRING)");
  const events = spark.readStream.table("events").withWatermark("ts", "1 second");
  events.createOrReplaceTempView("w");
  const windows = await spark.sql("SELECT window(ts, '1 second') AS w, count(*) AS n FROM w GROUP BY 1");
  const joined = await spark.sql("SELECT l.k FROM w l JOIN w r ON l.k = r.k AND l.ts = r.ts");
  const [first, second, third] = [folder(), folder(), folder()];
  for (const at of ["00", "10", "20"]) {
    await spark.sql(`INSERT INTO events VALUES (TIMESTAMP '2024-01-01 00:00:${at}', 'a')`);
    await drain(windows, first, "append");
    await drain(joined, second, "append");
    await drain(spark.readStream.table("events").dropDuplicates(["k"]), third, "append");
  }
  const stateOf = (path: string, ...options: readonly (readonly [string, string])[]): Promise<readonly unknown[]> =>
    options
      .reduce((reader, [name, value]) => reader.option(name, value), spark.read.format("statestore"))
      .load(path)
      .collect();
  expect(await stateOf(first)).toHaveLength(1);
  expect(await stateOf(second, ["joinSide", "left"])).toHaveLength(1);
  expect(await stateOf(second, ["storeName", "right"])).toHaveLength(1);
  expect(await stateOf(third)).toMatchObject([{ key: { k: "a" } }]);
  expect(await errorOf(stateOf(second, ["storeName", "middle"]))).toBe(
    'STDS_INVALID_OPTION_VALUE: option storeName of the state is "middle", but operator 0 has left, right',
  );
  expect(await errorOf(stateOf(first, ["operatorId", "3"]))).toMatch(
    /^STDS_INVALID_OPTION_VALUE: .*the query has the operators 0 \(stateStoreSave\)/,
  );
});

test("what has no state, or not of that batch, says so", async () => {
  const spark = await bookSession();
  const checkpoint = folder();
  const load = (batchId: number): Promise<unknown> =>
    spark.read.format("statestore").option("batchId", batchId).load(checkpoint).collect();
  expect(await errorOf(load(0))).toMatch(/^STDS_COMMITTED_BATCH_UNAVAILABLE: .* has no state: it has no state of/);
  await drain(spark.readStream.table("books").dropDuplicates(["author"]), checkpoint, "append");
  expect(await errorOf(load(7))).toMatch(/has no state after batch 7: the state of the batches 0 to 0 is there/);
  expect(() => spark.read.format("statestore").option("batchid2", 1)).toThrow(/did you mean batchId/);
  expect(() => spark.read.format("parquet")).toThrow(/the only table format here is delta.*FROM read_parquet\(/);
  expect(() => spark.read.format("orc")).toThrow(/the only table format here is delta, not orc$/);
});
