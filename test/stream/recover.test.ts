// Where a query goes on, given what its checkpoint holds. Doubles stand for source and sink; files are real.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Bench, CountingSource, namesPlan } from "./query-doubles.ts";

const read = (bench: Bench, name: string): string => readFileSync(join(bench.checkpoint, name), "utf8");
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

test("first start writes a metadata file with one uuid and every later start reports the same query id with a new run id", async () => {
  const bench = new Bench(new CountingSource(1));
  const first = await bench.drain();
  const second = await bench.drain();
  expect(read(bench, "metadata")).toBe(`{"id":"${first.id}"}`);
  expect(second.id).toBe(first.id);
  expect(second.runId).not.toBe(first.runId);
});

test("offsets file for a batch exists before the sink transaction starts, commits file only after it", async () => {
  const bench = new Bench(new CountingSource(2, { limit: 1 }));
  const seen: unknown[] = [];
  bench.sink.before = (id) =>
    seen.push([
      id,
      names(bench, "offsets").includes(`${id}`),
      id === 0 ? false : names(bench, "commits").includes(`${id - 1}`),
    ]);
  bench.sink.after = (id) => seen.push(id === 0 ? true : !names(bench, "commits").includes(`${id}`));
  await bench.drain();
  expect(seen).toEqual([[0, true, false], true, [1, true, true], true]);
  expect(names(bench, "commits")).toEqual(["0", "1"]);
});

test("an offset file holds the ends of its sources and the pinned settings Spark asks for", async () => {
  const bench = new Bench(new CountingSource(3));
  await bench.drain();
  const [version, metadata, ...offsets] = read(bench, "offsets/0").split("\n");
  expect(version).toBe("v1");
  expect(offsets).toEqual(['{"n":3}']);
  expect(JSON.parse(metadata ?? "")).toMatchObject({
    batchWatermarkMs: 0,
    conf: { "spark.sql.shuffle.partitions": "200", "spark.sql.streaming.multipleWatermarkPolicy": "min" },
  });
});

test("crash after the offset file and before the sink replays the identical range although more data arrived", async () => {
  const bench = await twoBatches();
  bench.source.add(2);
  bench.sink.before = () => {
    throw new Error("the power went");
  };
  expect((await crash(bench)).message).toContain("the power went");
  bench.sink.before = null;
  bench.source.add(10);
  await bench.drain();
  expect(bench.sink.batches.get(2)?.items).toEqual([5, 6]);
  expect(bench.sink.items).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
});

test("crash after the sink commit and before the commit file adds nothing to the sink on restart", async () => {
  const bench = await twoBatches();
  bench.source.add(2);
  bench.sink.after = () => {
    throw new Error("the power went");
  };
  await crash(bench);
  bench.sink.after = null;
  expect(names(bench, "commits")).toEqual(["0", "1"]);
  const query = await bench.drain();
  expect(bench.sink.calls).toEqual([0, 1, 2, 2]);
  expect(bench.sink.items).toEqual([1, 2, 3, 4, 5, 6]);
  expect(names(bench, "commits")).toEqual(["0", "1", "2"]);
  expect(query.recentProgress[0]).toMatchObject({ batchId: 2, numInputRows: 0, sink: { numOutputRows: 0 } });
});

test("pending batch ignores a changed maxFilesPerTrigger, the next batch obeys it", async () => {
  const bench = await pendingThird();
  bench.source.limit = 1;
  await bench.drain();
  expect([...bench.sink.batches.values()].map((batch) => batch.items)).toEqual([[1, 2], [3, 4], [5, 6], [7], [8]]);
});

test("Once on a checkpoint with a pending batch runs that batch only", async () => {
  const bench = await pendingThird();
  await bench.drain({ trigger: { kind: "once" } });
  expect(bench.sink.items).toEqual([1, 2, 3, 4, 5, 6]);
  await bench.drain({ trigger: { kind: "once" } });
  expect(bench.sink.items).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("AvailableNow on a checkpoint with a pending batch runs it and then everything else", async () => {
  const bench = await pendingThird();
  await bench.drain();
  expect([...bench.sink.batches.values()].map((batch) => batch.items)).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ]);
});

/** Batch 2 is promised as [5,6] and not written; 7 and 8 came later. */
async function pendingThird(): Promise<Bench> {
  const bench = await twoBatches();
  bench.source.add(2);
  bench.sink.before = () => {
    throw new Error("the power went");
  };
  await crash(bench);
  bench.sink.before = null;
  bench.source.add(2);
  return bench;
}

async function crash(bench: Bench): Promise<Error> {
  const query = await bench.start({ trigger: { kind: "availableNow" } });
  return query.awaitTermination().then(
    () => new Error("it should have failed"),
    (error: Error) => error,
  );
}

test("missing predecessor of the latest offset file is an error naming the batch", async () => {
  const bench = await twoBatches();
  drop(bench, "offsets/0");
  await expect(bench.start()).rejects.toThrow(
    expect.objectContaining({
      code: "STREAMING_CHECKPOINT_CORRUPT",
      message: expect.stringContaining("batch 0 doesn't exist") as string,
    }),
  );
});

test("holes in the middle of the commit log are ignored", async () => {
  const bench = await twoBatches();
  bench.source.add(1);
  await bench.drain();
  drop(bench, "commits/1");
  bench.source.add(1);
  await bench.drain();
  expect(bench.sink.items).toEqual([1, 2, 3, 4, 5, 6]);
});

test("an emptied commit log runs the last batch once more and goes on", async () => {
  const bench = await twoBatches();
  drop(bench, "commits");
  bench.source.add(1);
  await bench.drain();
  expect(bench.sink.calls).toEqual([0, 1, 1, 2]);
  expect(bench.sink.items).toEqual([1, 2, 3, 4, 5]);
});

test("a commit file without its offset file is refused as a concurrent log update", async () => {
  const bench = await twoBatches();
  drop(bench, "offsets/1");
  await expect(bench.start()).rejects.toThrow(expect.objectContaining({ code: "CONCURRENT_STREAM_LOG_UPDATE" }));
});

test("number of sources differing from the checkpoint is refused with both counts", async () => {
  const bench = await twoBatches();
  const two = { sources: async () => [bench.source.open(), bench.source.open()] };
  await expect(bench.start(two)).rejects.toThrow(
    expect.objectContaining({
      code: "STREAMING_CHECKPOINT_MISMATCH",
      message: expect.stringMatching(/\[1\].*\[2\]/u) as string,
    }),
  );
});

test("logs keep minBatchesToRetain + 1 files and restart works from them", async () => {
  const bench = new Bench(new CountingSource(8, { limit: 1 }));
  const conf = new Map([["spark.sql.streaming.minBatchesToRetain", "2"]]);
  await bench.drain({ conf });
  expect(names(bench, "offsets")).toEqual(["5", "6", "7"]);
  expect(names(bench, "commits")).toEqual(["5", "6", "7"]);
  bench.source.add(1);
  await bench.drain({ conf });
  expect(bench.sink.items).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("pinned settings in the checkpoint win over session settings", async () => {
  const bench = new Bench(new CountingSource(1));
  await bench.drain({ conf: new Map([["spark.sql.shuffle.partitions", "3"]]) });
  const path = join(bench.checkpoint, "offsets/0");
  writeFileSync(path, readFileSync(path, "utf8").replace('"conf":{', '"conf":{"spark.unheard.of":"kept",'));
  bench.source.add(1);
  await bench.drain({ conf: new Map([["spark.sql.shuffle.partitions", "7"]]) });
  expect(JSON.parse(read(bench, "offsets/1").split("\n")[1] ?? "")).toMatchObject({
    conf: { "spark.sql.shuffle.partitions": "3", "spark.unheard.of": "kept" },
  });
});

test("current_timestamp in a replayed batch equals the first attempt's value", async () => {
  const bench = new Bench(new CountingSource(1));
  const seen: number[] = [];
  const plan = (): typeof namesPlan => ({
    ...namesPlan,
    run: (input) => (seen.push(input.batchTimestampMs), namesPlan.run(input)),
  });
  bench.sink.before = () => {
    throw new Error("the power went");
  };
  await expect(bench.drain({ plan })).rejects.toThrow("the power went");
  bench.sink.before = null;
  await new Promise((resolve) => setTimeout(resolve, 5));
  await bench.drain({ plan });
  expect(seen).toHaveLength(2);
  expect(seen[1]).toBe(seen[0]);
});

test("a fresh checkpoint on an old sink appends everything again", async () => {
  const bench = await twoBatches();
  bench.sink.batches.clear(); // another query id: the sink holds nothing of it
  await bench.drain({ checkpointLocation: join(bench.folder, "other") });
  expect(bench.sink.items).toEqual([1, 2, 3, 4]);
});

test("a watermark that Spark left in the checkpoint is carried on", async () => {
  const bench = new Bench(new CountingSource(2));
  for (const log of ["offsets", "commits"]) mkdirSync(join(bench.checkpoint, log), { recursive: true });
  writeFileSync(join(bench.checkpoint, "metadata"), '{"id":"f88853fb-5ed9-4b44-8365-2e85add66d14"}');
  writeFileSync(
    join(bench.checkpoint, "offsets/0"),
    'v1\n{"batchWatermarkMs":5,"batchTimestampMs":1,"conf":{}}\n{"n":1}',
  );
  writeFileSync(join(bench.checkpoint, "commits/0"), 'v1\n{"nextBatchWatermarkMs":9}');
  const query = await bench.drain();
  expect(query.id).toBe("f88853fb-5ed9-4b44-8365-2e85add66d14");
  expect(bench.sink.items).toEqual([2]);
  expect(read(bench, "offsets/1")).toContain('"batchWatermarkMs":9');
  expect(read(bench, "commits/1")).toBe('v1\n{"nextBatchWatermarkMs":9}');
});

test("operator state in a checkpoint of a query without any is refused", async () => {
  const bench = await twoBatches();
  mkdirSync(join(bench.checkpoint, "state/0/0"), { recursive: true });
  await expect(bench.start()).rejects.toThrow(expect.objectContaining({ code: "STREAMING_CHECKPOINT_MISMATCH" }));
});
