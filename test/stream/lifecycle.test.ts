// The life of a query: waiting, stopping, failing, names. Doubles stand for source and sink.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AlluviumError } from "../../src/format/text/error.ts";
import { nextQueryState } from "../../src/stream/query/query-state.ts";
import { Bench, CountingSource, eventually } from "./query-doubles.ts";

const failed = (code: string): unknown =>
  expect.objectContaining({ code: "STREAM_FAILED", context: expect.objectContaining({ causeCode: code }) as unknown });

test("stop is idempotent, waits for the batch, leaves a resumable checkpoint, exception stays null", async () => {
  const bench = new Bench(new CountingSource(4, { limit: 1 }));
  const finishers: (() => void)[] = [];
  bench.sink.before = (id) => (id === 1 ? new Promise<void>((resolve) => finishers.push(resolve)) : undefined);
  const query = await bench.start();
  await eventually(() => bench.sink.calls.length === 2, "batch 1");
  let hasStopped = false;
  const stopped = Promise.all([query.stop(), query.stop()]).then(() => (hasStopped = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(hasStopped).toBe(false);
  expect(query.isActive).toBe(true);
  finishers[0]?.();
  await stopped;
  expect(query.isActive).toBe(false);
  expect(query.exception).toBeNull();
  expect(query.status).toEqual({ message: "Stopped", isDataAvailable: false, isTriggerActive: false });
  await query.stop();
  bench.sink.before = null;
  await bench.drain();
  expect(bench.sink.items).toEqual([1, 2, 3, 4]);
});

test("a stop at any moment leaves a checkpoint from which every item arrives once", async () => {
  const bench = new Bench(new CountingSource(60, { limit: 1 }));
  for (let round = 0; bench.sink.items.length < 60; round += 1) {
    const query = await bench.start();
    for (let turn = 0; turn < round % 17; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await query.stop();
    if (round > 2000) throw new Error("no progress");
  }
  expect(bench.sink.items).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
});

test("awaitTermination with timeout returns false while running, true after stop, throws after failure", async () => {
  const bench = new Bench(new CountingSource(1));
  const query = await bench.start();
  expect(await query.awaitTermination(20)).toBe(false);
  await expect(query.awaitTermination(0)).rejects.toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  await query.stop();
  expect(await query.awaitTermination(20)).toBe(true);
  expect(await query.awaitTermination()).toBe(true);
  const failing = await bench.start();
  bench.source.failure = new AlluviumError("DELTA_SOURCE_IGNORE_DELETE", { version: 3 }, "rows were removed");
  for (let time = 0; time < 2; time += 1)
    await expect(failing.awaitTermination()).rejects.toThrow(failed("DELTA_SOURCE_IGNORE_DELETE"));
  await expect(failing.processAllAvailable()).rejects.toThrow(failed("DELTA_SOURCE_IGNORE_DELETE"));
});

test("an error ends the query and is kept in exception with its cause, code and offsets", async () => {
  const bench = new Bench(new CountingSource(2));
  await bench.drain();
  bench.source.add(1);
  const cause = new AlluviumError("DISK_FULL", { path: "/x" }, "the disk is full");
  bench.sink.before = () => {
    throw cause;
  };
  const query = await bench.start();
  const thrown: unknown = await query.awaitTermination().catch((error: unknown) => error);
  expect(thrown).toBe(query.exception);
  expect(query.exception?.cause).toBe(cause);
  expect(query.exception?.message).toContain("DISK_FULL: the disk is full");
  expect(query.exception?.context).toMatchObject({
    path: "/x",
    queryId: query.id,
    runId: query.runId,
    batchId: 1,
    causeCode: "DISK_FULL",
    startOffset: '[{"n":2}]',
    endOffset: '[{"n":3}]',
  });
  expect(query.isActive).toBe(false);
  expect(query.status.message).toContain("Terminated with exception");
  await query.stop();
  expect(query.exception).not.toBeNull();
});

test("awaitAnyTermination reports an earlier failure until reset", async () => {
  const bench = new Bench(new CountingSource(1));
  expect(await bench.manager.awaitAnyTermination(10)).toBe(false);
  const query = await bench.start();
  const waiting = bench.manager.awaitAnyTermination();
  bench.source.failure = new Error("odd");
  bench.source.onNews?.();
  await expect(waiting).rejects.toThrow("odd");
  bench.source.failure = null;
  const clean = await bench.start();
  await clean.stop();
  await expect(bench.manager.awaitAnyTermination()).rejects.toThrow("odd");
  expect(query.exception).not.toBeNull();
  bench.manager.resetTerminated();
  expect(await bench.manager.awaitAnyTermination(10)).toBe(false);
  await bench.drain();
  expect(await bench.manager.awaitAnyTermination()).toBe(true);
});

test("the manager knows the queries that run, by id", async () => {
  const bench = new Bench(new CountingSource(1));
  const query = await bench.start();
  expect(bench.manager.active).toEqual([query]);
  expect(bench.manager.get(query.id)).toBe(query);
  expect(bench.manager.get("none")).toBeNull();
  await query.stop();
  expect(bench.manager.active).toEqual([]);
  expect(bench.manager.get(query.id)).toBeNull();
});

test("starting a second query with an active name is refused, the name is free after stop", async () => {
  const bench = new Bench(new CountingSource(1));
  const query = await bench.start({ name: "daily" });
  expect(query.name).toBe("daily");
  const other = { name: "daily", checkpointLocation: join(bench.folder, "other") };
  await expect(bench.start(other)).rejects.toThrow(expect.objectContaining({ code: "DUPLICATE_QUERY_NAME" }));
  expect(existsSync(join(bench.folder, "other"))).toBe(false);
  await query.stop();
  bench.sink.batches.clear();
  await bench.drain(other);
});

test("a query without a checkpoint location is refused", async () => {
  const bench = new Bench(new CountingSource(1));
  for (const checkpointLocation of [null, " "]) {
    await expect(bench.start({ checkpointLocation })).rejects.toThrow(
      expect.objectContaining({ code: "STREAMING_CHECKPOINT_LOCATION_MISSING" }),
    );
  }
});

test("complete mode without an aggregation is refused before anything is written", async () => {
  const bench = new Bench(new CountingSource(1));
  await expect(bench.start({ outputMode: "complete" })).rejects.toThrow(
    expect.objectContaining({ code: "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION" }),
  );
  expect(readdirSync(bench.folder)).toEqual([]);
});

test("a setting that cannot be read is refused by name", async () => {
  const bench = new Bench(new CountingSource(1));
  const conf = new Map([["spark.sql.streaming.minBatchesToRetain", "many"]]);
  await expect(bench.start({ conf })).rejects.toThrow("spark.sql.streaming.minBatchesToRetain");
});

test("an ended query stays ended whatever happens", () => {
  for (const event of ["triggered", "planned", "finished", "stopAsked", "ended", "threw"] as const) {
    expect(nextQueryState.stopped[event]).toBe("stopped");
    expect(nextQueryState.failed[event]).toBe("failed");
  }
});
