// test/table/layout-features.test.ts: features that say where values lie: icebergCompatV1 and icebergCompatV2,
// materializePartitionColumns, and times inside of commits (inCommitTimestamp).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sessionOver, sharedEngine } from "./life.ts";

const engine = sharedEngine();

type Properties = Readonly<Record<string, string>>;

function create(schema: string, properties: Properties, partitionBy: readonly string[] = []): Promise<DeltaTable> {
  return sessionOver(engine, temporaryFolder()).createTable("t", { schema, properties, partitionBy });
}

interface Line {
  readonly add?: { readonly path: string; readonly stats: string; readonly partitionValues: Record<string, string> };
  readonly commitInfo?: { readonly inCommitTimestamp?: number; readonly timestamp: number };
  readonly metaData?: { readonly configuration: Record<string, string> };
}

function lines(table: DeltaTable, version: number): readonly Line[] {
  const path = join(table.path, "_delta_log", `${String(version).padStart(20, "0")}.json`);
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

async function fileNames(table: DeltaTable, version: number): Promise<readonly string[]> {
  await using connection = await engine.sql.connect();
  const path = lines(table, version).find((line) => line.add !== undefined)?.add?.path ?? "";
  const rows = await connection.rows(
    `SELECT name FROM parquet_schema('${join(table.path, decodeURIComponent(path))}') OFFSET 1`,
  );
  return rows.map((row) => String(row["name"]));
}

describe("partition columns", () => {
  test.each([
    ["the feature materializePartitionColumns", { "delta.enableMaterializePartitionColumnsFeature": "true" }],
    ["the property delta.writePartitionColumnsToParquet", { "delta.writePartitionColumnsToParquet": "true" }],
  ] as const)("stand last in the files where %s asks for it, with their own values", async (_, properties) => {
    const table = await create("day STRING, id BIGINT, at TIMESTAMP", properties, ["day", "at"]);
    const at = new Date("2024-05-06T07:08:09.123Z");
    const rows = [
      { day: "a b~", id: 1n, at },
      { day: null, id: 2n, at },
    ];
    await table.append(rows);
    await table.append(rows.map((row) => ({ ...row, id: row.id + 2n })).concat([{ day: "a b~", id: 9n, at }]));
    await table.delete("id = 3");
    for (const version of [1, 3]) {
      expect(await fileNames(table, version)).toEqual(["id", "day", "at"]);
      const stats = JSON.parse(lines(table, version).find((line) => line.add)?.add?.stats ?? "{}") as {
        nullCount: object;
      };
      expect(Object.keys(stats.nullCount)).toEqual(["id"]);
    }
    await using connection = await engine.sql.connect();
    const inFiles = await connection.rows(
      `SELECT DISTINCT day FROM read_parquet('${table.path}/**/*.parquet', hive_partitioning = false) ORDER BY 1`,
    );
    expect(inFiles.map((row) => row["day"])).toEqual(["a b~", null]);
    const found: string[] = [];
    for await (const row of table.rows()) found.push((row["day"] as string | null) ?? "none");
    expect(found.toSorted()).toEqual(["a b~", "a b~", "none", "none"]);
  });

  test("stand in no file otherwise", async () => {
    const table = await create("day STRING, id BIGINT", {}, ["day"]);
    await table.append([{ day: "x", id: 1n }]);
    expect(await fileNames(table, 1)).toEqual(["id"]);
  });
});

test("CREATE TABLE takes the columns to cluster by, and REPLACE without them ends it (clustering)", async () => {
  const session = sessionOver(engine, temporaryFolder());
  await session.sql("CREATE TABLE t (id BIGINT, s STRUCT<x: INT>) CLUSTER BY (id, s.x)");
  const clustered = async (): Promise<unknown> =>
    JSON.parse((await (await session.deltaTable("t")).detail()).domainMetadata["delta.clustering"] ?? "{}") as object;
  expect(await clustered()).toMatchObject({ clusteringColumns: [["id"], ["s", "x"]] });
  const [detail] = await (await session.sql("DESCRIBE DETAIL t")).collect();
  expect(detail).toMatchObject({ clusteringColumns: ["id", "s.x"] });
  expect((await session.deltaTable("t")).protocol.writerFeatures).toEqual(
    expect.arrayContaining(["clustering", "domainMetadata"]),
  );
  await session.sql("CREATE OR REPLACE TABLE t AS SELECT 1 AS id");
  expect(await clustered()).toMatchObject({ clusteringColumns: [] });
});

describe("a table kept compatible with Iceberg", () => {
  test("maps its columns, numbers elements, keys and values, and keeps partition columns in files", async () => {
    const table = await create(
      "id BIGINT, m MAP<STRING, ARRAY<INT>>, day STRING",
      { "delta.enableIcebergCompatV2": "true" },
      ["day"],
    );
    expect(table.properties["delta.columnMapping.mode"]).toBe("name");
    expect(table.protocol.writerFeatures).toEqual(expect.arrayContaining(["columnMapping", "icebergCompatV2"]));
    const field = table.schema.fields[1];
    const physical = field?.metadata["delta.columnMapping.physicalName"] as string;
    expect(field?.metadata["delta.columnMapping.nested.ids"]).toEqual({
      [`${physical}.key`]: 4,
      [`${physical}.value`]: 5,
      [`${physical}.value.element`]: 6,
    });
    await table.append([{ id: 1n, m: new Map([["k", [1]]]), day: "x" }]);
    await table.append([
      { id: 2n, m: new Map([["k", [2]]]), day: "x" },
      { id: 3n, m: null, day: "x" },
    ]);
    await table.delete("id = 3");
    await using connection = await engine.sql.connect();
    for (const version of [1, 3]) {
      const path = lines(table, version).find((line) => line.add !== undefined)?.add?.path ?? "";
      const ids = await connection.rows(
        `SELECT field_id::INT AS id FROM parquet_schema('${join(table.path, decodeURIComponent(path))}') WHERE field_id IS NOT NULL ORDER BY 1`,
      );
      expect(ids.map((row) => row["id"])).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  test.each([
    ["icebergCompatV1", "a ARRAY<INT>", { "delta.enableIcebergCompatV1": "true" }],
    ["icebergCompatV2", "id INT", { "delta.enableIcebergCompatV2": "true", "delta.enableDeletionVectors": "true" }],
    ["both versions", "id INT", { "delta.enableIcebergCompatV1": "true", "delta.enableIcebergCompatV2": "true" }],
    ["no mapping", "id INT", { "delta.enableIcebergCompatV2": "true", "delta.columnMapping.mode": "none" }],
  ])("is not made against the rules: %s", async (_, schema, properties: Properties) => {
    await expect(create(schema, properties)).rejects.toMatchObject({ code: "DELTA_ICEBERG_COMPAT_VIOLATION" });
  });

  test("gets no change of type that Iceberg does not know, and no files from before", async () => {
    const table = await create("id INT, x INT", {
      "delta.enableIcebergCompatV2": "true",
      "delta.enableTypeWidening": "true",
    });
    await table.changeColumn("id", { type: "BIGINT" });
    await expect(table.changeColumn("x", { type: "DOUBLE" })).rejects.toMatchObject({
      code: "DELTA_ICEBERG_COMPAT_VIOLATION",
    });
    const plain = await create("id INT", { "delta.columnMapping.mode": "name" });
    await plain.append([{ id: 1 }]);
    await expect(plain.setProperties({ "delta.enableIcebergCompatV2": "true" })).rejects.toMatchObject({
      code: "DELTA_ICEBERG_COMPAT_VIOLATION",
    });
    await plain.delete();
    await plain.setProperties({ "delta.enableIcebergCompatV2": "true" });
  });
});

const own = (table: DeltaTable, version: number): number | undefined =>
  lines(table, version)[0]?.commitInfo?.inCommitTimestamp;

describe("times inside of commits", () => {
  test("stand first in every commit, each later than the last, also when the clock stands still", async () => {
    const clock = manualClock(1_700_000_000_000);
    const still: Engine = { ...engine, clock };
    const session = sessionOver(still, temporaryFolder());
    const table = await session.createTable("t", {
      schema: "id BIGINT",
      properties: { "delta.enableInCommitTimestamps": "true" },
    });
    for (let id = 1n; id <= 3n; id += 1n) await table.append([{ id }]);
    expect([0, 1, 2, 3].map((version) => own(table, version))).toEqual([0, 1, 2, 3].map((n) => 1_700_000_000_000 + n));
    expect(table.properties).toEqual({ "delta.enableInCommitTimestamps": "true" });
    const [newest] = await table.history(1);
    expect(newest?.timestamp).toBe(1_700_000_000_003);
  });

  test("that begin in the middle of a history say since when, and time travel goes by them", async () => {
    const table = await create("id BIGINT", {});
    await table.append([{ id: 1n }]);
    await table.setProperties({ "delta.enableInCommitTimestamps": "true" });
    const since = own(table, 2);
    expect(lines(table, 2).find((line) => line.metaData)?.metaData?.configuration).toEqual({
      "delta.enableInCommitTimestamps": "true",
      "delta.inCommitTimestampEnablementVersion": "2",
      "delta.inCommitTimestampEnablementTimestamp": String(since),
    });
    await table.append([{ id: 2n }]);
    expect(own(table, 3)).toBeGreaterThan(since ?? 0);
    await table.setProperties({ other: "x" });
    expect(table.properties["delta.inCommitTimestampEnablementVersion"]).toBe("2");
    const session = sessionOver(engine, "/");
    const at = await session.deltaTableAt(table.path, { timestamp: new Date(since ?? 0) });
    expect(at.version).toBe(2);
    await expect(table.unsetProperties(["delta.inCommitTimestampEnablementVersion"])).rejects.toMatchObject({
      code: "DELTA_ILLEGAL_OPTION",
    });
  });

  test("go on past a version that another writer won", async () => {
    const table = await create("id BIGINT", { "delta.enableInCommitTimestamps": "true" });
    const others = await Promise.all([1, 2, 3, 4].map(() => sessionOver(engine, "/").deltaTableAt(table.path)));
    await Promise.all(others.map((other, index) => other.append([{ id: BigInt(index) }])));
    await table.refresh();
    const times = [0, 1, 2, 3, 4].map((version) => own(table, version) ?? 0);
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  });
});
