// ALTER TABLE … DROP FEATURE: what we leave behind is read and gone on with by Spark, version by version, and by delta-rs where it could
// not read the table before; what Spark leaves behind by us. Both end with the same protocol.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
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

async function inSpark(name: string, ...statements: readonly string[]): Promise<void> {
  const code = `
delta_log.clearCache()
for statement in args['statements']:
    spark.sql(statement.replace('{t}', quoted(args['path'])))
`;
  await spark.execute(code, { path: lake.path(name), statements });
}

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

test.each(cases)("$feature", async ({ feature, properties, use }) => {
  const statements = [create(properties), ...fill, ...(use === undefined ? [] : [use])];
  const [ours, theirs] = [`ours ${feature}`, `theirs ${feature}`];
  await inSpark(ours, ...statements);
  await inSpark(theirs, ...statements, `ALTER TABLE {t} DROP FEATURE ${feature}`);

  const table = await lake.session.deltaTableAt(lake.path(ours));
  const before = table.version;
  await table.dropFeatureSupport(feature);
  expect(await protocolOf(ours)).toEqual(await protocolOf(theirs));
  const versions = [before, table.version];
  const read = await spark.readVersions(lake.path(ours), versions);
  for (const [index, version] of versions.entries())
    expect(await lake.rows(ours, { version })).toEqual(read[index]?.rows);
  expect(await lake.rows(ours)).toEqual(await lake.rows(theirs));
  if (feature !== "vacuumProtocolCheck")
    expect(sorted(await deltars.read({ path: lake.path(ours) }))).toEqual(await lake.rows(ours));

  await inSpark(ours, "INSERT INTO {t} VALUES (7, 7)", "DELETE FROM {t} WHERE id = 1");
  const other = await lake.session.deltaTableAt(lake.path(theirs));
  await other.append([{ id: 7n }]);
  await other.delete("id = 1");
  const rows = await spark.read({ path: lake.path(theirs) });
  expect(await lake.rows(theirs)).toEqual(rows);
  expect((await lake.rows(ours)).map((row) => row["id"])).toEqual(rows.map((row) => row["id"]));
});
