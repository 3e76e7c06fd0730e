// test/table/drop-feature.test.ts: ALTER TABLE … DROP FEATURE: the table is freed of a feature, its rows stay, older versions stay readable.
// RFC "Checkpoint Protection".
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sharedEngine } from "./life.ts";

const engine = sharedEngine();
afterEach(() => engine.background.finish()); // checkpoints are written beside the commits

interface Case {
  readonly feature: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly protects: boolean;
  /** What makes use of the feature. */
  readonly use?: (table: DeltaTable) => Promise<unknown>;
}

const cases: readonly Case[] = [
  {
    feature: "deletionVectors",
    properties: { "delta.enableDeletionVectors": "true" },
    protects: true,
    use: (table) => table.delete("id = 2"),
  },
  {
    feature: "columnMapping",
    properties: { "delta.columnMapping.mode": "name" },
    protects: true,
    use: (table) => table.renameColumn("n", "m"),
  },
  {
    feature: "columnMapping",
    properties: { "delta.columnMapping.mode": "id", "delta.enableRowTracking": "true" },
    protects: true,
    use: (table) => table.renameColumn("s.x", "y"),
  },
  {
    feature: "typeWidening",
    properties: { "delta.enableTypeWidening": "true" },
    protects: true,
    use: (table) => table.changeColumn("n", { type: "BIGINT" }),
  },
  {
    feature: "v2Checkpoint",
    properties: { "delta.checkpointPolicy": "v2", "delta.checkpointInterval": "1" },
    protects: true,
  },
  { feature: "vacuumProtocolCheck", properties: { "delta.feature.vacuumProtocolCheck": "supported" }, protects: true },
  { feature: "inCommitTimestamp", properties: { "delta.enableInCommitTimestamps": "true" }, protects: false },
  { feature: "checkConstraints", properties: { "delta.feature.checkConstraints": "supported" }, protects: false },
  { feature: "rowTracking", properties: { "delta.enableRowTracking": "true" }, protects: false },
  { feature: "domainMetadata", properties: { "delta.feature.domainMetadata": "supported" }, protects: false },
  {
    feature: "materializePartitionColumns",
    properties: { "delta.enableMaterializePartitionColumnsFeature": "true" },
    protects: false,
  },
];

const row = (id: number): Record<string, unknown> => ({ id: BigInt(id), part: `p${id % 2}`, n: id, s: { x: id } });

async function made({ properties, use }: Pick<Case, "properties" | "use">): Promise<DeltaTable> {
  const session = Session.over(engine, { warehouse: temporaryFolder() });
  const schema = "id BIGINT, part STRING, n INT, s STRUCT<x: INT>";
  const table = await session.createTable("t", { schema, partitionBy: ["part"], properties });
  await table.append([row(1), row(2)]);
  await use?.(table);
  await table.append([{ id: 3n, part: "p1" }]);
  return table;
}

async function rows(table: DeltaTable): Promise<readonly unknown[]> {
  const found: Record<string, unknown>[] = [];
  for await (const one of table.rows()) found.push(one);
  return found.toSorted((a, b) => Number(a["id"]) - Number(b["id"]));
}

async function oldRows(table: DeltaTable, version: number): Promise<readonly unknown[]> {
  const session = Session.over(engine, { warehouse: temporaryFolder() });
  return rows(await session.deltaTableAt(table.path, { version }));
}

const features = ({ protocol }: DeltaTable): readonly string[] => [
  ...(protocol.readerFeatures ?? []),
  ...(protocol.writerFeatures ?? []),
];

const logNames = (table: DeltaTable): readonly string[] => readdirSync(join(table.path, "_delta_log")).toSorted();

describe.each(cases)("dropping $feature", (one) => {
  test("keeps all rows, of older versions too, takes the feature out, and the table is written on", async () => {
    const table = await made(one);
    const [before, at] = [await rows(table), table.version];
    const { version } = await table.dropFeatureSupport(one.feature.toUpperCase());
    expect(await rows(table)).toEqual(before);
    expect(await oldRows(table, at)).toEqual(before);
    expect(features(table)).not.toContain(one.feature);
    expect(features(table).includes("checkpointProtection")).toBe(one.protects);
    const property = table.properties["delta.requireCheckpointProtectionBeforeVersion"];
    expect(property).toBe(one.protects ? String(version) : undefined);
    const checkpoints = logNames(table).filter((name) => /^\d+\.checkpoint\.parquet$/.test(name));
    if (one.protects) {
      const wanted = [version - 3, version - 2, version - 1, version].map((v) => String(v).padStart(20, "0"));
      for (const digits of wanted) expect(checkpoints).toContain(`${digits}.checkpoint.parquet`);
    }
    const [last] = await table.history(1);
    expect(last).toMatchObject({ operation: "DROP FEATURE", operationParameters: { featureName: one.feature } });
    await table.append([{ id: 4n, part: "p0" }]);
    await table.delete("id = 1");
    expect(await rows(table)).toHaveLength(before.length);
    await expect(table.dropFeatureSupport(one.feature)).rejects.toMatchObject({
      code: "DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT",
    });
  });

  test("needs nothing of the table but what is new: the files say so", async () => {
    const table = await made(one);
    await table.dropFeatureSupport(one.feature);
    const session = Session.over(engine, { warehouse: temporaryFolder() });
    const text = JSON.stringify((await session.deltaTableAt(table.path)).schema);
    expect(text).not.toContain("columnMapping");
    expect(text).not.toContain("typeChanges");
    expect((await table.fsck()).missingFiles).toEqual([]);
  });
});

test("a protocol goes back to its weakest form", async () => {
  const table = await made({ properties: { "delta.enableRowTracking": "true" } });
  await table.dropFeatureSupport("rowTracking");
  await table.dropFeatureSupport("domainMetadata");
  expect(table.protocol).toEqual({ kind: "protocol", minReaderVersion: 1, minWriterVersion: 2 });
});

describe("refused, with nothing written, is dropping", () => {
  test.each([
    ["a property", "delta.appendOnly", "DELTA_FEATURE_DROP_FEATURE_IS_DELTA_PROPERTY"],
    ["a feature that the table has not", "deletionVectors", "DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT"],
    ["a feature that nobody knows", "levitation", "DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE"],
    ["a feature that stays", "appendOnly", "DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE"],
    ["a feature that another needs", "domainMetadata", "DELTA_FEATURE_DROP_DEPENDENT_FEATURE"],
    ["the feature of constraints that are there", "checkConstraints", "DELTA_CANNOT_DROP_CHECK_CONSTRAINT_FEATURE"],
    [
      "protection without its history",
      "checkpointProtection",
      "DELTA_FEATURE_CAN_ONLY_DROP_CHECKPOINT_PROTECTION_WITH_HISTORY_TRUNCATION",
    ],
    ["mapping under names that need it", "columnMapping", "DELTA_INVALID_COLUMN_NAMES_WHEN_REMOVING_COLUMN_MAPPING"],
  ])("%s", async (_, name, code) => {
    const table = await made({
      properties: {
        "delta.enableRowTracking": "true",
        "delta.columnMapping.mode": "name",
        "delta.feature.checkpointProtection": "supported",
      },
      use: async (one) => {
        await one.addConstraint("small", "id < 100");
        await one.renameColumn("n", "n ;");
      },
    });
    const before = table.version;
    await expect(table.dropFeatureSupport(name)).rejects.toMatchObject({ code });
    await table.refresh();
    expect(table.version).toBe(before);
  });

  test("with TRUNCATE HISTORY what leaves nothing in it", async () => {
    const table = await made({ properties: { "delta.enableInCommitTimestamps": "true" } });
    await expect(table.dropFeatureSupport("inCommitTimestamp", { truncateHistory: true })).rejects.toMatchObject({
      code: "DELTA_FEATURE_DROP_HISTORY_TRUNCATION_NOT_ALLOWED",
    });
  });
});

const hourMs = 3_600_000;

/** Makes all that the log holds older. */
function age(table: DeltaTable, hours: number): void {
  const directory = join(table.path, "_delta_log");
  const seconds = (Date.now() - hours * hourMs) / 1000;
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), seconds, seconds);
}

const sql = async (table: DeltaTable, change: string): Promise<void> => {
  await Session.over(engine, { warehouse: temporaryFolder() }).sql(`ALTER TABLE delta.\`${table.path}\` ${change}`);
  await table.refresh();
};

describe("with TRUNCATE HISTORY", () => {
  test("a feature leaves the protocol when no version uses it any more", async () => {
    const table = await made({
      properties: { "delta.enableDeletionVectors": "true" },
      use: (one) => one.delete("id = 2"),
    });
    const before = await rows(table);
    await expect(sql(table, "DROP FEATURE deletionVectors TRUNCATE HISTORY")).rejects.toMatchObject({
      code: "DELTA_FEATURE_DROP_WAIT_FOR_RETENTION_PERIOD",
    });
    await table.refresh();
    expect(features(table)).toContain("deletionVectors");
    await expect(sql(table, "DROP FEATURE deletionVectors TRUNCATE HISTORY")).rejects.toMatchObject({
      code: "DELTA_FEATURE_DROP_HISTORICAL_VERSIONS_EXIST",
    });
    age(table, 25);
    await sql(table, "DROP FEATURE `deletionVectors` TRUNCATE HISTORY");
    expect(features(table)).toEqual([]);
    expect(table.protocol).toMatchObject({ minReaderVersion: 1, minWriterVersion: 2 });
    expect(logNames(table)).not.toContain("00000000000000000000.json");
    expect(await rows(table)).toEqual(before);
  });

  test("protection goes with the history that it guards", async () => {
    const table = await made({ properties: { "delta.feature.vacuumProtocolCheck": "supported" } });
    const before = await rows(table);
    await sql(table, "DROP FEATURE vacuumProtocolCheck");
    await expect(sql(table, "DROP FEATURE checkpointProtection TRUNCATE HISTORY")).rejects.toMatchObject({
      code: "DELTA_FEATURE_DROP_CHECKPOINT_PROTECTION_WAIT_FOR_RETENTION_PERIOD",
    });
    age(table, 25);
    await sql(table, "DROP FEATURE checkpointProtection TRUNCATE HISTORY");
    expect(features(table)).toEqual([]);
    expect(table.properties["delta.requireCheckpointProtectionBeforeVersion"]).toBeUndefined();
    expect(await rows(table)).toEqual(before);
  });
});

test("a writer who comes in between loses nothing, and what it used again is seen", async () => {
  const table = await made({ properties: { "delta.enableRowTracking": "true" } });
  const other = await Session.over(engine, { warehouse: temporaryFolder() }).deltaTableAt(table.path);
  await Promise.all([
    table.dropFeatureSupport("rowTracking"),
    (async () => {
      for (let id = 10; id < 15;) {
        try {
          await other.append([{ id: BigInt(id), part: "p0" }]);
          id += 1;
        } catch (error) {
          // Metadata that changed is a conflict for whoever writes files by it.
          expect(error).toMatchObject({ kind: "rebase" });
        }
      }
    })(),
  ]);
  await table.refresh();
  expect(features(table)).not.toContain("rowTracking");
  expect(await rows(table)).toHaveLength(8);
});
