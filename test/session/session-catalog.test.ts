// test/session/session-catalog.test.ts: `spark.catalog` knows the tables and views that there are.
import { join } from "node:path";
import { expect, test } from "vitest";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

test("the catalog lists tables, views and temporary views, and forgets a temporary one that is dropped", async () => {
  const warehouse = temporaryFolder();
  const spark = await Session.open({ warehouse });
  await spark.sql("CREATE TABLE books (id BIGINT, title STRING)");
  await spark.sql("CREATE VIEW titles AS SELECT title FROM books");
  spark.table("books").createOrReplaceTempView("Mine");
  const { catalog } = spark;
  expect(await catalog.listTables()).toEqual([
    { name: "books", isTemporary: false, tableType: "TABLE" },
    { name: "titles", isTemporary: false, tableType: "VIEW" },
    { name: "mine", isTemporary: true, tableType: "TEMPORARY" },
  ]);
  const names = ["books", "TITLES", "mine", "nothing", `delta.\`${join(warehouse, "books")}\``];
  expect(await Promise.all(names.map((name) => catalog.tableExists(name)))).toEqual([true, true, true, false, true]);
  expect((await catalog.listColumns("titles")).map(({ name }) => name)).toEqual(["title"]);
  await expect(catalog.listColumns("nothing")).rejects.toMatchObject({ code: "TABLE_OR_VIEW_NOT_FOUND" });
  expect([await catalog.dropTempView("mine"), await catalog.dropTempView("mine")]).toEqual([true, false]);
  expect(await catalog.tableExists("mine")).toBe(false);
  await spark.close();
});
