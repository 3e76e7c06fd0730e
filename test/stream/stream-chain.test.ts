// Operators upon operators. streaming.md, "Other stateful operators".
import { expect, test } from "vitest";
import type { StreamNode } from "../../src/stream/plan/stream-node.ts";
import { EventLake } from "./event-lake.ts";
import {
  call,
  eventSchema,
  field,
  grouped,
  keyOf,
  source,
  struct,
  windowKey,
  windowType,
  withWatermark,
} from "./node-builders.ts";
import type { Event } from "./event-lake.ts";
import { temporaryFolder, testEngine } from "./query-doubles.ts";

async function run(
  node: StreamNode,
  rounds: readonly Readonly<Record<string, readonly Event[]>>[],
  tables: readonly string[] = ["events"],
): Promise<EventLake> {
  const lake = new EventLake(testEngine(), temporaryFolder());
  await lake.createEvents(...new Set(tables));
  for (const round of rounds) {
    for (const [table, events] of Object.entries(round)) await lake.add(events, table);
    await lake.drainEvents({ node, tables });
  }
  return lake;
}

const counted = (input: StreamNode, column = "ts") =>
  grouped(
    input,
    [
      { key: windowKey(5, { column }), type: windowType },
      { key: keyOf("k"), type: "string" },
    ],
    [{ call: call("n", ["count_star"]), type: "long" }],
  );

test("windows of windows see the rows of the windows below them in the same batch", async () => {
  const inner = counted(withWatermark(source(), 10));
  const node = grouped(
    inner,
    [{ key: { ...windowKey(10, { column: `"window"."end" - INTERVAL 1 MICROSECOND` }), name: "w" }, type: windowType }],
    [
      { call: call("n", ["sum", "n"]), type: "long" },
      { call: call("groups", ["count_star"]), type: "long" },
    ],
  );
  const lake = await run(node, [
    {
      events: [
        { k: "a", at: 1 },
        { k: "a", at: 2 },
        { k: "b", at: 7 },
      ],
    },
    {
      events: [
        { k: "a", at: 8 },
        { k: "z", at: 25 },
      ],
    },
  ]);
  expect(lake.sink.all).toEqual(["{0s,10s} 4 3"]);
  expect([...lake.sink.batches.values()].filter(({ rows }) => rows.length > 0)).toHaveLength(1);
});

test("a grouping of joined streams waits until no joined row can come", async () => {
  const side = (name: string) => eventSchema.fields.map((column) => field(`${name}_${column.name}`, column.type));
  const join: StreamNode = {
    kind: "join",
    left: withWatermark(source(0), 10),
    right: withWatermark(source(1), 10),
    type: "left",
    condition: "l.k = r.k AND r.ts >= l.ts AND r.ts <= l.ts + INTERVAL 10 SECONDS",
    keys: [{ left: "l.k", right: "r.k" }],
    eventTime: { left: "ts", right: "ts" },
    timeRange: { minMicros: 0n, maxMicros: 10_000_000n },
    schema: struct(...side("l"), ...side("r")),
  };
  const node = grouped(
    join,
    [{ key: windowKey(5, { column: "l_ts" }), type: windowType }],
    [
      { call: call("n", ["count_star"]), type: "long" },
      { call: call("m", ["count", "r_k"]), type: "long" },
    ],
  );
  const lake = await run(
    node,
    [
      {
        left: [
          { k: "a", at: 1 },
          { k: "b", at: 2 },
        ],
        right: [{ k: "a", at: 3 }],
      },
      { left: [{ k: "z", at: 24 }], right: [{ k: "z", at: 24 }] },
      { left: [{ k: "y", at: 100 }], right: [{ k: "y", at: 100 }] },
    ],
    ["left", "right"],
  );
  expect(lake.sink.all).toEqual(["{0s,5s} 2 1", "{20s,25s} 1 1"]);
});

test("de-duplicated rows are grouped, and a union of a stream with itself has two sources", async () => {
  const distinct: StreamNode = {
    kind: "deduplicate",
    input: withWatermark(source(), 10),
    columns: ["k", "ts"],
    withinWatermark: false,
    eventTime: "ts",
    schema: eventSchema,
  };
  const grouping = await run(counted(distinct), [
    {
      events: [
        { k: "a", v: 1, at: 1 },
        { k: "a", v: 2, at: 1 },
      ],
    },
    {
      events: [
        { k: "a", v: 3, at: 1 },
        { k: "z", at: 50 },
      ],
    },
  ]);
  expect(grouping.sink.all).toEqual(["{0s,5s} a 1"]);
  const union: StreamNode = { kind: "union", inputs: [source(0), source(1)], schema: eventSchema };
  const twice = await run(union, [{ events: [{ k: "a", v: 1, at: 1 }] }], ["events", "events"]);
  expect(twice.sink.all).toEqual(["a 1 1s", "a 1 1s"]);
});

test("in complete mode the groups of a batch are sorted, limited and made distinct as a whole", async () => {
  const lake = new EventLake(testEngine(), temporaryFolder());
  await lake.createEvents();
  const counts = grouped(
    source(),
    [{ key: keyOf("k"), type: "string" }],
    [{ call: call("n", ["count_star"]), type: "long" }],
  );
  const only = struct(field("n", "long"));
  const numbers: StreamNode = { kind: "rows", input: counts, sql: (from) => `SELECT n FROM ${from}`, schema: only };
  const distinct: StreamNode = {
    kind: "deduplicate",
    input: numbers,
    columns: [],
    withinWatermark: false,
    eventTime: null,
    schema: only,
  };
  const sorted: StreamNode = {
    kind: "sort",
    input: distinct,
    sql: (from) => `SELECT * FROM ${from} ORDER BY n DESC`,
    schema: only,
  };
  const node: StreamNode = { kind: "limit", input: sorted, count: 2, schema: only };
  for (const events of [
    ["a", "b", "b"],
    ["b", "c", "c", "c", "c"],
  ]) {
    await lake.add(events.map((k) => ({ k, at: 0 })));
    await lake.drainEvents({ node, mode: "complete" });
  }
  expect(lake.sink.texts).toEqual([
    ["1", "2"],
    ["3", "4"],
  ]);
});
