// test/reader/widened-types.test.ts: files and statistics of a narrower type than the column has now. PROTOCOL.md, "Type Widening".
import { expect, test } from "vitest";
import { isWiderType } from "../../src/format/schema/type-widening.ts";
import type { DataType, StructField } from "../../src/format/schema/schema.ts";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { field, list, primitive, struct } from "../expression/all-types.ts";
import { makeTable, readRows, testEngine } from "./table-of-files.ts";

const engine = testEngine();

const decimal = (precision: number, scale: number): DataType => ({ kind: "decimal", precision, scale });
const widened = (name: string, type: DataType, change: readonly [fromType: string, toType: string]): StructField => ({
  ...field(name, type),
  metadata: { "delta.typeChanges": [{ fromType: change[0], toType: change[1] }] },
});

test.each([
  ["byte", primitive("byte"), ["short", "integer", "long", "double"], [10, 0]],
  ["long", primitive("long"), [], [20, 0]],
  ["float", primitive("float"), ["double"], null],
  ["date", primitive("date"), ["timestamp_ntz"], null],
  ["decimal", decimal(6, 2), [], [6, 2]],
] as const)("%s widens to what the protocol says, and to nothing else", (...given) => {
  const [, from, names, leastDecimal] = given;
  const all = ["byte", "short", "integer", "long", "float", "double", "date", "timestamp", "timestamp_ntz"] as const;
  const wider = all.filter((name) => isWiderType(from, primitive(name)));
  expect(wider).toEqual(names);
  if (leastDecimal === null) expect(isWiderType(from, decimal(38, 0))).toBe(false);
  else {
    const [precision, scale] = leastDecimal;
    expect(isWiderType(from, decimal(precision + 2, scale + 1))).toBe(true);
    expect(isWiderType(from, decimal(precision + 1, scale + 2))).toBe(false);
    expect(isWiderType(from, decimal(precision - 1, scale))).toBe(false);
  }
});

test("old files are read as the wider type, nested too", async () => {
  const schema = struct(
    field("b", "long"),
    field("i", "double"),
    field("d", decimal(20, 3)),
    field("l", decimal(22, 1)),
    field("f", "double"),
    field("day", "timestamp_ntz"),
    field("s", struct(field("x", "integer"))),
    field("a", list(primitive("double"))),
    field("m", { kind: "map", keyType: primitive("long"), valueType: decimal(12, 2), valueContainsNull: true }),
  );
  const sql = `SELECT (-128)::TINYINT AS b, 7::INTEGER AS i, 1.25::DECIMAL(4,2) AS d, (-9223372036854775807 - 1)::BIGINT AS l,
    0.1::FLOAT AS f, DATE '0001-01-01' AS day, {'x': 3::TINYINT} AS s, [1::SMALLINT] AS a, MAP{1::INTEGER: 2::SMALLINT} AS m`;
  const snapshot = await makeTable(engine, { schema, files: [{ path: "a", sql }], features: ["typeWidening"] });
  const [row] = await readRows(engine, snapshot, {
    where:
      "b = -128 AND i = 7 AND d = 1.250 AND l = -9223372036854775808 AND day = TIMESTAMP_NTZ'0001-01-01' AND s.x = 3",
  });
  expect(row).toMatchObject({ b: "-128", i: 7, f: Math.fround(0.1), s: { x: 3 }, a: [1] });
});

test("statistics of the narrower type skip no file that has matching rows", async () => {
  const schema = struct(
    widened("f", primitive("double"), ["float", "double"]),
    widened("day", primitive("timestamp_ntz"), ["date", "timestamp_ntz"]),
    widened("n", decimal(12, 2), ["integer", "decimal(12,2)"]),
  );
  const stats = JSON.stringify({
    numRecords: 1,
    minValues: { f: 0.7, day: "2020-01-02", n: 5 },
    maxValues: { f: 0.7, day: "2020-01-02", n: 5 },
    nullCount: { f: 0, day: 0, n: 0 },
  });
  const sql = "SELECT 0.7::FLOAT AS f, DATE '2020-01-02' AS day, 5::INTEGER AS n";
  const snapshot = await makeTable(engine, { schema, files: [{ path: "a", sql, stats }], features: ["typeWidening"] });
  const count = async (where: string): Promise<number> => (await readRows(engine, snapshot, { where })).length;
  expect(await count("f < 0.7D")).toBe(1); // 0.7 as a float is 0.699999988…
  expect(await count("day = TIMESTAMP_NTZ'2020-01-02 00:00:00'")).toBe(1);
  expect(await count("day > TIMESTAMP_NTZ'2020-01-02 12:00:00'")).toBe(0);
  expect(await count("n = 5.00")).toBe(1);
  expect(await count("n > 5.00")).toBe(0);
});

test("partition values of the narrower type are read as the wider", async () => {
  const schema = struct(field("id", "integer"), field("n", decimal(12, 2)), field("day", "timestamp_ntz"));
  const file = { path: "a", sql: "SELECT 1 AS id", partitionValues: { n: "5", day: "2020-01-02" } };
  const partitionColumns = ["n", "day"];
  const features = ["typeWidening", "timestampNtz"];
  const snapshot = await makeTable(engine, { schema, files: [file], partitionColumns, features });
  const where = "n = 5.00 AND day = TIMESTAMP_NTZ'2020-01-02 00:00:00'";
  expect(await readRows(engine, snapshot, { columns: ["id"], where })).toEqual([{ id: 1 }]);
});

test.each([
  ["INTEGER", primitive("double"), "D"],
  ["TINYINT", primitive("double"), "D"],
  ["FLOAT", primitive("double"), "D"],
  ["DECIMAL(3,0)", primitive("double"), "D"],
  ["INTEGER", decimal(12, 2), ""],
  ["SMALLINT", decimal(12, 2), ""],
  ["BIGINT", decimal(22, 2), ""],
  ["DECIMAL(3,1)", decimal(10, 4), ""],
] as const)(
  "rows of %s files are compared as the wider type %o, not rounded to their own",
  async (stored, type, suffix) => {
    const values = [-5, 0, 7];
    const rows = [...values, "NULL"].map((value, id) => `(${id}, ${value})`).join(", ");
    const sql = `SELECT id, n::${stored} AS n, {'n': n::${stored}} AS s FROM (VALUES ${rows}) v(id, n)`;
    const schema = struct(field("id", "integer"), field("n", type), field("s", struct(field("n", type))));
    const snapshot = await makeTable(engine, { schema, files: [{ path: "a", sql }], features: ["typeWidening"] });
    for (const bound of [-5.25, -5, -4.75, 0, 0.25, 6.75, 7, 7.25])
      for (const [sign, holds] of Object.entries(comparisons))
        for (const column of ["n", "s.n"]) {
          const where = `${column} ${sign} ${bound}${suffix}`;
          const expected = values.flatMap((value, id) => (holds(value, bound) ? [{ id }] : []));
          expect([where, await readRows(engine, snapshot, { columns: ["id"], where })]).toEqual([where, expected]);
        }
  },
);

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<>": (value, bound) => value !== bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

test("days that are timestamps now are compared with hours as they are, and rows are deleted by that", async () => {
  const schema = struct(field("id", "integer"), widened("at", primitive("timestamp_ntz"), ["date", "timestamp_ntz"]));
  const sql = "SELECT 1 AS id, DATE '2020-01-01' AS at UNION ALL SELECT 2, DATE '2020-01-02'";
  const features = ["typeWidening", "timestampNtz"];
  const snapshot = await makeTable(engine, { schema, files: [{ path: "a", sql }], features });
  const found = (where: string): Promise<readonly unknown[]> => readRows(engine, snapshot, { columns: ["id"], where });
  expect(await found("at < TIMESTAMP_NTZ'2020-01-01 00:00:01'")).toEqual([{ id: 1 }]);
  expect(await found("at >= TIMESTAMP_NTZ'2020-01-01 00:00:01'")).toEqual([{ id: 2 }]);
  expect(await found("at = TIMESTAMP_NTZ'2020-01-01 12:00:00'")).toEqual([]);
  await using session = await Session.open({ warehouse: temporaryFolder() });
  const table = await session.deltaTableAt(snapshot.tablePath);
  await table.delete("at <= TIMESTAMP_NTZ'2020-01-01 23:00:00'");
  const left: unknown[] = [];
  for await (const { id } of table.rows()) left.push(id);
  expect(left).toEqual([2]);
});

test.each([
  ["string", "integer", false],
  ["long", "integer", false],
  ["integer", "some_future_type", false],
  ["timestamp", "timestamp_ntz", false],
  ["integer", "long", true],
  ["decimal(4,2)", "decimal(6,3)", true],
  ["decimal(4,2)", "decimal(4,3)", false],
  ["varchar(3)", "string", true],
  ["byte", "decimal(4,1)", true],
  ["byte", "decimal(3,1)", false],
  ["short", "decimal(6,1)", true],
  ["long", "decimal(19,0)", true],
] as const)("a column that went from %s to %s: the table can be read: %s", async (from, to, isReadable) => {
  const change = { "delta.typeChanges": [{ fromType: from, toType: to, fieldPath: "element" }] };
  const schema = struct(field("id", "integer"), { ...field("l", list(primitive("integer"))), metadata: change });
  const files = [{ path: "a", sql: "SELECT 1 AS id, [1::INTEGER] AS l" }];
  const made = makeTable(engine, { schema, files, features: ["typeWidening"] });
  if (isReadable) expect(await readRows(engine, await made)).toHaveLength(1);
  else
    await expect(made).rejects.toMatchObject({
      code: "UNSUPPORTED_FEATURE",
      context: { column: "l" },
    });
});
