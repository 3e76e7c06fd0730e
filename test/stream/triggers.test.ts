// When a query looks for data. Doubles stand for source and sink.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Bench, CountingSource, ManualClock, eventually, testEngine } from "./query-doubles.ts";

test("the default trigger runs what there is, then sleeps until there are news", async () => {
  const bench = new Bench(new CountingSource(1));
  const query = await bench.start();
  await query.processAllAvailable();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const looks = bench.source.looks;
  expect(looks).toBeLessThan(15); // idle costs near nothing
  bench.source.add(1);
  await eventually(() => bench.sink.items.length === 2, "the second item");
});

test("polling finds what nobody told", async () => {
  const bench = new Bench(new CountingSource(1));
  const query = await bench.start();
  await query.processAllAvailable();
  bench.source.count += 1;
  await eventually(() => bench.sink.items.length === 2, "the second item");
  await query.stop();
});

test("AvailableNow stops at what it saw at its start, in several batches, and the next run gets the rest", async () => {
  const bench = new Bench(new CountingSource(5, { limit: 2 }));
  bench.sink.before = (id) => (id === 0 ? bench.source.add(3) : undefined);
  await bench.drain();
  expect([...bench.sink.batches.values()].map((batch) => batch.items)).toEqual([[1, 2], [3, 4], [5]]);
  await bench.drain();
  expect(bench.sink.items).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("AvailableNow with nothing new ends at once without files", async () => {
  const bench = new Bench(new CountingSource(2));
  await bench.drain();
  const query = await bench.drain();
  expect(query.isActive).toBe(false);
  expect(query.exception).toBeNull();
  expect(readdirSync(join(bench.checkpoint, "offsets"))).toEqual(["0"]);
  expect(query.recentProgress).toHaveLength(1);
  expect(query.lastProgress).toMatchObject({
    batchId: 1,
    numInputRows: 0,
    sources: [{ startOffset: { n: 2 }, endOffset: { n: 2 } }],
  });
  expect(Object.keys(query.lastProgress?.durationMs ?? {})).toEqual(["latestOffset", "triggerExecution"]);
});

test("Once ignores rate limits and runs one batch", async () => {
  const bench = new Bench(new CountingSource(5, { limit: 2 }));
  await bench.drain({ trigger: { kind: "once" } });
  expect([...bench.sink.batches.values()].map((batch) => batch.items)).toEqual([[1, 2, 3, 4, 5]]);
});

test("processing-time triggers sit on multiples of the interval, an overrun starts the next at once, no burst afterwards", async () => {
  const clock = new ManualClock(1_000_000_014_400);
  const bench = new Bench(new CountingSource(100, { limit: 1 }), testEngine({ clock }));
  const starts: number[] = [];
  bench.sink.before = (id) => {
    starts.push(clock.nowMs() - 1_000_000_000_000);
    if (id === 1) clock.advance(9_000); // overruns two ticks
  };
  const query = await bench.start({ trigger: { kind: "processingTime", intervalMs: 4000 } });
  const tick = async (count: number): Promise<void> => {
    await eventually(
      () => bench.sink.batches.size === count && clock.deadlines.length === 1,
      `batch ${count} and the sleep after it`,
    );
    clock.advance((clock.deadlines[0] ?? 0) - clock.nowMs());
  };
  await tick(1);
  await tick(3); // batch 1 overran, batch 2 started at once
  await tick(4);
  await eventually(() => bench.sink.batches.size === 5, "batch 4");
  expect(starts).toEqual([14_400, 16_000, 25_000, 28_000, 32_000]);
  await query.stop();
});

test("a processing-time trigger is not disturbed by news", async () => {
  const clock = new ManualClock(1_000_000_000_000);
  const bench = new Bench(new CountingSource(1), testEngine({ clock }));
  const query = await bench.start({ trigger: { kind: "processingTime", intervalMs: 60_000 } });
  await eventually(() => bench.sink.batches.size === 1 && clock.deadlines.length === 1, "the sleep after batch 0");
  bench.source.add(1);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(bench.sink.batches.size).toBe(1);
  clock.advance(60_000);
  await eventually(() => bench.sink.batches.size === 2, "the tick");
  await query.stop();
});

test("processAllAvailable waits for a trigger that began after it and found nothing", async () => {
  const bench = new Bench(new CountingSource(10, { limit: 1 }));
  const query = await bench.start();
  await query.processAllAvailable();
  expect(bench.sink.items).toHaveLength(10);
  bench.source.count += 5;
  await query.processAllAvailable();
  expect(bench.sink.items).toHaveLength(15);
  await query.stop();
  await query.processAllAvailable();
});

test("a failing query that processAllAvailable waits for rejects it", async () => {
  const bench = new Bench(new CountingSource(1));
  const query = await bench.start();
  bench.source.failure = new Error("odd");
  await expect(query.processAllAvailable()).rejects.toThrow("odd");
  expect(query.exception?.context["causeCode"]).toBeUndefined();
});
