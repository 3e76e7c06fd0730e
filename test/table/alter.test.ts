// test/table/alter.test.ts: changes of a table that leave its rows alone, through DeltaTable and ALTER TABLE.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sessionOver, sharedEngine } from "./life.ts";

const engine = sharedEngine();
const mapping = { "delta.columnMapping.mode": "name" };

async function books(
  properties: Readonly<Record<string, string>> = {},
  more: { readonly schema?: string; readonly partitionBy?: readonly string[] } = {},
): Promise<DeltaTable> {
  const session = sessionOver(engine, temporaryFolder());
  const schema = "id BIGINT, author STRUCT<name: STRING, tags: ARRAY<STRUCT<t: INT>>>, price INT";
  return session.createTable("books", { schema, ...more, properties });
}

/** The same change in words. */
async function alter(table: DeltaTable, change: string): Promise<void> {
  await sessionOver(engine, "/").sql(`ALTER TABLE delta.\`${table.path}\` ${change}`);
  await table.refresh();
}

const row = (id: number): Record<string, unknown> => ({
  id: BigInt(id),
  author: { name: `a${id}`, tags: [{ t: id }] },
  price: id,
});

async function rows(table: DeltaTable): Promise<readonly Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const one of table.rows()) found.push(one);
  return found.toSorted((a, b) => Number(a["id"]) - Number(b["id"]));
}

const names = (table: DeltaTable): readonly string[] => table.schema.fields.map((field) => field.name);

async function lastOperation(table: DeltaTable): Promise<unknown> {
  const [entry] = await table.history(1);
  return { operation: entry?.operation, parameters: entry?.operationParameters };
}

describe("columns", () => {
  test("are added at their places, nested ones too, null in the rows that are there", async () => {
    const table = await books();
    await table.append([row(1)]);
    await table.addColumns([
      { column: "isbn", type: "STRING", comment: "13 digits", position: "first" },
      { column: "author.born", type: "DATE", position: { after: "name" } },
      { column: "author.tags.element.u", type: "DOUBLE" },
    ]);
    expect(names(table)).toEqual(["isbn", "id", "author", "price"]);
    expect(table.schema.fields[0]?.metadata).toEqual({ comment: "13 digits" });
    expect(await rows(table)).toEqual([
      { isbn: null, id: 1n, author: { name: "a1", born: null, tags: [{ t: 1, u: null }] }, price: 1 },
    ]);
    expect(await lastOperation(table)).toMatchObject({ operation: "ADD COLUMNS" });
    await alter(table, "ADD COLUMNS (pages INT COMMENT 'all' AFTER id, author.died DATE)");
    expect(names(table)).toEqual(["isbn", "id", "pages", "author", "price"]);
  });

  test("are not added twice, as NOT NULL, with a default, or inside of what is no struct", async () => {
    const table = await books();
    const codes = ["ID INT", "x INT NOT NULL", "x INT DEFAULT 1"].map((ddl) => table.addColumns(ddl));
    await expect(codes[0]).rejects.toMatchObject({ code: "DELTA_DUPLICATE_COLUMNS_FOUND" });
    await expect(codes[1]).rejects.toMatchObject({ code: "DELTA_NEW_NOT_NULL_VIOLATION" });
    await expect(codes[2]).rejects.toMatchObject({
      code: "WRONG_COLUMN_DEFAULTS_FOR_DELTA_ALTER_TABLE_ADD_COLUMN_NOT_SUPPORTED",
    });
    await expect(table.addColumns([{ column: "price.x", type: "INT" }])).rejects.toMatchObject({
      code: "DELTA_ADD_COLUMN_PARENT_NOT_STRUCT",
    });
    await expect(table.addColumns([{ column: "no.x", type: "INT" }])).rejects.toMatchObject({
      code: "COLUMN_NOT_FOUND",
    });
    expect(table.version).toBe(0);
  });

  test("keep their values under a new name, and lose them for good when dropped", async () => {
    const table = await books(mapping, { partitionBy: ["price"] });
    await table.append([row(1), row(2)]);
    await table.renameColumn("author.name", "called");
    await table.renameColumn("price", "cost, odd");
    expect(table.partitionColumns).toEqual(["cost, odd"]);
    await table.append([{ id: 3n, author: { called: "a3", tags: [] }, "cost, odd": 3 }]);
    expect((await rows(table)).map((one) => [(one["author"] as { called: string }).called, one["cost, odd"]])).toEqual([
      ["a1", 1],
      ["a2", 2],
      ["a3", 3],
    ]);
    await alter(table, "DROP COLUMN author");
    await alter(table, "ADD COLUMN author STRING");
    expect(await rows(table)).toEqual([1, 2, 3].map((id) => ({ id: BigInt(id), "cost, odd": id, author: null })));
    await expect(table.dropColumn("`cost, odd`")).rejects.toMatchObject({
      code: "DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN",
    });
    expect(await lastOperation(table)).toMatchObject({ operation: "ADD COLUMNS" });
  });

  test("are renamed and dropped only where files do not go by their names", async () => {
    const table = await books();
    await expect(table.renameColumn("id", "key")).rejects.toMatchObject({ code: "DELTA_UNSUPPORTED_RENAME_COLUMN" });
    await expect(table.dropColumn("id")).rejects.toMatchObject({ code: "DELTA_UNSUPPORTED_DROP_COLUMN" });
    await table.append([row(1)]);
    await alter(table, "SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
    await table.renameColumn("id", "key");
    await table.append([{ key: 2n, price: 2 }]);
    expect((await rows(table)).map((one) => one["key"])).toEqual([1n, 2n]);
    expect(table.protocol).toMatchObject({ minReaderVersion: 2, minWriterVersion: 7 });
    await expect(table.setProperties({ "delta.columnMapping.mode": "id" })).rejects.toMatchObject({
      code: "DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE",
    });
    await expect(table.dropColumns(["key", "author", "price"])).rejects.toMatchObject({
      code: "DELTA_DROP_COLUMN_ON_SINGLE_FIELD_SCHEMA",
    });
    expect(await table.dropColumns(["gone"], { ifExists: true })).toEqual({ version: table.version });
  });

  test("that a constraint speaks of stay as they are", async () => {
    const table = await books(mapping);
    await table.addConstraint("cheap", "price < 100");
    await expect(table.renameColumn("price", "cost")).rejects.toMatchObject({
      code: "DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE",
    });
    await expect(table.dropColumn("price")).rejects.toThrow("cheap speaks of it");
  });

  test("take wider types, on record, and no narrower ones", async () => {
    const table = await books();
    await table.append([row(1)]);
    await expect(table.changeColumn("price", { type: "BIGINT" })).rejects.toThrow("delta.enableTypeWidening");
    await table.setProperties({ "delta.enableTypeWidening": "true" });
    await table.changeColumn("price", { type: "BIGINT" });
    await alter(table, "ALTER COLUMN author.tags.element.t TYPE DOUBLE");
    await expect(table.changeColumn("price", { type: "INT" })).rejects.toMatchObject({
      code: "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP",
    });
    expect(table.schema.fields[2]?.metadata["delta.typeChanges"]).toEqual([{ fromType: "integer", toType: "long" }]);
    await table.append([{ id: 2n, price: 2n ** 40n, author: { name: "b", tags: [{ t: 0.5 }] } }]);
    expect((await rows(table)).map((one) => one["price"])).toEqual([1n, 2n ** 40n]);
    expect(table.protocol.readerFeatures).toEqual(["typeWidening"]);
  });

  test("take the wider type of rows that are merged in, inside of one family of types", async () => {
    const table = await books({ "delta.enableTypeWidening": "true" }, { schema: "id INT, x FLOAT, d DECIMAL(4,1)" });
    await table.append([{ id: 1, x: 0.5, d: "1.5" }]);
    const wide = sessionOver(engine, temporaryFolder()).createDataFrame(
      [{ id: 2n ** 40n, x: 0.1, d: "12345.25" }],
      "id BIGINT, x DOUBLE, d DECIMAL(10,2)",
    );
    await wide.write.mode("append").option("mergeSchema", true).save(table.path);
    await table.refresh();
    expect((await rows(table)).map((one) => [one["id"], one["x"], one["d"]])).toEqual([
      [1n, 0.5, "1.50"],
      [2n ** 40n, 0.1, "12345.25"],
    ]);
  });

  test("change comment, place and nullability", async () => {
    const table = await books();
    await table.append([row(1), { ...row(2), price: null }]);
    await alter(table, "CHANGE COLUMN price price INT COMMENT 'in cents' FIRST");
    expect(names(table)).toEqual(["price", "id", "author"]);
    expect(table.schema.fields[0]?.metadata).toEqual({ comment: "in cents" });
    await expect(table.changeColumn("price", { nullable: false })).rejects.toMatchObject({
      code: "DELTA_NEW_NOT_NULL_VIOLATION",
    });
    await table.delete("price IS NULL");
    await table.changeColumn("price", { nullable: false });
    await expect(table.append([{ id: 3n }])).rejects.toMatchObject({ code: "DELTA_MISSING_NOT_NULL_COLUMN_VALUE" });
    await alter(table, "ALTER COLUMN price DROP NOT NULL");
    await table.append([{ id: 3n }]);
  });
});

describe("properties and protocol", () => {
  test("are set and unset, each a commit that history tells of", async () => {
    const table = await books();
    await table.setProperties({ "delta.appendonly": "true", mine: "1" });
    expect(table.properties).toEqual({ "delta.appendOnly": "true", mine: "1" });
    expect(await lastOperation(table)).toMatchObject({
      operation: "SET TBLPROPERTIES",
      parameters: { properties: '{"delta.appendonly":"true","mine":"1"}' },
    });
    await alter(table, "UNSET TBLPROPERTIES ('delta.appendOnly', mine)");
    expect(table.properties).toEqual({});
    await expect(table.unsetProperties(["mine"])).rejects.toMatchObject({ code: "DELTA_UNSET_NON_EXISTENT_PROPERTY" });
    await table.unsetProperties(["mine"], { ifExists: true });
    expect(table.version).toBe(2);
    await expect(table.setProperties({ "delta.constraints.a": "true" })).rejects.toMatchObject({
      code: "DELTA_ADD_CONSTRAINTS",
    });
  });

  test("raise the protocol by name, by version and by use", async () => {
    const table = await books();
    await table.upgradeTableProtocol(1, 4);
    expect(table.protocol).toMatchObject({ minReaderVersion: 1, minWriterVersion: 4 });
    await expect(table.upgradeTableProtocol(1, 2)).rejects.toMatchObject({ code: "DELTA_INVALID_PROTOCOL_DOWNGRADE" });
    await table.setProperties({ "delta.feature.timestampNtz": "supported" });
    expect(table.protocol).toMatchObject({
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ["timestampNtz"],
    });
    expect(table.properties).toEqual({});
    await table.addFeatureSupport("rowtracking");
    expect(table.protocol.writerFeatures).toEqual(expect.arrayContaining(["rowTracking", "domainMetadata"]));
    await table.addColumns("at TIMESTAMP_NTZ");
    await expect(table.addFeatureSupport("catalogManaged")).rejects.toMatchObject({ code: "UNSUPPORTED_FEATURE" });
  });

  test("a type that shuts out others is not brought in by use", async () => {
    const table = await books();
    await expect(table.addColumns("at TIMESTAMP_NTZ")).rejects.toMatchObject({
      code: "DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT",
    });
  });

  test("row tracking that is turned on gives ids to the rows that are there", async () => {
    const table = await books();
    await table.append([row(1), row(2)]);
    await table.setProperties({ "delta.enableRowTracking": "true" });
    const path = join(table.path, "_delta_log", "00000000000000000002.json");
    const adds = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line.includes('"add"'));
    expect(adds).toHaveLength(1);
    expect(adds[0]).toContain('"baseRowId":0');
    expect(await rows(table)).toHaveLength(2);
  });
});

describe("constraints", () => {
  test("are added when all rows satisfy them, and bind those that come", async () => {
    const table = await books();
    await table.append([row(1), row(200)]);
    await expect(table.addConstraint("Cheap", "price < 100")).rejects.toMatchObject({
      code: "DELTA_NEW_CHECK_CONSTRAINT_VIOLATION",
    });
    await table.delete("id = 200");
    await alter(table, "ADD CONSTRAINT Cheap CHECK (price < 100)");
    expect(table.properties).toEqual({ "delta.constraints.cheap": "price < 100" });
    await expect(table.append([row(200)])).rejects.toMatchObject({ code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES" });
    await expect(table.addConstraint("cheap", "true")).rejects.toMatchObject({
      code: "DELTA_CONSTRAINT_ALREADY_EXISTS",
    });
    await table.dropConstraint("CHEAP");
    await table.append([row(200)]);
    await expect(table.dropConstraint("cheap")).rejects.toMatchObject({ code: "DELTA_CONSTRAINT_DOES_NOT_EXIST" });
    await table.dropConstraint("cheap", { ifExists: true });
  });

  test("lose against rows that come in between", async () => {
    const table = await books();
    const other = await sessionOver(engine, "/").deltaTableAt(table.path);
    await table.append([row(1)]);
    await other.refresh();
    const adding = other.addConstraint("cheap", "price < 100");
    const appending = table.append([row(200)]);
    const [added] = await Promise.allSettled([adding, appending]);
    const valid = (await rows(await table.refresh())).every((one) => Number(one["price"]) < 100);
    expect(added.status === "rejected" || valid).toBe(true);
  });
});

describe("clustering", () => {
  test("names its columns in a domain, by physical names, and keeps them through writes", async () => {
    const table = await books(mapping);
    await table.append([row(1)]);
    await alter(table, "CLUSTER BY (id, author.name)");
    const domain = JSON.parse((await table.detail()).domainMetadata["delta.clustering"] ?? "{}") as {
      clusteringColumns: string[][];
    };
    expect(domain.clusteringColumns.map((path) => path.length)).toEqual([1, 2]);
    expect(domain.clusteringColumns[0]?.[0]).toMatch(/^col-/);
    await table.append([row(2)]);
    expect((await table.detail()).domainMetadata["delta.clustering"]).toBeDefined();
    await expect(table.dropColumn("id")).rejects.toMatchObject({ code: "DELTA_UNSUPPORTED_DROP_CLUSTERING_COLUMN" });
    await table.clusterBy([]);
    await table.dropColumn("id");
  });

  test("is not for partitioned tables, nor by columns without statistics", async () => {
    const partitioned = await books({}, { partitionBy: ["price"] });
    await expect(partitioned.clusterBy(["id"])).rejects.toMatchObject({
      code: "DELTA_ALTER_TABLE_CLUSTER_BY_ON_PARTITIONED_TABLE_NOT_ALLOWED",
    });
    const table = await books({ "delta.dataSkippingNumIndexedCols": "1" });
    await expect(table.clusterBy(["price"])).rejects.toMatchObject({ code: "DELTA_CLUSTERING_COLUMN_MISSING_STATS" });
  });
});
