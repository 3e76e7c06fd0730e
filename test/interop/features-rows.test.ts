// Tables with deletion vectors, change data feed, row tracking, CHECK constraints, generated, default and identity columns: begun by us
// and continued by Spark, and the other way round; equal rows at every version, equal changes, equal row ids.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeltaTable } from "../../src/index.ts";
import { Lake } from "./lake.ts";
import { type PeerRow, sharedPeer } from "./peer.ts";
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
  const code = "delta_log.clearCache()\nspark.sql(args['statement'].replace('{t}', quoted(args['path'])))";
  await spark.execute(code, { path: lake.path(name), statement });
}

/** Changes of a table as Spark tells them, without times. */
async function sparkChanges(name: string, from: number): Promise<readonly string[]> {
  const code = `
delta_log.clearCache()
frame = spark.read.option("readChangeFeed", "true").option("startingVersion", args["from"]).format("delta").load(args["path"])
result = [json.dumps([r["_commit_version"], r["_change_type"], r["id"], r["part"], r["n"]]) for r in frame.collect()]
`;
  return ((await spark.execute(`import json\n${code}`, { path: lake.path(name), from })) as string[]).toSorted();
}

async function ourChanges(name: string, from: number): Promise<readonly string[]> {
  const table = await lake.session.deltaTableAt(lake.path(name));
  const found: string[] = [];
  for await (const row of table.changes({ from })) {
    const version = Number(row["_commit_version"]);
    const [id, part, n] = [row["id"], row["part"], row["n"]].map((value) => (value === null ? null : Number(value)));
    found.push(`[${version}, "${String(row["_change_type"])}", ${id}, ${part}, ${n}]`);
  }
  return found.toSorted();
}

/** Row ids and commit versions as Spark sees them. */
async function sparkRowIds(name: string): Promise<readonly string[]> {
  const code = `
delta_log.clearCache()
frame = spark.read.format("delta").load(args).selectExpr("id", "_metadata.row_id AS r", "_metadata.row_commit_version AS v")
result = [f"{row['id']} {row['r']} {row['v']}" for row in frame.collect()]
`;
  return ((await spark.execute(code, lake.path(name))) as string[]).toSorted();
}

/** The same as we see them. */
async function ourRowIds(name: string): Promise<readonly string[]> {
  const path = lake.path(name).replaceAll("`", "``");
  const answer = await lake.session.sql(
    `SELECT id, _metadata.row_id AS r, _metadata.row_commit_version AS v FROM delta.\`${path}\``,
  );
  return (await answer.collect()).map(({ id, r, v }) => [id, r, v].map(String).join(" ")).toSorted();
}

/** Every version, as both read it. */
async function expectEqualVersions(name: string): Promise<void> {
  const version = await lake.version(name);
  const numbers = Array.from({ length: version + 1 }, (_, index) => index);
  const theirs = await spark.readVersions(lake.path(name), numbers);
  for (const at of numbers) expect([at, await lake.rows(name, { version: at })]).toEqual([at, theirs[at]?.rows]);
  const known = await deltars.readVersions(lake.path(name), numbers);
  for (const at of numbers) expect([at, sorted(known[at]?.rows ?? [])]).toEqual([at, theirs[at]?.rows]);
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

describe.each(combinations)("with %o", (features) => {
  test.each(["us", "Spark"])("a table made by %s and changed in turns has equal rows and changes", async (maker) => {
    const name = `turns ${maker} ${JSON.stringify(features).replaceAll(/\W/g, "")}`;
    const properties = propertiesOf(features);
    if (maker === "us") await lake.create(name, { schema: columns, partitionBy: features.partitionBy, properties });
    else {
      const list = Object.entries(properties).map(([key, value]) => `'${key}' = '${value}'`);
      const partitions = features.partitionBy.length === 0 ? "" : "PARTITIONED BY (part)";
      await sparkSql(
        name,
        `CREATE TABLE {t} (${columns}) USING delta ${partitions} TBLPROPERTIES (${list.join(", ")})`,
      );
    }
    for (const [index, [ours, theirs]] of steps.entries()) {
      if (index % 2 === (maker === "us" ? 0 : 1)) await ours(await lake.session.deltaTableAt(lake.path(name)));
      else await sparkSql(name, theirs);
    }
    await expectEqualVersions(name);
    expect(await ourChanges(name, 0)).toEqual(await sparkChanges(name, 0));
    if (features.tracking) expect(await ourRowIds(name)).toEqual(await sparkRowIds(name));
  });

  test("each operation of ours is read by Spark", async () => {
    const name = `ours ${JSON.stringify(features).replaceAll(/\W/g, "")}`;
    const table = await lake.create(name, {
      schema: columns,
      partitionBy: features.partitionBy,
      properties: propertiesOf(features),
    });
    for (const [ours] of steps) await ours(table);
    await expectEqualVersions(name);
    expect(await sparkChanges(name, 0)).toEqual(await ourChanges(name, 0));
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
  expect(await sparkRowIds(name)).toEqual(["0 0 1", "2 2 3", "3 3 1"]);
  await sparkSql(name, "INSERT INTO {t} VALUES (9, 1, 0)");
  await table.delete("id = 3");
  const ids = await sparkRowIds(name);
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
    const list = Object.entries(features).map(([key, value]) => `'${key}' = '${value}'`);
    await sparkSql(name, `CREATE TABLE {t} (${ruled}) USING delta TBLPROPERTIES (${list.join(", ")})`);
  }
  for (let id = 0; id < 6; id += 1) {
    if (id % 2 === 0) await (await lake.session.deltaTableAt(lake.path(name))).append([{ id: BigInt(id) }]);
    else await sparkSql(name, `INSERT INTO {t} (id) VALUES (${id})`);
  }
  await expectEqualVersions(name);
  expect(await lake.rows(name)).toEqual(ruledRows(6));
  await expect(sparkSql(name, "INSERT INTO {t} (id) VALUES (100)")).rejects.toThrow("small");
  await expect((await lake.session.deltaTableAt(lake.path(name))).append([{ id: 100n }])).rejects.toThrow("small");
  await expect(sparkSql(name, "INSERT INTO {t} (id) VALUES (NULL)")).rejects.toThrow("small");
});
