// test/reader/mapped-columns.test.ts: columns found by physical names or by field ids. PROTOCOL.md, "Column Mapping".
import { describe, expect, test } from "vitest";
import { parsePredicate } from "../../src/expression/predicate/parse-predicate.ts";
import type { DataType, PrimitiveName, StructField, StructType } from "../../src/format/schema/schema.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { planScan } from "../../src/reader/scan.ts";
import { field, list, primitive, struct } from "../expression/all-types.ts";
import { makeTable, readRows, testEngine } from "./table-of-files.ts";
import type { FileSpec } from "./table-of-files.ts";

const engine = testEngine();

/** A field with a physical name of its own. */
function mapped(name: string, id: number, type: DataType | PrimitiveName): StructField {
  const metadata = { "delta.columnMapping.id": id, "delta.columnMapping.physicalName": `col-${id}` };
  return { ...field(name, type), metadata };
}

interface Mapped {
  readonly mode: "name" | "id";
  readonly schema: StructType;
  readonly files: readonly FileSpec[];
  readonly partitionColumns?: readonly string[];
}

function mappedTable({ mode, ...table }: Mapped): Promise<Snapshot> {
  const configuration = { "delta.columnMapping.mode": mode };
  return makeTable(engine, { ...table, features: ["columnMapping"], configuration });
}

const map = (valueType: DataType): DataType => ({
  kind: "map",
  keyType: primitive("string"),
  valueType,
  valueContainsNull: true,
});

describe("by name", () => {
  test("columns, fields of structs, elements, keys and values have their names of the schema", async () => {
    const schema = struct(
      mapped("id, of (row)", 1, "integer"),
      mapped('s"t', 2, struct(mapped("x y", 3, "integer"), mapped("z", 4, list(struct(mapped("Q", 5, "long")))))),
      mapped("m", 6, map(struct(mapped("v", 7, "integer")))),
      mapped("plain", 8, list(primitive("integer"))),
    );
    const sql = `SELECT 1 AS "col-1",
      {'col-3': 5, 'col-4': [{'col-5': 7}, NULL]} AS "col-2", MAP{'k': {'col-7': 9}} AS "col-6", [1, 2] AS "col-8"
      UNION ALL SELECT 2, NULL, NULL, NULL`;
    const snapshot = await mappedTable({ mode: "name", schema, files: [{ path: "a", sql }] });
    expect(await readRows(engine, snapshot)).toEqual([
      { "id, of (row)": 1, 's"t': { "x y": 5, z: [{ Q: "7" }, null] }, m: { k: { v: 9 } }, plain: [1, 2] },
      { "id, of (row)": 2, 's"t': null, m: null, plain: null },
    ]);
    expect(await readRows(engine, snapshot, { columns: ["plain"], where: '`s"t`.`x y` = 5' })).toEqual([
      { plain: [1, 2] },
    ]);
  });

  test("a column under the name of one that was dropped is another column", async () => {
    const schema = struct(mapped("a", 2, "string"), mapped("b", 1, "integer"));
    const files = [
      { path: "old", sql: 'SELECT 1 AS "col-1", 10 AS "a"' },
      { path: "new", sql: `SELECT 2 AS "col-1", 'x' AS "col-2"` },
    ];
    expect(await readRows(engine, await mappedTable({ mode: "name", schema, files }))).toEqual([
      { a: null, b: 1 },
      { a: "x", b: 2 },
    ]);
  });

  test("a struct none of whose fields a file has is null only where it was null", async () => {
    const schema = struct(mapped("s", 1, struct(mapped("n", 9, "integer"), mapped("v", 10, "void"))));
    const sql = `SELECT {'col-2': 1} AS "col-1" UNION ALL SELECT NULL`;
    expect(await readRows(engine, await mappedTable({ mode: "name", schema, files: [{ path: "a", sql }] }))).toEqual([
      { s: { n: null, v: null } },
      { s: null },
    ]);
  });

  test("partition values and statistics go by physical names", async () => {
    const schema = struct(mapped("id", 1, struct(mapped("n", 4, "integer"))), mapped("p", 2, "string"));
    const file = (path: string, n: number): FileSpec => ({
      path,
      sql: `SELECT {'col-4': ${n}} AS "col-1"`,
      partitionValues: { "col-2": path, p: "wrong" },
      stats: JSON.stringify({
        numRecords: 1,
        minValues: { "col-1": { "col-4": n }, id: { n: 0 } },
        maxValues: { "col-1": { "col-4": n }, id: { n: 0 } },
        nullCount: { "col-1": { "col-4": 0 } },
      }),
    });
    const files = [file("x", 1), file("y", 2)];
    const snapshot = await mappedTable({ mode: "name", schema, files, partitionColumns: ["p"] });
    expect(await readRows(engine, snapshot)).toEqual([
      { id: { n: 1 }, p: "x" },
      { id: { n: 2 }, p: "y" },
    ]);
    const plan = async (where: string): Promise<object> => {
      const predicate = await parsePredicate(engine.sql, where, { schema, partitionColumns: ["p"] });
      const { files: kept, prunedCount, skippedCount } = await planScan(engine, snapshot, { where: predicate });
      return { kept: kept.map((add) => add.path), prunedCount, skippedCount };
    };
    expect(await plan("p = 'y'")).toEqual({ kept: ["y"], prunedCount: 1, skippedCount: 0 });
    expect(await plan("id.n = 2")).toEqual({ kept: ["y"], prunedCount: 0, skippedCount: 1 });
  });

  test("the mode counts only where the protocol has the feature", async () => {
    const schema = struct(mapped("a", 1, "integer"));
    const files = [{ path: "f", sql: 'SELECT 1 AS "a", 2 AS "col-1"' }];
    const configuration = { "delta.columnMapping.mode": "name" };
    expect(await readRows(engine, await makeTable(engine, { schema, files, configuration }))).toEqual([{ a: 1 }]);
  });
});

describe("by id", () => {
  test("fields are found under whatever name a file has them, at any depth", async () => {
    const schema = struct(
      mapped("id", 1, "integer"),
      mapped("s", 2, struct(mapped("x", 3, "long"), mapped("new", 9, "integer"))),
      mapped("l", 4, list(struct(mapped("e", 5, "integer")))),
    );
    const one: FileSpec = {
      path: "one",
      sql: `SELECT 1 AS "col-1", {'col-3': 5} AS "col-2", [{'col-5': 6}] AS "col-4"`,
      copyOptions:
        'FIELD_IDS {"col-1": 1, "col-2": {__duckdb_field_id: 2, "col-3": 3}, "col-4": {__duckdb_field_id: 4, element: {__duckdb_field_id: 40, "col-5": 5}}}',
    };
    const other: FileSpec = {
      path: "other",
      sql: `SELECT 77 AS "col-1", {'was x': 8, 'col-3': 9} AS st, 2 AS "old id"`,
      copyOptions: 'FIELD_IDS {"col-1": 100, st: {__duckdb_field_id: 2, "was x": 3, "col-3": 101}, "old id": 1}',
    };
    const snapshot = await mappedTable({ mode: "id", schema, files: [one, other] });
    const rows = [
      { id: 1, s: { x: "5", new: null }, l: [{ e: 6 }] },
      { id: 2, s: { x: "8", new: null }, l: null },
    ];
    expect(await readRows(engine, snapshot)).toEqual(rows);
    expect(await readRows(engine, snapshot, { where: "s.x = 8", columns: ["id"] })).toEqual([{ id: 2 }]);
  });

  test("a file without field ids is refused by name", async () => {
    const schema = struct(mapped("id", 1, "integer"));
    const files = [{ path: "plain%20file", logPath: "plain%2520file", sql: 'SELECT 1 AS "col-1"' }];
    await expect(readRows(engine, await mappedTable({ mode: "id", schema, files }))).rejects.toMatchObject({
      code: "CORRUPT_FILE",
      context: { path: "plain%2520file" },
    });
  });

  test("missing and damaged files are named as in the log", async () => {
    const schema = struct(mapped("id", 1, "integer"));
    const good: FileSpec = { path: "good", sql: 'SELECT 1 AS "col-1"', copyOptions: 'FIELD_IDS {"col-1": 1}' };
    const snapshot = await mappedTable({ mode: "id", schema, files: [good, { path: "gone" }] });
    await expect(readRows(engine, snapshot)).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      context: { path: "gone" },
    });
  });
});
