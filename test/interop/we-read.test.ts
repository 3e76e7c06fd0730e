// Tables of Spark and of delta-rs as we read them: every type, every version, checkpoints in several parts, old protocols, INT96.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allTypes, allTypesJson, allTypesRows, field } from "./all-types.ts";
import { Lake } from "./lake.ts";
import { type PeerName, type PeerRow, sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

const peers: readonly PeerName[] = ["spark", "deltars"];
const spark = sharedPeer("spark");
const deltars = sharedPeer("deltars");
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

/** Runs statements in which `{t}` is the table. */
const sql = (name: string, ...statements: readonly string[]): Promise<unknown> =>
  spark.execute(
    "delta_log.clearCache()\nfor s in args['statements']: spark.sql(s.replace('{t}', quoted(args['path'])))",
    { path: lake.path(name), statements },
  );

describe.each(peers)("%s", (writer) => {
  test("writes every type, and we read it", async () => {
    const name = `types of ${writer}`;
    const request = { path: lake.path(name), schema: allTypesJson, mode: "append" } as const;
    await sharedPeer(writer).write({ ...request, rows: allTypesRows.slice(0, 6) });
    await sharedPeer(writer).write({ ...request, rows: allTypesRows.slice(6) });
    expect(await lake.rows(name)).toEqual(sorted(allTypesRows));
    expect(await lake.rows(name, { version: 0 })).toEqual(sorted(allTypesRows.slice(0, 6)));
    expect((await lake.session.deltaTableAt(lake.path(name))).schema).toEqual(allTypes);
  });

  test("writes partitions of every type, and we read and prune them", async () => {
    const name = `partitions of ${writer}`;
    const parts = {
      flag: ["boolean", [true, false]],
      tiny: ["byte", [-1, 2]],
      large: ["long", ["-9223372036854775808", "9007199254740993"]],
      ratio: ["double", [0.1, 1e-7]],
      price: ["decimal(20,4)", ["0.5000", "12345678901234.1234"]],
      day: ["date", ["0001-01-01", "2024-02-29"]],
      at: ["timestamp", ["1969-12-31T23:59:59.999999Z", "2024-02-29T12:00:00.000000Z"]],
      text: ["string", ["A b/c=%ü😀", ":*?\"<>|#{}[]^\\'"]],
    } as const;
    const columns = Object.keys(parts);
    const schema = {
      type: "struct",
      fields: [field("id", "long"), ...Object.entries(parts).map(([column, [type]]) => field(column, type))],
    };
    const rows: readonly PeerRow[] = [
      ...[0, 1].map((at) => ({
        id: String(at),
        ...Object.fromEntries(Object.entries(parts).map(([column, [, values]]) => [column, values[at] ?? null])),
      })),
      { id: "2", ...Object.fromEntries(columns.map((column) => [column, null])) },
    ];
    await sharedPeer(writer).write({ path: lake.path(name), rows, schema, mode: "append", partitionBy: columns });
    expect(await lake.rows(name)).toEqual(sorted(rows));
    const wheres = [
      "flag",
      "tiny = 2",
      "large > 0",
      "ratio < 0.01",
      "price < 1",
      "day < DATE'2000-01-01'",
      "text LIKE 'A b/c%'",
    ];
    const ids = ["0", "1", "1", "1", "0", "0", "0"];
    for (const [index, where] of wheres.entries()) {
      expect(await lake.rows(name, { where, columns: ["id"] }), where).toEqual([{ id: ids[index] }]);
    }
    expect(await lake.rows(name, { where: "at = TIMESTAMP'1969-12-31 23:59:59.999999Z'", columns: ["id"] })).toEqual([
      { id: "0" },
    ]);
    expect(await lake.rows(name, { where: "text IS NULL AND at IS NULL", columns: ["id"] })).toEqual([{ id: "2" }]);
  });
});

describe("every operation", () => {
  test("of Spark gives us its rows, schema and history at each version", async () => {
    const name = "operations of spark";
    await sql(
      name,
      "CREATE TABLE {t} (id BIGINT, city STRING, n INT) USING delta PARTITIONED BY (city) TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')",
      "INSERT INTO {t} SELECT id, concat('c', id % 3), id FROM range(0, 12, 1, 1)",
      "INSERT INTO {t} SELECT id, NULL, id FROM range(12, 15, 1, 1)",
      "DELETE FROM {t} WHERE city = 'c1'",
      "DELETE FROM {t} WHERE id = 3",
      "UPDATE {t} SET n = n * 10 WHERE id > 8",
      "MERGE INTO {t} AS t USING (SELECT 0L AS id, 'c0' AS city, 99 AS n UNION ALL SELECT 50L, 'c5', 5) AS s ON t.id = s.id " +
        "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
      "ALTER TABLE {t} ADD COLUMNS (extra STRUCT<a: INT, b: ARRAY<STRING>>)",
      "INSERT INTO {t} VALUES (60, 'c6', 6, struct(1, array('x', NULL)))",
      "INSERT INTO {t} REPLACE WHERE city = 'c2' SELECT 70L, 'c2', 7, NULL",
      "OPTIMIZE {t}",
      "ALTER TABLE {t} SET TBLPROPERTIES ('a.b' = 'c')",
      "RESTORE TABLE {t} TO VERSION AS OF 4",
      "INSERT OVERWRITE {t} SELECT id, 'z', 1 FROM range(0, 2, 1, 1)",
      "DELETE FROM {t}",
    );
    const version = await lake.version(name);
    expect(version).toBeGreaterThanOrEqual(13);
    for (let v = 0; v <= version; v += 1) {
      const path = lake.path(name);
      expect(await lake.rows(name, { version: v }), `version ${v}`).toEqual(
        sorted(await spark.read({ path, version: v })),
      );
      expect(await lake.schema(name, { version: v }), `version ${v}`).toEqual(await spark.schema({ path, version: v }));
    }
    await sameHistory(name);
  });

  test("of delta-rs gives us its rows and history at each version", async () => {
    const name = "operations of deltars";
    await deltars.execute(
      `
ids = lambda a, b: pa.table({"id": pa.array(range(a, b), pa.int64()), "city": [f"c{i % 3}" for i in range(a, b)]})
write_deltalake(args, ids(0, 9), partition_by=["city"])
write_deltalake(args, ids(9, 12), mode="append")
DeltaTable(args).delete("city = 'c1'")
DeltaTable(args).delete("id = 3")
DeltaTable(args).update(updates={"id": "id + 100"}, predicate="id > 8")
DeltaTable(args).merge(ids(0, 2), "t.id = s.id", "s", "t").when_not_matched_insert_all().when_matched_delete().execute()
write_deltalake(args, ids(20, 22).append_column("more", pa.array([0.5, None])), mode="append", schema_mode="merge")
write_deltalake(args, pa.table({"id": pa.array([7], pa.int64()), "city": ["c2"], "more": [1.0]}), mode="overwrite", predicate="city = 'c2'")
DeltaTable(args).optimize.compact()
DeltaTable(args).create_checkpoint()
write_deltalake(args, ids(30, 31), mode="overwrite", schema_mode="overwrite")
`,
      lake.path(name),
    );
    const version = await lake.version(name);
    for (let v = 0; v <= version; v += 1) {
      const expected = sorted(await deltars.read({ path: lake.path(name), version: v }));
      expect(await lake.rows(name, { version: v }), `version ${v}`).toEqual(expected);
    }
    expect(version).toBeGreaterThanOrEqual(9);
    await lake.append(name, [{ id: "99", city: "c9" }]);
    expect(sorted(await deltars.read({ path: lake.path(name) }))).toEqual(await lake.rows(name));
  });

  async function sameHistory(name: string): Promise<void> {
    const path = lake.path(name);
    const theirs = await spark.history({ path });
    const ours = await (await lake.session.deltaTableAt(path)).history();
    const facts = ours.map(({ version, timestamp, operation, operationParameters, operationMetrics, engineInfo }) => ({
      ...{ version, timestampMs: timestamp, operation, operationMetrics, engineInfo },
      // Spark shows every parameter as text.
      operationParameters: Object.fromEntries(
        Object.entries(operationParameters ?? {}).map(([key, value]) => [key, value === null ? null : String(value)]),
      ),
    }));
    expect(facts).toEqual(theirs);
  }
});

describe("Spark's files", () => {
  test("with INT96 timestamps are read to the microsecond, and their rows found by predicates", async () => {
    const name = "int96";
    const rows = [
      { id: "1", at: "1969-12-31T23:59:59.999999Z" },
      { id: "2", at: "2024-02-29T12:00:00.000001Z" },
      { id: "3", at: "1900-01-01T00:00:00.500000Z" },
      { id: "4", at: "9999-12-31T23:59:59.999999Z" },
      { id: "5", at: "0001-01-01T00:00:00.000000Z" },
      { id: "6", at: null },
    ];
    const schema = { type: "struct", fields: [field("id", "long"), field("at", "timestamp")] };
    await spark.execute("spark.conf.set('spark.sql.parquet.outputTimestampType', 'INT96')");
    await spark.write({ path: lake.path(name), rows, schema, mode: "append" });
    await spark.execute("spark.conf.unset('spark.sql.parquet.outputTimestampType')");
    expect(await lake.rows(name)).toEqual(sorted(rows));
    expect(
      await lake.rows(name, { where: "at < TIMESTAMP'1970-01-01 00:00:00Z' AND at > TIMESTAMP'1950-01-01 00:00:00Z'" }),
    ).toEqual(rows.slice(0, 1));
    expect(await lake.rows(name, { where: "at = TIMESTAMP'2024-02-29 12:00:00.000001Z'" })).toEqual(rows.slice(1, 2));
  });

  test("and checkpoint in several parts are read, and continued", async () => {
    const name = "parts";
    const properties = "'delta.enableDeletionVectors' = 'false', 'delta.checkpointInterval' = '4'";
    await spark.execute("spark.conf.set('spark.databricks.delta.checkpoint.partSize', '3')");
    await sql(
      name,
      `CREATE TABLE {t} (id BIGINT, day DATE) USING delta PARTITIONED BY (day) TBLPROPERTIES (${properties})`,
      ...[1, 2, 3, 4, 5].map(
        (n) => `INSERT INTO {t} SELECT id, DATE'2024-01-0${n}' FROM range(${n * 10}, ${n * 10 + 4}, 1, 2)`,
      ),
    );
    await spark.execute("spark.conf.unset('spark.databricks.delta.checkpoint.partSize')");
    const parts = lake.log(name).filter((file) => file.includes(".checkpoint.0000"));
    expect(parts.length).toBeGreaterThan(1);
    const expected = sorted(await spark.read({ path: lake.path(name) }));
    lake.forgetBefore(name, 4);
    expect(await lake.rows(name)).toEqual(expected);
    expect(await lake.rows(name, { where: "day = DATE'2024-01-02'" })).toHaveLength(4);
    await lake.append(name, [{ id: "1", day: null }]);
    expect(sorted(await spark.read({ path: lake.path(name) }))).toEqual(await lake.rows(name));
  });

  test.each([
    ["1", "1", "protocol"],
    ["1", "2", "protocol"],
  ])("of reader version %s and writer version %s are read and appended to", async (reader, writer) => {
    const name = `protocol ${reader} ${writer}`;
    const properties = `'delta.minReaderVersion' = '${reader}', 'delta.minWriterVersion' = '${writer}', 'delta.enableDeletionVectors' = 'false'`;
    await sql(
      name,
      `CREATE TABLE {t} (id BIGINT) USING delta TBLPROPERTIES (${properties})`,
      "INSERT INTO {t} VALUES (1)",
    );
    await lake.append(name, [{ id: "2" }]);
    const table = await lake.session.deltaTableAt(lake.path(name));
    expect(table.protocol).toMatchObject({ minReaderVersion: Number(reader), minWriterVersion: Number(writer) });
    expect(sorted(await spark.read({ path: lake.path(name) }))).toEqual([{ id: "1" }, { id: "2" }]);
  });

  test("of an append-only table are not deleted by us, either", async () => {
    await sql(
      "append only",
      "CREATE TABLE {t} (id BIGINT) USING delta TBLPROPERTIES ('delta.appendOnly' = 'true')",
      "INSERT INTO {t} VALUES (1)",
    );
    const table = await lake.session.deltaTableAt(lake.path("append only"));
    await expect(table.delete()).rejects.toMatchObject({ code: "DELTA_CANNOT_MODIFY_APPEND_ONLY" });
    await lake.append("append only", [{ id: "2" }]);
    expect(await spark.read({ path: lake.path("append only") })).toHaveLength(2);
  });
});
