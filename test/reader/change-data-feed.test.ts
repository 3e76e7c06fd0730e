// test/reader/change-data-feed.test.ts: the rows that each commit inserted, updated and deleted. PROTOCOL.md, "Add CDC File".
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Action, CommitInfo } from "../../src/format/action/action.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { field, struct } from "../expression/all-types.ts";
import { add, commitFile, metadata, protocol, remove, testEngine, v } from "../log/table-builder.ts";
import { cdc, changeTable, changesOf, keeping, twoColumns } from "./change-table.ts";

const engine = testEngine();

const rows = (...ids: readonly number[]): string =>
  ids.map((id) => `SELECT ${id}::BIGINT AS id, 'n${id}' AS name`).join(" UNION ALL ");

const create: readonly Action[] = [protocol, keeping()];

const info = (operation: string, operationMetrics: Readonly<Record<string, string>> = {}): CommitInfo => ({
  kind: "commitInfo",
  operation,
  operationMetrics,
});

describe("the rows of a commit", () => {
  test("without cdc files, added files are inserts and removed files are deletes", async () => {
    const table = await changeTable(
      engine,
      [[...create, add("a.parquet")], [add("b.parquet")], [remove("a.parquet")]],
      { "a.parquet": rows(1, 2), "b.parquet": rows(3) },
    );
    expect(await changesOf(table, { from: 0 })).toEqual([
      "0 insert 1 n1",
      "0 insert 2 n2",
      "1 insert 3 n3",
      "2 delete 1 n1",
      "2 delete 2 n2",
    ]);
    expect(await changesOf(table, { from: 1, to: 1 })).toEqual(["1 insert 3 n3"]);
    expect(await changesOf(table, { from: 1, to: 99 })).toHaveLength(3);
  });

  test("with cdc files, they alone count", async () => {
    const change =
      "SELECT 1::BIGINT AS id, 'old' AS name, 'update_preimage' AS _change_type UNION ALL SELECT 1, 'new', 'update_postimage'";
    const table = await changeTable(
      engine,
      [
        [...create, add("a.parquet")],
        [remove("a.parquet"), add("b.parquet"), cdc("_change_data/c.parquet")],
      ],
      { "a.parquet": rows(1, 2), "b.parquet": rows(1, 2), "_change_data/c.parquet": change },
    );
    expect(await changesOf(table, { from: 1 })).toEqual(["1 update_postimage 1 new", "1 update_preimage 1 old"]);
  });

  test.each([true, false])(
    "cdc files tell the changes of a commit whatever they say of changing data: %s",
    async (dataChange) => {
      const change = "SELECT 1::BIGINT AS id, 'n1' AS name, 'delete' AS _change_type";
      const told = { ...cdc("_change_data/c.parquet"), dataChange };
      const table = await changeTable(
        engine,
        [
          [...create, add("a.parquet")],
          [remove("a.parquet"), told],
        ],
        {
          "a.parquet": rows(1, 2),
          "_change_data/c.parquet": change,
        },
      );
      expect(await changesOf(table, { from: 1 })).toEqual(["1 delete 1 n1"]);
    },
  );

  test("actions that change no data, and merges that touched no row, give nothing", async () => {
    const idle = { numTargetRowsInserted: "0", numTargetRowsUpdated: "0", numTargetRowsDeleted: "0" };
    const table = await changeTable(
      engine,
      [
        [...create, add("a.parquet")],
        [remove("a.parquet", { dataChange: false }), add("b.parquet", { dataChange: false })],
        [info("MERGE", idle), remove("b.parquet"), add("c.parquet")],
        [info("WRITE", idle), add("d.parquet")],
      ],
      { "a.parquet": rows(1), "b.parquet": rows(1), "c.parquet": rows(1), "d.parquet": rows(4) },
    );
    expect(await changesOf(table, { from: 1 })).toEqual(["3 insert 4 n4"]);
  });

  test("partition values come from the log, also where a tombstone does not repeat them", async () => {
    const schema = struct(field("id", "long"), field("p", "string"));
    const partitioned = { ...keeping(schema), partitionColumns: ["p"] };
    const inP = { partitionValues: new Map([["p", "x y"]]) };
    const table = await changeTable(
      engine,
      [
        [protocol, partitioned, add("p=x%20y/a.parquet", inP)],
        [cdc("_change_data/p=x%20y/c.parquet", { p: "x y" })],
        [remove("p=x%20y/a.parquet")],
      ],
      {
        "p=x y/a.parquet": "SELECT 1::BIGINT AS id",
        "_change_data/p=x y/c.parquet": "SELECT 2::BIGINT AS id, 'insert' AS _change_type",
      },
    );
    expect(await changesOf(table, { from: 0 })).toEqual(["0 insert 1 x y", "1 insert 2 x y", "2 delete 1 x y"]);
  });

  test("a data file's own column _change_type is none of the table", async () => {
    const sql = `SELECT *, 'delete' AS _change_type FROM (${rows(1)})`;
    const table = await changeTable(engine, [[...create, add("a.parquet")]], { "a.parquet": sql });
    expect(await changesOf(table, { from: 0 })).toEqual(["0 insert 1 n1"]);
  });

  test("columns are the table's, then type, version and time of the commit", async () => {
    const table = await changeTable(engine, [[...create, add("a.parquet")]], { "a.parquet": rows(1) });
    await using opened = await DeltaTable.open(table);
    const arrow = await opened.changes({ from: 0 }).toArrow();
    expect(arrow.schema.fields.map((one) => `${one.name} ${String(one.type)}`)).toEqual([
      "id Int64",
      "name Utf8",
      "_change_type Utf8",
      "_commit_version Int64",
      "_commit_timestamp Timestamp<MICROSECOND, UTC>",
    ]);
  });
});

describe("the time of a commit", () => {
  const times = async (path: string): Promise<readonly number[]> => {
    await using table = await DeltaTable.open(path);
    const found: number[] = [];
    for await (const row of table.changes({ from: 0 })) found.push((row["_commit_timestamp"] as Date).getTime());
    return found;
  };

  test("is its file's, and its own where it says one", async () => {
    const own: CommitInfo = { ...info("WRITE"), inCommitTimestampMs: 777_000 };
    const table = await changeTable(
      engine,
      [[...create, add("a.parquet")], [add("b.parquet")], [own, add("c.parquet")]],
      { "a.parquet": rows(1), "b.parquet": rows(2), "c.parquet": rows(3) },
    );
    expect(await times(table)).toEqual([0, 60_000, 777_000]);
  });
});

describe("a range", () => {
  const three = (): Promise<string> =>
    changeTable(engine, [[...create, add("a.parquet")], [add("b.parquet")], [add("c.parquet")]], {
      "a.parquet": rows(1),
      "b.parquet": rows(2),
      "c.parquet": rows(3),
    });

  test("that begins after the last version, or ends before it begins, is refused", async () => {
    const table = await three();
    await expect(changesOf(table, { from: 3 })).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
    await expect(changesOf(table, { from: 9, to: 1 })).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
    await expect(changesOf(table, { from: 2, to: 1 })).rejects.toMatchObject({ code: "INVALID_RANGE" });
    await expect(changesOf(table, { from: -1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("of times holds the commits between them, both ends included", async () => {
    const table = await three();
    const at = (seconds: number): Date => new Date(seconds * 1000);
    expect(await changesOf(table, { from: at(1), to: at(60) })).toEqual(["1 insert 2 n2"]);
    expect(await changesOf(table, { from: "1970-01-01T00:01:00Z" })).toEqual(["1 insert 2 n2", "2 insert 3 n3"]);
    expect(await changesOf(table, { from: at(61), to: at(119) })).toEqual([]);
    await expect(changesOf(table, { from: at(119), to: at(61) })).rejects.toMatchObject({ code: "INVALID_RANGE" });
    await expect(changesOf(table, { from: at(121) })).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
    await expect(changesOf(table, { from: 0, to: at(121) })).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
  });

  test("whose commits were cleaned away is refused, not shortened", async () => {
    const table = await three();
    await writeCheckpoint(engine, await loadSnapshot(engine, table, { version: v(1) }));
    for (const at of [0, 1]) rmSync(commitFile(table, at));
    for (const from of [0, 1])
      await expect(changesOf(table, { from })).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
    expect(await changesOf(table, { from: 2 })).toEqual(["2 insert 3 n3"]);
  });

  test("whose files were vacuumed names the file", async () => {
    const table = await three();
    rmSync(join(table, "b.parquet"));
    await expect(changesOf(table, { from: 0 })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      context: { path: "b.parquet" },
    });
  });

  test("must have kept its changes from its first version to its last", async () => {
    const off = { ...metadata(), schemaString: keeping().schemaString };
    const table = await changeTable(
      engine,
      [[protocol, off, add("a.parquet")], [keeping()], [add("b.parquet")], [off], [keeping()]],
      { "a.parquet": rows(1), "b.parquet": rows(2) },
    );
    await expect(changesOf(table, { from: 0, to: 0 })).rejects.toMatchObject({ code: "CHANGE_DATA_NOT_ENABLED" });
    await expect(changesOf(table, { from: 2 })).rejects.toMatchObject({
      code: "CHANGE_DATA_NOT_ENABLED",
      context: { version: 3 },
    });
    expect(await changesOf(table, { from: 1, to: 2 })).toEqual(["2 insert 2 n2"]);
    expect(await changesOf(table, { from: 4 })).toEqual([]);
  });
});

describe("a schema that changes within the range", () => {
  const wider = struct(...twoColumns.fields, field("more", "integer"));

  test("gives the newest columns, null where they were not there yet", async () => {
    const table = await changeTable(
      engine,
      [
        [...create, add("a.parquet")],
        [keeping(wider), add("b.parquet")],
      ],
      { "a.parquet": rows(1), "b.parquet": "SELECT 2::BIGINT AS id, 'n2' AS name, 5 AS more" },
    );
    expect(await changesOf(table, { from: 0 })).toEqual(["0 insert 1 n1 null", "1 insert 2 n2 5"]);
    expect(await changesOf(table, { from: 0, to: 0 })).toEqual(["0 insert 1 n1 null"]);
  });

  test("is refused where no schema reads both sides", async () => {
    const retyped = struct(field("id", "string"), field("name", "string"));
    const table = await changeTable(engine, [[...create, add("a.parquet")], [keeping(retyped)], []], {
      "a.parquet": rows(1),
    });
    await expect(changesOf(table, { from: 0 })).rejects.toMatchObject({
      code: "INVALID_RANGE",
      message: expect.stringMatching(/id:bigint.*id:string/s) as string,
    });
    await expect(changesOf(table, { from: 0, to: 0 })).rejects.toMatchObject({ code: "INVALID_RANGE" });
    expect(await changesOf(table, { from: 1 })).toEqual([]);
  });
});
