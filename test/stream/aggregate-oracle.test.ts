// Grouping against an oracle: however the rows come, and however often the query is restarted, the streamed result is that of the
// same query over all rows.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DataType } from "../../src/format/schema.ts";
import type { OutputMode } from "../../src/stream/output-mode.ts";
import type { AggregateCall, GroupKey, StreamNode } from "../../src/stream/stream-node.ts";
import { dayMs, EventLake, eventsSql, rowText } from "./event-lake.ts";
import { call, grouped, keyOf, sessionKey, source, windowKey, windowType, withWatermark } from "./node-builders.ts";
import type { Event } from "./event-lake.ts";
import { roundCount } from "../round-count.ts";
import { temporaryFolder, testEngine } from "./query-doubles.ts";

type TypeName = DataType | "long" | "string" | "timestamp" | "double" | "integer";

interface Key {
  readonly key: GroupKey;
  readonly type: TypeName;
  /** The same over the rows of the oracle. */
  readonly sql: string;
}

interface Aggregate {
  readonly call: AggregateCall;
  readonly type: TypeName;
}

const decimal: DataType = { kind: "decimal", precision: 38, scale: 2 };
const longs: DataType = { kind: "array", elementType: { kind: "primitive", name: "long" }, containsNull: true };

const aggregates: readonly Aggregate[] = [
  { call: call("n", ["count_star"]), type: "long" },
  { call: call("c", ["count", "v"]), type: "long" },
  { call: call("s", ["sum", "v"]), type: "long" },
  { call: call("d", ["sum", "CAST(v AS DECIMAL(10, 2)) / 1"]), type: "double" },
  { call: call("m", ["sum", "CAST(v AS DECIMAL(18, 2))"]), type: decimal },
  { call: call("lo", ["min", "v"]), type: "long" },
  { call: call("hi", ["max", "k"]), type: "string" },
  { call: call("a", ["avg", "v"]), type: "double" },
  { call: call("vs", ["var_samp", "v"]), type: "double" },
  { call: call("sp", ["stddev_pop", "v"], { filter: "v > 0" }), type: "double" },
  { call: call("ba", ["bool_and", "v > 0"]), type: "string" },
  { call: call("bx", ["bit_xor", "v"]), type: "long" },
  { call: call("ax", ["arg_max", "v", "epoch_us(ts) + v"], { filter: "v <> 2" }), type: "long" },
  { call: call("cd", ["count", "v"], { isDistinct: true }), type: "long" },
  { call: call("sd", ["sum", "v"], { isDistinct: true, filter: "v < 3" }), type: "long" },
  { call: call("me", ["median", "v"]), type: "double" },
  { call: call("q", ["quantile_cont", "v", "0.25"]), type: "double" },
  { call: call("li", ["list", "v"], { orderBy: "v DESC NULLS LAST, ts" }), type: longs },
  { call: call("ac", ["approx_count_distinct", "k"]), type: "long" },
  { call: call("mode", ["max", "v"], { isDistinct: true }), type: "long" },
];

const plain: readonly Key[] = [
  { key: keyOf("k"), type: "string", sql: "k" },
  { key: keyOf("parity", "v % 2"), type: "long", sql: "v % 2" },
  {
    key: keyOf("f", "CAST(v AS DOUBLE) * -0.0"),
    type: "double",
    sql: "CASE WHEN v IS NOT NULL THEN CAST(0 AS DOUBLE) END",
  },
];

const timed: readonly Key[] = [
  { key: windowKey(5), type: windowType, sql: "window_5_5_0" },
  { key: windowKey(10, { slide: 4 }), type: windowType, sql: "window_10_4_0" },
  { key: windowKey(6, { slide: 6, start: 2 }), type: windowType, sql: "window_6_6_2" },
  { key: { name: "ts", sql: "ts", eventTime: { kind: "column" } }, type: "timestamp", sql: "ts" },
  { key: sessionKey(3), type: windowType, sql: "session_3" },
];

const oracleCall = ({ call: { function: fn, args, isDistinct, filter, orderBy } }: Aggregate): string =>
  `${fn === "count_star" ? "count" : fn}(${isDistinct ? "DISTINCT " : ""}${fn === "count_star" ? "*" : args.join(", ")}${orderBy === null ? "" : ` ORDER BY ${orderBy}`})${filter === null ? "" : ` FILTER (WHERE ${filter})`}`;

/** The rows of the input with the key columns, by plain SQL. */
function oracleRows(rows: string, keys: readonly Key[]): string {
  const special = keys.find(({ sql }) => /^(window|session)_/u.test(sql));
  if (special === undefined)
    return `SELECT *, ${keys.map(({ sql }, index) => `${sql} AS key${index}`).join(", ") || "1"} FROM (${rows})`;
  const base = `make_timestamptz(${BigInt(dayMs) * 1000n})`;
  const [length = 0, slide = 1, start = 0] = special.sql.split("_").slice(1).map(Number);
  const others = keys.filter((key) => key !== special);
  const named = (window: string): string =>
    keys.map((key, index) => `${key === special ? window : key.sql} AS key${index}`).join(", ");
  if (special.sql.startsWith("window")) {
    // The windows lie on a grid from the epoch on; the day's start is off that grid by this much.
    const off = (dayMs / 1000 - start) % slide;
    const starts = `SELECT ${base} + to_seconds(unnest(range(${-off - 60}, 1200, ${slide}))) AS w`;
    return `SELECT rows.*, ${named(`struct_pack("start" := w, "end" := w + to_seconds(${length}))`)} FROM (${rows}) AS rows JOIN (${starts}) ON ts >= w AND ts < w + to_seconds(${length})`;
  }
  const by = others.length === 0 ? "" : `PARTITION BY ${others.map(({ sql }) => sql).join(", ")} `;
  const begun = `SELECT *, CASE WHEN ts <= lag(ts) OVER (${by}ORDER BY ts) + to_seconds(${length}) THEN 0 ELSE 1 END AS begins FROM (${rows}) WHERE ts IS NOT NULL`;
  const numbered = `SELECT *, sum(begins) OVER (${by}ORDER BY ts ROWS UNBOUNDED PRECEDING) AS number FROM (${begun})`;
  const bounds = `SELECT *, min(ts) OVER (PARTITION BY ${[...others.map(({ sql }) => sql), "number"].join(", ")}) AS b, max(ts) OVER (PARTITION BY ${[...others.map(({ sql }) => sql), "number"].join(", ")}) + to_seconds(${length}) AS e FROM (${numbered})`;
  return `SELECT *, ${named(`struct_pack("start" := b, "end" := e)`)} FROM (${bounds})`;
}

function oracle(rows: string, keys: readonly Key[], calls: readonly Aggregate[]): string {
  const names = keys.map((_, index) => `key${index}`);
  const by = names.length === 0 ? "" : ` GROUP BY ${names.join(", ")}`;
  const list = [...names, ...calls.map((one, index) => `${cast(oracleCall(one), one)} AS r${index}`)];
  return `SELECT ${list.join(", ")} FROM (${oracleRows(rows, keys)})${by}`;
}

const cast = (sql: string, { type }: Aggregate): string =>
  type === "long"
    ? `CAST(${sql} AS BIGINT)`
    : type === "double"
      ? `CAST(${sql} AS DOUBLE)`
      : type === "string"
        ? `CAST(${sql} AS VARCHAR)`
        : type === decimal
          ? `CAST(${sql} AS DECIMAL(38, 2))`
          : sql;

const event: fc.Arbitrary<Event> = fc.record({
  k: fc.constantFrom("a", "b", "c", null),
  v: fc.option(fc.integer({ min: -2, max: 5 }), { nil: null }),
  at: fc.integer({ min: 0, max: 40 }),
});

interface Scenario {
  readonly mode: OutputMode;
  readonly keys: readonly Key[];
  readonly calls: readonly Aggregate[];
  readonly rounds: readonly (readonly (readonly Event[])[])[];
}

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    mode: fc.constantFrom<OutputMode>("append", "complete", "update"),
    plainKeys: fc.subarray([...plain]),
    time: fc.option(fc.constantFrom(...timed)),
    calls: fc.subarray([...aggregates], { maxLength: 6 }),
    // Runs of the query, each with some commits before it.
    rounds: fc.array(fc.array(fc.array(event, { minLength: 1, maxLength: 6 }), { maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ mode, plainKeys, time, calls, rounds }) => {
    const needsTime = mode === "append" && time === null;
    const key = needsTime ? timed[0] : time;
    const fits = mode === "update" && key?.sql.startsWith("session") === true ? timed[0] : key;
    const keys = [...(fits === null || fits === undefined ? [] : [fits]), ...plainKeys];
    return { mode, keys, calls: keys.length === 0 && calls.length === 0 ? aggregates.slice(0, 2) : calls, rounds };
  });

test("a streamed aggregation gives what the same query over all rows gives", { timeout: 600_000 }, async () => {
  const engine = testEngine();
  await fc.assert(
    fc.asyncProperty(scenario, async ({ mode, keys, calls, rounds }) => {
      const lake = new EventLake(engine, temporaryFolder());
      await lake.createEvents();
      // The delay is longer than all there is: no row is late. One row at the end closes every group.
      const last: Event = { k: "end", v: 1, at: 1000 };
      const node: StreamNode = grouped(withWatermark(source(), 100), keys, calls);
      const lastRound = mode === "append" ? [[[last]]] : [];
      for (const commits of [...rounds, ...lastRound]) {
        for (const events of commits) await lake.add(events);
        await lake.drainEvents({ node, mode, source: { maxFilesPerTrigger: "1" } });
      }
      const rows = eventsSql(rounds.flat(2));
      await using connection = await engine.sql.connect();
      const expected = (await connection.rows(oracle(rows, keys, calls))).map(rowText).toSorted();
      expect(result(lake, mode, keys.length)).toEqual(expected);
    }),
    { seed: 7, numRuns: roundCount(20) },
  );
});

/** What a reader of all batches knows. */
function result(lake: EventLake, mode: OutputMode, keyCount: number): readonly string[] {
  const batches = [...lake.sink.batches.values()];
  if (mode === "append") return lake.sink.all;
  if (mode === "complete") return (batches.at(-1)?.rows ?? []).map(rowText).toSorted();
  const byKey = new Map<string, string>();
  for (const { rows } of batches) {
    const seen = new Set<string>();
    for (const row of rows) {
      const key = rowText(Object.fromEntries(Object.entries(row).slice(0, keyCount)));
      expect(seen.has(key)).toBe(false);
      seen.add(key);
      byKey.set(key, rowText(row));
    }
  }
  return [...byKey.values()].toSorted();
}
