// A stateless query that this engine and Spark run in turn, from one checkpoint into one sink: each source row once.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lake, digits } from "./lake.ts";
import type { PeerRow } from "./peer.ts";
import { sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";
import { type Runner, type SharedQuery, batchIds, endOffset, run, sinkBatches } from "./stream-peer.ts";

const schema = "id BIGINT, city STRING, price DECIMAL(10,2), at TIMESTAMP";
const one = (id: number): PeerRow => ({
  id: String(id),
  city: ["a b", null, "ü/="][id % 3] ?? null,
  price: `${id}.50`,
  at: `2024-01-01T00:00:${String(id % 60).padStart(2, "0")}.000001Z`,
});
const rows = (from: number, to: number): PeerRow[] =>
  Array.from({ length: to - from }, (_, index) => one(from + index));
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

const runners: readonly { readonly first: Runner; readonly second: Runner }[] = [
  { first: "we", second: "spark" },
  { first: "spark", second: "we" },
];

/** Commits `count` files of five rows each to a source; the writers alternate. */
async function feed(name: string, from: number, count: number): Promise<void> {
  const { fields } = (await lake.schema(name)) as { fields: unknown };
  for (let file = 0; file < count; file += 1) {
    const portion = rows(from + file * 5, from + file * 5 + 5);
    if (file % 2 === 0) await lake.append(name, portion);
    else
      await sharedPeer("spark").write({
        path: lake.path(name),
        rows: portion,
        schema: { type: "struct", fields },
        mode: "append",
      });
  }
}

describe.each(runners)("begun as $first", ({ first, second }) => {
  test("an identity stream is handed over three times, into a partitioned sink", async () => {
    const query: SharedQuery = {
      source: `source ${first}`,
      target: `sink ${first}`,
      checkpoint: `checkpoint ${first}`,
      sourceOptions: { maxFilesPerTrigger: "2" },
      partitionBy: ["city"],
    };
    await lake.create(query.source, { schema });
    let fed = 0;
    for (const runner of [first, second, first, second]) {
      await feed(query.source, fed, 3);
      fed += 15;
      await run(lake, runner, query);
      expect(await lake.rows(query.target), `after ${runner}`).toEqual(sorted(rows(0, fed)));
      // A run with nothing new changes nothing.
      const before = lake.log(query.target);
      await run(lake, runner === "we" ? "spark" : "we", query);
      expect(lake.log(query.target)).toEqual(before);
    }
    expect(sorted(await sharedPeer("spark").read({ path: lake.path(query.target) }))).toEqual(sorted(rows(0, fed)));
    const offsets = batchIds(lake, query.checkpoint, "offsets");
    expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, id) => id));
    expect(batchIds(lake, query.checkpoint, "commits")).toEqual(offsets);
    const { id } = JSON.parse(readFileSync(join(lake.path(query.checkpoint), "metadata"), "utf8")) as { id: string };
    expect(await sinkBatches(lake, query.target)).toEqual(offsets.map((batch) => `${id} ${batch}`));
  });

  test("a filter with derived columns is handed over", async () => {
    const query: SharedQuery = {
      source: `filtered source ${first}`,
      target: `filtered sink ${first}`,
      checkpoint: `filtered checkpoint ${first}`,
      where: "id % 2 = 0 AND city IS NOT NULL",
      select: ["id", "upper(city) AS city", "price * 2 AS doubled", "CAST(at AS DATE) AS day", "id + 1 AS next"],
    };
    await lake.create(query.source, { schema });
    for (const [index, runner] of [first, second, first].entries()) {
      await feed(query.source, index * 10, 2);
      await run(lake, runner, query);
    }
    const expected = (await sharedPeer("spark").execute(
      `
rows = frame({"path": args["path"]}).where(args["where"]).selectExpr(*args["select"])
result = {"rows": encode_table(rows.toArrow()), "schema": rows.schema.jsonValue()}
`,
      { path: lake.path(query.source), where: query.where, select: query.select },
    )) as { rows: readonly PeerRow[]; schema: unknown };
    expect(expected.rows).toHaveLength(10);
    expect(await lake.rows(query.target)).toEqual(sorted(expected.rows));
  });

  test("it goes on after deletes in the source, with the option that allows them", async () => {
    const query: SharedQuery = {
      source: `deleted source ${first}`,
      target: `deleted sink ${first}`,
      checkpoint: `deleted checkpoint ${first}`,
      sourceOptions: { ignoreDeletes: "true" },
    };
    await lake.create(query.source, { schema, partitionBy: ["city"] });
    await lake.append(query.source, rows(0, 9));
    await run(lake, first, query);
    await (await lake.session.deltaTableAt(lake.path(query.source))).delete("city = 'a b'");
    await lake.append(query.source, rows(9, 12));
    await run(lake, second, query);
    await lake.append(query.source, rows(12, 13));
    await run(lake, first, query);
    expect(await lake.rows(query.target)).toEqual(sorted(rows(0, 13)));
  });
});

test("Spark leaves its checksum files beside the logs, and the query goes on through them", async () => {
  const names = ["offsets", "commits"].flatMap((log) => readdirSync(join(lake.path("checkpoint spark"), log)));
  expect(names.filter((name) => name.endsWith(".crc")).length).toBeGreaterThan(0);
});

test("our offsets pin what Spark needs to run a batch again, and end where Spark's would", async () => {
  const [, metadata = ""] = readFileSync(join(lake.path("checkpoint we"), "offsets", "0"), "utf8").split("\n");
  const { conf } = JSON.parse(metadata) as { conf: Record<string, string> };
  expect(conf["spark.sql.shuffle.partitions"]).toMatch(/^\d+$/);
  const table = await lake.session.deltaTableAt(lake.path("source we"));
  const last = batchIds(lake, "checkpoint we", "offsets").at(-1) ?? 0;
  expect(endOffset(lake, "checkpoint we", last)).toMatchObject({
    sourceVersion: 1,
    reservoirId: (await table.detail()).id,
    reservoirVersion: table.version + 1,
    index: -1,
    isStartingVersion: false,
  });
  expect(lake.log("source we")).toContain(`${digits(table.version)}.json`);
});
