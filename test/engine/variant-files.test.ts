// test/engine/variant-files.test.ts: variants as plain structs of two binaries, whatever a writer made of them.
import { copyFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import { testEngine } from "../log/table-builder.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const engine = testEngine();

/** Writes the rows of a SELECT. */
async function write(sql: string, options = ""): Promise<string> {
  const path = join(temporaryFolder(), "data.parquet");
  await using connection = await engine.sql.connect();
  await connection.run(`COPY (${sql}) TO ${sqlLiteral(path)} (FORMAT parquet${options})`);
  return path;
}

const asBytes = 'STRUCT(metadata BLOB, "value" BLOB)';

/** Each row's variant as `metadata value` in hexadecimal. */
async function bytesOf(path: string, column = "v"): Promise<readonly unknown[]> {
  const plain = await engine.variants.plain(path);
  await using connection = await engine.sql.connect();
  const value = `CAST(${column} AS ${asBytes})`;
  const rows = await connection.rows(
    `SELECT CASE WHEN ${value} IS NOT NULL THEN lower(hex(${value}.metadata)) || ' ' || lower(hex(${value}.value)) END AS bytes FROM read_parquet(${sqlLiteral(plain)}) ORDER BY id`,
  );
  return rows.map((row) => row["bytes"]);
}

const blob = (hex: string): string => `from_hex('${hex}')`;
const noNames = "010000";

describe("a file with variants", () => {
  test("that are plain structs already is read where it lies", async () => {
    const path = await write(
      `SELECT 1 AS id, {'metadata': ${blob(noNames)}, 'value': ${blob("0c05")}} AS v UNION ALL SELECT 2, NULL`,
    );
    expect(await engine.variants.plain(path)).toBe(path);
    expect(await bytesOf(path)).toEqual([`${noNames} 0c05`, null]);
  });

  test("that are marked gives their bytes", async () => {
    const path = await write("SELECT 1 AS id, 'x'::VARIANT AS v UNION ALL SELECT 3, 7::INTEGER::VARIANT");
    expect(await engine.variants.plain(path)).not.toBe(path);
    expect(await bytesOf(path)).toEqual([`${noNames} 0578`, `${noNames} 1407000000`]);
  });

  test("that are shredded puts them together again, and tells a variant null from no variant", async () => {
    const shredded = (value: string, typed: string): string =>
      `{'metadata': ${blob(noNames)}, 'value': ${value}::BLOB, 'typed_value': ${typed}::BIGINT}`;
    const path = await write(
      [
        `SELECT 1 AS id, ${shredded("NULL", "5")} AS v`,
        `SELECT 2, ${shredded(blob("0578"), "NULL")}`,
        `SELECT 3, ${shredded(blob("00"), "NULL")}`,
        "SELECT 4, NULL",
      ].join(" UNION ALL "),
    );
    expect(await bytesOf(path)).toEqual([`${noNames} 180500000000000000`, `${noNames} 0578`, `${noNames} 00`, null]);
  });

  test("shredded into fields inside of a struct keeps fields, field ids and other columns", async () => {
    const names = "0101000178"; // x
    const value = `{'metadata': ${blob(names)}, 'value': NULL::BLOB, 'typed_value': {'x': {'value': NULL::BLOB, 'typed_value': 1::INTEGER}}}`;
    const path = await write(
      `SELECT 1 AS id, {'a': 9, 'v': ${value}} AS s, 'text' AS t UNION ALL SELECT 2, NULL, NULL`,
      ", FIELD_IDS {id: 11, s: {__duckdb_field_id: 12, a: 13, v: 14}, t: 15}",
    );
    expect(await bytesOf(path, "s.v")).toEqual([`${names} 02010000051401000000`, null]);
    await using connection = await engine.sql.connect();
    const plain = await engine.variants.plain(path);
    const ids = await connection.rows(
      `SELECT name, field_id FROM parquet_schema(${sqlLiteral(plain)}) WHERE field_id IS NOT NULL`,
    );
    expect(ids.map((row) => [row["name"], Number(row["field_id"])])).toEqual([
      ["id", 11],
      ["s", 12],
      ["a", 13],
      ["v", 14],
      ["t", 15],
    ]);
    const [row] = await connection.rows(`SELECT s.a AS a, t FROM read_parquet(${sqlLiteral(plain)}) WHERE id = 1`);
    expect(row).toEqual({ a: 9, t: "text" });
  });

  test("shredded inside of lists, maps and structs in them puts them together again", async () => {
    const variant = (value: string, typed: string): string =>
      `{'metadata': ${blob(noNames)}, 'value': ${value}::BLOB, 'typed_value': ${typed}::BIGINT}`;
    const [five, text, nothing] = [variant("NULL", "5"), variant(blob("0578"), "NULL"), variant(blob("00"), "NULL")];
    const path = await write(
      `SELECT 1 AS id, [${five}, NULL, ${text}] AS l, MAP {'k': ${five}, 'n': NULL, 'z': ${nothing}} AS m, [[{'a': 1, 'v': ${text}}], NULL, []] AS d
       UNION ALL SELECT 2, NULL, NULL, NULL UNION ALL SELECT 3, [], MAP {}, []`,
    );
    const plain = await engine.variants.plain(path);
    await using connection = await engine.sql.connect();
    const shown = (sql: string): string => `CASE WHEN ${sql} IS NOT NULL THEN lower(hex((${sql})."value")) END`;
    const rows = await connection.rows(
      `SELECT id, CAST(list_transform(l, lambda x: ${shown("x")}) AS VARCHAR) AS l, CAST(map_keys(m) AS VARCHAR) AS k,
         CAST(list_transform(map_values(m), lambda x: ${shown("x")}) AS VARCHAR) AS v,
         CAST(list_transform(d, lambda x: list_transform(x, lambda y: concat(y.a, ' ', ${shown("y.v")}))) AS VARCHAR) AS d
       FROM read_parquet(${sqlLiteral(plain)}) ORDER BY id`,
    );
    expect(rows).toEqual([
      {
        id: 1,
        l: "[180500000000000000, NULL, 0578]",
        k: "[k, n, z]",
        v: "[180500000000000000, NULL, 00]",
        d: "[[1 0578], NULL, []]",
      },
      { id: 2, l: null, k: null, v: null, d: null },
      { id: 3, l: "[]", k: "[]", v: "[]", d: "[]" },
    ]);
  });

  // The Parquet format, "Variant Shredding", "Shredded Value Types"; bytes by "Variant Encoding".
  test.each([
    ["BOOLEAN", "true", "04"],
    ["BOOLEAN", "false", "08"],
    ["TINYINT", "-2", "0cfe"],
    ["SMALLINT", "-2", "10feff"],
    ["INTEGER", "-2", "14feffffff"],
    ["BIGINT", "-2", "18feffffffffffffff"],
    ["DOUBLE", "1.5", "1c000000000000f83f"],
    ["FLOAT", "1.5", "380000c03f"],
    ["DECIMAL(9,2)", "-1.50", "20026affffff"],
    ["DECIMAL(18,3)", "1.500", "2403dc05000000000000"],
    ["DECIMAL(38,4)", "-1.5000", "280468c5ffffffffffffffffffffffffffff"],
    ["DATE", "'1970-01-03'", "2c02000000"],
    ["TIMESTAMPTZ", "'1970-01-01 00:00:00.000005+00'", "300500000000000000"],
    ["TIMESTAMP", "'1970-01-01 00:00:00.000005'", "340500000000000000"],
    ["TIMESTAMP_NS", "'1970-01-01 00:00:00.000000005'", "4c0500000000000000"],
    ["TIME", "'00:00:00.000005'", "440500000000000000"],
    ["BLOB", "'\\x01\\x02'", "3c020000000102"],
    ["VARCHAR", "'xyz'", "0d78797a"],
    ["UUID", "'00112233-4455-6677-8899-aabbccddeeff'", "5000112233445566778899aabbccddeeff"],
    [
      'STRUCT("value" BLOB, typed_value INTEGER)[]',
      "[{'value': NULL, 'typed_value': 1}, {'value': '\\x00'::BLOB, 'typed_value': NULL}]",
      "0302000506140100000000",
    ],
  ])("shredded as %s keeps the type of %s", async (type, value, bytes) => {
    const path = await write(
      `SELECT 1 AS id, {'metadata': ${blob(noNames)}, 'value': NULL::BLOB, 'typed_value': ${value}::${type}} AS v`,
    );
    expect(await bytesOf(path)).toEqual([`${noNames} ${bytes}`]);
  });
});

test("many files at once, and a name that is used again, each give their own rows", async () => {
  const folder = temporaryFolder();
  const ids = Array.from({ length: 12 }, (_, index) => index);
  for (const id of ids)
    copyFileSync(await write(`SELECT ${id} AS id, ${id}::INTEGER::VARIANT AS v`), join(folder, `${id}.parquet`));
  const expected = (id: number): readonly string[] => [`${noNames} 14${id.toString(16).padStart(2, "0")}000000`];
  const found = await Promise.all(ids.map((id) => bytesOf(join(folder, `${id}.parquet`))));
  expect(found).toEqual(ids.map(expected));
  copyFileSync(await write("SELECT 1 AS id, 'longer text than before'::VARIANT AS v"), join(folder, "3.parquet"));
  expect(await bytesOf(join(folder, "3.parquet"))).not.toEqual(expected(3));
});

test("a file that is missing or no Parquet is given back for its reader to judge", async () => {
  const folder = temporaryFolder();
  const broken = join(folder, "broken.parquet");
  writeFileSync(broken, "PAR1 this is no footer at all PAR1");
  for (const path of [broken, join(folder, "absent.parquet")]) expect(await engine.variants.plain(path)).toBe(path);
  expect(readdirSync(folder)).toEqual(["broken.parquet"]);
});
