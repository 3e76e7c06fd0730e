// A table through every operation we have, read by Spark and delta-rs at each of its versions.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeltaTable } from "../../src/index.ts";
import { Lake } from "./lake.ts";
import { type PeerName, type PeerRow, sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

const peers: readonly PeerName[] = ["spark", "deltars"];
const operations = [
  "CREATE TABLE",
  "WRITE",
  "WRITE",
  "DELETE",
  "DELETE",
  "WRITE",
  "WRITE",
  "WRITE",
  "WRITE",
  "WRITE",
  "WRITE",
  "STREAMING UPDATE",
  "STREAMING UPDATE",
  "DELETE",
];
let lake: Lake;
/** Rows at each version. */
const versions: (readonly PeerRow[])[] = [];

beforeAll(async () => {
  lake = await Lake.open();
  await makeHistory();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

const rows = (from: number, to: number, extra: Record<string, unknown> = {}): Record<string, unknown>[] =>
  Array.from({ length: to - from }, (_, index) => ({
    id: BigInt(from + index),
    city: ["Oslo", "a/b", null][(from + index) % 3],
    at: new Date(Date.UTC(2024, 0, 1, 0, 0, from + index)),
    ...extra,
  }));

async function makeHistory(): Promise<void> {
  const table = await lake.create("history", {
    schema: "id BIGINT, city STRING, at TIMESTAMP",
    partitionBy: ["city"],
    comment: "places",
    properties: { "my.key": "v" },
  });
  const step = async (change: (table: DeltaTable) => Promise<unknown>): Promise<void> => {
    await change(table);
    versions.push(await lake.rows("history"));
  };
  await step(() => Promise.resolve());
  await step((t) => t.append(rows(0, 9)));
  await step((t) => t.append(rows(9, 30), { userMetadata: "second" }));
  await step((t) => t.delete("city = 'a/b'"));
  await step((t) => t.delete("id % 2 = 0 AND id < 10"));
  await step((t) => t.overwrite(rows(0, 9).slice(1, 2), { where: "city = 'a/b'" }));
  await step((t) => t.overwrite([{ id: 100n, city: "Oslo", at: null }], { where: "id >= 12 AND id < 20 OR id = 100" }));
  await step((t) => t.overwrite([{ id: 200n, city: null, at: null }], { partitionOverwriteMode: "dynamic" }));
  await step((t) => t.append(rows(300, 303, { price: "1.50", more: { deep: ["x"] } }), { mergeSchema: true }));
  await step((t) => t.overwrite(rows(400, 412)));
  await step((t) => t.overwrite([{ key: "k", city: "Bonn", value: 0.5 }], { overwriteSchema: true }));
  await lake.create("feed", { schema: "key STRING, city STRING, value DOUBLE" });
  for (const batch of [0, 1]) {
    await lake.append("feed", [{ key: `fed ${batch}`, city: "a/b", value: batch / 4 }]);
    await step(async () => {
      const query = await lake.session.readStream
        .load(lake.path("feed"))
        .writeStream.option("checkpointLocation", lake.path("feed checkpoint"))
        .trigger({ availableNow: true })
        .start(lake.path("history"));
      await query.awaitTermination();
    });
  }
  await step((t) => t.delete());
}

test("the history is what it is meant to be", async () => {
  expect(versions.map((version) => version.length)).toEqual([0, 9, 30, 20, 16, 17, 13, 8, 11, 12, 1, 2, 3, 0]);
  const history = await (await lake.session.deltaTableAt(lake.path("history"))).history();
  expect(history.map((commit) => commit.operation).toReversed()).toEqual(operations);
});

describe.each(peers)("%s", (peer) => {
  test("reads the same rows and schema at every version, by number", async () => {
    const path = lake.path("history");
    for (const [version, expected] of versions.entries()) {
      expect(sorted(await sharedPeer(peer).read({ path, version })), `version ${version}`).toEqual(expected);
    }
    for (const version of [0, 7, 8, 10]) {
      expect(await sharedPeer(peer).schema({ path, version })).toEqual(await lake.schema("history", { version }));
    }
  });

  test("shows the same history", async () => {
    const path = lake.path("history");
    const ours = await (await lake.session.deltaTableAt(path)).history();
    const theirs = await sharedPeer(peer).history({ path });
    const brief = (commit: { version: number; operation: string | null; engineInfo: string | null }): unknown[] => [
      commit.version,
      commit.operation,
      commit.engineInfo,
    ];
    expect(theirs.map(brief)).toEqual(ours.map(brief));
    // delta-rs shows when a commit was begun, not Delta's time of it.
    if (peer === "spark")
      expect(theirs.map((commit) => commit.timestampMs)).toEqual(ours.map((commit) => commit.timestamp));
  });
});

test("Spark's history has our parameters and metrics, all of them text", async () => {
  const path = lake.path("history");
  const ours = await (await lake.session.deltaTableAt(path)).history();
  const theirs = await sharedPeer("spark").history({ path });
  expect(theirs.map((commit) => commit.operationParameters)).toEqual(ours.map((commit) => commit.operationParameters));
  expect(theirs.map((commit) => commit.operationMetrics)).toEqual(ours.map((commit) => commit.operationMetrics));
});

test("a time between two commits is the same version to Spark and to us", async () => {
  const path = lake.path("history");
  const ours = await (await lake.session.deltaTableAt(path)).history();
  const [, newer, older] = ours;
  if (newer === undefined || older === undefined) throw new Error("the table has a history");
  for (const ms of [older.timestamp, newer.timestamp - 1, newer.timestamp]) {
    const timestamp = new Date(ms).toISOString();
    const expected = await lake.rows("history", { timestamp });
    expect(sorted(await sharedPeer("spark").read({ path, timestamp }))).toEqual(expected);
  }
});
