// Reports and listeners of a query. Doubles stand for source and sink.
import { expect, test, vi } from "vitest";
import { AlluviumError } from "../../src/format/text/error.ts";
import { formatProgress } from "../../src/stream/query/query-progress.ts";
import type { StreamingQuery } from "../../src/stream/query/streaming-query.ts";
import { Bench, CountingSource, ManualClock, eventually, testEngine } from "./query-doubles.ts";

test("progress of an idle query appears at most every idle interval and carries the next batch id", async () => {
  const clock = new ManualClock(1_000_000_000_000);
  const bench = new Bench(new CountingSource(1), testEngine({ clock }));
  const idle = vi.fn();
  bench.manager.addListener({ onQueryIdle: idle });
  const query = await bench.start({ trigger: { kind: "processingTime", intervalMs: 1000 } });
  for (let second = 0; second < 25; second += 1) {
    await eventually(() => clock.deadlines.length === 1, "the sleep");
    clock.advance(1000);
  }
  await eventually(() => clock.deadlines.length === 1, "the last sleep");
  await query.stop();
  expect(
    query.recentProgress.map((progress) => [progress.batchId, Date.parse(progress.timestamp) - 1_000_000_000_000]),
  ).toEqual([
    [0, 0],
    [1, 1000],
    [1, 11_000],
    [1, 21_000],
  ]);
  expect(idle).toHaveBeenCalledTimes(2);
});

test("listener order is started, progress, (idle), terminated, with the error condition in the last", async () => {
  const bench = new Bench(new CountingSource(1));
  const events: unknown[] = [];
  bench.manager.addListener({
    onQueryStarted: (event) => events.push(["started", event.id, event.name]),
    onQueryProgress: ({ progress }) => events.push(["progress", progress.batchId]),
    onQueryTerminated: (event) =>
      events.push(["terminated", event.errorClassOnException, event.exception?.includes("is full")]),
  });
  bench.manager.addListener({
    onQueryStarted: () => {
      throw new Error("a bad listener harms nobody");
    },
    onQueryProgress: () => Promise.reject(new Error("nor does a slow one")),
  });
  bench.sink.before = (id) => {
    if (id === 1) throw new AlluviumError("DISK_FULL", {}, "the disk is full");
  };
  const query = await bench.start({ name: "q" });
  expect(events).toEqual([["started", query.id, "q"]]);
  await query.processAllAvailable();
  bench.source.add(1);
  await expect(query.awaitTermination()).rejects.toThrow();
  expect(events).toEqual([
    ["started", query.id, "q"],
    ["progress", 0],
    ["terminated", "DISK_FULL", true],
  ]);
  expect(bench.manager.listListeners()).toHaveLength(2);
});

test("a removed listener hears nothing more", async () => {
  const bench = new Bench(new CountingSource(1));
  const onQueryProgress = vi.fn();
  const listener = { onQueryProgress };
  bench.manager.addListener(listener);
  bench.manager.removeListener(listener);
  await bench.drain();
  expect(onQueryProgress).not.toHaveBeenCalled();
});

test("recentProgress is bounded and lastProgress is its last element", async () => {
  const bench = new Bench(new CountingSource(12, { limit: 1 }));
  const query = await bench.drain({ conf: new Map([["spark.sql.streaming.numRecentProgressUpdates", "5"]]) });
  expect(query.recentProgress.map((progress) => progress.batchId)).toEqual([9, 10, 11, 12]);
  expect(query.lastProgress).toBe(query.recentProgress.at(-1));
});

test("progress start and end offsets are JSON objects and start is null for batch 0", async () => {
  const bench = new Bench(new CountingSource(3, { limit: 2 }));
  const query = await bench.drain();
  const [first, second] = query.recentProgress;
  expect(first?.sources[0]).toMatchObject({
    startOffset: null,
    endOffset: { n: 2 },
    latestOffset: null,
    numInputRows: 2,
  });
  expect(second?.sources[0]).toMatchObject({ startOffset: { n: 2 }, endOffset: { n: 3 }, numInputRows: 1 });
});

test("progress has Spark's fields, real row counts, and says how far behind a source is", async () => {
  const bench = new Bench(new CountingSource(3, { limit: 2 }));
  const query = await bench.drain({ name: "n" });
  const first = JSON.parse(
    formatProgress(query.recentProgress[0] as NonNullable<StreamingQuery["lastProgress"]>),
  ) as Record<string, unknown>;
  const sparkFields = [
    "id",
    "runId",
    "name",
    "timestamp",
    "batchId",
    "batchDuration",
    "numInputRows",
    "inputRowsPerSecond",
    "processedRowsPerSecond",
    "durationMs",
    "stateOperators",
    "sources",
    "sink",
  ];
  expect(Object.keys(first)).toEqual(sparkFields);
  expect(Object.keys(first["durationMs"] as object)).toEqual([
    "addBatch",
    "commitOffsets",
    "getBatch",
    "latestOffset",
    "queryPlanning",
    "triggerExecution",
    "walCommit",
  ]);
  expect(first).toMatchObject({
    id: query.id,
    runId: query.runId,
    name: "n",
    batchId: 0,
    numInputRows: 2,
    stateOperators: [],
    sink: { description: "RememberingSink", numOutputRows: 2 },
  });
  expect(first["timestamp"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
  expect((first["sources"] as unknown[])[0]).toMatchObject({
    description: "CountingSource[counter]",
    lastConsumedVersion: 2,
    versionsBehind: 1,
    filesBehind: 1,
    bytesBehind: 0,
    secondsBehind: 0,
  });
});

test("explain says what the last batch did, and that none has run before", async () => {
  const bench = new Bench(new CountingSource(0));
  const query = await bench.start();
  expect(query.explain()).toContain("No physical plan");
  bench.source.add(1);
  await query.processAllAvailable();
  expect(query.explain()).toContain("CountingSource[counter]: 1 files");
});
