// test/session/change-frames.test.ts: the change data feed as a frame: `readChangeFeed` of `spark.read`, and `table_changes` in SQL.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import { Session } from "../../src/session/door/session.ts";

const warehouse = mkdtempSync(join(tmpdir(), "alluvium-test-"));
let spark: Session;

beforeAll(async () => {
  spark = await Session.open({ warehouse });
  await spark.sql("CREATE TABLE t (id BIGINT, n STRING) TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')");
  await spark.sql("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  await spark.sql("UPDATE t SET n = 'z' WHERE id = 1");
  await spark.sql("DELETE FROM t WHERE id = 2");
});

afterAll(async () => {
  await spark.close();
  rmSync(warehouse, { recursive: true, force: true });
});

async function told(frame: DataFrame): Promise<readonly unknown[]> {
  const rows = await frame.orderBy("_commit_version", "_change_type", "id").collect();
  return rows.map(({ id, n, _change_type: what, _commit_version: version }) => [version, what, id, n]);
}

const all = [
  [1n, "insert", 1n, "a"],
  [1n, "insert", 2n, "b"],
  [2n, "update_postimage", 1n, "z"],
  [2n, "update_preimage", 1n, "a"],
  [3n, "delete", 2n, "b"],
];

test("readChangeFeed gives the changes from a version, or between two", async () => {
  const feed = spark.read.option("readChangeFeed", true).option("startingVersion", 1);
  expect(await told(feed.table("t"))).toEqual(all);
  expect(await told(feed.option("endingVersion", 2).load(join(warehouse, "t")))).toEqual(all.slice(0, 4));
  expect(await told(feed.option("startingVersion", 0).option("endingVersion", 0).table("t"))).toEqual([]);
});

test("readChangeFeed gives the changes between two times", async () => {
  const history = await (await spark.deltaTable("t")).history();
  const first = new Date(history.find(({ version }) => version === 1)?.timestamp ?? 0);
  const feed = spark.read.option("readChangeFeed", true).option("startingTimestamp", first.toISOString());
  expect(await told(feed.table("t"))).toEqual(all);
});

test("table_changes is a table in SQL, by name and by path, and can be joined", async () => {
  expect(await told(await spark.sql("SELECT * FROM table_changes('t', 1) c WHERE c.id > 0"))).toEqual(all);
  const byPath = await spark.sql(`SELECT * FROM table_changes_by_path('${join(warehouse, "t")}', 2, 2)`);
  expect(await told(byPath)).toEqual(all.slice(2, 4));
  const joined = await spark.sql("SELECT c.n FROM table_changes('t', 1) AS c JOIN t USING (id) ORDER BY c.n");
  expect((await joined.collect()).map(({ n }) => n)).toEqual(["a", "a", "z"]);
});

test("a name of table_changes may have points within backticks, and two backticks for one", async () => {
  await spark.sql("CREATE TABLE `a.b``c` (id BIGINT) TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')");
  await spark.sql("INSERT INTO `a.b``c` VALUES (7)");
  const changes = await spark.sql("SELECT id FROM table_changes('`a.b``c`', 1)");
  expect(await changes.collect()).toEqual([{ id: 7n }]);
});

test.each([
  [{ readChangeFeed: true }, /startingVersion or startingTimestamp/u],
  [{ startingVersion: 1 }, /say readChangeFeed too/u],
  [{ readChangeFeed: true, startingVersion: 1, startingTimestamp: "2024-01-01" }, /not both/u],
  [{ readChangeFeed: true, startingVersion: 1, versionAsOf: 1 }, /not both/u],
  [{ readChangeFeed: "maybe" }, /true or false/u],
  [{ startingVersio: 1 }, /did you mean startingVersion/u],
])("options %o are refused: %s", (options, message) => {
  const read = (): DataFrame =>
    Object.entries(options)
      .reduce((reader, [name, value]) => reader.option(name, value), spark.read)
      .table("t");
  expect(read).toThrow(message);
});

test.each([
  ["table_changes('t')", "PARSE_SYNTAX_ERROR"],
  ["table_changes('t', 'x', 1, 2)", "PARSE_SYNTAX_ERROR"],
  ["table_changes('t', 1.5)", "PARSE_SYNTAX_ERROR"],
  ["table_changes('tt', 1)", "TABLE_OR_VIEW_NOT_FOUND"],
  ["table_changes('t', 99)", "VERSION_NOT_FOUND"],
])("%s is refused: %s", async (call, code) => {
  await expect(spark.sql(`SELECT * FROM ${call}`)).rejects.toMatchObject({ code });
});

test("a table may be called table_changes", async () => {
  await spark.sql("CREATE TABLE table_changes (id BIGINT)");
  expect(await (await spark.sql("SELECT * FROM table_changes")).count()).toBe(0n);
});
