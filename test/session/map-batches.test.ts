// test/session/map-batches.test.ts: a JavaScript step over Arrow batches, and what it may give.
import { tableFromArrays } from "apache-arrow";
import type { RecordBatch } from "apache-arrow";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import { Session } from "../../src/session/door/session.ts";

const warehouse = mkdtempSync(join(tmpdir(), "alluvium-test-"));
const spark = await Session.open({ warehouse });
afterAll(async () => {
  await spark.close();
  rmSync(warehouse, { recursive: true, force: true });
});

const pairs = (): DataFrame => spark.createDataFrame([{ a: 1n, b: 2n }], "a BIGINT, b BIGINT");
const failure = { code: "FOREACH_BATCH_USER_FUNCTION_ERROR" };

test("columns go by their names, whatever their order and case, and have the types that were said", async () => {
  const turned = pairs().mapBatches((batch) => batch.selectAt([1, 0]));
  expect(await turned.collect()).toEqual([{ a: 1n, b: 2n }]);
  const ints = tableFromArrays({ b: Int32Array.from([4]), a: Int8Array.from([3]) }).batches;
  expect(
    await pairs()
      .mapBatches(() => ints)
      .collect(),
  ).toEqual([{ a: 3n, b: 4n }]);
  const named = pairs().mapBatches(() => tableFromArrays({ Z: [9], y: [8] }).batches, { schema: "y DOUBLE, z DOUBLE" });
  expect(await named.selectExpr("z - y AS d").collect()).toEqual([{ d: 1 }]);
});

test("a whole Arrow table, or an async generator of batches, is as good as batches", async () => {
  const whole = pairs().mapBatches(() => tableFromArrays({ n: [1, 2] }), {
    schema: "n DOUBLE",
  });
  expect(await whole.selectExpr("sum(n) AS n").collect()).toEqual([{ n: 3 }]);
  const twice = pairs().mapBatches(async function* (batch) {
    yield batch;
    yield batch;
  });
  expect(await twice.count()).toBe(2n);
});

test.each([
  ["nothing", () => undefined, /gave undefined/],
  ["rows", () => [{ a: 1n, b: 2n }], /gave an object that is no batch/],
  ["a column less", (batch: RecordBatch) => batch.selectAt([0]), /gave the columns \(a\), where \(a, b\) are wanted/],
  ["a column more", () => tableFromArrays({ a: [1], b: [1], c: [1] }).batches, /gave the columns \(a, b, c\)/],
  ["other columns", () => tableFromArrays({ a: [1], c: [1] }).batches, /gave the columns \(a, c\)/],
  ["one column twice", (batch: RecordBatch) => batch.selectAt([0, 0]), /gave the columns \(a, a\)/],
])("a step that gives %s is refused, and no row is written", async (_what, step, message) => {
  const frame = pairs().mapBatches(step as (batch: RecordBatch) => RecordBatch);
  await expect(frame.collect()).rejects.toThrow(message);
  await expect(frame.collect()).rejects.toMatchObject(failure);
  await expect(frame.write.saveAsTable("refused")).rejects.toMatchObject(failure);
  await expect(spark.table("refused").count()).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
});

test("what a step throws is the cause of the error, also where it throws between batches", async () => {
  const cause = new RangeError("mine");
  const steps = [
    () => {
      throw cause;
    },
    async function* (batch: RecordBatch) {
      yield batch;
      throw cause;
    },
  ];
  for (const step of steps)
    await expect(pairs().mapBatches(step).collect()).rejects.toMatchObject({ ...failure, cause });
});
