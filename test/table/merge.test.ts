// test/table/merge.test.ts: MERGE by the library and by SQL, against a model, in tables with and without deletion vectors, change data feed
// and row tracking.
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { roundCount } from "../round-count.ts";

function open(): Session {
  const spark = Session.over(localEngine(), { warehouse: temporaryFolder() });
  onTestFinished(() => spark.close());
  return spark;
}

type Row = readonly [id: number, n: number];

const objects = (rows: readonly Row[]): readonly { id: bigint; n: bigint }[] =>
  rows.map(([id, n]) => ({ id: BigInt(id), n: BigInt(n) }));

async function rowsOf(table: DeltaTable): Promise<readonly string[]> {
  await table.refresh();
  const rows: string[] = [];
  for await (const row of table.rows()) rows.push(Object.values(row).map(String).join(" "));
  return rows.toSorted();
}

async function feedOf(table: DeltaTable): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const row of table.changes({ from: table.version, to: table.version }))
    rows.push([row["_change_type"], row["id"], row["n"]].map(String).join(" "));
  return rows.toSorted();
}

const someRows = fc.uniqueArray(fc.tuple(fc.nat(12), fc.nat(5)), { selector: ([id]) => id, maxLength: 10 });

/** Matched rows: n > 3 in the source deletes, else n is added; new rows with n > 0 come in; others with id > 9 go. */
function model(
  target: readonly Row[],
  source: readonly Row[],
): { readonly rows: readonly Row[]; readonly feed: readonly string[] } {
  const given = new Map(source);
  const held = new Map(target);
  const rows: Row[] = [];
  const feed: string[] = [];
  for (const [id, n] of target) {
    const other = given.get(id);
    if (other === undefined) {
      if (id > 9) feed.push(`delete ${id} ${n}`);
      else rows.push([id, n]);
    } else if (other > 3) feed.push(`delete ${id} ${n}`);
    else {
      rows.push([id, n + other]);
      feed.push(`update_preimage ${id} ${n}`, `update_postimage ${id} ${n + other}`);
    }
  }
  for (const [id, n] of source) {
    if (held.has(id) || n === 0) continue;
    rows.push([id, n]);
    feed.push(`insert ${id} ${n}`);
  }
  return { rows, feed };
}

const sql = `MERGE INTO NAME AS t USING (SELECT * FROM source) AS s ON t.id = s.id
  WHEN MATCHED AND s.n > 3 THEN DELETE
  WHEN MATCHED THEN UPDATE SET t.n = t.n + s.n
  WHEN NOT MATCHED AND s.n > 0 THEN INSERT (id, n) VALUES (s.id, s.n)
  WHEN NOT MATCHED BY SOURCE AND t.id > 9 THEN DELETE`;

test(
  "a merge gives the rows and the changes of the model, by the library and by SQL",
  { timeout: 300_000 },
  async () => {
    const spark = open();
    let count = 0;
    const features = fc.record({
      vectors: fc.constantFrom("true", "false"),
      tracking: fc.constantFrom("true", "false"),
      isSql: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(someRows, someRows, features, async (target, source, { vectors, tracking, isSql }) => {
        const name = `t${(count += 1)}`;
        const table = await spark.createTable(name, {
          schema: "id BIGINT, n BIGINT",
          properties: {
            "delta.enableDeletionVectors": vectors,
            "delta.enableRowTracking": tracking,
            "delta.enableChangeDataFeed": "true",
          },
        });
        const half = Math.floor(target.length / 2);
        for (const part of [target.slice(0, half), target.slice(half)]) await table.append(objects(part));
        const { version } = table;
        if (isSql) {
          const frame = spark.createDataFrame(objects(source), "id BIGINT, n BIGINT");
          frame.createOrReplaceTempView("source");
          await spark.sql(sql.replace("NAME", name));
        } else {
          await table
            .merge(spark.createDataFrame(objects(source), "id BIGINT, n BIGINT"), "target.id = source.id")
            .whenMatchedDelete({ condition: "source.n > 3" })
            .whenMatchedUpdate({ set: { n: "target.n + source.n" } })
            .whenNotMatchedInsertAll({ condition: "n > 0" })
            .whenNotMatchedBySourceDelete({ condition: "id > 9" })
            .execute();
        }
        const expected = model(target, source);
        expect(await rowsOf(table)).toEqual(expected.rows.map(([id, n]) => `${id} ${n}`).toSorted());
        expect(table.version).toBe(version + (expected.feed.length > 0 ? 1 : 0));
        if (expected.feed.length > 0) expect(await feedOf(table)).toEqual(expected.feed.toSorted());
      }),
      { numRuns: roundCount(12), seed: 7 },
    );
  },
);

test("rows of JavaScript are merged, columns that they lack are computed, and the counts are told", async () => {
  const table = await open().createTable("t", {
    schema:
      "id BIGINT, twice BIGINT GENERATED ALWAYS AS (id * 2), k BIGINT GENERATED ALWAYS AS IDENTITY, s STRING DEFAULT 'x'",
  });
  await table.append([{ id: 1n }]);
  const result = await table
    .merge(
      [
        { id: 1n, s: "y" },
        { id: 2n, s: "z" },
      ],
      "target.id = source.id",
    )
    .whenMatchedUpdate({ set: { id: "source.id + 10", s: "source.s" } })
    .whenNotMatchedInsert({ condition: "source.s = 'z'", values: { id: "source.id" } })
    .execute();
  expect(result).toMatchObject({ insertedRowCount: 1, updatedRowCount: 1, deletedRowCount: 0 });
  expect(await rowsOf(table)).toEqual(["11 22 1 y", "2 4 2 x"]);
});

test("several rows of the source for one of the table are refused, unless they only delete it", async () => {
  const table = await open().createTable("t", { schema: "id BIGINT, n BIGINT" });
  await table.append(objects([[1, 1]]));
  const twice = objects([
    [1, 2],
    [1, 3],
  ]);
  const merge = table.merge(twice, "target.id = source.id");
  await expect(merge.whenMatchedUpdateAll().execute()).rejects.toMatchObject({
    code: "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE",
  });
  expect(await rowsOf(table)).toEqual(["1 1"]);
  expect(await merge.whenMatchedDelete().execute()).toMatchObject({ deletedRowCount: 1 });
  expect(await rowsOf(table)).toEqual([]);
});

test.each([
  ["no clause", "target.id = source.id", "DELTA_MERGE_MISSING_WHEN"],
  ["a name of neither side", "target.id = source.other", "COLUMN_NOT_FOUND"],
  ["a name of both sides", "id = 1", "INVALID_PREDICATE"],
])("a merge with %s is refused", async (name, on, code) => {
  const table = await open().createTable("t", { schema: "id BIGINT, n BIGINT" });
  const merge = table.merge(objects([[1, 1]]), on);
  const run = name === "no clause" ? merge : merge.whenMatchedDelete();
  await expect(run.execute()).rejects.toMatchObject({ code });
});
