// test/reader/change-vectors.test.ts: changes that a commit makes by giving files other deletion vectors, and mapped columns.
// PROTOCOL.md, "Deletion Vectors", "Column Mapping", "Add CDC File".
import { describe, expect, test } from "vitest";
import type { Action, AddFile, DeletionVectorDescriptor, Protocol } from "../../src/format/action/action.ts";
import type { StructField } from "../../src/format/schema/schema.ts";
import { encodeZ85 } from "../../src/format/text/z85.ts";
import { field, struct } from "../expression/all-types.ts";
import { add, remove, testEngine } from "../log/table-builder.ts";
import { cdc, changeTable, changesOf, keeping, twoColumns } from "./change-table.ts";

const engine = testEngine();

const features = ["deletionVectors", "columnMapping"];
const listed: Protocol = {
  kind: "protocol",
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: features,
  writerFeatures: [...features, "changeDataFeed"],
};

/** An inline vector of a few row numbers below 65536. */
function vector(...rows: readonly number[]): DeletionVectorDescriptor {
  const bytes = Buffer.alloc(4 + 8 + 4 + 4 + 4 + 4 + 4 + rows.length * 2);
  let at = bytes.writeInt32LE(1_681_511_377, 0); // magic
  at = bytes.writeBigUInt64LE(1n, at); // one part
  at = bytes.writeUInt32LE(0, at); // its key
  at = bytes.writeUInt32LE(12_346, at); // no runs
  at = bytes.writeUInt32LE(1, at); // one container
  at = bytes.writeUInt16LE(0, at); // its key
  at = bytes.writeUInt16LE(rows.length - 1, at);
  at = bytes.writeUInt32LE(16, at); // where it begins
  for (const row of rows) at = bytes.writeUInt16LE(row, at);
  return { storageType: "i", pathOrInlineDv: encodeZ85(bytes), sizeInBytes: bytes.length, cardinality: rows.length };
}

const ten = "SELECT i::BIGINT AS id, 'n' || i AS name FROM range(10) AS t(i)";
const file = (deletionVector?: DeletionVectorDescriptor): AddFile =>
  add("a.parquet", deletionVector === undefined ? {} : { deletionVector });
const gone = (deletionVector?: DeletionVectorDescriptor): Action =>
  remove("a.parquet", deletionVector === undefined ? {} : { deletionVector });

const changes = (...commits: readonly (readonly Action[])[]): Promise<readonly string[]> =>
  changeTable(engine, [[listed, keeping(), file()], ...commits], { "a.parquet": ten, "b.parquet": ten }).then((table) =>
    changesOf(table, { from: 1 }),
  );

describe("a file that gets another vector", () => {
  test("has lost the rows that are new in it", async () => {
    expect(await changes([gone(), file(vector(2, 7))])).toEqual(["1 delete 2 n2", "1 delete 7 n7"]);
  });

  test("has got back the rows that are no longer in it", async () => {
    const first = vector(1, 2, 3);
    expect(await changes([gone(), file(first)], [gone(first), file(vector(2, 9))])).toEqual([
      "1 delete 1 n1",
      "1 delete 2 n2",
      "1 delete 3 n3",
      "2 delete 9 n9",
      "2 insert 1 n1",
      "2 insert 3 n3",
    ]);
    expect((await changes([gone(), file(first)], [gone(first), file()])).slice(3)).toEqual([
      "2 insert 1 n1",
      "2 insert 2 n2",
      "2 insert 3 n3",
    ]);
  });

  test("and is the same as before has changed nothing", async () => {
    expect(await changes([gone(), file()], [gone(), file(vector(4))], [gone(vector(4)), file(vector(4))])).toEqual([
      "2 delete 4 n4",
    ]);
  });
});

test("a file that is added or removed with a vector gives its live rows alone", async () => {
  const seven = vector(0, 1, 2, 3, 4, 5, 6);
  const found = await changes(
    [add("b.parquet", { deletionVector: seven })],
    [remove("b.parquet", { deletionVector: seven })],
  );
  expect(found).toEqual(
    [7, 8, 9].flatMap((id) => [`1 insert ${id} n${id}`]).concat([7, 8, 9].map((id) => `2 delete ${id} n${id}`)),
  );
});

describe("mapped columns", () => {
  const mapped = (name: string, id: number): StructField => ({
    ...field(name, name === "id" ? "long" : "string"),
    metadata: { "delta.columnMapping.id": id, "delta.columnMapping.physicalName": `col-${id}` },
  });
  const files = {
    "a.parquet": `SELECT 1::BIGINT AS "col-1", 'one' AS "col-2"`,
    "c.parquet": `SELECT 1::BIGINT AS "col-1", 'one' AS "col-2", 'delete' AS _change_type`,
  };
  const schema = struct(mapped("id", 1), mapped("name", 2));

  test("are found in data files and in cdc files", async () => {
    const meta = keeping(schema, { "delta.columnMapping.mode": "name" });
    const table = await changeTable(engine, [[listed, meta, add("a.parquet")], [cdc("c.parquet")]], files);
    expect(await changesOf(table, { from: 0 })).toEqual(["0 insert 1 one", "1 delete 1 one"]);
  });

  test("are those at the end of the range, and a rename within it is refused", async () => {
    const renamed = struct(mapped("id", 1), { ...mapped("name", 2), name: "title" });
    const settings = { "delta.columnMapping.mode": "name" };
    const commits = [
      [listed, keeping(schema, settings), add("a.parquet")],
      [],
      [keeping(renamed, settings)],
      [cdc("c.parquet")],
    ];
    const table = await changeTable(engine, commits, files);
    expect(await changesOf(table, { from: 0, to: 1 })).toEqual(["0 insert 1 one"]);
    expect(await changesOf(table, { from: 2 })).toEqual(["3 delete 1 one"]);
    await expect(changesOf(table, { from: 1, to: 2 })).rejects.toMatchObject({ code: "INVALID_RANGE" });
  });

  test("in id mode are found by id, and the type of the change by its name", async () => {
    const meta = keeping(schema, { "delta.columnMapping.mode": "id" });
    const table = await changeTable(engine, [[listed, meta], [cdc("c.parquet")]], {});
    await using connection = await engine.sql.connect();
    await connection.run(
      `COPY (SELECT 5::BIGINT AS x, 'five' AS y, 'insert' AS _change_type) TO '${table}/c.parquet' (FORMAT parquet, FIELD_IDS {x: 1, y: 2})`,
    );
    expect(await changesOf(table, { from: 0 })).toEqual(["1 insert 5 five"]);
  });
});

test("the columns of a table that maps none stay those of its newest version", async () => {
  const wider = struct(...twoColumns.fields, field("more", "integer"));
  const table = await changeTable(
    engine,
    [[listed, keeping(), file(vector(0, 1, 2, 3, 4, 5, 6, 7, 8))], [keeping(wider)]],
    {
      "a.parquet": ten,
    },
  );
  expect(await changesOf(table, { from: 0, to: 0 })).toEqual(["0 insert 9 n9 null"]);
});
