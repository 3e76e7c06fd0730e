// Tables of Spark that need more than reader version 1 and writer version 2: each read, and written so that Spark reads it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";

const spark = sharedPeer("spark");
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

/** A table that is made by `columns` and `properties`, with one row. */
async function sparkTable(name: string, columns: string, properties: string): Promise<void> {
  await spark.execute(
    `
delta_log.clearCache()
spark.sql(f"CREATE TABLE {quoted(args['path'])} ({args['columns']}) USING delta TBLPROPERTIES ({args['properties']})")
`,
    { path: lake.path(name), columns, properties: `'delta.enableDeletionVectors' = 'false', ${properties}` },
  );
}

const readerFeatures = [
  ["deletionVectors", "id BIGINT", "'delta.feature.deletionVectors' = 'supported'"],
  ["columnMapping", "id BIGINT", "'delta.columnMapping.mode' = 'name'"],
  ["timestampNtz", "id BIGINT, at TIMESTAMP_NTZ", "'a' = 'b'"],
  ["v2Checkpoint", "id BIGINT", "'delta.checkpointPolicy' = 'v2'"],
  ["typeWidening", "id BIGINT", "'delta.enableTypeWidening' = 'true'"],
  ["variantType", "id BIGINT, v VARIANT", "'a' = 'b'"],
  ["vacuumProtocolCheck", "id BIGINT", "'delta.feature.vacuumProtocolCheck' = 'supported'"],
] as const;

const writerFeatures = [
  ["changeDataFeed", "id BIGINT", "'delta.enableChangeDataFeed' = 'true'"],
  ["generatedColumns", "id BIGINT, twice BIGINT GENERATED ALWAYS AS (id * 2)", "'a' = 'b'"],
  ["identityColumns", "id BIGINT, n BIGINT GENERATED ALWAYS AS IDENTITY", "'a' = 'b'"],
  ["checkConstraints", "id BIGINT", "'delta.constraints.positive' = 'id > 0'"],
  ["allowColumnDefaults", "id BIGINT DEFAULT 7", "'delta.feature.allowColumnDefaults' = 'supported'"],
  ["rowTracking", "id BIGINT", "'delta.enableRowTracking' = 'true'"],
  ["inCommitTimestamp", "id BIGINT", "'delta.enableInCommitTimestamps' = 'true'"],
  ["domainMetadata", "id BIGINT", "'delta.feature.domainMetadata' = 'supported'"],
] as const;

/** A table of Spark's with the row 1. */
async function tableWith(feature: string, columns: string, properties: string): Promise<string> {
  const name = `with ${feature}`;
  await sparkTable(name, columns, properties);
  await spark.execute(
    "delta_log.clearCache()\nspark.sql(f'INSERT INTO {quoted(args)} (id) VALUES (1)')",
    lake.path(name),
  );
  expect(await lake.rows(name, { columns: ["id"] })).toEqual([{ id: "1" }]);
  return name;
}

test.each([...readerFeatures, ...writerFeatures])(
  "a table with feature %s is read, and written so that Spark reads it",
  async (feature, columns, properties) => {
    const name = await tableWith(feature, columns, properties);
    const table = await lake.session.deltaTableAt(lake.path(name));
    await table.append([{ id: 2n }, { id: 3n }]);
    await table.update({ where: "id = 2", set: { id: "4" } });
    await table.delete("id = 1");
    const expected = [{ id: "3" }, { id: "4" }];
    expect(await lake.rows(name, { columns: ["id"] })).toEqual(expected);
    expect(await spark.read({ path: lake.path(name), columns: ["id"] })).toEqual(expected);
  },
);
