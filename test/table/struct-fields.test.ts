// test/table/struct-fields.test.ts: UPDATE and MERGE that set fields of structs one by one. Delta's rules.
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

let spark: Session;
beforeEach(async () => {
  spark = Session.over(localEngine(), { warehouse: temporaryFolder() });
  onTestFinished(() => spark.close());
  await spark.sql("CREATE TABLE t (id INT, s STRUCT<a: INT, b: STRUCT<x: INT, y: STRING>>, l ARRAY<STRUCT<p: INT>>)");
  await spark.sql(
    "INSERT INTO t VALUES (1, named_struct('a', 1, 'b', named_struct('x', 1, 'y', 'q')), array(named_struct('p', 1))), (2, NULL, NULL)",
  );
});

const structs = async (): Promise<readonly unknown[]> =>
  (await (await spark.sql("SELECT s FROM t ORDER BY id")).collect()).map(({ s }) => s);

test("a field is set, whatever lies beside it stays, and a struct that was null comes to be", async () => {
  await spark.sql("UPDATE t SET s.a = s.a + 4, s.B.y = 'new' WHERE id = 1");
  expect(await structs()).toEqual([{ a: 5, b: { x: 1, y: "new" } }, null]);
  await spark.sql("UPDATE t AS u SET u.s.a = 7");
  expect(await structs()).toEqual([
    { a: 7, b: { x: 1, y: "new" } },
    { a: 7, b: null },
  ]);
});

test("a merge sets fields, by the library too", async () => {
  await spark.sql(
    "MERGE INTO t USING (SELECT 1 AS id, 42 AS v) n ON n.id = t.id WHEN MATCHED THEN UPDATE SET t.s.b.x = n.v",
  );
  expect(await structs()).toEqual([{ a: 1, b: { x: 42, y: "q" } }, null]);
  const table = await spark.deltaTable("t");
  await table.update({ where: "id = 2", set: { "s.b.y": "'lib'" } });
  expect(await structs()).toEqual([
    { a: 1, b: { x: 42, y: "q" } },
    { a: null, b: { x: null, y: "lib" } },
  ]);
});

test("a struct is given as a whole with its fields in any order, but with all of them", async () => {
  await spark.sql("UPDATE t SET s = named_struct('b', named_struct('y', 'r', 'x', 4), 'a', 9) WHERE id = 2");
  expect((await structs())[1]).toEqual({ a: 9, b: { x: 4, y: "r" } });
  await spark.sql("UPDATE t SET s = NULL");
  expect(await structs()).toEqual([null, null]);
});

test.each([
  ["UPDATE t SET s.a = 5, s = NULL", "DELTA_CONFLICT_SET_COLUMN"],
  ["UPDATE t SET s.b.x = 5, s.b = NULL", "DELTA_CONFLICT_SET_COLUMN"],
  ["UPDATE t SET s.a = 5, S.A = 6", "DELTA_CONFLICT_SET_COLUMN"],
  ["UPDATE t SET id = 5, id = 6", "DELTA_CONFLICT_SET_COLUMN"],
  ["UPDATE t SET s.zz = 5", "COLUMN_NOT_FOUND"],
  ["UPDATE t SET id.zz = 5", "DELTA_UNSUPPORTED_NESTED_FIELD_IN_UPDATE"],
  ["UPDATE t SET l.p = 5", "DELTA_UNSUPPORTED_NESTED_FIELD_IN_UPDATE"],
  ["UPDATE t SET s.a = DEFAULT", "COLUMN_NOT_FOUND"],
  ["UPDATE t SET s = named_struct('a', 9)", "DELTA_UPDATE_SCHEMA_MISMATCH_EXPRESSION"],
  ["UPDATE t SET l = array(named_struct('p', 9, 'q', 1))", "DELTA_UPDATE_SCHEMA_MISMATCH_EXPRESSION"],
  [
    "MERGE INTO t USING (SELECT 10 AS id) n ON t.id = n.id WHEN NOT MATCHED THEN INSERT (id, s.a) VALUES (10, 3)",
    "DELTA_UNSUPPORTED_NESTED_FIELD_IN_OPERATION",
  ],
  [
    "MERGE INTO t USING (SELECT 10 AS id) n ON t.id = n.id WHEN NOT MATCHED THEN INSERT (id, s) VALUES (10, named_struct('a', 3))",
    "DELTA_UPDATE_SCHEMA_MISMATCH_EXPRESSION",
  ],
])("%s is refused with %s, and nothing changes", async (statement, code) => {
  const before = await structs();
  await expect(spark.sql(statement)).rejects.toMatchObject({ code });
  expect(await structs()).toEqual(before);
});
