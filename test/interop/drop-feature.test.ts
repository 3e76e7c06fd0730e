// ALTER TABLE … DROP FEATURE: what we leave behind is read and gone on with by Spark, version by version, and by delta-rs where it could
// not read the table before; what Spark leaves behind by us. Both end with the same protocol.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import type { PeerRow, PeerVersion } from "./peer.ts";
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

interface Case {
  readonly feature: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Uses the feature. */
  readonly use?: string;
}

const cases: readonly Case[] = [
  {
    feature: "deletionVectors",
    properties: { "delta.enableDeletionVectors": "true" },
    use: "DELETE FROM {t} WHERE id = 2",
  },
  {
    feature: "columnMapping",
    properties: { "delta.columnMapping.mode": "name" },
    use: "ALTER TABLE {t} RENAME COLUMN n TO m",
  },
  {
    feature: "typeWidening",
    properties: { "delta.enableTypeWidening": "true" },
    use: "ALTER TABLE {t} ALTER COLUMN n TYPE BIGINT",
  },
  { feature: "v2Checkpoint", properties: { "delta.checkpointPolicy": "v2", "delta.checkpointInterval": "2" } },
  { feature: "vacuumProtocolCheck", properties: { "delta.feature.vacuumProtocolCheck": "supported" } },
  { feature: "inCommitTimestamp", properties: { "delta.enableInCommitTimestamps": "true" } },
  { feature: "checkConstraints", properties: { "delta.feature.checkConstraints": "supported" } },
  { feature: "rowTracking", properties: { "delta.enableRowTracking": "true" } },
  { feature: "domainMetadata", properties: { "delta.feature.domainMetadata": "supported" } },
];

const create = (properties: Readonly<Record<string, string>>): string => {
  const all = { "delta.enableDeletionVectors": "false", ...properties };
  const settings = Object.entries(all).map(([key, value]) => `'${key}' = '${value}'`);
  return `CREATE TABLE {t} (id BIGINT, n INT) USING delta TBLPROPERTIES (${settings.join(", ")})`;
};
const fill = ["INSERT INTO {t} VALUES (1, 1), (2, 2)", "INSERT INTO {t} VALUES (3, 3)"];

async function protocolOf(name: string): Promise<unknown> {
  const { protocol } = await lake.session.deltaTableAt(lake.path(name));
  const { minReaderVersion, minWriterVersion, readerFeatures = [], writerFeatures = [] } = protocol;
  return [minReaderVersion, minWriterVersion, new Set(readerFeatures), new Set(writerFeatures)];
}

const [ours, theirs] = [(one: Case) => `ours ${one.feature}`, (one: Case) => `theirs ${one.feature}`];

/** The tables of all cases at once: Spark takes seconds for one, and hardly more for many. */
async function inSpark(name: (one: Case) => string, statements: (one: Case) => readonly string[]): Promise<void> {
  await spark.runTables(cases.map((one) => ({ path: lake.path(name(one)), statements: statements(one) })));
}

const begin = ({ properties, use }: Case): readonly string[] => [
  create(properties),
  ...fill,
  ...(use === undefined ? [] : [use]),
];

/** Of our tables before and after the feature is dropped. */
const versions = new Map<string, readonly number[]>();

test("features are dropped by us and by Spark", async () => {
  await inSpark(ours, begin);
  await inSpark(theirs, (one) => [...begin(one), `ALTER TABLE {t} DROP FEATURE ${one.feature}`]);
  for (const one of cases) {
    const table = await lake.session.deltaTableAt(lake.path(ours(one)));
    const before = table.version;
    await table.dropFeatureSupport(one.feature);
    versions.set(one.feature, [before, table.version]);
  }
});

describe("without the feature", () => {
  const read = new Map<string, readonly PeerRow[]>();
  beforeAll(async () => {
    const asked = cases.flatMap((one) =>
      (versions.get(one.feature) ?? []).map((version) => ({ path: lake.path(ours(one)), version })),
    );
    const found = await spark.readMany(asked);
    for (const [index, { path, version }] of asked.entries()) read.set(`${path} ${version}`, found[index]?.rows ?? []);
  });

  test.each(cases)("$feature a table of ours is that of Spark's, and its versions are read by both", async (one) => {
    expect(await protocolOf(ours(one))).toEqual(await protocolOf(theirs(one)));
    for (const version of versions.get(one.feature) ?? [])
      expect(await lake.rows(ours(one), { version })).toEqual(read.get(`${lake.path(ours(one))} ${version}`));
    expect(await lake.rows(ours(one))).toEqual(await lake.rows(theirs(one)));
    const known = sorted(await deltars.read({ path: lake.path(ours(one)) }));
    expect(known).toEqual(await lake.rows(ours(one)));
  });
});

describe("gone on with by Spark where we dropped the feature, and by us where Spark did, a table that had", () => {
  let found: readonly PeerVersion[];
  beforeAll(async () => {
    await inSpark(ours, () => ["INSERT INTO {t} VALUES (7, 7)", "DELETE FROM {t} WHERE id = 1"]);
    for (const one of cases) {
      const other = await lake.session.deltaTableAt(lake.path(theirs(one)));
      await other.append([{ id: 7n }]);
      await other.delete("id = 1");
    }
    found = await spark.readMany(cases.map((one) => ({ path: lake.path(theirs(one)) })));
  });

  test.each(cases)("$feature is the same for both", async (one) => {
    const rows = found[cases.indexOf(one)]?.rows ?? [];
    expect(await lake.rows(theirs(one))).toEqual(rows);
    expect((await lake.rows(ours(one))).map((row) => row["id"])).toEqual(rows.map((row) => row["id"]));
  });
});
