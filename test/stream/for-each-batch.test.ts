// A function of the user as the sink.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { RecordBatch } from "apache-arrow";
import { expect, test } from "vitest";
import type { BatchPlan } from "../../src/stream/operator/batch-plan.ts";
import { forEachBatchSink } from "../../src/stream/sink/for-each-batch-sink.ts";
import type { StreamingQuery } from "../../src/stream/query/streaming-query.ts";
import { defaultTrigger } from "../../src/stream/plan/trigger.ts";
import { Bench, CountingSource, schema } from "./query-doubles.ts";
import type { Rows } from "../../src/writer/rows.ts";

const failed = (code: string): unknown =>
  expect.objectContaining({ code: "STREAM_FAILED", context: expect.objectContaining({ causeCode: code }) as unknown });

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
  expect(seen).toEqual([
    ["1,2", 0],
    [null, 1],
    ["4", 2],
  ]);
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
  expect(seen).toEqual([
    ["1,2", 0],
    ["1,2", 0],
    ["3,4", 1],
  ]);
});

test("stop called by the query's own foreachBatch function does not wait for itself", async () => {
  const bench = new Bench(new CountingSource(5, { limit: 1 }));
  const query: StreamingQuery = await bench.start({
    trigger: defaultTrigger,
    sink: forEachBatchSink(
      async (_, id) => {
        if (id === 1) await query.stop();
      },
      () => null,
    ),
  });
  await query.awaitTermination();
  expect(query.exception).toBeNull();
  expect(readdirSync(join(bench.checkpoint, "commits")).toSorted()).toEqual(["0", "1"]);
});

test("rows from a JavaScript step can be read by a foreachBatch function as often as it likes", async () => {
  const bench = new Bench(new CountingSource(1));
  const { engine } = bench;
  async function* once(): AsyncGenerator<RecordBatch> {
    await using connection = await engine.sql.connect();
    yield* connection.batches("SELECT range AS id FROM range(3)", schema);
  }
  const plan: BatchPlan = { outputSchema: schema, run: async () => ({ kind: "arrow", schema, batches: once() }) };
  const seen: unknown[] = [];
  const sink = forEachBatchSink(
    async (rows: Rows | null) => {
      if (rows?.kind !== "relation") throw new Error("rows that can be read again are expected");
      await using connection = await engine.sql.connect();
      for (let time = 0; time < 2; time += 1) seen.push(await connection.rows(rows.sql));
    },
    (rows) => rows,
  );
  await bench.drain({ sink, plan: () => plan });
  expect(seen).toEqual([seen[0], [{ id: 0n }, { id: 1n }, { id: 2n }]]);
});
