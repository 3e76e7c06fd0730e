// test/table/mapped-writes.test.ts: tables that store columns under names and ids of their own, written in every way. columnMapping
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sessionOver, sharedEngine } from "./life.ts";

const engine = sharedEngine();

const schema =
  "id BIGINT NOT NULL, day STRING, `odd name, even` INT, at STRUCT<city: STRING, xs: ARRAY<STRUCT<x: INT>>>, m MAP<STRING, STRUCT<y: DOUBLE>>";

async function mapped(mode: string, more: Readonly<Record<string, string>> = {}): Promise<DeltaTable> {
  const session = sessionOver(engine, temporaryFolder());
  return session.createTable("mapped", {
    schema,
    partitionBy: ["day"],
    properties: { "delta.columnMapping.mode": mode, ...more },
  });
}

const rowOf = (id: number): Record<string, unknown> => ({
  id: BigInt(id),
  day: id % 2 === 0 ? "even" : "odd",
  "odd name, even": id * 10,
  at: { city: `c${id}`, xs: [{ x: id }, { x: null }] },
  m: new Map([["k", { y: id / 2 }]]),
});

interface LogLine {
  readonly add?: { readonly partitionValues: Record<string, string>; readonly stats: string; readonly path: string };
  readonly metaData?: { readonly schemaString: string; readonly configuration: Record<string, string> };
  readonly protocol?: Record<string, unknown>;
}

function lines(table: DeltaTable, version: number): readonly LogLine[] {
  const path = join(table.path, "_delta_log", `${String(version).padStart(20, "0")}.json`);
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as LogLine);
}

async function ids(table: DeltaTable, where?: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const row of table.rows(where === undefined ? {} : { where })) found.push(String(row["id"]));
  return found.toSorted();
}

interface FileField {
  readonly name: string;
  readonly field_id: unknown;
}

async function fileFields(table: DeltaTable, path: string): Promise<readonly FileField[]> {
  await using connection = await engine.sql.connect();
  const file = join(table.path, decodeURIComponent(path));
  const rows = await connection.rows(`SELECT name, field_id::VARCHAR AS field_id FROM parquet_schema('${file}')`);
  return rows as unknown as readonly FileField[];
}

const metadataOf = (field: unknown): Record<string, unknown> =>
  (field as { metadata: Record<string, unknown> }).metadata;
const physicalOf = (field: unknown): string => String(metadataOf(field)["delta.columnMapping.physicalName"]);

describe.each(["name", "id"])("a table that maps its columns by %s", (mode) => {
  test("gives each column an id and a name, and its protocol says so", async () => {
    const table = await mapped(mode);
    expect(table.protocol).toMatchObject({ minReaderVersion: 2, minWriterVersion: 7 });
    expect(table.protocol.writerFeatures).toContain("columnMapping");
    expect(table.properties["delta.columnMapping.maxColumnId"]).toBe("9");
    const [id] = table.schema.fields;
    expect(metadataOf(id)).toMatchObject({ "delta.columnMapping.id": 1 });
    expect(physicalOf(id)).toMatch(/^col-[0-9a-f-]{36}$/);
  });

  test("has them in files, partition values and statistics, whichever way rows come", async () => {
    const table = await mapped(mode);
    await table.append([rowOf(1)]);
    // Rewritten inside of DuckDB.
    await table.append([rowOf(3), rowOf(5)]);
    await table.delete("id = 3");
    const day = physicalOf(table.schema.fields[1]);
    const id = physicalOf(table.schema.fields[0]);
    for (const version of [1, 3]) {
      const add = lines(table, version).find((line) => line.add !== undefined)?.add;
      expect(add?.partitionValues).toEqual({ [day]: "odd" });
      const stats = JSON.parse(add?.stats ?? "{}") as { minValues: Record<string, unknown>; numRecords: number };
      expect(stats.minValues[id]).toBe(version === 1 ? 1 : 5);
      const fields = await fileFields(table, add?.path ?? "");
      const named = fields.find(({ name }) => name === id);
      expect(String(named?.field_id)).toBe("1");
      expect(fields.some(({ name }) => name === "city" || name === "x" || name === "y" || name === day)).toBe(false);
      const numbers = fields.flatMap(({ field_id: found }) => (found === null ? [] : [Number(found)]));
      expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
    }
    expect(await ids(table)).toEqual(["1", "5"]);
    for await (const row of table.rows({ where: "id = 5" })) expect(row).toEqual(rowOf(5));
  });

  test("checks NOT NULL, prunes, skips, overwrites and merges columns by the table's own names", async () => {
    const table = await mapped(mode);
    await table.append([rowOf(1), rowOf(2)]);
    await expect(table.append([{ day: "x" }])).rejects.toMatchObject({ code: "DELTA_MISSING_NOT_NULL_COLUMN_VALUE" });
    await expect(table.append([{ id: null, day: "x" }])).rejects.toThrow("column: id");
    expect(await ids(table, "day = 'even'")).toEqual(["2"]);
    await table.overwrite([rowOf(4)], { where: "at.city = 'c2'" }).catch((cause: unknown) => {
      expect(cause).toMatchObject({ code: "DELTA_REPLACE_WHERE_MISMATCH" });
    });
    await table.overwrite([rowOf(6)], { where: "day = 'even'" });
    expect(await ids(table)).toEqual(["1", "6"]);
    await table.append([{ ...rowOf(7), extra: "new" }], { mergeSchema: true });
    expect(table.properties["delta.columnMapping.maxColumnId"]).toBe("10");
    expect(await ids(table, "extra = 'new'")).toEqual(["7"]);
  });
});

test("conditions are checked under the table's own names, nested ones too", async () => {
  const session = sessionOver(engine, temporaryFolder());
  const table = await session.createTable("mapped", {
    schema:
      "id BIGINT, at STRUCT<city: STRING, xs: ARRAY<STRUCT<x: INT>>>, m MAP<STRING, STRUCT<y: DOUBLE>>, day STRING",
    partitionBy: ["day"],
    properties: {
      "delta.columnMapping.mode": "name",
      "delta.constraints.known": "at.city <> 'nowhere' AND day IS NOT NULL AND m['k'].y < 100 AND at.xs[0].x > 0",
    },
  });
  const { "odd name, even": _, ...row } = rowOf(1);
  await table.append([row]);
  const wrong = [
    { ...row, at: { city: "nowhere", xs: [{ x: 1 }] } },
    { ...row, m: new Map([["k", { y: 100 }]]) },
    { ...row, day: null },
    { ...row, at: { city: "c", xs: [{ x: 0 }] } },
  ];
  for (const one of wrong)
    await expect(table.append([one])).rejects.toMatchObject({ code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES" });
  expect(await ids(table)).toEqual(["1"]);
});

test.each(["name", "id"])("changes are told under the table's own names (mapped by %s)", async (mode) => {
  const table = await mapped(mode, {
    "delta.enableChangeDataFeed": "true",
    "delta.enableMaterializePartitionColumnsFeature": "true",
  });
  await table.append([rowOf(1), rowOf(2), rowOf(3)]);
  await table.delete("at.city = 'c1'");
  await table.update({ where: "id = 3", set: { day: "'late'" } });
  const told: string[] = [];
  for await (const row of table.changes({ from: 2 }).rows()) {
    const { city } = row["at"] as { readonly city: string };
    told.push([row["_change_type"], row["id"], row["day"], city].map(String).join(" "));
  }
  expect(told.toSorted()).toEqual(["delete 1 odd c1", "update_postimage 3 late c3", "update_preimage 3 odd c3"]);
});

test("new columns of rows are numbered on, and a table that replaces its schema numbers none twice", async () => {
  const table = await mapped("name");
  await table.append([rowOf(1)]);
  await table.overwrite([{ id: 1n, day: "d", other: 1 }], { overwriteSchema: true });
  expect(table.schema.fields.map((field) => metadataOf(field)["delta.columnMapping.id"])).toEqual([10, 11, 12]);
  expect(await ids(table)).toEqual(["1"]);
});
