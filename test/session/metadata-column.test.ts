// test/session/metadata-column.test.ts: the hidden column `_metadata`: files of rows, and ids of rows where the table tracks them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Session } from "../../src/session/door/session.ts";

const warehouse = mkdtempSync(join(tmpdir(), "alluvium-test-"));
let spark: Session;
beforeAll(async () => {
  spark = await Session.open({ warehouse });
  await spark.sql(
    "CREATE TABLE tracked (id BIGINT, v STRING) TBLPROPERTIES ('delta.enableRowTracking' = 'true', 'delta.enableChangeDataFeed' = 'true')",
  );
  await spark.sql("INSERT INTO tracked VALUES (10, 'a'), (11, 'b')");
  await spark.sql("INSERT INTO tracked VALUES (12, 'c')");
  await spark.sql("UPDATE tracked SET v = 'z' WHERE id = 10");
  await spark.sql("CREATE TABLE plain (id BIGINT, p STRING) PARTITIONED BY (p)");
  await spark.sql("INSERT INTO plain VALUES (1, 'a b%é')");
  await spark.sql("CREATE TABLE own (id BIGINT, _metadata STRING)");
  await spark.sql("INSERT INTO own VALUES (1, 'mine')");
});
afterAll(async () => {
  await spark[Symbol.asyncDispose]();
  rmSync(warehouse, { recursive: true, force: true });
});

const rows = async (query: string): Promise<readonly object[]> => (await spark.sql(query)).collect();

describe("in a query", () => {
  test("a row keeps its id when it is updated or copied, and says which version changed it last", async () => {
    expect(
      await rows("SELECT id, _metadata.row_id, _metadata.row_commit_version AS changed FROM tracked ORDER BY id"),
    ).toEqual([
      { id: 10n, row_id: 0n, changed: 3n },
      { id: 11n, row_id: 1n, changed: 1n },
      { id: 12n, row_id: 2n, changed: 2n },
    ]);
  });

  test("the ids at an old version are those of that version", async () => {
    expect(
      await rows("SELECT id, _metadata.row_commit_version AS changed FROM tracked VERSION AS OF 1 ORDER BY id"),
    ).toEqual([
      { id: 10n, changed: 1n },
      { id: 11n, changed: 1n },
    ]);
  });

  test("* does not show it, wherever else the query names it", async () => {
    expect(await rows("SELECT * FROM tracked WHERE _metadata.row_id = 2")).toEqual([{ id: 12n, v: "c" }]);
    expect(
      await rows("SELECT t.*, t._metadata.row_id FROM tracked t ORDER BY t._metadata.row_id DESC LIMIT 1"),
    ).toEqual([{ id: 12n, v: "c", row_id: 2n }]);
    expect(await rows("SELECT * FROM tracked ORDER BY _metadata.row_id LIMIT 1")).toEqual([{ id: 10n, v: "z" }]);
  });

  test("a name in another case, an aggregate, a join and a sub-query find it too", async () => {
    expect(await rows("SELECT max(_METADATA.ROW_ID) AS m FROM tracked")).toEqual([{ m: 2n }]);
    expect(
      await rows(
        "SELECT a.id, b._metadata.row_id AS r FROM plain a RIGHT JOIN tracked b ON a.id = b._metadata.row_id ORDER BY r",
      ),
    ).toEqual([
      { id: null, r: 0n },
      { id: 1n, r: 1n },
      { id: null, r: 2n },
    ]);
    expect(await rows("SELECT * FROM plain WHERE id IN (SELECT _metadata.row_id FROM tracked)")).toEqual([
      { id: 1n, p: "a b%é" },
    ]);
    expect(await rows("WITH w AS (SELECT *, _metadata.row_id FROM tracked) SELECT count(*) AS n FROM w")).toEqual([
      { n: 3n },
    ]);
  });

  test("a column of a table that is called so is that column", async () => {
    expect(await rows("SELECT * FROM own WHERE _metadata = 'mine'")).toEqual([{ id: 1n, _metadata: "mine" }]);
  });

  test("the path of a file is a URI, and its name the last part of it", async () => {
    const [row] = await rows("SELECT _metadata FROM plain");
    const { _metadata: found } = row as { _metadata: Record<string, unknown> };
    expect(Object.keys(found)).toEqual([
      "file_path",
      "file_name",
      "file_size",
      "file_block_start",
      "file_block_length",
      "file_modification_time",
    ]);
    expect(found["file_path"]).toBe(`file:${warehouse}/plain/p=a%20b%2525é/${String(found["file_name"])}`);
    expect(found["file_modification_time"]).toBeInstanceOf(Date);
  });

  test("a table that keeps no ids has none to show", async () => {
    await expect(rows("SELECT _metadata.row_id FROM plain")).rejects.toThrow(/row_id/);
  });
});

describe("in a frame", () => {
  test("steps name it until a select leaves it out", async () => {
    const frame = spark.table("tracked");
    expect(await frame.where("_metadata.row_id = 0").collect()).toEqual([{ id: 10n, v: "z" }]);
    expect(await frame.select("*", "_metadata.row_id").where("row_id = 1").collect()).toEqual([
      { id: 11n, v: "b", row_id: 1n },
    ]);
    expect(await frame.select("id").where("id > 11").withColumn("r", "_metadata.row_id").collect()).toEqual([
      { id: 12n, r: 2n },
    ]);
    expect((await frame.select("id", "_metadata.row_id").schema()).fields.map(({ name }) => name)).toEqual([
      "id",
      "row_id",
    ]);
  });

  test("selected by itself it is a column like others", async () => {
    const selected = spark.table("tracked").select("id", "_metadata").where("_metadata.row_id = 2");
    expect((await selected.collect()).map((row) => Object.keys(row))).toEqual([["id", "_metadata"]]);
  });

  test("a query over a frame of a table finds it", async () => {
    spark.table("tracked").where("id > 10").createOrReplaceTempView("some_rows");
    expect(await rows("SELECT _metadata.row_id FROM some_rows ORDER BY 1")).toEqual([{ row_id: 1n }, { row_id: 2n }]);
  });

  test("it is not there on a stream, as in Spark", async () => {
    await expect(spark.readStream.table("tracked").select("_metadata.row_id").schema()).rejects.toThrow(/_metadata/);
  });
});

describe("in a table", () => {
  test("columns and conditions may name it", async () => {
    const table = await spark.deltaTable("tracked");
    const found = [];
    for await (const row of table.rows({ columns: ["_metadata", "id"], where: "_metadata.row_id >= 1" }))
      found.push(row);
    expect(found.map((row) => [row["id"], (row["_metadata"] as { row_id: bigint }).row_id])).toEqual(
      expect.arrayContaining([
        [11n, 1n],
        [12n, 2n],
      ]),
    );
    expect(found).toHaveLength(2);
    expect((await table.toArrow({ columns: ["_metadata"] })).numRows).toBe(3);
  });
});
