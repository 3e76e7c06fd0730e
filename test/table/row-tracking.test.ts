// test/table/row-tracking.test.ts: tables whose rows are told apart over their versions. PROTOCOL.md, "Row Tracking".
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isJsonObject, parseJson } from "../../src/format/text/json-int64.ts";
import type { JsonObject } from "../../src/format/text/json.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { beginTransaction } from "../../src/writer/transaction.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sharedEngine } from "./life.ts";

const engine = sharedEngine();
const enabled = { "delta.enableRowTracking": "true" };

async function made(properties: Readonly<Record<string, string>>): Promise<DeltaTable> {
  const session = Session.over(engine, { warehouse: temporaryFolder() });
  return session.createTable("t", { schema: "id BIGINT, text STRING", properties });
}

const rows = (...ids: readonly number[]): { id: bigint; text: string }[] =>
  ids.map((id) => ({ id: BigInt(id), text: "a" }));

const logPath = (table: DeltaTable, version: number): string =>
  join(table.path, "_delta_log", `${String(version).padStart(20, "0")}.json`);

/** The actions of a kind in a commit. */
function logged(table: DeltaTable, version: number, kind: string): readonly JsonObject[] {
  const lines = readFileSync(logPath(table, version), "utf8").split("\n").slice(0, -1);
  return lines.flatMap((line) => {
    const action = parseJson(line);
    const found = isJsonObject(action) ? action[kind] : undefined;
    return isJsonObject(found) ? [found] : [];
  });
}

/** `id row_id row_commit_version` of each row, by id. */
async function ids(table: DeltaTable): Promise<readonly string[]> {
  const session = Session.over(engine, { warehouse: temporaryFolder() });
  const query = `SELECT concat_ws(' ', id, coalesce(_metadata.row_id, -1), coalesce(_metadata.row_commit_version, -1)) AS line FROM delta.\`${table.path}\` ORDER BY id`;
  return (await (await session.sql(query)).collect()).map(({ line }) => String(line));
}

/** Changes the text of a commit. */
function rewrite(table: DeltaTable, version: number, change: (text: string) => string): void {
  writeFileSync(logPath(table, version), change(readFileSync(logPath(table, version), "utf8")));
  const folder = join(table.path, "_delta_log");
  for (const name of readdirSync(folder)) if (name.endsWith(".crc")) rmSync(join(folder, name));
}

async function rowCount(table: DeltaTable): Promise<number> {
  let count = 0;
  for await (const _row of table.rows()) count += 1;
  return count;
}

/** The table, opened anew by somebody else. */
const reopened = (table: DeltaTable): Promise<DeltaTable> =>
  Session.over(engine, { warehouse: temporaryFolder() }).deltaTableAt(table.path);

describe("a table with suspended row tracking", () => {
  test("gives no ids, not to files that it adds again either, and gives them to all when it is taken up", async () => {
    const table = await made({ "delta.feature.rowTracking": "supported", "delta.enableDeletionVectors": "true" });
    await table.append(rows(1, 2, 3));
    expect(logged(table, 1, "add")).toMatchObject([{ baseRowId: 0, defaultRowCommitVersion: 1 }]);
    await table.setProperties({ "delta.rowTrackingSuspended": "true" });
    await table.delete("id = 2");
    await table.append(rows(4));
    const suspended = [...logged(table, 3, "add"), ...logged(table, 4, "add")];
    expect(suspended.map((add) => ["baseRowId" in add, "defaultRowCommitVersion" in add])).toEqual([
      [false, false],
      [false, false],
    ]);
    expect(logged(table, 3, "remove")).toMatchObject([{ baseRowId: 0, defaultRowCommitVersion: 1 }]);
    expect(logged(table, 4, "domainMetadata")).toEqual([]);
    await table.setProperties({ ...enabled, "delta.rowTrackingSuspended": "false" });
    // The mark was 2: no id is given twice, and a row keeps its place in the file whatever was deleted.
    const given = logged(table, 5, "add").map((add) => Number(add["baseRowId"]));
    expect(given.toSorted()).toEqual(given.includes(3) && given.includes(4) ? [3, 4] : [3, 6]);
    expect((await ids(table)).map((line) => line.split(" ")[2])).toEqual(["5", "5", "5"]);
  });

  test("cannot be enabled too, whichever comes last, and one that is both takes no rows", async () => {
    const code = "DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION";
    const suspended = await made({ "delta.rowTrackingSuspended": "true" });
    await expect(suspended.setProperties(enabled)).rejects.toMatchObject({ code });
    const table = await made(enabled);
    await expect(table.setProperties({ "delta.rowTrackingSuspended": "true" })).rejects.toMatchObject({ code });
    await expect(made({ ...enabled, "delta.rowTrackingSuspended": "true" })).rejects.toMatchObject({ code });
    await table.append(rows(1));
    rewrite(table, 0, (text) =>
      text.replace('"delta.enableRowTracking":"true"', '$&,"delta.rowTrackingSuspended":"true"'),
    );
    const both = await reopened(table);
    expect(await rowCount(both)).toBe(1);
    await expect(both.append(rows(2))).rejects.toMatchObject({ code });
    expect((await reopened(table)).version).toBe(1);
  });
});

test("a file that has ids and no commit version is given one when row tracking is turned on", async () => {
  const table = await made({ "delta.feature.rowTracking": "supported" });
  await table.append(rows(1, 2));
  rewrite(table, 1, (text) => text.replace(/,"defaultRowCommitVersion":1/, ""));
  const other = await reopened(table);
  await other.setProperties(enabled);
  expect(await ids(other)).toEqual(["1 0 2", "2 1 2"]);
});

test("no column takes the name under which the files keep ids", async () => {
  const table = await made(enabled);
  const reserved = String(table.properties["delta.rowTracking.materializedRowIdColumnName"]);
  const code = "DELTA_ADDING_COLUMN_WITH_INTERNAL_NAME_FAILED";
  await expect(table.addColumns(`\`${reserved}\` BIGINT`)).rejects.toMatchObject({ code });
  await table.setProperties({ "delta.columnMapping.mode": "name" });
  await expect(table.renameColumn("text", reserved)).rejects.toMatchObject({ code });
});

test("a table that does not say where ids are kept can be read, and takes no rows", async () => {
  const table = await made(enabled);
  await table.append(rows(1));
  rewrite(table, 0, (text) => text.replace(/,"delta\.rowTracking\.materialized\w+":"[^"]+"/g, ""));
  const other = await reopened(table);
  expect(await rowCount(other)).toBe(1);
  await expect(other.append(rows(2))).rejects.toMatchObject({ code: "CORRUPT_LOG" });
});

describe("a commit says whether rows have kept their ids", () => {
  const tag = (table: DeltaTable, version: number): unknown => logged(table, version, "commitInfo")[0]?.["tags"];

  test("they have", async () => {
    const table = await made(enabled);
    await table.append(rows(1, 2));
    await table.update({ set: { text: "'b'" }, where: "id = 1" });
    expect(tag(table, 2)).toEqual({ "delta.rowTracking.preserved": "true" });
    expect(await ids(table)).toEqual(["1 0 2", "2 1 1"]);
  });

  test("not where another writer turned row tracking on meanwhile", async () => {
    const table = await made({ "delta.feature.rowTracking": "supported" });
    const before = beginTransaction(engine, await loadSnapshot(engine, table.path));
    await table.setProperties(enabled);
    await before.commit({ operation: "WRITE", parameters: {}, actions: [] });
    expect(tag(table, 2)).toEqual({ "delta.rowTracking.preserved": "false" });
  });

  test("nothing is said where rows have none", async () => {
    const table = await made({});
    await table.append(rows(1));
    expect(tag(table, 1)).toBeUndefined();
  });
});

test("rows that a stream takes to a copy of their table get ids of their own", async () => {
  const source = await made({ ...enabled, "delta.enableDeletionVectors": "false" });
  await source.append(rows(1, 2));
  const root = temporaryFolder();
  cpSync(source.path, join(root, "copy"), { recursive: true });
  const copy = await Session.over(engine, { warehouse: root }).deltaTableAt(join(root, "copy"));
  await copy.append(rows(7));
  await source.update({ set: { text: "'b'" }, where: "id = 1" });
  const session = Session.over(engine, { warehouse: root });
  const stream = session.readStream.option("startingVersion", "2").option("ignoreChanges", "true").load(source.path);
  const query = await stream.writeStream
    .option("checkpointLocation", join(root, "checkpoint"))
    .trigger({ availableNow: true })
    .start(copy.path);
  await query.awaitTermination();
  const found = (await ids(await reopened(copy))).map((line) => line.split(" ")[1]);
  expect(new Set(found).size).toBe(found.length);
});
