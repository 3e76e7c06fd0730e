// One table, written by us, Spark and delta-rs in turn over many commits, with checkpoints by all.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lake, digits } from "./lake.ts";
import { type PeerRow, sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

const spark = sharedPeer("spark");
const deltars = sharedPeer("deltars");
let lake: Lake;
/** Rows at each version. */
const versions: (readonly PeerRow[])[] = [[]];
/** Who wrote it. */
const writers: string[] = ["ours"];

beforeAll(async () => {
  lake = await Lake.open();
  await takeTurns();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

const rowsOf = (turn: number): PeerRow[] =>
  [0, 1, 2].map((n) => ({
    id: String(turn * 3 + n),
    part: [`p${turn % 2}`, null, "u b/c"][n] ?? null,
    price: `${turn}.${n}0`,
    at: `2024-01-01T00:00:${String(turn).padStart(2, "0")}.00000${n}Z`,
    tags: n === 0 ? null : [`t${turn}`, null],
  }));

async function takeTurns(): Promise<void> {
  const table = await lake.create("turns", {
    schema: "id BIGINT, part STRING, price DECIMAL(10,2), at TIMESTAMP, tags ARRAY<STRING>",
    partitionBy: ["part"],
    properties: { "delta.checkpointInterval": "4" },
  });
  const schema = await lake.schema("turns");
  const path = lake.path("turns");
  let expected: readonly PeerRow[] = [];
  for (let turn = 1; turn <= 33; turn += 1) {
    const rows = rowsOf(turn);
    const who = (["ours", "spark", "deltars"] as const)[(turn * 7 + Math.floor(turn / 4)) % 3] ?? "ours";
    if (turn % 8 === 0) {
      const where = `id % 5 = ${turn % 5}`;
      if (who === "ours") await table.delete(where);
      else if (who === "spark")
        await spark.execute(
          "delta_log.clearCache()\nspark.sql(f\"DELETE FROM {quoted(args['path'])} WHERE {args['where']}\")",
          { path, where },
        );
      else await deltars.execute("DeltaTable(args['path']).delete(args['where'])", { path, where });
      expected = expected.filter((row) => Number(row["id"]) % 5 !== turn % 5);
    } else {
      if (who === "ours") await lake.append("turns", rows);
      else await sharedPeer(who).write({ path, rows, schema, mode: "append" });
      expected = [...expected, ...rows];
    }
    writers.push(who);
    versions.push(sorted(expected));
  }
}

test("all wrote, and each made a checkpoint", async () => {
  expect(new Set(writers)).toEqual(new Set(["ours", "spark", "deltars"]));
  const infos = versions.flatMap((_, version) =>
    lake.commit("turns", version).flatMap(({ commitInfo }) => (commitInfo === undefined ? [] : [commitInfo])),
  );
  expect(infos.map((info) => engineOf(String(info["engineInfo"])))).toEqual(writers);
  const checkpointed = lake.log("turns").flatMap((file) => /^(\d{20})\.checkpoint\.parquet$/.exec(file)?.[1] ?? []);
  const by = new Set(checkpointed.map((version) => writers[Number(version)]));
  expect(by).toEqual(new Set(["ours", "spark", "deltars"]));
});

const engineOf = (info: string): string =>
  info.startsWith("alluvium") ? "ours" : info.startsWith("Apache-Spark") ? "spark" : "deltars";

test("we read every version as it was written", async () => {
  for (const [version, expected] of versions.entries()) {
    expect(await lake.rows("turns", { version }), `version ${version}`).toEqual(expected);
  }
});

test("the newest version and those about each checkpoint are the same to Spark and delta-rs", async () => {
  const chosen = [3, 4, 5, 12, 16, 24, 33];
  for (const peer of [spark, deltars]) {
    const theirs = await peer.readVersions(lake.path("turns"), chosen);
    for (const [index, version] of chosen.entries()) {
      expect(sorted(theirs[index]?.rows ?? []), `${peer.name}, version ${version}`).toEqual(versions[version]);
    }
  }
});

test("without the commits below the last checkpoint all three still agree", async () => {
  const hint = JSON.parse(readFileSync(join(lake.path("turns"), "_delta_log", "_last_checkpoint"), "utf8")) as {
    version: number;
  };
  expect(hint.version).toBe(32);
  lake.forgetBefore("turns", hint.version);
  expect(lake.log("turns")).toContain(`${digits(32)}.checkpoint.parquet`);
  const expected = versions.at(-1);
  expect(await lake.rows("turns")).toEqual(expected);
  for (const peer of [spark, deltars]) expect(sorted(await peer.read({ path: lake.path("turns") }))).toEqual(expected);
});
test("an idempotent write of ours is known to Spark, and one of Spark's to us", async () => {
  const table = await lake.create("idempotent", { schema: "id BIGINT" });
  const path = lake.path("idempotent");
  const schema = await lake.schema("idempotent");
  const theirs = (id: string, options: object): Promise<number> =>
    spark.write({ path, rows: [{ id }], schema, mode: "append", options: { txnAppId: "app", ...options } });
  expect(await table.append([{ id: 1n }], { txnAppId: "app", txnVersion: 3 })).toMatchObject({ status: "committed" });
  await theirs("10", { txnVersion: "3" });
  await theirs("11", { txnVersion: "4" });
  expect(await table.append([{ id: 2n }], { txnAppId: "app", txnVersion: 4 })).toMatchObject({
    status: "already-committed",
  });
  expect(await table.append([{ id: 3n }], { txnAppId: "app", txnVersion: 5 })).toMatchObject({ status: "committed" });
  expect(await lake.rows("idempotent")).toEqual([{ id: "1" }, { id: "11" }, { id: "3" }]);
});
