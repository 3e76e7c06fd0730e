// Tables with deletion vectors, change data feed, row tracking, CHECK constraints, generated, default and identity columns: begun by us
// and continued by Spark, and the other way round; equal rows at every version, equal changes, equal row ids.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeltaTable } from "../../src/index.ts";
import { Lake } from "./lake.ts";
import { type PeerRow, type PeerVersion, sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

const spark = sharedPeer("spark");
const deltars = sharedPeer("deltars");
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

/** Runs a statement in Spark; `{t}` stands for the table. */
async function sparkSql(name: string, statement: string): Promise<void> {
  await spark.runTables([{ path: lake.path(name), statements: [statement] }]);
}

/** The lines that a piece of Python makes of each table, sorted; the piece sees `path`, and several run at once. */
async function sparkLines(names: readonly string[], piece: string): Promise<readonly (readonly string[])[]> {
  const code = `
import json
from concurrent.futures import ThreadPoolExecutor
delta_log.clearCache()
with ThreadPoolExecutor(max_workers=4) as pool:
    result = list(pool.map(lambda path: ${piece}, args))
`;
  const paths = names.map((name) => lake.path(name));
  return ((await spark.execute(code, paths)) as string[][]).map((lines) => lines.toSorted());
}

/** Changes of tables from their first version, as Spark tells them, without times. */
const sparkChanges = (names: readonly string[]): Promise<readonly (readonly string[])[]> =>
  sparkLines(
    names,
    `[json.dumps([r["_commit_version"], r["_change_type"], r["id"], r["part"], r["n"]])
        for r in spark.read.option("readChangeFeed", "true").option("startingVersion", 0).format("delta").load(path).collect()]`,
  );

async function ourChanges(name: string): Promise<readonly string[]> {
  const table = await lake.session.deltaTableAt(lake.path(name));
  const found: string[] = [];
  for await (const row of table.changes({ from: 0 })) {
    const version = Number(row["_commit_version"]);
    const [id, part, n] = [row["id"], row["part"], row["n"]].map((value) => (value === null ? null : Number(value)));
    found.push(`[${version}, "${String(row["_change_type"])}", ${id}, ${part}, ${n}]`);
  }
  return found.toSorted();
}

/** Row ids and commit versions of tables as Spark sees them. */
const sparkRowIds = (names: readonly string[]): Promise<readonly (readonly string[])[]> =>
  sparkLines(
    names,
    `[f"{r['id']} {r['r']} {r['v']}" for r in spark.read.format("delta").load(path)
        .selectExpr("id", "_metadata.row_id AS r", "_metadata.row_commit_version AS v").collect()]`,
  );

/** The same as we see them. */
async function ourRowIds(name: string): Promise<readonly string[]> {
  const path = lake.path(name).replaceAll("`", "``");
  const answer = await lake.session.sql(
    `SELECT id, _metadata.row_id AS r, _metadata.row_commit_version AS v FROM delta.\`${path}\``,
  );
  return (await answer.collect()).map(({ id, r, v }) => [id, r, v].map(String).join(" ")).toSorted();
}

/** Every version of tables as Spark reads it, in one request. */
async function sparkVersions(names: readonly string[]): Promise<readonly (readonly PeerVersion[])[]> {
  const counts: number[] = [];
  for (const name of names) counts.push((await lake.version(name)) + 1);
  const reads = names.flatMap((name, index) =>
    Array.from({ length: counts[index] ?? 0 }, (_, version) => ({ path: lake.path(name), version })),
  );
  const found = await spark.readMany(reads);
  let first = 0;
  return counts.map((count) => found.slice(first, (first += count)));
}

/** Every version, as all three read it. */
async function expectEqualVersions(name: string, theirs: readonly PeerVersion[]): Promise<void> {
  expect(theirs.length).toBe((await lake.version(name)) + 1);
  const numbers = theirs.map((_, version) => version);
  const known = await deltars.readVersions(lake.path(name), numbers);
  for (const at of numbers) {
    expect([at, await lake.rows(name, { version: at })]).toEqual([at, theirs[at]?.rows]);
    expect([at, sorted(known[at]?.rows ?? [])]).toEqual([at, theirs[at]?.rows]);
  }
}

const rows = (from: number, to: number): readonly Record<string, unknown>[] =>
  Array.from({ length: to - from }, (_, index) => ({ id: BigInt(from + index), part: (from + index) % 2, n: 0n }));

const columns = "id BIGINT, part INT, n BIGINT";

interface Features {
  readonly vectors: boolean;
  readonly tracking: boolean;
  readonly partitionBy: readonly string[];
}

const combinations: readonly Features[] = [
  { vectors: true, tracking: false, partitionBy: [] },
  { vectors: false, tracking: true, partitionBy: ["part"] },
  { vectors: true, tracking: true, partitionBy: ["part"] },
];

const propertiesOf = ({ vectors, tracking }: Features): Readonly<Record<string, string>> => ({
  "delta.enableDeletionVectors": String(vectors),
  "delta.enableRowTracking": String(tracking),
  "delta.enableChangeDataFeed": "true",
  "delta.checkpointInterval": "4",
});

type Step = readonly [ours: (table: DeltaTable) => Promise<unknown>, theirs: string];

/** The same changes in both tongues. */
const steps: readonly Step[] = [
  [(t) => t.append(rows(0, 20)), "INSERT INTO {t} SELECT id, CAST(id % 2 AS INT), 0 FROM range(0, 20)"],
  [(t) => t.append(rows(20, 30)), "INSERT INTO {t} SELECT id, CAST(id % 2 AS INT), 0 FROM range(20, 30)"],
  [(t) => t.delete("id IN (3, 4, 21)"), "DELETE FROM {t} WHERE id IN (3, 4, 21)"],
  [(t) => t.delete("id > 5 AND id < 9"), "DELETE FROM {t} WHERE id > 5 AND id < 9"],
  [(t) => t.update({ where: "id % 5 = 0", set: { n: "n + id" } }), "UPDATE {t} SET n = n + id WHERE id % 5 = 0"],
  [(t) => t.delete("id >= 20"), "DELETE FROM {t} WHERE id >= 20"],
  [
    (t) => t.overwrite(rows(10, 12), { where: "id >= 10 AND id < 13" }),
    "INSERT INTO {t} REPLACE WHERE id >= 10 AND id < 13 SELECT id, CAST(id % 2 AS INT), 0 FROM range(10, 12)",
  ],
  [
    (t) =>
      t
        .merge(rows(8, 12), "target.id = source.id")
        .whenMatchedDelete({ condition: "target.id = 9" })
        .whenMatchedUpdate({ set: { n: "target.n + 100" } })
        .whenNotMatchedInsertAll()
        .execute(),
    "MERGE INTO {t} AS t USING (SELECT id, CAST(id % 2 AS INT) AS part, CAST(0 AS BIGINT) AS n FROM range(8, 12)) AS s ON t.id = s.id WHEN MATCHED AND t.id = 9 THEN DELETE WHEN MATCHED THEN UPDATE SET n = t.n + 100 WHEN NOT MATCHED THEN INSERT *",
  ],
  [(t) => t.update({ set: { n: "n * 2" } }), "UPDATE {t} SET n = n * 2"],
];

/** Who made a table and who changes it: both in turns, or we alone. */
const makers = ["us", "Spark", "us alone"] as const;

interface Case {
  readonly name: string;
  readonly features: Features;
  readonly maker: (typeof makers)[number];
}

const cases: readonly Case[] = combinations.flatMap((features) =>
  makers.map((maker) => ({ name: `${maker} ${JSON.stringify(features).replaceAll(/\W/g, "")}`, features, maker })),
);

const isOurs = ({ maker }: Case, step: number): boolean =>
  maker === "us alone" || (step % 2 === 0) === (maker === "us");

const propertiesSql = (properties: Readonly<Record<string, string>>): string =>
  Object.entries(properties)
    .map(([key, value]) => `'${key}' = '${value}'`)
    .join(", ");

function creation({ partitionBy, ...features }: Features): string {
  const partitions = partitionBy.length === 0 ? "" : `PARTITIONED BY (${partitionBy.join(", ")})`;
  const properties = propertiesSql(propertiesOf({ partitionBy, ...features }));
  return `CREATE TABLE {t} (${columns}) USING delta ${partitions} TBLPROPERTIES (${properties})`;
}

async function changeOurs(step: number, ours: Step[0]): Promise<void> {
  for (const each of cases) if (isOurs(each, step)) await ours(await lake.session.deltaTableAt(lake.path(each.name)));
}

describe("tables with deletion vectors, row tracking and change data feed", () => {
  let versions: readonly (readonly PeerVersion[])[];
  let changes: readonly (readonly string[])[];
  let ids: ReadonlyMap<string, readonly string[]>;

  // All tables at once: Spark takes seconds for a statement over one, and hardly more for many.
  beforeAll(async () => {
    for (const { name, features, maker } of cases)
      if (maker !== "Spark")
        await lake.create(name, {
          schema: columns,
          partitionBy: features.partitionBy,
          properties: propertiesOf(features),
        });
    const theirs = cases.filter(({ maker }) => maker === "Spark");
    await spark.runTables(
      theirs.map(({ name, features }) => ({ path: lake.path(name), statements: [creation(features)] })),
    );
    for (const [step, [ours, statement]] of steps.entries()) {
      const due = cases.filter((each) => !isOurs(each, step));
      const run = spark.runTables(due.map(({ name }) => ({ path: lake.path(name), statements: [statement] })));
      await Promise.all([run, changeOurs(step, ours)]);
    }
    const names = cases.map(({ name }) => name);
    const tracked = cases.filter(({ features }) => features.tracking).map(({ name }) => name);
    versions = await sparkVersions(names);
    changes = await sparkChanges(names);
    const found = await sparkRowIds(tracked);
    ids = new Map(tracked.map((name, index) => [name, found[index] ?? []]));
  });

  test.each(cases)("made and changed by $maker with $features have equal rows, changes and ids", async (each) => {
    const index = cases.indexOf(each);
    expect(versions[index]?.length).toBe(steps.length + 1);
    await expectEqualVersions(each.name, versions[index] ?? []);
    expect(await ourChanges(each.name)).toEqual(changes[index]);
    if (each.features.tracking) expect(await ourRowIds(each.name)).toEqual(ids.get(each.name));
  });
});

test("rows keep their ids through our deletes and updates, as Spark reads them", async () => {
  const name = "ids";
  const table = await lake.create(name, {
    schema: columns,
    properties: { "delta.enableRowTracking": "true", "delta.enableDeletionVectors": "false" },
  });
  await table.append(rows(0, 4));
  await table.delete("id = 1");
  await table.update({ where: "id = 2", set: { n: "7" } });
  expect(await sparkRowIds([name])).toEqual([["0 0 1", "2 2 3", "3 3 1"]]);
  await sparkSql(name, "INSERT INTO {t} VALUES (9, 1, 0)");
  await table.delete("id = 3");
  const [ids = []] = await sparkRowIds([name]);
  expect(await ourRowIds(name)).toEqual(ids);
  expect(ids.slice(0, 2)).toEqual(["0 0 1", "2 2 3"]);
  expect(new Set(ids.map((line) => line.split(" ")[1])).size).toBe(3);
});

const ruled = `id BIGINT, twice BIGINT GENERATED ALWAYS AS (id * 2), state STRING DEFAULT 'new', n BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 10 INCREMENT BY 10)`;
const ruledRows = (count: number): readonly PeerRow[] =>
  Array.from({ length: count }, (_, id) => ({
    id: String(id),
    n: String((id + 1) * 10),
    state: "new",
    twice: String(id * 2),
  }));

test.each(["us", "Spark"])("a table with rules for its columns, made by %s, is written by both", async (maker) => {
  const name = `rules ${maker}`;
  const features = { "delta.feature.allowColumnDefaults": "supported", "delta.constraints.small": "id < 100" };
  if (maker === "us") await lake.create(name, { schema: ruled, properties: features });
  else {
    await sparkSql(name, `CREATE TABLE {t} (${ruled}) USING delta TBLPROPERTIES (${propertiesSql(features)})`);
  }
  for (let id = 0; id < 6; id += 1) {
    if (id % 2 === 0) await (await lake.session.deltaTableAt(lake.path(name))).append([{ id: BigInt(id) }]);
    else await sparkSql(name, `INSERT INTO {t} (id) VALUES (${id})`);
  }
  const [theirs = []] = await sparkVersions([name]);
  await expectEqualVersions(name, theirs);
  expect(await lake.rows(name)).toEqual(ruledRows(6));
  await expect(sparkSql(name, "INSERT INTO {t} (id) VALUES (100)")).rejects.toThrow("small");
  await expect((await lake.session.deltaTableAt(lake.path(name))).append([{ id: 100n }])).rejects.toThrow("small");
  await expect(sparkSql(name, "INSERT INTO {t} (id) VALUES (NULL)")).rejects.toThrow("small");
});
