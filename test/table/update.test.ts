// test/table/update.test.ts: new values for rows, by the library and by SQL.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { col } from "../../src/index.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

async function books(
  schema: string,
  properties: Readonly<Record<string, string>> = {},
): Promise<Readonly<{ spark: Session; table: DeltaTable }>> {
  const spark = Session.over(localEngine(), { warehouse: temporaryFolder() });
  onTestFinished(() => spark.close());
  return { spark, table: await spark.createTable("books", { schema, properties }) };
}

async function rowsOf(table: DeltaTable): Promise<readonly string[]> {
  await table.refresh();
  const rows: string[] = [];
  for await (const row of table.rows()) rows.push(Object.values(row).map(String).join(" "));
  return rows.toSorted();
}

test("rows that match get values made of their old ones; all others stay as they are", async () => {
  const { table } = await books("id BIGINT, price DECIMAL(10,2), title STRING");
  await table.append([
    { id: 1n, price: "1.50", title: "a" },
    { id: 2n, price: "2.00", title: "b" },
    { id: null, price: null, title: "c" },
  ]);
  const result = await table.update({ where: "id = 1", set: { PRICE: "price * 2", title: "upper(title)" } });
  expect(result).toMatchObject({ version: 2, updatedRowCount: 1, removedFileCount: 1 });
  expect(await rowsOf(table)).toEqual(["1 3.00 A", "2 2.00 b", "null null c"]);
});

test("without a condition every row is updated, and columns may change places", async () => {
  const { table } = await books("a BIGINT, b BIGINT");
  await table.append([{ a: 1n, b: 2n }]);
  await table.update({ set: { a: "b", b: col("a") } });
  expect(await rowsOf(table)).toEqual(["2 1"]);
});

test("an update of no row commits nothing", async () => {
  const { table } = await books("id BIGINT");
  await table.append([{ id: 1n }]);
  expect(await table.update({ where: "id > 5", set: { id: "0" } })).toMatchObject({ version: 1, updatedRowCount: 0 });
  expect(table.version).toBe(1);
});

test("the files that tell the changes of an update change no rows themselves", async () => {
  const { table } = await books("id BIGINT", { "delta.enableChangeDataFeed": "true" });
  await table.append([{ id: 1n }]);
  await table.update({ set: { id: "2" } });
  const text = readFileSync(join(table.path, "_delta_log", "00000000000000000002.json"), "utf8");
  const told = text.split("\n").filter((line) => line.startsWith('{"cdc"'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('"dataChange":false');
});

test("SQL's UPDATE takes an alias, DEFAULT and DATE literals", async () => {
  const { spark, table } = await books("id BIGINT, state STRING DEFAULT 'new', day DATE");
  await table.append([
    { id: 1n, state: "old", day: null },
    { id: 2n, state: "old", day: null },
  ]);
  const answer = await spark.sql("UPDATE books AS b SET b.state = DEFAULT, day = DATE'2026-01-02' WHERE b.id <= 1");
  expect(await answer.collect()).toEqual([{ num_affected_rows: 1n }]);
  await spark.sql("UPDATE books SET id = books.id + 10");
  expect((await rowsOf(table)).map((row) => row.slice(0, 6))).toEqual(["11 new", "12 old"]);
});

test("generated columns follow the columns that they are made of", async () => {
  const { table } = await books("id BIGINT, twice BIGINT GENERATED ALWAYS AS (id * 2)");
  await table.append([{ id: 1n }]);
  await table.update({ set: { id: "id + 4" } });
  expect(await rowsOf(table)).toEqual(["5 10"]);
  await expect(table.update({ set: { twice: "7" } })).rejects.toMatchObject({
    code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
  });
});

test.each([
  [{ other: "1" }, "COLUMN_NOT_FOUND"],
  [{ id: "other" }, "COLUMN_NOT_FOUND"],
  [{ id: "n +" }, "INVALID_PREDICATE"],
  [{}, "INVALID_ARGUMENT"],
  [{ id: "1", ID: "2" }, "DELTA_CONFLICT_SET_COLUMN"],
  [{ n: "3" }, "DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED"],
  [{ id: "1.5" }, "CAST_INVALID_INPUT"],
  [{ id: "'x'" }, "DELTA_FAILED_TO_MERGE_FIELDS"],
  [{ id: "200" }, "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"],
  [{ id: "NULL" }, "DELTA_NOT_NULL_CONSTRAINT_VIOLATED"],
])("a wrong update changes nothing: %o", async (set, code) => {
  const { table } = await books("id BIGINT NOT NULL, n BIGINT GENERATED ALWAYS AS IDENTITY", {
    "delta.constraints.small": "id < 100",
  });
  await table.append([{ id: 1n }, { id: 2n }]);
  await expect(table.update({ where: "id = 1", set })).rejects.toMatchObject({ code });
  expect(await rowsOf(table)).toEqual(["1 1", "2 2"]);
});

test("an append-only table refuses updates", async () => {
  const { table } = await books("id BIGINT", { "delta.appendOnly": "true" });
  await table.append([{ id: 1n }]);
  await expect(table.update({ set: { id: "2" } })).rejects.toMatchObject({ code: "DELTA_CANNOT_MODIFY_APPEND_ONLY" });
});
