// One run a checkpoint, and none that would lose rows. Doubles stand for source and sink; files are real.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultTrigger } from "../../src/stream/plan/trigger.ts";
import { Bench, CountingSource, testEngine } from "./query-doubles.ts";

const names = (bench: Bench, log: string): string[] =>
  readdirSync(join(bench.checkpoint, log)).toSorted((a, b) => Number(a) - Number(b));
const drop = (bench: Bench, name: string): void => rmSync(join(bench.checkpoint, name), { recursive: true });

/** Two committed batches, [1,2] and [3,4]. */
async function twoBatches(): Promise<Bench> {
  const bench = new Bench(new CountingSource(4, { limit: 2 }));
  await bench.drain();
  expect([...bench.sink.batches.values()].map((batch) => batch.items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  return bench;
}

async function crash(bench: Bench): Promise<Error> {
  const query = await bench.start({ trigger: { kind: "availableNow" } });
  return query.awaitTermination().then(
    () => new Error("it should have failed"),
    (error: Error) => error,
  );
}

test("a checkpoint rolled back behind its sink stops with an error instead of losing rows, and writes nothing", async () => {
  const bench = await twoBatches();
  bench.source.add(4);
  drop(bench, "offsets/1");
  drop(bench, "commits/1");
  await expect(bench.start()).rejects.toThrow(expect.objectContaining({ code: "STREAMING_CHECKPOINT_BEHIND_SINK" }));
  await expect(bench.start()).rejects.toThrow(expect.objectContaining({ code: "STREAMING_CHECKPOINT_BEHIND_SINK" }));
  expect(names(bench, "offsets")).toEqual(["0"]);
  expect(bench.sink.items).toEqual([1, 2, 3, 4]);
});

test("a checkpoint rolled back to a pending batch that the sink has with another range is refused too", async () => {
  const bench = await twoBatches();
  drop(bench, "commits/1");
  const path = join(bench.checkpoint, "offsets/1");
  writeFileSync(path, readFileSync(path, "utf8").replace('{"n":4}', '{"n":3}'));
  await expect(bench.start()).rejects.toThrow(expect.objectContaining({ code: "STREAMING_CHECKPOINT_BEHIND_SINK" }));
  bench.sink.leavesOffsets = false; // as another engine's commit: the batch id is all there is
  await bench.drain({ trigger: { kind: "once" } });
  expect(bench.sink.items).toEqual([1, 2, 3, 4]);
});

test("two processes on one checkpoint: the second is refused while the first lives", async () => {
  const bench = new Bench(new CountingSource(1));
  const other = new Bench(bench.source, testEngine());
  const query = await bench.start();
  await expect(other.start({ checkpointLocation: bench.checkpoint })).rejects.toThrow(
    expect.objectContaining({ code: "CONCURRENT_QUERY" }),
  );
  await query.stop();
  await other.drain({ checkpointLocation: bench.checkpoint });
});

test("an engine that does not know our lock loses or wins at the log: one of them fails with the concurrent-log-update condition", async () => {
  const bench = await twoBatches();
  bench.source.add(2);
  bench.sink.before = () => writeFileSync(join(bench.checkpoint, "commits/2"), "v1\n{}");
  expect(await crash(bench)).toMatchObject({
    code: "STREAM_FAILED",
    context: { causeCode: "CONCURRENT_STREAM_LOG_UPDATE" },
  });
});

test("starting the same checkpoint again in the same session stops the older run by default, and is refused when so configured", async () => {
  const bench = new Bench(new CountingSource(1));
  const first = await bench.start();
  await first.processAllAvailable();
  const second = await bench.start({ trigger: defaultTrigger });
  expect(first.isActive).toBe(false);
  expect(first.exception).toBeNull();
  expect(second.id).toBe(first.id);
  expect(second.runId).not.toBe(first.runId);
  const conf = new Map([["spark.sql.streaming.stopActiveRunOnRestart", "false"]]);
  await expect(bench.start({ conf })).rejects.toThrow(expect.objectContaining({ code: "CONCURRENT_QUERY" }));
  expect(second.isActive).toBe(true);
});

test("a start that is refused leaves the checkpoint free and the folder as it was", async () => {
  const bench = new Bench(new CountingSource(1));
  const broken = { sources: () => Promise.reject(new Error("no such table")) };
  await expect(bench.start({ ...broken, name: "n" })).rejects.toThrow("no such table");
  expect(readdirSync(bench.folder)).toEqual([]);
  await bench.drain({ name: "n" });
});
