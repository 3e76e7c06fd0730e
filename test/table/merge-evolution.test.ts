// test/table/merge-evolution.test.ts: merges that add columns and fields to their table, and merges that leave files alone. Delta's MERGE.
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

let spark: Session;
beforeEach(() => {
  spark = Session.over(localEngine(), { warehouse: temporaryFolder() });
  onTestFinished(() => spark.close());
});

const rows = async (query: string): Promise<readonly object[]> => (await spark.sql(query)).collect();
const columns = async (): Promise<readonly string[]> =>
  (await spark.table("t").schema()).fields.map(({ name }) => name);

describe("a table of columns", () => {
  beforeEach(async () => {
    await spark.sql("CREATE TABLE t (id INT, v STRING, w INT)");
    await spark.sql("INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)");
  });

  test("takes the new columns of a source whose rows are taken whole, and keeps what the source lacks", async () => {
    await spark.sql(`MERGE WITH SCHEMA EVOLUTION INTO t USING (SELECT * FROM VALUES (1, 'y', 6), (7, 'z', 8) AS s(id, v, extra)) s
      ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`);
    expect(await rows("SELECT * FROM t ORDER BY id")).toEqual([
      { id: 1, v: "y", w: 1, extra: 6 },
      { id: 2, v: "b", w: 2, extra: null },
      { id: 7, v: "z", w: null, extra: 8 },
    ]);
  });

  test("takes of the other sources what clauses name", async () => {
    const source = "(SELECT 1 AS id, 6 AS one, 7 AS two) s";
    await spark.sql(
      `MERGE WITH SCHEMA EVOLUTION INTO t USING ${source} ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 'x'`,
    );
    expect(await columns()).toEqual(["id", "v", "w"]);
    await spark.sql(
      `MERGE WITH SCHEMA EVOLUTION INTO t USING ${source} ON t.id = s.id WHEN MATCHED THEN UPDATE SET one = s.one + 1`,
    );
    await spark.sql(
      `MERGE WITH SCHEMA EVOLUTION INTO t USING ${source} ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, TWO) VALUES (s.id, s.two)`,
    );
    expect(await columns()).toEqual(["id", "v", "w", "one", "two"]);
    expect(await rows("SELECT * FROM t WHERE id = 1")).toEqual([{ id: 1, v: "x", w: 1, one: 7, two: null }]);
    const wrong = `MERGE WITH SCHEMA EVOLUTION INTO t USING ${source} ON t.id = s.id WHEN MATCHED THEN UPDATE SET three = s.one`;
    await expect(spark.sql(wrong)).rejects.toMatchObject({ code: "COLUMN_NOT_FOUND" });
  });

  test("is refused new columns unless the merge says so", async () => {
    const source = "(SELECT 1 AS id, 6 AS extra) s";
    await expect(
      spark.sql(`MERGE INTO t USING ${source} ON t.id = s.id WHEN MATCHED THEN UPDATE SET *`),
    ).rejects.toMatchObject({ code: "COLUMN_NOT_FOUND" });
    await spark.sql(
      "MERGE INTO t USING (SELECT 1 AS id, 'y' AS v, 5 AS w, 6 AS extra) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET *",
    );
    expect(await rows("SELECT * FROM t WHERE id = 1")).toEqual([{ id: 1, v: "y", w: 5 }]);
  });

  test("tells its changes with the new column, by the library", async () => {
    const table = await spark.deltaTable("t");
    await table.setProperties({ "delta.enableChangeDataFeed": "true", "delta.enableTypeWidening": "true" });
    await table
      .merge(
        spark.createDataFrame([{ id: 1, w: 5_000_000_000n, extra: "e" }], "id INT, w BIGINT, extra STRING"),
        "target.id = source.id",
      )
      .withSchemaEvolution()
      .whenMatchedUpdateAll()
      .execute();
    expect(await rows("SELECT * FROM t WHERE id = 1")).toEqual([{ id: 1, v: "a", w: 5_000_000_000n, extra: "e" }]);
    const told = [];
    for await (const row of table.changes({ from: table.version }))
      told.push([row["_change_type"], row["w"], row["extra"]].map(String).join(" "));
    expect(told.toSorted()).toEqual(["update_postimage 5000000000 e", "update_preimage 1 null"]);
  });
});

describe("a table of structs", () => {
  beforeEach(async () => {
    await spark.sql("CREATE TABLE t (id INT, s STRUCT<a: INT, b: STRING>, l ARRAY<STRUCT<p: INT>>)");
    await spark.sql(
      "INSERT INTO t VALUES (1, named_struct('a', 1, 'b', 'x'), array(named_struct('p', 1))), (2, NULL, NULL)",
    );
  });

  test("takes new fields; a row that is taken whole keeps the fields that the source lacks", async () => {
    await spark.sql(`MERGE WITH SCHEMA EVOLUTION INTO t USING (SELECT 1 AS id, named_struct('a', 5, 'c', 9) AS s, array(named_struct('p', 7, 'q', 8)) AS l) n
      ON t.id = n.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`);
    expect(await rows("SELECT * FROM t ORDER BY id")).toEqual([
      { id: 1, s: { a: 5, b: "x", c: 9 }, l: [{ p: 7, q: 8 }] },
      { id: 2, s: null, l: null },
    ]);
    await spark.sql(`MERGE WITH SCHEMA EVOLUTION INTO t USING (SELECT 3 AS id, named_struct('a', 5, 'd', 9) AS s) n
      ON t.id = n.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`);
    expect(await rows("SELECT s FROM t WHERE id = 3")).toEqual([{ s: { a: 5, b: null, c: null, d: 9 } }]);
  });

  test("a struct that is set by name has null where the source lacks a field", async () => {
    await spark.sql(`MERGE WITH SCHEMA EVOLUTION INTO t USING (SELECT 1 AS id, named_struct('a', 6, 'e', 9) AS s) n
      ON t.id = n.id WHEN MATCHED THEN UPDATE SET t.s = n.s`);
    expect(await rows("SELECT s FROM t WHERE id = 1")).toEqual([{ s: { a: 6, b: null, e: 9 } }]);
  });

  test("a null struct of the source empties its fields only where there is a struct", async () => {
    await spark.sql(`MERGE WITH SCHEMA EVOLUTION INTO t USING (SELECT id, CAST(NULL AS STRUCT<a: INT, c: INT>) AS s FROM VALUES (1), (2) AS v(id)) n
      ON t.id = n.id WHEN MATCHED THEN UPDATE SET *`);
    expect(await rows("SELECT s FROM t ORDER BY id")).toEqual([{ s: { a: null, b: "x", c: null } }, { s: null }]);
  });
});

describe("files that the condition or the keys of the source rule out are left alone", () => {
  beforeEach(async () => {
    await spark.sql("CREATE TABLE t (id INT, p STRING, n INT) PARTITIONED BY (p)");
    for (let part = 0; part < 6; part += 1)
      await spark.sql(`INSERT INTO t SELECT id, '${part % 2}', 0 FROM range(${part * 10}, ${part * 10 + 10})`);
    // What is opened is told by what is not there.
    const table = await spark.deltaTable("t");
    const kept = await rows("SELECT DISTINCT _metadata.file_path AS f FROM t WHERE id = 12 OR id = 15");
    const { rm } = await import("node:fs/promises");
    for (const path of (await rows("SELECT DISTINCT _metadata.file_path AS f FROM t")) as { f: string }[])
      if (!kept.some((row) => (row as { f: string }).f === path.f)) await rm(new URL(path.f));
    await table.close();
  });

  test.each([
    ["by keys", "t.id = s.id"],
    ["by keys of another name and a null-safe comparison", "s.id <=> t.id"],
    ["by its own words", "t.id BETWEEN 10 AND 19 AND p = '1' AND t.id + 0 = s.id"],
  ])("%s", async (_, on) => {
    await spark.sql(`MERGE INTO t USING (SELECT * FROM VALUES (12, 1), (15, 2) AS v(id, m)) s ON ${on} WHEN MATCHED THEN UPDATE SET n = s.m
      WHEN NOT MATCHED THEN INSERT (id, p, n) VALUES (s.id, 'x', s.m)`);
    expect(await rows("SELECT id, n FROM t WHERE id BETWEEN 10 AND 19 AND n > 0 ORDER BY id")).toEqual([
      { id: 12, n: 1 },
      { id: 15, n: 2 },
    ]);
  });

  test("unless rows without a partner are asked for", async () => {
    const all = "MERGE INTO t USING (SELECT 12 AS id) s ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE";
    await expect(spark.sql(all)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
