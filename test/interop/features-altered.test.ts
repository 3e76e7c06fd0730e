// Tables that change their columns, properties and protocol, by us and by Spark in turn; and variants.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import type { PeerRow } from "./peer.ts";

const spark = sharedPeer("spark");
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

/** Statements over the table, in which T stands for its name. */
async function inSpark(name: string, ...statements: readonly string[]): Promise<void> {
  await spark.execute(
    `
import re
delta_log.clearCache()
for statement in args['statements']:
    spark.sql(re.sub(r'\\b(TABLE|INTO|FROM) T\\b', lambda found: found.group(1) + ' ' + quoted(args['path']), statement))
`,
    { path: lake.path(name), statements },
  );
}

async function inOurs(name: string, statement: string): Promise<void> {
  await lake.session.sql(statement.replace(/TABLE T\b/, `TABLE delta.\`${lake.path(name)}\``));
}

const idOf = (rows: readonly PeerRow[]): readonly string[] => rows.map((row) => row["id"] as string).toSorted();

test("variants that Spark writes and that we write are the same to both", async () => {
  const name = "variants";
  await inSpark(
    name,
    "CREATE TABLE T (id BIGINT, v VARIANT) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')",
    `INSERT INTO T SELECT * FROM (SELECT 1, parse_json('{"a":[1,"x"]}') UNION ALL SELECT 2, parse_json('7'))`,
  );
  const table = await lake.session.deltaTableAt(lake.path(name));
  const found: Record<string, unknown>[] = [];
  for await (const row of table.rows()) found.push(row);
  await table.append(found.map((row) => ({ ...row, id: (row["id"] as bigint) + 10n })));
  await table.append([{ id: 20n, v: null }]);
  await table.delete("id = 2");
  const answer = await spark.execute(
    `
delta_log.clearCache()
rows = spark.sql(f"SELECT id, to_json(v) AS v FROM {quoted(args)} ORDER BY id").collect()
result = [[row.id, row.v] for row in rows]
`,
    lake.path(name),
  );
  expect(answer).toEqual([
    [1, '{"a":[1,"x"]}'],
    [11, '{"a":[1,"x"]}'],
    [12, "7"],
    [20, null],
  ]);
});

describe("a table that exists", () => {
  test("is altered by us and by Spark in turn, and both read all of it", async () => {
    const name = "altered";
    const table = await lake.create(name, {
      schema: "id BIGINT, a INT, s STRUCT<x: INT>",
      properties: { "delta.checkpointInterval": "2" },
    });
    await table.append([{ id: 1n, a: 1, s: { x: 1 } }]);
    await inOurs(
      name,
      "ALTER TABLE T SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true')",
    );
    await inOurs(name, "ALTER TABLE T RENAME COLUMN a TO b");
    await inSpark(
      name,
      "INSERT INTO T VALUES (2, 2, named_struct('x', 2))",
      "ALTER TABLE T ALTER COLUMN s.x TYPE BIGINT",
    );
    await inOurs(name, "ALTER TABLE T ADD COLUMNS (c STRING AFTER id, s.y DATE)");
    await inSpark(name, "INSERT INTO T VALUES (3, 'c3', 3, named_struct('x', 3, 'y', DATE'2024-01-03'))");
    await inOurs(name, "ALTER TABLE T ALTER COLUMN b TYPE BIGINT");
    await inSpark(name, "ALTER TABLE T DROP COLUMN c", "ALTER TABLE T RENAME COLUMN s.y TO z");
    await inOurs(name, "ALTER TABLE T ADD CONSTRAINT small CHECK (id < 100)");
    await inOurs(name, "ALTER TABLE T SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')");
    await table.refresh();
    await table.append([{ id: 4n, b: 2n ** 40n, s: { x: 2n ** 41n, z: new Date("2024-01-04") } }]);
    expect(idOf(await lake.rows(name))).toEqual(["1", "2", "3", "4"]);
    expect(await spark.read({ path: lake.path(name) })).toEqual(await lake.rows(name));
    await expect(inSpark(name, "INSERT INTO T VALUES (100, 1, NULL)")).rejects.toThrow("CHECK");
    await inSpark(name, "INSERT INTO T VALUES (5, 5, NULL)");
    await expect(table.append([{ id: 100n }])).rejects.toMatchObject({ code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES" });
    // Spark does not show ids, physical names and earlier types.
    const shown = JSON.stringify(await lake.schema(name), (key, value: unknown) => (key === "metadata" ? {} : value));
    expect(JSON.parse(shown)).toEqual(await spark.schema({ path: lake.path(name) }));
  });

  test("gets a protocol that is the same as Spark gives it", async () => {
    const cases: readonly (readonly [string, string])[] = [
      ["", "'delta.enableInCommitTimestamps' = 'true'"],
      ["'delta.minReaderVersion' = '1', 'delta.minWriterVersion' = '4'", "'delta.columnMapping.mode' = 'name'"],
      ["'delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5'", "'delta.feature.v2Checkpoint' = 'supported'"],
      ["", "'delta.feature.rowTracking' = 'supported'"],
      ["", "'delta.minReaderVersion' = '1', 'delta.minWriterVersion' = '6'"],
    ];
    for (const [index, [before, change]] of cases.entries()) {
      const settings = before === "" ? "" : `, ${before}`;
      for (const engine of ["ours", "theirs"]) {
        const name = `protocol ${index} ${engine}`;
        await inSpark(
          name,
          `CREATE TABLE T (id BIGINT) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'false'${settings})`,
        );
        const alter = `ALTER TABLE T SET TBLPROPERTIES (${change})`;
        await (engine === "ours" ? inOurs(name, alter) : inSpark(name, alter));
      }
      const [ours, theirs] = await Promise.all(
        ["ours", "theirs"].map(async (engine) => {
          const { protocol } = await lake.session.deltaTableAt(lake.path(`protocol ${index} ${engine}`));
          return {
            versions: [protocol.minReaderVersion, protocol.minWriterVersion],
            readers: [...(protocol.readerFeatures ?? [])].toSorted(),
            writers: [...(protocol.writerFeatures ?? [])].toSorted(),
          };
        }),
      );
      expect([change, ours]).toEqual([change, theirs]);
    }
  });
});
