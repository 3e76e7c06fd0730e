// A sample of the random tables of test/session/random-table.test.ts before Spark: rows at every version, row ids, history.
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Session } from "../../src/index.ts";
import { event, features, live } from "../session/random-table.ts";
import { Lake } from "./lake.ts";
import { type PeerVersion, sharedPeer } from "./peer.ts";

const spark = sharedPeer("spark");
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

// One seed, so that a failure is the same everywhere.
const samples = fc
  .sample(fc.tuple(features, fc.array(event, { minLength: 4, maxLength: 8 })), { seed: 23, numRuns: 6 })
  .map(([given, events], index) => ({ index, given, events }));

const nameOf = (index: number): string => `r${index}/t`;

describe("random tables of ours", () => {
  let versions: readonly (readonly PeerVersion[])[];

  beforeAll(async () => {
    const counts: number[] = [];
    for (const { index, given, events } of samples) {
      await using session = await Session.open({ warehouse: join(lake.root, `r${index}`) });
      const { model } = await live(session, given, events);
      counts.push(model.versions.length);
    }
    const reads = samples.flatMap(({ index }) =>
      Array.from({ length: counts[index] ?? 0 }, (_, version) => ({ path: lake.path(nameOf(index)), version })),
    );
    const found = await spark.readMany(reads);
    let first = 0;
    versions = counts.map((count) => found.slice(first, (first += count)));
  });

  test.each(samples)("number $index has the same rows at every version, row ids and history in Spark", async (each) => {
    const name = nameOf(each.index);
    const theirs = versions[each.index] ?? [];
    for (const [version, { rows }] of theirs.entries())
      expect([version, await lake.rows(name, { version })]).toEqual([version, rows]);
    const history = await spark.history({ path: lake.path(name) });
    expect(history.map(({ version }) => version)).toEqual(theirs.map((_, version) => version).toReversed());
    if (each.given.isTracked) expect(await ourRowIds(name)).toEqual(await sparkRowIds(name));
  });
});

async function ourRowIds(name: string): Promise<readonly string[]> {
  const path = lake.path(name).replaceAll("`", "``");
  const answer = await lake.session.sql(
    `SELECT id, _metadata.row_id AS r, _metadata.row_commit_version AS v FROM delta.\`${path}\``,
  );
  return (await answer.collect()).map(({ id, r, v }) => [id, r, v].map(String).join(" ")).toSorted();
}

async function sparkRowIds(name: string): Promise<readonly string[]> {
  const code = `
delta_log.clearCache()
rows = spark.read.format("delta").load(args).selectExpr("id", "_metadata.row_id AS r", "_metadata.row_commit_version AS v").collect()
result = [f"{row['id']} {row['r']} {row['v']}" for row in rows]
`;
  return ((await spark.execute(code, lake.path(name))) as string[]).toSorted();
}
