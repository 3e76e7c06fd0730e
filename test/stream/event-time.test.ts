// Event time: windows, lateness, batches without data. streaming.md, "Event time, windows, joins, state operators".
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dayMs, EventLake } from "./event-lake.ts";
import { call, grouped, keyOf, source, windowKey, windowType, withWatermark } from "./node-builders.ts";
import type { Event } from "./event-lake.ts";
import { temporaryFolder, testEngine } from "./query-doubles.ts";

async function eventLake(...tables: readonly string[]): Promise<EventLake> {
  const lake = new EventLake(testEngine(), temporaryFolder());
  await lake.createEvents(...tables);
  return lake;
}

const perWindow = (input = withWatermark(source(), 10)) =>
  grouped(
    input,
    [
      { key: windowKey(5), type: windowType },
      { key: keyOf("k"), type: "string" },
    ],
    [{ call: call("n", ["count_star"]), type: "long" }],
  );

function watermarksIn(lake: EventLake): readonly number[] {
  const folder = join(lake.root, "checkpoint", "commits");
  const ids = readdirSync(folder)
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
  return ids.map(
    (id) =>
      (
        JSON.parse(readFileSync(join(folder, String(id)), "utf8").split("\n")[1] ?? "{}") as {
          nextBatchWatermarkMs: number;
        }
      ).nextBatchWatermarkMs,
  );
}

test("the worked example of five-second windows with a delay of ten seconds comes out batch by batch", async () => {
  const lake = await eventLake();
  const rounds: readonly (readonly Event[])[] = [
    [
      { k: "a", at: 1 },
      { k: "a", at: 2 },
      { k: "b", at: 4 },
    ],
    [{ k: "a", at: 16 }],
    [
      { k: "late", at: 3 },
      { k: "ok", at: 7 },
    ],
    [{ k: "z", at: 40 }],
  ];
  const query = await lake.startEvents({ node: perWindow(), trigger: { kind: "processingTime", intervalMs: 0 } });
  for (const events of rounds) {
    await lake.add(events);
    await query.processAllAvailable();
  }
  await query.stop();
  expect(lake.sink.texts.slice(-7)).toEqual([
    [],
    [],
    [],
    ["{0s,5s} a 2", "{0s,5s} b 1"],
    [],
    [],
    ["{15s,20s} a 1", "{5s,10s} ok 1"],
  ]);
  const base = dayMs / 1000;
  expect(
    watermarksIn(lake)
      .slice(-7)
      .map((ms) => ms / 1000 - base),
  ).toEqual([-6, -6, 6, 6, 6, 30, 30]);
  const dropped = query.recentProgress.map((progress) => progress.stateOperators[0]?.numRowsDroppedByWatermark ?? 0);
  expect(dropped.reduce((sum, count) => sum + count, 0)).toBe(1);
});

test("append puts out each window once, in the batch whose watermark passes its end", async () => {
  const lake = await eventLake();
  await lake.add([{ k: "a", at: 1 }]);
  await lake.drainEvents({ node: perWindow() });
  await lake.add([{ k: "a", at: 15 }]);
  await lake.drainEvents({ node: perWindow() });
  // The watermark is 5 s: an end that equals it is closed.
  expect(lake.sink.all).toEqual(["{0s,5s} a 1"]);
  await lake.add([{ k: "a", at: 30 }]);
  await lake.drainEvents({ node: perWindow() });
  expect(lake.sink.all).toEqual(["{0s,5s} a 1", "{15s,20s} a 1"]);
});

test("no batch without data is the first one after a restart, and none runs in complete mode", async () => {
  const lake = await eventLake();
  await lake.add([
    { k: "a", at: 1 },
    { k: "a", at: 40 },
  ]);
  const conf = new Map([["spark.sql.streaming.noDataMicroBatches.enabled", "false"]]);
  await lake.drainEvents({ node: perWindow(), conf });
  expect(lake.sink.texts).toEqual([[]]);
  await lake.drainEvents({ node: perWindow() });
  expect(lake.sink.texts).toEqual([[]]);
  const other = await eventLake();
  await other.add([
    { k: "a", at: 1 },
    { k: "a", at: 40 },
  ]);
  await other.drainEvents({ node: perWindow(), mode: "complete" });
  expect(other.sink.texts).toEqual([["{0s,5s} a 1", "{40s,45s} a 1"]]);
});

test("a late row that comes in the batch after the one that moved the watermark still counts there", async () => {
  const lake = await eventLake();
  const conf = new Map([["spark.sql.streaming.noDataMicroBatches.enabled", "false"]]);
  for (const events of [[{ k: "a", at: 1 }], [{ k: "a", at: 50 }], [{ k: "a", at: 3 }]]) {
    await lake.add(events);
    await lake.drainEvents({ node: perWindow(), conf });
  }
  expect(lake.sink.texts).toEqual([[], [], ["{0s,5s} a 2"]]);
});

test("a row that is older than the watermark is kept while its window is open", async () => {
  const lake = await eventLake();
  for (const events of [
    [{ k: "a", at: 16 }],
    [
      { k: "a", at: 5.5 },
      { k: "a", at: 3 },
    ],
    [{ k: "a", at: 100 }],
  ]) {
    await lake.add(events);
    await lake.drainEvents({ node: perWindow() });
  }
  expect(lake.sink.all).toEqual(["{15s,20s} a 1", "{5s,10s} a 1"]);
});

test("update mode puts out the groups that changed and drops late rows, complete all of them and counts late rows", async () => {
  const rounds: readonly (readonly Event[])[] = [
    [
      { k: "a", at: 1 },
      { k: "b", at: 2 },
    ],
    [{ k: "a", at: 30 }],
    [{ k: "b", at: 3 }],
  ];
  const update = await eventLake();
  const complete = await eventLake();
  for (const events of rounds) {
    await update.add(events);
    await update.drainEvents({ node: perWindow(), mode: "update" });
    await complete.add(events);
    await complete.drainEvents({ node: perWindow(), mode: "complete" });
  }
  expect(update.sink.texts.filter((batch) => batch.length > 0)).toEqual([
    ["{0s,5s} a 1", "{0s,5s} b 1"],
    ["{30s,35s} a 1"],
  ]);
  expect(complete.sink.texts.at(-1)).toEqual(["{0s,5s} a 1", "{0s,5s} b 2", "{30s,35s} a 1"]);
});

test("a null event time is dropped by a window and kept by a group of the raw column", async () => {
  const windows = await eventLake();
  await windows.add([
    { k: "a", at: null },
    { k: "a", at: 1 },
  ]);
  await windows.drainEvents({ node: perWindow(), mode: "update" });
  expect(windows.sink.texts[0]).toEqual(["{0s,5s} a 1"]);
  const raw = await eventLake();
  const node = grouped(
    withWatermark(source(), 10),
    [{ key: { name: "ts", sql: "ts", eventTime: { kind: "column" } }, type: "timestamp" }],
    [{ call: call("n", ["count_star"]), type: "long" }],
  );
  await raw.add([
    { k: "a", at: null },
    { k: "a", at: 1 },
    { k: "a", at: 40 },
  ]);
  await raw.drainEvents({ node });
  expect(raw.sink.all).toEqual(["1s 1"]);
});

test("two watermarks take the slower one, and the pinned policy survives a restart with another setting", async () => {
  const run = async (first: "min" | "max", second: "min" | "max"): Promise<readonly number[]> => {
    const lake = await eventLake("a", "b");
    const union = {
      kind: "union" as const,
      inputs: [withWatermark(source(0), 10), withWatermark(source(1), 20)],
      schema: source().schema,
    };
    const node = {
      kind: "deduplicate" as const,
      input: union,
      columns: [],
      withinWatermark: false,
      eventTime: "ts",
      schema: union.schema,
    };
    const seen: number[] = [];
    const rounds: readonly [string, number][] = [
      ["a", 60],
      ["b", 60],
      ["a", 90],
    ];
    const conf = (policy: string) => new Map([["spark.sql.streaming.multipleWatermarkPolicy", policy]]);
    const query = await lake.startEvents({
      node,
      tables: ["a", "b"],
      conf: conf(first),
      trigger: { kind: "processingTime", intervalMs: 0 },
    });
    for (const [table, at] of rounds) {
      await lake.add([{ k: "x", at }], table);
      await query.processAllAvailable();
      seen.push(((watermarksIn(lake).at(-1) ?? 0) - dayMs) / 1000);
    }
    await query.stop();
    await lake.add([{ k: "x", at: 300 }], "a");
    await lake.drainEvents({ node, tables: ["a", "b"], conf: conf(second) });
    seen.push(((watermarksIn(lake).at(-1) ?? 0) - dayMs) / 1000);
    return seen;
  };
  expect((await run("min", "max")).slice(1)).toEqual([40, 40, 40]);
  expect(await run("max", "min")).toEqual([50, 50, 80, 290]);
});

test("progress tells the event times of the batch, the watermark in force and what the state did", async () => {
  const lake = await eventLake();
  await lake.add([
    { k: "a", at: 1 },
    { k: "b", at: 3 },
  ]);
  const query = await lake.drainEvents({ node: perWindow(), mode: "update" });
  const [first, second] = query.recentProgress;
  expect(first?.eventTime).toEqual({
    avg: "2024-01-01T00:00:02.000Z",
    max: "2024-01-01T00:00:03.000Z",
    min: "2024-01-01T00:00:01.000Z",
    watermark: "1970-01-01T00:00:00.000Z",
  });
  expect(second?.eventTime).toEqual({ watermark: "2023-12-31T23:59:53.000Z" });
  expect(first?.stateOperators).toMatchObject([
    {
      operatorName: "stateStoreSave",
      numRowsTotal: 2,
      numRowsUpdated: 2,
      numRowsRemoved: 0,
      numRowsDroppedByWatermark: 0,
    },
  ]);
});

test("a query without state drops no late row, runs no batch without data and keeps nothing but its watermark", async () => {
  const lake = await eventLake();
  for (const at of [100, 1]) {
    await lake.add([{ k: "a", at }]);
    await lake.drainEvents({ node: withWatermark(source(), 10) });
  }
  expect(lake.sink.texts).toEqual([["a - 100s"], ["a - 1s"]]);
  expect(watermarksIn(lake)).toEqual([dayMs + 90_000, dayMs + 90_000]);
  expect(readdirSync(join(lake.root, "checkpoint"))).not.toContain("state");
});
