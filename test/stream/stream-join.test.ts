// Joins of two streams. streaming.md, "Joins".
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StreamJoinType, StreamNode } from "../../src/stream/plan/stream-node.ts";
import { EventLake, eventsSql, rowText } from "./event-lake.ts";
import { eventSchema, field, source, struct, withWatermark } from "./node-builders.ts";
import type { Event } from "./event-lake.ts";
import { roundCount } from "../round-count.ts";
import { temporaryFolder, testEngine } from "./query-doubles.ts";

const seconds = 1_000_000n;
const side = (name: string) => eventSchema.fields.map((column) => field(`${name}.${column.name}`, column.type));

/** Right within ten seconds after left. */
function joined(type: StreamJoinType): StreamNode {
  return {
    kind: "join",
    left: withWatermark(source(0), 10),
    right: withWatermark(source(1), 10),
    type,
    condition: "l.k = r.k AND r.ts >= l.ts AND r.ts <= l.ts + INTERVAL 10 SECONDS",
    keys: [{ left: "l.k", right: "r.k" }],
    eventTime: { left: "ts", right: "ts" },
    timeRange: { minMicros: 0n, maxMicros: 10n * seconds },
    schema: struct(...side("l"), ...(type === "semi" ? [] : side("r"))),
  };
}

const tables = ["left", "right"];

async function joinLake(): Promise<EventLake> {
  const lake = new EventLake(testEngine(), temporaryFolder());
  await lake.createEvents(...tables);
  return lake;
}

async function feed(
  lake: EventLake,
  node: StreamNode,
  rounds: readonly { readonly left?: readonly Event[]; readonly right?: readonly Event[] }[],
): Promise<void> {
  for (const { left = [], right = [] } of rounds) {
    if (left.length > 0) await lake.add(left, "left");
    if (right.length > 0) await lake.add(right, "right");
    await lake.drainEvents({ node, tables });
  }
}

test("an inner join puts out a pair once, whichever side comes first, and its state shrinks as the watermark passes", async () => {
  const lake = await joinLake();
  const node = joined("inner");
  await feed(lake, node, [
    { left: [{ k: "a", v: 1, at: 1 }] },
    {
      right: [
        { k: "a", v: 2, at: 5 },
        { k: "b", v: 3, at: 8 },
      ],
    },
    { left: [{ k: "b", v: 4, at: 3 }] },
  ]);
  expect(lake.sink.all).toEqual(["a 1 1s a 2 5s", "b 4 3s b 3 8s"]);
  await lake.add([{ k: "z", at: 100 }], "left");
  await lake.add([{ k: "z", at: 100 }], "right");
  const query = await lake.drainEvents({ node, tables });
  expect(query.recentProgress.findLast((progress) => progress.stateOperators.length > 0)?.stateOperators).toMatchObject(
    [{ operatorName: "symmetricHashJoin", numRowsTotal: 2 }],
  );
  expect(lake.sink.all).toEqual(["a 1 1s a 2 5s", "b 4 3s b 3 8s", "z - 100s z - 100s"]);
});

test("an unmatched row of an outer join comes once, when it can have no match any more", async () => {
  const lake = await joinLake();
  const node = joined("left");
  await feed(lake, node, [
    {
      left: [
        { k: "x", at: 1 },
        { k: "y", at: 2 },
        { k: null, at: 2 },
      ],
    },
    { right: [{ k: "x", at: 3 }] },
  ]);
  expect(lake.sink.all).toEqual(["x - 1s x - 3s"]);
  await feed(lake, node, [{ left: [{ k: "z", at: 65 }], right: [{ k: "z", at: 64 }] }]);
  expect(lake.sink.all).toEqual(["- - 2s - - -", "x - 1s x - 3s", "y - 2s - - -"]);
  await feed(lake, node, [{ left: [{ k: "w", at: 200 }], right: [{ k: "w", at: 200 }] }]);
  expect(lake.sink.all).toEqual([
    "- - 2s - - -",
    "w - 200s w - 200s",
    "x - 1s x - 3s",
    "y - 2s - - -",
    "z - 65s - - -",
  ]);
});

test("an outer join that never knows a row to be without a match is refused", async () => {
  const lake = await joinLake();
  const node = { ...joined("left"), timeRange: null } as StreamNode;
  await expect(lake.startEvents({ node, tables })).rejects.toMatchObject({ code: "_LEGACY_ERROR_TEMP_3102" });
});

const events = fc.array(
  fc.record({
    k: fc.constantFrom("a", "b", null),
    v: fc.integer({ min: 0, max: 3 }),
    at: fc.integer({ min: 0, max: 40 }),
  }),
  { maxLength: 5 },
);

test(
  "however the rows of two streams come, a join puts out what the same join of all rows gives",
  { timeout: 240_000 },
  async () => {
    const engine = testEngine();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<StreamJoinType>("inner", "left", "right", "full", "semi"),
        fc.array(fc.record({ left: events, right: events }), { minLength: 1, maxLength: 4 }),
        async (type, rounds) => {
          const lake = new EventLake(engine, temporaryFolder());
          await lake.createEvents(...tables);
          const join = joined(type);
          if (join.kind !== "join") throw new Error("a join");
          // The delay is longer than all there is, so that no row is late.
          const node: StreamNode = {
            ...join,
            left: withWatermark(source(0), 100),
            right: withWatermark(source(1), 100),
          };
          const last: readonly Event[] = [{ k: "end", v: 0, at: 1000 }];
          await feed(lake, node, [...rounds, { left: last, right: last }]);
          const all = (name: "left" | "right") => eventsSql([...rounds.flatMap((round) => round[name]), ...last]);
          const word = type === "semi" ? "SEMI JOIN" : type === "inner" ? "JOIN" : `${type} JOIN`;
          const list = type === "semi" ? "l.*" : "l.k lk, l.v lv, l.ts lts, r.k rk, r.v rv, r.ts rts";
          await using connection = await engine.sql.connect();
          const expected = await connection.rows(
            `SELECT ${list} FROM (${all("left")}) AS l ${word} (${all("right")}) AS r ON ${join.condition}`,
          );
          expect(lake.sink.all).toEqual(expected.map(rowText).toSorted());
        },
      ),
      { seed: 4, numRuns: roundCount(25) },
    );
  },
);

test.each<StreamJoinType>(["full", "semi"])(
  "few rows find their matches among the many that a join (%s) has kept, at the times that its condition allows",
  { timeout: 120_000 },
  async (type) => {
    const lake = await joinLake();
    const join = joined(type);
    if (join.kind !== "join") throw new Error("a join");
    const node: StreamNode = { ...join, left: withWatermark(source(0), 5000), right: withWatermark(source(1), 5000) };
    // More than are scanned in no time; each key comes again every 250 seconds.
    const many: readonly Event[] = Array.from({ length: 21_000 }, (_, at) => ({
      k: at % 50 === 0 ? null : `k${at % 5000}`,
      v: at,
      at: at / 20,
    }));
    const few: readonly Event[] = [
      { k: "k77", v: -1, at: 5 },
      { k: "k77", v: -2, at: 500 },
      { k: "k999", v: -3, at: 1049 },
      { k: null, v: -4, at: 5 },
      { k: "k79", v: -5, at: null },
    ];
    const rounds = [{ left: many }, { right: few }, { left: few }];
    await feed(lake, node, rounds);
    const all = (name: "left" | "right") => eventsSql(rounds.flatMap((round) => round[name] ?? []));
    await using connection = await testEngine().sql.connect();
    const expected = await connection.rows(
      `SELECT ${type === "semi" ? "l.*" : "l.k lk, l.v lv, l.ts lts, r.k rk, r.v rv, r.ts rts"} FROM (${all("left")}) AS l ${type === "semi" ? "SEMI JOIN" : "JOIN"} (${all("right")}) AS r ON ${join.condition}`,
    );
    // What has no match comes when the watermark has passed it.
    const matched = lake.sink.all.filter((row) => type === "semi" || !row.includes("- - -"));
    expect(matched).toEqual(expected.map(rowText).toSorted());
    expect(matched.length).toBeGreaterThan(3);
  },
);
