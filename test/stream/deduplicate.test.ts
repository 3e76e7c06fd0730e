// De-duplication, limit and their state. streaming.md, "Deduplication" and "Other stateful operators".
import { expect, test } from "vitest";
import { EventLake } from "./event-lake.ts";
import { source, withWatermark } from "./node-builders.ts";
import type { Event } from "./event-lake.ts";
import { temporaryFolder, testEngine } from "./query-doubles.ts";
import type { StreamNode } from "../../src/stream/plan/stream-node.ts";

async function outputs(
  node: StreamNode,
  rounds: readonly (readonly Event[])[],
): Promise<{ lake: EventLake; texts: readonly (readonly string[])[] }> {
  const lake = new EventLake(testEngine(), temporaryFolder());
  await lake.createEvents();
  const query = await lake.startEvents({ node, trigger: { kind: "processingTime", intervalMs: 0 } });
  for (const events of rounds) {
    await lake.add(events);
    await query.processAllAvailable();
  }
  await query.stop();
  return { lake, texts: lake.sink.texts.filter((batch) => batch.length > 0) };
}

const distinct = (
  input: StreamNode,
  columns: readonly string[],
  more: { withinWatermark?: boolean; eventTime?: string | null } = {},
): StreamNode => ({
  kind: "deduplicate",
  input,
  columns,
  withinWatermark: more.withinWatermark ?? false,
  eventTime: more.eventTime ?? null,
  schema: input.schema,
});

test("the first row of each key comes out once, null keys being one key, also after a restart", async () => {
  const node = distinct(source(), ["k"]);
  const { lake, texts } = await outputs(node, [
    [
      { k: "a", v: 1, at: 1 },
      { k: "a", v: 1, at: 1 },
      { k: null, v: 1, at: 1 },
    ],
    [
      { k: null, v: 2, at: 2 },
      { k: "b", v: 2, at: 2 },
    ],
  ]);
  expect(texts).toEqual([["- 1 1s", "a 1 1s"], ["b 2 2s"]]);
  await lake.add([
    { k: "a", v: 3, at: 3 },
    { k: "c", v: 3, at: 3 },
  ]);
  await lake.drainEvents({ node });
  expect(lake.sink.texts.at(-1)).toEqual(["c 3 3s"]);
});

test("keys are remembered for ever without the watermark among them, and forgotten with it", async () => {
  const rounds: readonly (readonly Event[])[] = [[{ k: "a", at: 1 }], [{ k: "b", at: 100 }], [{ k: "a", at: 200 }]];
  const forEver = await outputs(distinct(withWatermark(source(), 10), ["k"], { eventTime: "ts" }), rounds);
  expect(forEver.texts).toEqual([["a - 1s"], ["b - 100s"]]);
  const timed = await outputs(distinct(withWatermark(source(), 10), ["k", "ts"], { eventTime: "ts" }), rounds);
  expect(timed.texts).toHaveLength(3);
  const { lake } = timed;
  await lake.add([{ k: "late", at: 5 }]);
  const query = await lake.drainEvents({
    node: distinct(withWatermark(source(), 10), ["k", "ts"], { eventTime: "ts" }),
  });
  const [state] = query.recentProgress.find((progress) => progress.numInputRows === 1)?.stateOperators ?? [];
  expect(state).toMatchObject({ operatorName: "dedupe", numRowsTotal: 1, numRowsDroppedByWatermark: 1 });
});

test("within the watermark a key is forgotten at first seen plus delay, which a duplicate does not prolong", async () => {
  const node = distinct(withWatermark(source(), 10), ["k"], { withinWatermark: true, eventTime: "ts" });
  const { texts } = await outputs(node, [
    [{ k: "a", at: 1 }],
    [{ k: "a", at: 9 }],
    [
      { k: "b", at: 4 },
      { k: "c", at: 22 },
    ],
    [
      { k: "a", at: 13 },
      { k: "b", at: 13 },
      { k: "d", at: 11 },
    ],
  ]);
  expect(texts).toEqual([["a - 1s"], ["b - 4s", "c - 22s"], ["a - 13s"]]);
});

test("within the watermark a row without a time passes and is not remembered", async () => {
  const node = distinct(withWatermark(source(), 10), ["k"], { withinWatermark: true, eventTime: "ts" });
  const { texts } = await outputs(node, [[{ k: "a", at: null }], [{ k: "a", at: null }], [{ k: "a", at: 1 }]]);
  expect(texts).toEqual([["a - -"], ["a - -"], ["a - 1s"]]);
});

test("a limit counts over restarts", async () => {
  const node: StreamNode = { kind: "limit", input: source(), count: 3, schema: source().schema };
  const { lake } = await outputs(node, [
    [
      { k: "a", at: 1 },
      { k: "b", at: 1 },
    ],
  ]);
  for (const k of ["c", "d", "e"]) {
    await lake.add([{ k, at: 2 }]);
    await lake.drainEvents({ node });
  }
  expect(lake.sink.all).toEqual(["a - 1s", "b - 1s", "c - 2s"]);
});
