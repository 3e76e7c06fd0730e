// test/table/reads.test.ts: opening, time travel, reading, history and detail, through DeltaTable.
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { Table } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { col } from "../../src/expression/predicate/builder.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const schema =
  "id BIGINT NOT NULL, name STRING, at TIMESTAMP, price DECIMAL(10,2), data BINARY, tags ARRAY<STRING>, m MAP<STRING, INT>";

/** A table of three versions: empty, rows 1 and 2, rows 1 to 3. */
async function books(): Promise<DeltaTable> {
  const table = await DeltaTable.create(join(temporaryFolder(), "books"), {
    schema,
    comment: "all books",
    name: "books",
    properties: { "custom.owner": "me" },
  });
  await table.append([
    {
      id: 1n,
      name: "one",
      at: new Date("2026-01-02T03:04:05.678Z"),
      price: "1.20",
      data: new Uint8Array([1, 2]),
      tags: ["a", null],
      m: { k: 1 },
    },
    { id: 2n ** 62n + 1n, name: null, at: null, price: null, data: null, tags: [], m: null },
  ]);
  await table.append([{ id: 3, name: "three" }]);
  return table;
}

async function idsOf(table: DeltaTable): Promise<readonly bigint[]> {
  const ids: bigint[] = [];
  for await (const { id } of table.rows({ columns: ["id"] })) ids.push(id as bigint);
  return ids.toSorted((a, b) => Number(a - b));
}

/** Gives the commit of a version a time. */
function setTime(table: DeltaTable, version: number, time: string): void {
  const seconds = Date.parse(time) / 1000;
  utimesSync(join(table.path, "_delta_log", `${String(version).padStart(20, "0")}.json`), seconds, seconds);
}

describe("rows", () => {
  test("come back exactly: bigint, decimal text, Date, bytes, lists, maps, nulls", async () => {
    await using table = await books();
    const found = [];
    for await (const row of table.rows({ where: "id <> 3" })) found.push(row);
    found.sort((a, b) => Number((a["id"] as bigint) - (b["id"] as bigint)));
    expect(found[0]).toMatchObject({
      id: 1n,
      name: "one",
      at: new Date("2026-01-02T03:04:05.678Z"),
      price: "1.20",
      tags: ["a", null],
    });
    expect(found[0]?.["data"]).toEqual(new Uint8Array([1, 2]));
    expect(found[1]).toEqual({ id: 2n ** 62n + 1n, name: null, at: null, price: null, data: null, tags: [], m: null });
  });

  test("take the columns asked for, in that order and in any case, and the rows asked for", async () => {
    await using table = await books();
    const found = [];
    for await (const row of table.rows({ columns: ["NAME", "id"], where: col("id").eq(3) })) found.push(row);
    expect(found).toEqual([{ name: "three", id: 3n }]);
    expect(Object.keys(found[0] ?? {})).toEqual(["name", "id"]);
  });

  test("are Arrow too: batches, and one table with the schema even when no row matches", async () => {
    await using table = await books();
    let count = 0;
    for await (const batch of table.batches({ columns: ["id"] })) count += batch.numRows;
    expect(count).toBe(3);
    const none = await table.toArrow({ where: "id = 0" });
    expect(none).toBeInstanceOf(Table);
    expect([none.numRows, none.schema.names]).toEqual([0, ["id", "name", "at", "price", "data", "tags", "m"]]);
  });

  test.each([
    [{ columns: ["pages"] }, "COLUMN_NOT_FOUND"],
    [{ where: "pages = 1" }, "COLUMN_NOT_FOUND"],
    [{ where: "id = = 1" }, "INVALID_PREDICATE"],
  ])("%o is refused as %s", async (options, code) => {
    await using table = await books();
    await expect(table.toArrow(options)).rejects.toMatchObject({ code });
  });
});

describe("time travel", () => {
  test("a handle reads its version for ever, whatever is committed after", async () => {
    await using table = await books();
    await using old = await DeltaTable.open(table.path, { version: 1 });
    await table.delete();
    expect(await idsOf(old)).toHaveLength(2);
    expect(await idsOf(table)).toEqual([]);
  });

  test("what is asked for before a commit and read after it is of the version before", async () => {
    await using table = await books();
    const rows = table.rows();
    const batches = table.batches();
    await table.delete();
    let rowCount = 0;
    for await (const batch of batches) rowCount += batch.numRows;
    expect(rowCount).toBe(3);
    expect((await rows.next()).done).toBe(false);
    expect(await idsOf(table)).toEqual([]);
  });

  test("a version that is not there is refused with the range that is", async () => {
    await using table = await books();
    const refused = DeltaTable.open(table.path, { version: 3 });
    await expect(refused).rejects.toMatchObject({
      code: "VERSION_NOT_FOUND",
      context: { earliestVersion: 0, latestVersion: 2 },
    });
    await expect(DeltaTable.open(table.path, { version: -1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(DeltaTable.open(table.path, { version: 1.5 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("a time means the newest version committed at or before it", async () => {
    await using table = await books();
    for (const [version, time] of ["2026-01-01", "2026-01-02", "2026-01-03"].entries())
      setTime(table, version, `${time}T00:00:00Z`);
    const versionAt = async (timestamp: string | Date): Promise<number> => {
      await using at = await DeltaTable.open(table.path, { timestamp });
      return at.version;
    };
    expect(await versionAt("2026-01-02T00:00:00Z")).toBe(1);
    expect(await versionAt("2026-01-02 23:59:59.999")).toBe(1);
    expect(await versionAt(new Date("2026-01-03T00:00:00Z"))).toBe(2);
    expect(await versionAt("2026-01-02T01:00:00+02:00")).toBe(0);
    await expect(versionAt("2025-12-31")).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
    await expect(versionAt("soon")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("what a table tells of itself", () => {
  test("detail has what the log says", async () => {
    await using table = await books();
    expect(await table.detail()).toMatchObject({
      name: "books",
      description: "all books",
      location: table.path,
      version: 2,
      numFiles: 2,
      partitionColumns: [],
      properties: { "custom.owner": "me" },
      minReaderVersion: 1,
      minWriterVersion: 2,
      readerFeatures: [],
      writerFeatures: [],
      txns: {},
    });
    expect((await table.detail()).id).toMatch(/^[0-9a-f-]{36}$/u);
    expect((await table.detail()).sizeInBytes).toBeGreaterThan(0);
  });

  test("history has the commits, newest first, from the handle's version down", async () => {
    await using table = await books();
    const history = await table.history();
    expect(history.map(({ version, operation }) => [version, operation])).toEqual([
      [2, "WRITE"],
      [1, "WRITE"],
      [0, "CREATE TABLE"],
    ]);
    expect(history[0]).toMatchObject({ operationParameters: { mode: "Append" }, isBlindAppend: true, readVersion: 1 });
    expect(history[0]?.operationMetrics).toMatchObject({ numFiles: "1", numOutputRows: "1" });
    expect(history[0]?.engineInfo).toMatch(/^alluvium/iu);
    expect(await table.history(1)).toHaveLength(1);
    expect(await table.history(0)).toEqual([]);
    await using old = await DeltaTable.open(table.path, { version: 1 });
    expect((await old.history()).map(({ version }) => version)).toEqual([1, 0]);
  });

  test("a table that exists cannot be created again", async () => {
    await using table = await books();
    await expect(DeltaTable.create(table.path, { schema })).rejects.toMatchObject({
      code: "DELTA_TABLE_ALREADY_EXISTS",
    });
  });
});
