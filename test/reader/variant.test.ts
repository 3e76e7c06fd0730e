// test/reader/variant.test.ts: columns of variants as structs of two binaries. PROTOCOL.md, "Variant Data Type", "Variant Shredding".
import { expect, test } from "vitest";
import { field, list, primitive, struct } from "../expression/all-types.ts";
import { makeTable, readRows, testEngine } from "./table-of-files.ts";

const engine = testEngine();

const blob = (hex: string): string => `from_hex('${hex}')`;
const plain = (value: string): string => `{'value': ${blob(value)}, 'metadata': ${blob("010000")}}`;
const shredded = (value: string, typed: string): string =>
  `{'metadata': ${blob("010000")}, 'value': ${value}::BLOB, 'typed_value': ${typed}::VARCHAR}`;

const bytes = (value: string): object => ({ metadata: "010000", value });

test("files with plain, marked and shredded variants make one column", async () => {
  const files = [
    { path: "plain.parquet", sql: `SELECT 1::BIGINT AS id, ${plain("0c05")} AS v UNION ALL SELECT 2, NULL` },
    { path: "marked.parquet", sql: "SELECT 3::BIGINT AS id, 'x'::VARIANT AS v" },
    {
      path: "shredded.parquet",
      sql: `SELECT 4::BIGINT AS id, ${shredded("NULL", "'y'")} AS v UNION ALL SELECT 5, ${shredded(blob("00"), "NULL")} UNION ALL SELECT 6, NULL`,
    },
    { path: "older.parquet", sql: "SELECT 7::BIGINT AS id" },
  ];
  const snapshot = await makeTable(engine, { schema: struct(field("id", "long"), field("v", "variant")), files });
  expect(await readRows(engine, snapshot)).toEqual([
    { id: "1", v: bytes("0c05") },
    { id: "2", v: null },
    { id: "3", v: bytes("0578") },
    { id: "4", v: bytes("0579") },
    { id: "5", v: bytes("00") },
    { id: "6", v: null },
    { id: "7", v: null },
  ]);
  expect(await readRows(engine, snapshot, { columns: ["id"], where: "v IS NULL" })).toEqual([
    { id: "2" },
    { id: "6" },
    { id: "7" },
  ]);
  expect(await readRows(engine, snapshot, { columns: ["id"], where: "id > 6" })).toEqual([{ id: "7" }]);
});

test("variants lie in structs, lists and maps too", async () => {
  const map = {
    kind: "map",
    keyType: primitive("string"),
    valueType: primitive("variant"),
    valueContainsNull: true,
  } as const;
  const schema = struct(
    field("s", struct(field("v", "variant"), field("name", "string"))),
    field("l", list(primitive("variant"))),
    field("m", map),
  );
  const sql = `SELECT {'v': ${plain("0c01")}, 'name': 'n'} AS s, [${plain("0c02")}, NULL] AS l, MAP {'k': ${plain("0c03")}} AS m`;
  const snapshot = await makeTable(engine, { schema, files: [{ path: "a.parquet", sql }] });
  expect(await readRows(engine, snapshot)).toEqual([
    { s: { v: bytes("0c01"), name: "n" }, l: [bytes("0c02"), null], m: { k: bytes("0c03") } },
  ]);
});

test("a damaged file is named as the log names it", async () => {
  const schema = struct(field("id", "long"), field("v", "variant"));
  const snapshot = await makeTable(engine, { schema, files: [{ path: "gone.parquet" }] });
  await expect(readRows(engine, snapshot)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    context: { path: "gone.parquet" },
  });
});
