// Writers of different engines at the same time on one table: nothing is lost, nothing is doubled, versions have no gap.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lake, digits } from "./lake.ts";
import { type PeerName, sharedPeer } from "./peer.ts";

let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

const appendCountMax = 400;

const appends: Readonly<Record<PeerName, string>> = {
  spark: `
for n in range(args["count"]):
    spark.range(100000 + n * 2, 100002 + n * 2, 1, 1).write.format("delta").mode("append").save(args["path"])
`,
  // It gives up after 15 lost races unless it is told to go on, and we commit several times while it commits once.
  deltars: `
from deltalake import CommitProperties
patient = CommitProperties(max_commit_retries=10000)
for n in range(args["count"]):
    rows = pa.table({"id": pa.array([100000 + n * 2, 100001 + n * 2], pa.int64())})
    write_deltalake(args["path"], rows, mode="append", commit_properties=patient)
`,
};

describe.each([
  { peer: "spark", count: 6, pauseMs: 1000 },
  { peer: "deltars", count: 60, pauseMs: 1 },
] as const)("$peer and we append at once", ({ peer, count, pauseMs }) => {
  test("and every row of both is there once, at contiguous versions", async () => {
    const name = `appends ${peer}`;
    const table = await lake.create(name, { schema: "id BIGINT", properties: { "delta.checkpointInterval": "5" } });
    const peerRun = { isDone: false };
    const theirs = sharedPeer(peer)
      .execute(appends[peer], { path: lake.path(name), count })
      .finally(() => {
        peerRun.isDone = true;
      });
    let appended = 0;
    const ours: number[] = [];
    // As long as the peer writes, so that there are races to win and to lose; with pauses, since Spark, which takes a hundred
    // times as long for a commit, would lose them all.
    for (; !peerRun.isDone && appended < appendCountMax; appended += 1) {
      ours.push((await table.append([{ id: appended }])).version);
      if (appended % 5 === 4) await sleep(pauseMs);
    }
    await theirs;
    const ids = (await lake.rows(name)).map((row) => Number(row["id"])).toSorted((a, b) => a - b);
    const expected = [
      ...Array.from({ length: appended }, (_, id) => id),
      ...Array.from({ length: count * 2 }, (_, id) => 100_000 + id),
    ];
    expect(ids).toEqual(expected);
    const versionCount = appended + count + 1;
    expect(lake.log(name).filter((file) => /^\d{20}\.json$/.test(file))).toEqual(
      Array.from({ length: versionCount }, (_, version) => `${digits(version)}.json`),
    );
    // They did meet: the peer's commits lie between ours.
    const theirVersions = Array.from({ length: versionCount - 1 }, (_, version) => version + 1).filter(
      (v) => !ours.includes(v),
    );
    expect(theirVersions).toHaveLength(count);
    expect(theirVersions[0]).toBeLessThan(ours.at(-1) ?? 0);
    const theirIds = (await sharedPeer(peer).read({ path: lake.path(name) })).map((row) => Number(row["id"]));
    expect(theirIds.toSorted((a, b) => a - b)).toEqual(expected);
  });
});

test("a delete of ours and appends of Spark at once lose neither", async () => {
  const name = "delete and append";
  const table = await lake.create(name, { schema: "id BIGINT, part STRING", partitionBy: ["part"] });
  await table.append(Array.from({ length: 40 }, (_, id) => ({ id, part: `p${id % 8}` })));
  const theirs = sharedPeer("spark").execute(
    "for n in range(8): spark.range(1000 + n, 1001 + n, 1, 1).selectExpr('id', \"'new' AS part\").write.format('delta').mode('append').save(args)",
    lake.path(name),
  );
  for (let part = 0; part < 8; part += 2) await table.delete(`part = 'p${part}' AND id >= 8`);
  await theirs;
  const ids = (await lake.rows(name)).map((row) => Number(row["id"]));
  const kept = Array.from({ length: 40 }, (_, id) => id).filter((id) => id < 8 || id % 2 === 1);
  expect(ids.toSorted((a, b) => a - b)).toEqual([...kept, ...Array.from({ length: 8 }, (_, n) => 1000 + n)]);
});

test("a stream of ours follows a table that Spark writes, while it writes", async () => {
  await lake.create("followed", { schema: "id BIGINT" });
  const query = await lake.session.readStream
    .load(lake.path("followed"))
    .writeStream.option("checkpointLocation", lake.path("follower checkpoint"))
    .start(lake.path("follower"));
  await sharedPeer("spark").execute(appends.spark, { path: lake.path("followed"), count: 6 });
  await query.processAllAvailable();
  await query.stop();
  expect((await lake.rows("follower")).map((row) => Number(row["id"]))).toEqual(
    Array.from({ length: 12 }, (_, n) => 100_000 + n),
  );
  expect(await sharedPeer("spark").read({ path: lake.path("follower") })).toHaveLength(12);
});
