// Sliding windows and sessions. streaming.md, "Windows".
import { expect, test } from "vitest";
import { EventLake } from "./event-lake.ts";
import type { Event } from "./event-lake.ts";
import { call, grouped, keyOf, sessionKey, source, windowKey, windowType, withWatermark } from "./node-builders.ts";
import { temporaryFolder, testEngine } from "./query-doubles.ts";

async function eventLake(): Promise<EventLake> {
  const lake = new EventLake(testEngine(), temporaryFolder());
  await lake.createEvents();
  return lake;
}

test("rows stand in every sliding window that covers them, and a start shifts the grid", async () => {
  const sliding = await eventLake();
  const node = (key = windowKey(10, { slide: 5 })) =>
    grouped(source(), [{ key, type: windowType }], [{ call: call("n", ["count_star"]), type: "long" }]);
  await sliding.add([{ k: "a", at: 7 }]);
  await sliding.drainEvents({ node: node(), mode: "complete" });
  expect(sliding.sink.texts).toEqual([["{0s,10s} 1", "{5s,15s} 1"]]);
  const shifted = await eventLake();
  await shifted.add([{ k: "a", at: 1 }]);
  await shifted.drainEvents({ node: node(windowKey(5, { start: 2 })), mode: "complete" });
  expect(shifted.sink.texts).toEqual([["{-3s,2s} 1"]]);
});

test("session windows merge on a bridging row", async () => {
  const lake = await eventLake();
  const node = grouped(
    withWatermark(source(), 10),
    [
      { key: sessionKey(5), type: windowType },
      { key: keyOf("k"), type: "string" },
    ],
    [
      { call: call("n", ["count_star"]), type: "long" },
      {
        call: call("l", ["list", "v"], { orderBy: "v" }),
        type: { kind: "array", elementType: { kind: "primitive", name: "long" }, containsNull: true },
      },
    ],
  );
  const rounds: readonly (readonly Event[])[] = [
    [
      { k: "a", v: 1, at: 1 },
      { k: "a", v: 2, at: 3 },
      { k: "a", v: 4, at: 10 },
    ],
    [{ k: "a", v: 3, at: 7 }],
    [{ k: "b", v: 0, at: 25 }],
  ];
  for (const events of rounds) {
    await lake.add(events);
    await lake.drainEvents({ node });
  }
  expect(lake.sink.all).toEqual(["{1s,15s} a 4 [1,2,3,4]"]);
});
