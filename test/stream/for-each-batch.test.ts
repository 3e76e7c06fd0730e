// A function of the user as the sink.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forEachBatchSink } from "../../src/stream/for-each-batch-sink.ts";
import type { StreamingQuery } from "../../src/stream/streaming-query.ts";
import { defaultTrigger } from "../../src/stream/trigger.ts";
import { Bench, CountingSource } from "./query-doubles.ts";

const failed = (code: string): unknown => expect.objectContaining({ code: "STREAM_FAILED", context: expect.objectContaining({ causeCode: code }) as unknown });

test("foreachBatch sees each batch, also one without rows, and its exception fails the query with cause", async () => {
  const bench = new Bench(new CountingSource(2));
  const seen: unknown[] = [];
  const cause = new Error("no such service");
  const sink = forEachBatchSink(
    (frame: string | null, id) => {
      seen.push([frame, id]);
      if (id === 2) throw cause;
    },
    (rows) => (rows?.kind === "relation" ? rows.sql : null),
  );
  const query = await bench.start({ sink, outputMode: "update" });
  await query.processAllAvailable();
  expect(query.recentProgress[0]?.sink.numOutputRows).toBe(-1);
  bench.source.empties.add(3);
  bench.source.add(1);
  await query.processAllAvailable();
  bench.source.add(1);
  await expect(query.awaitTermination()).rejects.toThrow(failed("FOREACH_BATCH_USER_FUNCTION_ERROR"));
  expect(query.exception?.cause).toMatchObject({ cause });
  expect(seen).toEqual([["1,2", 0], [null, 1], ["4", 2]]);
});

test("kill inside foreachBatch: same range, same batch id delivered again", async () => {
  const bench = new Bench(new CountingSource(2));
  const seen: unknown[] = [];
  let isBroken = true;
  const sink = forEachBatchSink(
    (frame: unknown, id) => {
      seen.push([frame, id]);
      if (isBroken) throw new Error("killed");
    },
    (rows) => (rows?.kind === "relation" ? rows.sql : null),
  );
  await expect(bench.drain({ sink })).rejects.toThrow("killed");
  bench.source.add(2);
  isBroken = false;
  await bench.drain({ sink });
  expect(seen).toEqual([["1,2", 0], ["1,2", 0], ["3,4", 1]]);
});

test("stop called by the query's own foreachBatch function does not wait for itself", async () => {
  const bench = new Bench(new CountingSource(5, { limit: 1 }));
  const query: StreamingQuery = await bench.start({
    trigger: defaultTrigger,
    sink: forEachBatchSink(async (_, id) => {
      if (id === 1) await query.stop();
    }, () => null),
  });
  await query.awaitTermination();
  expect(query.exception).toBeNull();
  expect(readdirSync(join(bench.checkpoint, "commits")).toSorted()).toEqual(["0", "1"]);
});
