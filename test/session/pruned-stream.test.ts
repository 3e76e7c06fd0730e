// A streaming query reads the files that its conditions allow; its offsets are those of all files.
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import { bookSession, errorOf, rowsOf } from "./books.ts";

async function partitioned() {
  const spark = await bookSession();
  await spark.sql("CREATE TABLE events (id BIGINT, ts TIMESTAMP, day INT) PARTITIONED BY (day)");
  for (const day of [1, 2, 3])
    await spark.sql(
      `INSERT INTO events SELECT id, TIMESTAMP '2024-01-01 00:00:00' AS ts, ${day} AS day FROM range(${day})`,
    );
  const root = (await spark.deltaTable("events")).path;
  const drain = async (frame: DataFrame, name: string): Promise<readonly string[]> => {
    const checkpoint = join(root, "..", `_${name}`);
    const writer = frame.writeStream.option("checkpointLocation", checkpoint).trigger({ availableNow: true });
    const query = await writer.toTable(name);
    await query.awaitTermination();
    const offsets = join(checkpoint, "offsets");
    return readdirSync(offsets)
      .filter((file) => /^\d+$/.test(file))
      .map((file) => readFileSync(join(offsets, file), "utf8").split("\n").at(-1) ?? "");
  };
  const lose = (...days: readonly number[]): void => {
    for (const day of days) rmSync(join(root, `day=${day}`), { recursive: true });
  };
  return { spark, drain, lose };
}

test("files of other partitions are not opened, in steps, in SQL and before JavaScript, and offsets do not change", async () => {
  const { spark, drain, lose } = await partitioned();
  const all = await drain(spark.readStream.table("events"), "everything");
  lose(1, 3);
  spark.readStream.table("events").createOrReplaceTempView("s");
  const frames: Readonly<Record<string, DataFrame>> = {
    steps: spark.readStream.table("events").where("day = 2").where("id >= 0").select("id"),
    words: await spark.sql("SELECT e.id FROM s AS e WHERE day BETWEEN 2 AND 2 AND id < 100"),
    both: spark.table("s").where("day > 1").sql("SELECT id FROM source WHERE day < 3"),
    script: spark.readStream
      .table("events")
      .where("day = 2")
      .mapBatches((batch) => batch)
      .select("id"),
    twice: spark
      .table("s")
      .where("day = 2 AND id = 0")
      .select("id")
      .union(spark.table("s").where("day = 2 AND id > 0").select("id")),
  };
  for (const [name, frame] of Object.entries(frames)) {
    const offsets = await drain(frame, name);
    expect(offsets.map(withoutTime)).toEqual(all.map(withoutTime));
    expect(await rowsOf(spark, `SELECT id FROM ${name} ORDER BY id`)).toEqual([{ id: 0n }, { id: 1n }]);
  }
});

const withoutTime = (offset: string): string => offset.replaceAll(/"batchTimestampMs":\d+/g, "");

test("a file is opened when another place of the query may want its rows, or when they move a watermark", async () => {
  const { spark, drain, lose } = await partitioned();
  lose(3);
  spark.readStream.table("events").createOrReplaceTempView("s");
  const union = await spark.sql("SELECT id FROM s WHERE day = 2 UNION ALL SELECT id FROM s");
  expect(await errorOf(drain(union, "a"))).toContain("STREAM_FAILED");
  const late = spark.readStream.table("events").withWatermark("ts", "1 minute").where("day = 2");
  expect(await errorOf(drain(late, "b"))).toContain("STREAM_FAILED");
});
