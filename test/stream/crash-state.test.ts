// A process that dies, or loses its power, at any operation of stateful batches: state and output agree afterwards, exactly once.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { scanRelation } from "../../src/reader/scan-relation.ts";
import { deltaSink } from "../../src/stream/sink/delta-sink.ts";
import type { OutputMode } from "../../src/stream/plan/output-mode.ts";
import type { StreamNode } from "../../src/stream/plan/stream-node.ts";
import { scannedTable } from "../../src/reader/scanned-table.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import type { CrashEngine } from "../engine/crash-engine.ts";
import { seededRandom } from "../engine/seeded-random.ts";
import { EventLake, rowText } from "./event-lake.ts";
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
import { temporaryFolder } from "./query-doubles.ts";

const sql = duckdbEngine();
afterAll(() => sql.close());

const template = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeAll(async () => {
  const { lake } = lakeOn(template);
  await lake.createEvents();
  for (const events of first) await lake.add(events);
});

const first: readonly (readonly Event[])[] = [
  [
    { k: "a", v: 1, at: 1 },
    { k: "b", v: 2, at: 2 },
  ],
  [
    { k: "a", v: 3, at: 3 },
    { k: "c", v: 4, at: 30 },
  ],
];
const afterwards: readonly Event[] = [
  { k: "b", v: 5, at: 33 },
  { k: "a", v: 6, at: 100 },
];

const grouping = (keys: "k" | "window"): StreamNode =>
  grouped(
    withWatermark(source(), 10),
    keys === "k"
      ? [{ key: keyOf("k"), type: "string" }]
      : [
          { key: windowKey(5), type: windowType },
          { key: keyOf("k"), type: "string" },
        ],
    [
      { call: call("n", ["count_star"]), type: "long" },
      { call: call("s", ["sum", "v"]), type: "long" },
      { call: call("d", ["count", "v"], { isDistinct: true }), type: "long" },
    ],
  );

/** The first row of each key. */
const firsts: StreamNode = {
  kind: "deduplicate",
  input: source(),
  columns: ["k"],
  withinWatermark: false,
  eventTime: null,
  schema: eventSchema,
};

/** The stream with itself: greater values of the same key within ten seconds, or none. */
const risen: StreamNode = {
  kind: "join",
  left: withWatermark(source(0), 10),
  right: withWatermark(source(1), 10),
  type: "left",
  condition: "l.k = r.k AND r.v > l.v AND r.ts >= l.ts AND r.ts <= l.ts + INTERVAL 10 SECONDS",
  keys: [{ left: "l.k", right: "r.k" }],
  eventTime: { left: "ts", right: "ts" },
  timeRange: { minMicros: 0n, maxMicros: 10_000_000n },
  schema: struct(
    ...["l", "r"].flatMap((side) => eventSchema.fields.map(({ name, type }) => field(`${side}_${name}`, type))),
  ),
};

interface Case {
  readonly name: string;
  readonly mode: OutputMode;
  readonly node: StreamNode;
  readonly tables?: readonly string[];
  readonly expected: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "groups in complete mode",
    mode: "complete",
    node: grouping("k"),
    expected: ["a 3 10 3", "b 2 7 2", "c 1 4 1"],
  },
  {
    name: "groups that are upserted",
    mode: "update",
    node: grouping("k"),
    expected: ["a 3 10 3", "b 2 7 2", "c 1 4 1"],
  },
  {
    name: "the first rows of their kind",
    mode: "append",
    node: firsts,
    expected: ["a 1 1s", "b 2 2s", "c 4 30s"],
  },
  {
    name: "an outer join",
    mode: "append",
    node: risen,
    tables: ["events", "events"],
    expected: ["a 1 1s a 3 3s", "a 3 3s - - -", "b 2 2s - - -", "b 5 33s - - -", "c 4 30s - - -"],
  },
  {
    name: "windows in append mode",
    mode: "append",
    node: grouping("window"),
    expected: ["{0s,5s} a 2 4 2", "{0s,5s} b 1 2 1", "{30s,35s} b 1 5 1", "{30s,35s} c 1 4 1"],
  },
];

// All share one DuckDB, in which each run names a database at random: no two may have the same chance.
let seed = 0;

function lakeOn(root: string, options: { crashAt?: number } = {}): CrashEngine & { lake: EventLake } {
  const crash = crashEngine({ root, sql, seed: (seed += 1), ...options });
  return { ...crash, lake: new EventLake(crash.engine, root) };
}

function prepare(): string {
  const root = temporaryFolder();
  cpSync(template, root, { recursive: true });
  return root;
}

/** One file a batch. */
async function drain(lake: EventLake, { mode, node, tables }: Case): Promise<void> {
  const sink = deltaSink(lake.engine, { tablePath: lake.path("counts"), keyColumns: mode === "update" ? ["k"] : null });
  await lake.drainEvents({
    node,
    mode,
    sink,
    source: { maxFilesPerTrigger: "1" },
    ...(tables !== undefined && { tables }),
  });
}

async function runToCrash(crashed: CrashEngine & { lake: EventLake }, one: Case): Promise<boolean> {
  try {
    await drain(crashed.lake, one);
  } catch (error) {
    if (!crashed.disk.hasCrashed) throw error;
  }
  await crashed.lake.manager.stopAll();
  return crashed.disk.hasCrashed;
}

async function finish(root: string, one: Case): Promise<void> {
  const { lake } = lakeOn(root);
  await lake.add(afterwards);
  await drain(lake, one);
  const snapshot = await lake.snapshot("counts");
  const files = [];
  for await (const chunk of snapshot.files.chunks()) files.push(...chunk);
  await using connection = await lake.engine.sql.connect();
  const rows = await connection.rows(scanRelation(scannedTable(snapshot), files));
  expect(rows.map(rowText).toSorted()).toEqual(one.expected);
}

async function undisturbed(one: Case): Promise<readonly string[]> {
  const root = prepare();
  const whole = lakeOn(root);
  await drain(whole.lake, one);
  return whole.disk.operations;
}

// A soak dies everywhere in every case; a quick run spreads the operations over the cases.
const stride = process.env["ALLUVIUM_ROUNDS"] === undefined ? cases.length : 1;
const firstCrash = (one: Case): number => (stride === 1 ? 1 : 1 + cases.indexOf(one));

describe.each(cases)("$name", (one) => {
  test(
    "a crash at any operation, with and without loss of power, leaves what an undisturbed run leaves",
    { timeout: 600_000 },
    async () => {
      const operations = await undisturbed(one);
      expect(operations.some((operation) => operation.includes("state/versions/1"))).toBe(true);
      for (let crashAt = firstCrash(one); crashAt <= operations.length; crashAt += stride) {
        const root = prepare();
        const crashed = lakeOn(root, { crashAt });
        try {
          expect(await runToCrash(crashed, one)).toBe(true);
          if (Math.floor(crashAt / stride) % 2 === 0) crashed.disk.powerCut(crashAt);
          await finish(root, one);
        } catch (cause) {
          throw new Error(`crash at operation ${crashAt}: ${operations[crashAt - 1]}`, { cause });
        }
      }
    },
  );

  test("crashes again and again at random leave the same", { timeout: 600_000 }, async () => {
    for (let history = 1; history <= 3; history += 1) {
      const random = seededRandom(history);
      const root = prepare();
      for (;;) {
        const crashed = lakeOn(root, { crashAt: 1 + random.below(120) });
        if (!(await runToCrash(crashed, one))) break;
        crashed.disk.powerCut(random.below(1_000_000));
      }
      await finish(root, one);
    }
  });
});

test("the state of a batch is durable after its promise and before its rows are published", async () => {
  const operations = await undisturbed(cases[0] as Case);
  const stations = operations
    .filter((operation) => operation.startsWith("link") && !operation.endsWith(".crc"))
    .map((operation) => operation.split(" ").at(-1) ?? "")
    .filter((path) => /checkpoint\/(offsets|commits|state\/versions)\/\d|counts\/_delta_log\/\d+\.json/u.test(path));
  expect(stations.slice(0, 4)).toEqual([
    "checkpoint/offsets/0",
    "checkpoint/state/versions/1",
    "counts/_delta_log/00000000000000000000.json",
    "checkpoint/commits/0",
  ]);
});
