// Checkpoints in parts, and of version 2 with several sidecars under JSON and Parquet: ours for Spark and delta-rs, Spark's for us.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

const spark = sharedPeer("spark");
const deltars = sharedPeer("deltars");

const partSize = "spark.databricks.delta.checkpoint.partSize";
const format = "spark.databricks.delta.checkpointV2.topLevelFileFormat";
const layouts = [
  {
    name: "in parts",
    policy: "classic",
    conf: { [partSize]: "4" },
    files: /\.checkpoint\.0{9}[123]\.0{9}3\.parquet$/,
    count: 3,
  },
  {
    name: "under JSON",
    policy: "v2",
    conf: { [partSize]: "4", [format]: "json" },
    files: /\.checkpoint\.[0-9a-f-]{36}\.json$/,
    count: 1,
  },
  {
    name: "under Parquet",
    policy: "v2",
    conf: { [partSize]: "4", [format]: "parquet" },
    files: /\.checkpoint\.[0-9a-f-]{36}\.parquet$/,
    count: 1,
  },
] as const;

const columns = "id BIGINT, part STRING";
const propertiesOf = (policy: string) => ({
  "delta.checkpointPolicy": policy,
  "delta.checkpointInterval": "10",
  "delta.enableDeletionVectors": "false",
});
const partOf = (id: number): string => `p ${id % 2}/ü`;

describe.each(layouts)("a checkpoint $name", ({ name, policy, conf, files, count }) => {
  test("that we write is enough for Spark and delta-rs", async () => {
    await using lake = await Lake.open(conf);
    const table = await lake.create(name, { schema: columns, partitionBy: ["part"], properties: propertiesOf(policy) });
    for (let id = 1; id <= 9; id += 1) await table.append([{ id: BigInt(id), part: partOf(id) }]);
    await table.delete("id = 3");
    await table.append([{ id: 20n, part: null }]);
    const expected = await lake.rows(name);
    // It is written beside the appends.
    const isWritten = (): void => expect(lake.log(name).filter((file) => files.test(file))).toHaveLength(count);
    await vi.waitFor(isWritten, { timeout: 60_000 });
    if (policy === "v2") expect(readdirSync(join(lake.path(name), "_delta_log", "_sidecars")).length).toBe(3);
    lake.forgetBefore(name, 10);
    expect(await lake.rows(name)).toEqual(expected);
    expect(expected).toHaveLength(9);
    for (const peer of [spark, deltars]) expect(sorted(await peer.read({ path: lake.path(name) }))).toEqual(expected);
  });

  test("that Spark writes is enough for us", async () => {
    await using lake = await Lake.open();
    const settings = Object.entries(propertiesOf(policy)).map(([key, value]) => `'${key}' = '${value}'`);
    const rows = Array.from({ length: 9 }, (_, index) => `(${index + 1}, '${partOf(index + 1)}')`);
    const statements = [
      `CREATE TABLE T (${columns}) USING delta PARTITIONED BY (part) TBLPROPERTIES (${settings.join(", ")})`,
      ...rows.map((row) => `INSERT INTO T VALUES ${row}`),
      "DELETE FROM T WHERE id = 3",
      "INSERT INTO T VALUES (20, NULL)",
    ];
    const code = `
delta_log.clearCache()
for key, value in args['conf'].items():
    spark.conf.set(key, value)
try:
    for statement in args['statements']:
        spark.sql(statement.replace(' T ', ' ' + quoted(args['path']) + ' '))
finally:
    for key in args['conf']:
        spark.conf.unset(key)
`;
    await spark.execute(code, { path: lake.path(name), statements, conf });
    const expected = sorted(await spark.read({ path: lake.path(name) }));
    expect(expected).toHaveLength(9);
    expect(lake.log(name).filter((file) => files.test(file))).toHaveLength(count);
    lake.forgetBefore(name, 10);
    expect(await lake.rows(name)).toEqual(expected);
  });
});
