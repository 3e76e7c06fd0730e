// The state of a query in its checkpoint. streaming.md, "State store".
import { mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AggregateCall, StreamNode } from "../../src/stream/plan/stream-node.ts";
import { StateStore } from "../../src/stream/state/state-store.ts";
import { EventLake } from "./event-lake.ts";
import { call, field, grouped, keyOf, source, struct } from "./node-builders.ts";
import { temporaryFolder, testEngine } from "./query-doubles.ts";

async function eventLake(): Promise<EventLake> {
  const lake = new EventLake(testEngine(), temporaryFolder());
  await lake.createEvents();
  return lake;
}

const countBy = (
  key: string,
  calls: readonly AggregateCall[] = [call("n", ["count_star"])],
  input: StreamNode = source(),
): StreamNode =>
  grouped(
    input,
    [{ key: keyOf("key", key), type: key === "v" ? "long" : "string" }],
    calls.map((one) => ({ call: one, type: "long" as const })),
  );

const filtered: StreamNode = {
  kind: "rows",
  input: source(),
  sql: (from) => `SELECT * FROM ${from} WHERE v < 100`,
  schema: source().schema,
};

const stateFiles = (lake: EventLake, table = "0/groups"): readonly string[] =>
  readdirSync(join(lake.root, "checkpoint/state", table)).toSorted();

interface Rounds {
  readonly count?: number;
  readonly conf?: ReadonlyMap<string, string>;
  readonly mode?: "complete" | "update";
}

/** One batch a round. */
async function rounds(lake: EventLake, node: StreamNode, { count = 1, ...more }: Rounds = {}): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    await lake.add([{ k: `k${round % 3}`, v: round, at: 0 }]);
    await lake.drainEvents({ node, mode: "complete", ...more });
  }
}

test("each batch writes its changes as one version, and a restart goes on from it", async () => {
  const lake = await eventLake();
  await rounds(lake, countBy("k"), { count: 3 });
  expect(stateFiles(lake)).toEqual(["1.delta.parquet", "2.delta.parquet", "3.delta.parquet"]);
  expect(readFileSync(join(lake.root, "checkpoint/state/versions/2"), "utf8")).toContain(
    '"path":"0/groups/2.delta.parquet"',
  );
  await rounds(lake, countBy("k"), { count: 1 });
  expect(lake.sink.texts.at(-1)).toEqual(["k0 2", "k1 1", "k2 1"]);
});

test("versions are folded into a snapshot now and then, and old ones go with the batches that could start from them", async () => {
  const lake = await eventLake();
  const conf = new Map([["spark.sql.streaming.minBatchesToRetain", "3"]]);
  await rounds(lake, countBy("k"), { count: 16, conf });
  expect(stateFiles(lake).filter((name) => name.includes("snapshot"))).toEqual(["11.snapshot.parquet"]);
  expect(stateFiles(lake)).not.toContain("10.delta.parquet");
  expect(
    readdirSync(join(lake.root, "checkpoint/state/versions"))
      .map(Number)
      .toSorted((a, b) => a - b),
  ).toEqual([12, 13, 14, 15, 16]);
  expect(lake.sink.texts.at(-1)).toEqual(["k0 6", "k1 5", "k2 5"]);
});

test("all rows of a batch can be read until the next begins, also when most of the table's place is taken by rows that are gone", async () => {
  const engine = testEngine();
  const count = 120_000;
  const columns = ["__id", "__k0"].map((name) => ({ name, type: "BIGINT" }));
  const groups = { name: "groups", columns, soughtBy: ["__k0"], isCounted: true };
  const operators = [{ id: 0, name: "stateStoreSave", keys: [], values: [], tables: [groups] }];
  await using store = await StateStore.open({ engine, checkpointDirectory: temporaryFolder(), operators, version: 0 });
  await store.load(0);
  for (let batch = 0; batch < 4; batch += 1) {
    store.beginBatch();
    const op = batch === 0 ? 1 : 2;
    await store.apply(0, "groups", `SELECT ${op} AS __op, id AS __id, id AS __k0 FROM range(${count}) AS r(id)`);
    const rows = await store.table(0, "groups");
    await store.persist(batch, false);
    for (let reading = 0; reading < 40; reading += 1)
      expect(await store.connection.rows(`SELECT count(*) AS n FROM ${rows}`)).toEqual([{ n: BigInt(count) }]);
  }
});

describe("state that is not as it was written is refused by name:", () => {
  const damages: readonly [string, (path: string) => void, string][] = [
    ["a missing file", (path) => rmSync(path), "1.delta.parquet"],
    ["a file cut short", (path) => truncateSync(path, 20), "1.delta.parquet"],
    [
      "a file that is no Parquet",
      (path) => writeFileSync(path, Buffer.alloc(readFileSync(path).length, 7)),
      "1.delta.parquet",
    ],
  ];
  test.each(damages)("%s", async (_, damage, name) => {
    const lake = await eventLake();
    await rounds(lake, countBy("k"), { count: 2 });
    damage(join(lake.root, "checkpoint/state/0/groups", name));
    await lake.add([{ k: "x", at: 0 }]);
    const error: unknown = await lake
      .drainEvents({ node: countBy("k"), mode: "complete" })
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "STREAM_FAILED", cause: { code: "CANNOT_LOAD_STATE_STORE" } });
    expect((error as Error).message).toContain(name);
  });

  test("a version that is gone", async () => {
    const lake = await eventLake();
    await rounds(lake, countBy("k"), { count: 2 });
    rmSync(join(lake.root, "checkpoint/state/versions/2"));
    await expect(lake.startEvents({ node: countBy("k"), mode: "complete" })).rejects.toMatchObject({
      code: "CANNOT_LOAD_STATE_STORE",
    });
  });
});

describe("a changed query", () => {
  const changes: readonly [string, StreamNode, string][] = [
    ["another type of key", countBy("v"), "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE"],
    [
      "one key more",
      grouped(
        source(),
        [
          { key: keyOf("k"), type: "string" },
          { key: keyOf("v"), type: "long" },
        ],
        [{ call: call("n", ["count_star"]), type: "long" }],
      ),
      "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE",
    ],
    [
      "an aggregate more",
      countBy("k", [call("n", ["count_star"]), call("s", ["sum", "v"])]),
      "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE",
    ],
    ["another aggregate", countBy("k", [call("n", ["max", "v"])]), "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE"],
    [
      "another operator",
      {
        kind: "deduplicate",
        input: source(),
        columns: [],
        withinWatermark: false,
        eventTime: null,
        schema: source().schema,
      },
      "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA",
    ],
    ["no operator", filtered, "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA"],
  ];
  test.each(changes)("with %s is refused", async (_, node, code) => {
    const lake = await eventLake();
    await rounds(lake, countBy("k"), { count: 1 });
    const mode = node.kind === "aggregate" ? "complete" : "append";
    await expect(lake.startEvents({ node, mode })).rejects.toMatchObject({ code });
  });

  test("with a filter more, another name of a key or another output mode goes on", async () => {
    const lake = await eventLake();
    await rounds(lake, countBy("k"), { count: 1 });
    await rounds(lake, countBy("k", undefined, filtered), { count: 1, mode: "update" });
    expect(lake.sink.texts.at(-1)).toEqual(["k0 2"]);
  });
});

test("state that Spark wrote is refused, and so is a query that had no state before", async () => {
  const spark = await eventLake();
  mkdirSync(join(spark.root, "checkpoint/state/0/_metadata"), { recursive: true });
  writeFileSync(join(spark.root, "checkpoint/state/0/_metadata/metadata"), "v1\n{}");
  await expect(spark.startEvents({ node: countBy("k"), mode: "complete" })).rejects.toMatchObject({
    code: "STREAMING_CHECKPOINT_MISMATCH",
  });
  const stateless = await eventLake();
  await stateless.add([{ k: "a", at: 0 }]);
  await stateless.drainEvents({ node: filtered });
  await expect(stateless.startEvents({ node: countBy("k"), mode: "complete" })).rejects.toMatchObject({
    code: "STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY",
  });
});

test("sums of great integers and decimals stay exact over restarts, and null keys are one group", async () => {
  const lake = await eventLake();
  const decimal = { kind: "decimal", precision: 38, scale: 0 } as const;
  const node: StreamNode = {
    ...(countBy("k", [call("s", ["sum", "v"]), call("m", ["sum", "CAST(v AS DECIMAL(30,10)) / 1"])]) as Extract<
      StreamNode,
      { kind: "aggregate" }
    >),
    schema: struct(field("key", "string"), field("s", decimal), field("m", "double")),
  };
  for (let round = 0; round < 3; round += 1) {
    await lake.addSql("SELECT NULL::VARCHAR AS k, 9223372036854775807::BIGINT AS v, NULL::TIMESTAMPTZ AS ts");
    await lake.drainEvents({ node, mode: "complete" });
  }
  expect(lake.sink.batches.get(2)?.rows).toMatchObject([{ key: null, s: "27670116110564327421" }]);
});

test("a global aggregate of an empty table is one row in the first batch", async () => {
  const lake = await eventLake();
  await lake.drainEvents({
    node: grouped(
      source(),
      [],
      [
        { call: call("n", ["count_star"]), type: "long" },
        { call: call("l", ["list", "k"]), type: "string" },
      ],
    ),
    mode: "complete",
  });
  expect(lake.sink.texts).toEqual([["0 -"]]);
});
