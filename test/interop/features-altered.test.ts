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

  test("with columns that became wider gives Spark and us the same rows for a condition", async () => {
    const name = "widened";
    await inSpark(
      name,
      "CREATE TABLE T (id BIGINT, i INT, d DECIMAL(4,2), f FLOAT, day DATE) USING delta TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'delta.feature.timestampNtz' = 'supported')",
      "INSERT INTO T VALUES (1, 7, 9.99, 0.7, DATE'2020-01-01'), (2, -5, 1.25, 2.2, DATE'2020-01-05')",
      "ALTER TABLE T ALTER COLUMN i TYPE DECIMAL(12,2)",
      "ALTER TABLE T ALTER COLUMN d TYPE DECIMAL(10,4)",
      "ALTER TABLE T ALTER COLUMN f TYPE DOUBLE",
      "ALTER TABLE T ALTER COLUMN day TYPE TIMESTAMP_NTZ",
      "INSERT INTO T VALUES (3, 6.5, 9.9899, 0.7, TIMESTAMP_NTZ'2020-01-01 12:00:00')",
    );
    const conditions = [
      "i > 6.5",
      "i <= -4.75",
      "i IN (6.5, 7)",
      "d > 9.9898",
      "d < 1.2501",
      "d BETWEEN 9.98995 AND 10",
      "day < TIMESTAMP_NTZ'2020-01-01 00:00:01'",
      "day >= TIMESTAMP_NTZ'2020-01-01 00:00:01'",
    ];
    for (const where of conditions) {
      const options = { columns: ["id"], where };
      expect([where, idOf(await lake.rows(name, options))]).toEqual([
        where,
        idOf(await spark.read({ path: lake.path(name), ...options })),
      ]);
    }
  });

  test("suspends row tracking and takes it up again, by us, and Spark sees the ids that we see", async () => {
    const name = "suspended";
    const table = await lake.create(name, {
      schema: "id BIGINT",
      properties: { "delta.feature.rowTracking": "supported", "delta.enableDeletionVectors": "true" },
    });
    await table.append([{ id: 1n }, { id: 2n }, { id: 3n }]);
    await table.setProperties({ "delta.rowTrackingSuspended": "true" });
    await table.delete("id = 2");
    await inSpark(name, "INSERT INTO T VALUES (4)");
    await table.refresh();
    await table.setProperties({ "delta.rowTrackingSuspended": "false", "delta.enableRowTracking": "true" });
    await table.update({ set: { id: "id + 10" }, where: "id = 1" });
    const ids = "id, _metadata.row_id AS r, _metadata.row_commit_version AS v";
    const theirs = await spark.execute(
      `
delta_log.clearCache()
rows = spark.sql(f"SELECT ${ids} FROM {quoted(args)} ORDER BY id").collect()
result = [f"{row.id} {row.r} {row.v}" for row in rows]
`,
      lake.path(name),
    );
    const answer = await lake.session.sql(`SELECT ${ids} FROM delta.\`${lake.path(name)}\` ORDER BY id`);
    const ours = (await answer.collect()).map((row) => Object.values(row).map(String).join(" "));
    expect(ours).toEqual(theirs);
    expect(new Set(ours.map((line) => line.split(" ")[1])).size).toBe(3);
    const code = /DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION/;
    await expect(table.setProperties({ "delta.rowTrackingSuspended": "true" })).rejects.toMatchObject({
      code: "DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION",
    });
    await expect(
      inSpark(name, "ALTER TABLE T SET TBLPROPERTIES ('delta.rowTrackingSuspended' = 'true')"),
    ).rejects.toThrow(code);
  });
});
