// Columns that are called as the helpers of our own SQL, as keywords, or as what a database makes up by itself: they are columns.
import { join } from "node:path";
import { expect, test } from "vitest";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder, testEngine } from "../stream/query-doubles.ts";

// prettier-ignore
const names = [
  "__clause", "__row", "__file", "__id", "__k0", "__k1", "__a0", "__any", "__ord", "__p0", "__v", "__t", "__time", "__expiry",
  "__h", "__op", "__e", "__mark", "__matched", "__lid", "__rid", "__l0", "__r0", "__old", "__r", "__count", "__alluvium_v",
  "__alluvium_present", "alluvium_start", "alluvium_from", "held", "place", "source", "target", "t", "s", "t0", "s0", "c0", "k0", "v0",
  "n0", "x0", "l", "r", "adds", "row", "json", "base_row", "live", "batch", "given", "grouped", "groups", "known", "rows", "path", "n",
  "times", "deletes", "matching", "tile", "key", "value", "nothing", "user", "current_user", "session_user",
  "window", "date", "time", "timestamp", "rowid", "file_row_number", "file_index", "filename", "index", "order",
  "group", "current_date", "current_timestamp", "localtimestamp", "select", "end", "start", "table", "system_user", "current_catalog",
] as const;

const quoted = (name: string): string => `\`${name}\``;

async function openTable(properties: string): Promise<{ readonly spark: Session; readonly warehouse: string }> {
  const warehouse = temporaryFolder();
  const spark = Session.over(testEngine(), { warehouse });
  const columns = names.map((name) => `${quoted(name)} INT`);
  await spark.sql(`CREATE TABLE w (id INT, ${columns.join(", ")}) TBLPROPERTIES (${properties})`);
  await spark.sql(`INSERT INTO w VALUES ${[1, 2, 3].map((id) => `(${[id, ...valuesOf(id)].join(", ")})`).join(", ")}`);
  return { spark, warehouse };
}

/** No two columns of a row are alike, so that a mix-up shows. */
const valuesOf = (id: number): readonly number[] => names.map((_, index) => id * 1000 + index);

const rowOf = (id: number): Record<string, number> => ({
  id,
  ...Object.fromEntries(names.map((name, index) => [name, id * 1000 + index])),
});

async function rowsOf(spark: Session, query: string): Promise<readonly Record<string, unknown>[]> {
  const frame = await spark.sql(query);
  return await frame.collect();
}

const everyName = names.map(quoted).join(", ");

const tables = [
  ["are written anew", "'delta.enableDeletionVectors' = 'false', 'delta.enableChangeDataFeed' = 'true'"],
  ["are marked", "'delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true'"],
  ["are tracked", "'delta.enableDeletionVectors' = 'true', 'delta.enableRowTracking' = 'true'"],
] as const;

test.each(tables)("rows change as asked where files %s, whatever their columns are called", async (_, properties) => {
  const { spark } = await openTable(properties);
  const all = "SELECT * FROM w ORDER BY id";
  expect(await rowsOf(spark, all)).toEqual([1, 2, 3].map((id) => rowOf(id)));
  const given = (id: number): string =>
    `SELECT ${[id, ...valuesOf(id + 6)].map((value, at) => `${value} AS ${quoted(["id", ...names][at] ?? "")}`).join(", ")}`;
  await spark.sql(
    `MERGE INTO w AS t USING (${given(2)} UNION ALL ${given(4)}) AS s ON t.id = s.id AND t.\`__row\` < s.\`__row\` WHEN MATCHED AND s.user > t.user THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`,
  );
  expect(await rowsOf(spark, all)).toEqual([rowOf(1), { ...rowOf(8), id: 2 }, rowOf(3), { ...rowOf(10), id: 4 }]);
  for (const [index, name] of names.entries())
    expect(await rowsOf(spark, `SELECT id FROM w WHERE ${quoted(name)} = ${3000 + index}`)).toEqual([{ id: 3 }]);
  await spark.sql(
    `UPDATE w SET ${names.map((name) => `${quoted(name)} = ${quoted(name)} + 1`).join(", ")} WHERE \`__file\` = ${String(rowOf(1)["__file"])} AND rowid = ${String(rowOf(1)["rowid"])} AND current_date = ${String(rowOf(1)["current_date"])}`,
  );
  const bumped = { id: 1, ...Object.fromEntries(names.map((name, index) => [name, 1001 + index])) };
  expect(await rowsOf(spark, "SELECT * FROM w WHERE id = 1")).toEqual([bumped]);
  await spark.sql(`DELETE FROM w WHERE \`__row\` = ${String(rowOf(3)["__row"])}`);
  expect(await rowsOf(spark, all)).toEqual([bumped, { ...rowOf(8), id: 2 }, { ...rowOf(10), id: 4 }]);
});

test("a constraint holds, whatever its columns are called", async () => {
  const spark = Session.over(testEngine(), { warehouse: temporaryFolder() });
  await spark.sql(`CREATE TABLE c (${names.map((name) => `${quoted(name)} INT`).join(", ")})`);
  const small = names.map((name) => `${quoted(name)} < 10`).join(" AND ");
  await spark.sql(`ALTER TABLE c ADD CONSTRAINT small CHECK (${small})`);
  await spark.sql(`INSERT INTO c VALUES (${names.map(() => 1).join(", ")})`);
  for (const name of ["__row", "held", "v0", "user", "rowid", "index"])
    await expect(
      spark.sql(`INSERT INTO c VALUES (${names.map((other) => (other === name ? 10 : 1)).join(", ")})`),
    ).rejects.toMatchObject({ code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES" });
});

async function streamed(sql: string, mode: "append" | "complete"): Promise<readonly Record<string, unknown>[]> {
  const { spark, warehouse } = await openTable("'delta.enableChangeDataFeed' = 'true'");
  spark.readStream.table("w").createOrReplaceTempView("e");
  const frame = await spark.sql(sql);
  const writer = frame.writeStream.outputMode(mode).trigger({ availableNow: true });
  const query = await writer.option("checkpointLocation", join(warehouse, "checkpoint")).toTable("out");
  await query.awaitTermination();
  return rowsOf(spark, "SELECT * FROM out ORDER BY 1");
}

test("a stream copies, groups, joins and drops duplicates, whatever its columns are called", async () => {
  const rows = [1, 2, 3].map((id) => rowOf(id));
  expect(await streamed("SELECT * FROM e", "append")).toEqual(rows);
  expect(await streamed("SELECT DISTINCT * FROM e", "append")).toEqual(rows);
  expect(await streamed(`SELECT id, ${everyName} FROM e GROUP BY id, ${everyName}`, "complete")).toEqual(rows);
  const sums = names.map((name) => `max(${quoted(name)}) AS ${quoted(name)}`).join(", ");
  expect(await streamed(`SELECT id, ${sums} FROM e GROUP BY id`, "complete")).toEqual(rows);
  expect(
    await streamed(
      "SELECT e.* FROM e JOIN w ON e.`__row` = w.`__row` AND e.user = w.user AND e.rowid = w.rowid",
      "append",
    ),
  ).toEqual(rows);
  expect(await streamed("SELECT a.* FROM e a JOIN e b ON a.`__row` = b.`__row` AND a.user = b.user", "append")).toEqual(
    rows,
  );
});

test("a column called current_date comes before the function, and the function is one time where there is none", async () => {
  const spark = Session.over(testEngine(), { warehouse: temporaryFolder() });
  await spark.sql("CREATE TABLE d (current_date INT, `localtimestamp` INT, User INT)");
  await spark.sql("INSERT INTO d VALUES (1, 2, 3)");
  const columns =
    "SELECT Current_Date AS a, localtimestamp AS b, `CURRENT_DATE` AS c, d.current_date + 1 AS e, USER AS f FROM d";
  expect(await rowsOf(spark, `${columns} WHERE current_date = 1 AND user = 3`)).toEqual([
    { a: 1, b: 2, c: 1, e: 2, f: 3 },
  ]);
  expect(await rowsOf(spark, "SELECT sum(current_date) OVER (ORDER BY localtimestamp) AS s FROM d")).toEqual([
    { s: 1n },
  ]);
  const isNow =
    "current_date = current_date() AND current_timestamp = now() AND CAST(current_timestamp AS DATE) = current_date";
  await spark.sql("CREATE TABLE other (id INT)");
  await spark.sql("INSERT INTO other VALUES (1)");
  expect(await rowsOf(spark, `SELECT id, ${isNow} AS b FROM other WHERE ${isNow}`)).toEqual([{ id: 1, b: true }]);
  expect(await rowsOf(spark, "SELECT 1 AS current_date")).toEqual([{ current_date: 1 }]);
  expect(await rowsOf(spark, "SELECT max(current_date) OVER () = current_date AS b FROM other")).toEqual([{ b: true }]);
});

test("a bare word that Spark calls as a function is one in an inner query, unless that has such a column; else it is a column", async () => {
  const spark = Session.over(testEngine(), { warehouse: temporaryFolder() });
  await spark.sql("CREATE TABLE a (id INT, user TIMESTAMP, Session_User STRING, localtime INT, window INT)");
  await spark.sql("INSERT INTO a VALUES (1, TIMESTAMP'2024-01-01 00:00:30', 'su', 77, 7)");
  await spark.sql("CREATE TABLE b (id INT)");
  await spark.sql("INSERT INTO b VALUES (1)");
  const inner = "EXISTS (SELECT 1 FROM b WHERE b.id = a.id AND session_user = session_user() AND LocalTime = 77)";
  const who = "(SELECT SESSION_USER FROM b) = current_user() AS isUser, (SELECT a.SESSION_USER FROM b) AS s";
  expect(await rowsOf(spark, `SELECT id, ${who} FROM a WHERE ${inner}`)).toEqual([{ id: 1, isUser: true, s: "su" }]);
  const derived =
    "SELECT (SELECT max(user) FROM (SELECT 5 AS user) q) AS own FROM (WITH u(user) AS (SELECT 4) SELECT * FROM u)";
  expect(await rowsOf(spark, derived)).toEqual([{ own: 5 }]);
  expect(await rowsOf(spark, "SELECT user = user() AS own FROM range(1) AS r")).toEqual([{ own: true }]);
  await expect(spark.sql("SELECT user FROM unnest([1]) AS u")).rejects.toThrow(/user may be a column or the function/);
  const minute = "window(User, '1 minute')";
  expect(await rowsOf(spark, `SELECT ${minute}.start AS w, count(*) AS n FROM a GROUP BY ${minute}`)).toEqual([
    { w: new Date("2024-01-01T00:00:00Z"), n: 1n },
  ]);
  expect(await rowsOf(spark, `SELECT ${minute}.start AS w, window AS own FROM a`)).toEqual([
    { w: new Date("2024-01-01T00:00:00Z"), own: 7 },
  ]);
  expect(
    await rowsOf(spark, "SELECT session_user, count(*) AS user FROM a GROUP BY session_user ORDER BY user"),
  ).toEqual([{ session_user: "su", user: 1n }]);
});
