// Table features that live in protocol, metadata and layout: tables that one engine makes and the others go on with.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CreateTableOptions } from "../../src/index.ts";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import type { PeerRow, PeerVersion } from "./peer.ts";

const spark = sharedPeer("spark");
const deltars = sharedPeer("deltars");
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

/** Statements over one table; `{t}` stands for it. */
function inSpark(name: string, ...statements: readonly string[]): Promise<void> {
  return spark.runTables([{ path: lake.path(name), statements }]);
}

const idOf = (rows: readonly PeerRow[]): readonly string[] => rows.map((row) => row["id"] as string).toSorted();

async function sparkIds(name: string): Promise<readonly string[]> {
  return idOf(await spark.read({ path: lake.path(name) }));
}

interface Feature {
  readonly name: string;
  readonly columns: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly partitionBy?: readonly string[];
  readonly clusterBy?: readonly string[];
  /** delta-rs has the feature, too. */
  readonly isInDeltaRs?: boolean;
}

const columns = "id BIGINT, day STRING, s STRUCT<x: INT, t: STRING>";
const features: readonly Feature[] = [
  {
    name: "columnMapping by name",
    columns,
    properties: { "delta.columnMapping.mode": "name" },
    partitionBy: ["day"],
    isInDeltaRs: true,
  },
  {
    name: "columnMapping by id",
    columns,
    properties: { "delta.columnMapping.mode": "id" },
    partitionBy: ["day"],
    isInDeltaRs: true,
  },
  { name: "timestampNtz", columns: `${columns}, at TIMESTAMP_NTZ`, properties: {}, isInDeltaRs: true },
  { name: "typeWidening", columns, properties: { "delta.enableTypeWidening": "true" } },
  { name: "inCommitTimestamp", columns, properties: { "delta.enableInCommitTimestamps": "true" }, isInDeltaRs: true },
  {
    name: "v2Checkpoint",
    columns,
    properties: { "delta.checkpointPolicy": "v2" },
    partitionBy: ["day"],
    isInDeltaRs: true,
  },
  { name: "domainMetadata", columns, properties: { "delta.feature.domainMetadata": "supported" }, isInDeltaRs: true },
  { name: "clustering", columns, properties: {}, clusterBy: ["id", "s.x"], isInDeltaRs: true },
  {
    name: "clustering with mapping",
    columns,
    properties: { "delta.columnMapping.mode": "name" },
    clusterBy: ["s.x"],
    isInDeltaRs: true,
  },
  { name: "vacuumProtocolCheck", columns, properties: { "delta.feature.vacuumProtocolCheck": "supported" } },
  {
    name: "icebergCompatV1",
    columns,
    properties: { "delta.enableIcebergCompatV1": "true", "delta.columnMapping.mode": "name" },
    isInDeltaRs: true,
    partitionBy: ["day"],
  },
  {
    name: "icebergCompatV2",
    columns: `${columns}, m MAP<STRING, ARRAY<INT>>`,
    properties: { "delta.enableIcebergCompatV2": "true", "delta.columnMapping.mode": "name" },
    isInDeltaRs: true,
    partitionBy: ["day"],
  },
  {
    name: "materializePartitionColumns",
    columns,
    properties: { "delta.enableMaterializePartitionColumnsFeature": "true" },
    isInDeltaRs: true,
    partitionBy: ["day"],
  },
  {
    name: "several",
    columns: `${columns}, at TIMESTAMP_NTZ`,
    properties: {
      "delta.columnMapping.mode": "name",
      "delta.enableTypeWidening": "true",
      "delta.enableInCommitTimestamps": "true",
      "delta.checkpointPolicy": "v2",
      "delta.feature.domainMetadata": "supported",
    },
    partitionBy: ["day"],
  },
];

const everySecond = { "delta.checkpointInterval": "2" };

function optionsOf({ columns: schema, properties, partitionBy = [], clusterBy = [] }: Feature): CreateTableOptions {
  return { schema, properties: { ...everySecond, ...properties }, partitionBy, clusterBy };
}

function sparkDdl({ columns: schema, properties, partitionBy, clusterBy }: Feature): string {
  const all = Object.entries({ "delta.enableDeletionVectors": "false", ...everySecond, ...properties });
  const settings = all.map(([key, value]) => `'${key}' = '${value}'`).join(", ");
  const layout =
    partitionBy !== undefined
      ? `PARTITIONED BY (${partitionBy.join(", ")})`
      : clusterBy !== undefined
        ? `CLUSTER BY (${clusterBy.join(", ")})`
        : "";
  return `CREATE TABLE {t} (${schema}) USING delta ${layout} TBLPROPERTIES (${settings})`;
}

const ourRow = (id: number): Record<string, unknown> => ({
  id: BigInt(id),
  day: `d${id % 2}`,
  s: { x: id, t: `t${id}` },
});
const insert = (id: number): string =>
  `INSERT INTO {t} (id, day, s) VALUES (${id}, 'd${id % 2}', named_struct('x', ${id}, 't', 't${id}'))`;

/** The tables of all features at once: Spark takes seconds for one, and hardly more for many. */
async function eachInSpark(maker: string, statements: (feature: Feature) => readonly string[]): Promise<void> {
  await spark.runTables(
    features.map((feature) => ({ path: lake.path(`${maker} ${feature.name}`), statements: statements(feature) })),
  );
}

/** What Spark reads of each table, by name. */
async function sparkRows(maker: string): Promise<ReadonlyMap<string, readonly PeerRow[]>> {
  const found = await spark.readMany(features.map(({ name }) => ({ path: lake.path(`${maker} ${name}`) })));
  return new Map(features.map(({ name }, index) => [name, found[index]?.rows ?? []]));
}

describe("a table that Spark makes", () => {
  beforeAll(() => eachInSpark("spark", (feature) => [sparkDdl(feature), insert(1), insert(2), insert(3)]));

  test.each(features)("with $name is read, appended to, deleted from and checkpointed by us", async ({ name }) => {
    expect(idOf(await lake.rows(`spark ${name}`, { columns: ["id"] }))).toEqual(["1", "2", "3"]);
    const table = await lake.session.deltaTableAt(lake.path(`spark ${name}`));
    await table.append([ourRow(4), ourRow(5)]);
    await table.delete("s.x = 2");
    await table.append([ourRow(6)]);
  });

  describe("and that we went on with", () => {
    let theirs: ReadonlyMap<string, readonly PeerRow[]>;
    beforeAll(async () => {
      theirs = await sparkRows("spark");
    });

    test.each(features)("with $name is read by Spark", ({ name }) => {
      expect(idOf(theirs.get(name) ?? [])).toEqual(["1", "3", "4", "5", "6"]);
    });
  });

  describe("and that both went on with", () => {
    let theirs: ReadonlyMap<string, readonly PeerRow[]>;
    beforeAll(async () => {
      await eachInSpark("spark", () => [insert(7), "DELETE FROM {t} WHERE s.x = 5"]);
      theirs = await sparkRows("spark");
    });

    test.each(features)("with $name is the same for both", async ({ name }) => {
      expect(await lake.rows(`spark ${name}`)).toEqual(theirs.get(name));
      expect(idOf(await lake.rows(`spark ${name}`))).toEqual(["1", "3", "4", "6", "7"]);
    });
  });
});

describe("a table that we make", () => {
  test.each(features)("with $name takes appends and deletes", async (feature) => {
    const table = await lake.create(`ours ${feature.name}`, optionsOf(feature));
    await table.append([ourRow(1), ourRow(2)]);
    await table.append([ourRow(3)]);
    await table.delete("s.x = 2");
    await table.append([ourRow(4)]);
    expect(table.version).toBe(4);
  });

  describe("and that is there", () => {
    const versions = [undefined, 1, 2, 3, 4];
    let theirs: readonly PeerVersion[];
    beforeAll(async () => {
      const paths = features.map(({ name }) => lake.path(`ours ${name}`));
      const reads = paths.flatMap((path) =>
        versions.map((version) => (version === undefined ? { path } : { path, version })),
      );
      theirs = await spark.readMany(reads);
    });

    test.each(features)("with $name is read by Spark, at each of its versions", async (feature) => {
      const first = features.indexOf(feature) * versions.length;
      for (const [index, version] of versions.entries()) {
        const ours = await lake.rows(`ours ${feature.name}`, version === undefined ? {} : { version });
        expect(theirs[first + index]?.rows).toEqual(ours);
      }
    });
  });

  describe("and that Spark went on with", () => {
    let theirs: ReadonlyMap<string, readonly PeerRow[]>;
    beforeAll(async () => {
      await eachInSpark("ours", () => [insert(5), insert(6), "DELETE FROM {t} WHERE s.x = 1"]);
      for (const { name } of features)
        await (await lake.session.deltaTableAt(lake.path(`ours ${name}`))).append([ourRow(7)]);
      await eachInSpark("again", (feature) => [sparkDdl(feature)]);
      theirs = await sparkRows("ours");
    });

    test.each(features)("with $name is the same for all, and has the protocol that Spark gives it", async (feature) => {
      const name = `ours ${feature.name}`;
      expect(idOf(theirs.get(feature.name) ?? [])).toEqual(["3", "4", "5", "6", "7"]);
      expect(await lake.rows(name)).toEqual(theirs.get(feature.name));
      const { protocol } = await lake.session.deltaTableAt(lake.path(name));
      const sparks = (await lake.session.deltaTableAt(lake.path(`again ${feature.name}`))).protocol;
      expect(new Set(protocol.writerFeatures)).toEqual(new Set(sparks.writerFeatures));
      expect([protocol.minReaderVersion, protocol.minWriterVersion]).toEqual([
        sparks.minReaderVersion,
        sparks.minWriterVersion,
      ]);
      if (feature.isInDeltaRs === true)
        expect(idOf(await deltars.read({ path: lake.path(name) }))).toEqual(["3", "4", "5", "6", "7"]);
    });
  });
});

test("thirty commits by us and by Spark in turns, with checkpoints by both, give both the same rows", async () => {
  const name = "in turns";
  const several = features.find((feature) => feature.name === "several");
  if (several === undefined) throw new Error("no table with several features");
  const table = await lake.create(name, {
    ...optionsOf(several),
    properties: { ...several.properties, "delta.checkpointInterval": "3" },
  });
  const expected = new Set<string>();
  for (let turn = 1; turn <= 15; turn += 1) {
    expected.add(String(turn)).add(String(turn + 100));
    const gone = turn % 5 === 0 ? turn - 1 : null;
    const statements = [insert(turn + 100), ...(gone === null ? [] : [`DELETE FROM {t} WHERE s.x = ${gone + 100}`])];
    await inSpark(name, ...statements);
    await table.append([ourRow(turn)]);
    if (gone === null) continue;
    await table.delete(`s.x = ${gone}`);
    expected.delete(String(gone));
    expected.delete(String(gone + 100));
    expect(await sparkIds(name)).toEqual([...expected].toSorted());
    expect(idOf(await lake.rows(name))).toEqual([...expected].toSorted());
  }
  expect(table.version).toBeGreaterThanOrEqual(30);
  const checkpoints = lake.log(name).filter((file) => /\.checkpoint\.[0-9a-f-]{36}\./u.test(file));
  expect(checkpoints.length).toBeGreaterThan(8);
  // The newest checkpoint stands for all commits before it.
  const newest = Math.max(...checkpoints.map((file) => Number(file.slice(0, 20))));
  lake.forgetBefore(name, newest);
  expect(idOf(await lake.rows(name))).toEqual([...expected].toSorted());
  expect(await sparkIds(name)).toEqual([...expected].toSorted());
});
