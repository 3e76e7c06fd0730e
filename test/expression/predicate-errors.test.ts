// test/expression/predicate-errors.test.ts: what cannot be a predicate is refused before anything is read.
import { afterAll, expect, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { parsePredicate } from "../../src/expression/predicate/parse-predicate.ts";
import { scope } from "./all-types.ts";

const engine = localEngine();
afterAll(() => engine[Symbol.asyncDispose]());

const invalid: readonly string[] = [
  "id IN (5.0, 'x')",
  "s LIKE 'Hxe%' ESCAPE 'x'",
  "cast('abc' as int) = i",
  "count(*) > 1",
  "sum(id) > 1",
  "id IN (SELECT 1)",
  "EXISTS (SELECT 1)",
  "nosuch(id)",
  "id",
  "id = d",
  "id = true",
  "id =",
  "(id = 5",
  "id = 5 5",
  "",
  "ID = 5 ; DROP TABLE t",
  "id = 'unclosed",
  "`unclosed = 1",
  "id = 1 /* no end",
  "DATE'2024-02-30' = d",
  "TIMESTAMP'noon' = ts",
  "X'0G' = bin",
  "id = 5Y0",
  "300Y = 1",
  "cast(id AS nothing) = 1",
  "case end",
  "id IN ()",
  "id BETWEEN 1",
  "substring(s) = 'a'",
  "s LIKE 'x\\\\'",
  "row_number() OVER () = 1",
  "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((id = 1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))",
  "not",
  "id AND b",
  "unnest(arr) = 1",
];

test.each(invalid)("%s is an invalid predicate", async (text) => {
  await expect(parsePredicate(engine.sql, text, scope)).rejects.toMatchObject({ code: "INVALID_PREDICATE" });
});

test.each(["nope = 1", "st.nope = 1", "list.y[0] = 1", "upper(Sx) = 'A'", "id.x = 1"])(
  "%s names a column that there is not",
  async (text) => {
    await expect(parsePredicate(engine.sql, text, scope)).rejects.toMatchObject({ code: "COLUMN_NOT_FOUND" });
  },
);

test("an unknown column is reported with the nearest name and the list of columns", async () => {
  await expect(parsePredicate(engine.sql, "idd = 1", scope)).rejects.toThrow(
    /"idd".*Did you mean "id"\?.*"id", "i", "b8"/s,
  );
});

test("a syntax error points at its place", async () => {
  await expect(parsePredicate(engine.sql, "i8 = = 1", scope)).rejects.toThrow(/"i8 = = 1".*at character 6/);
});

test("a predicate says which columns it reads and whether partition values alone answer it", async () => {
  const mixed = await parsePredicate(engine.sql, "ID > 1 OR st.C.d = 'x' OR upper(s) = 'S'", scope);
  expect(mixed).toMatchObject({
    columns: ["id", "st", "s"],
    isPartitionOnly: false,
    text: "ID > 1 OR st.C.d = 'x' OR upper(s) = 'S'",
  });
  expect((await parsePredicate(engine.sql, "id % 2 = 0", scope)).isPartitionOnly).toBe(true);
  expect((await parsePredicate(engine.sql, "1 = 1", scope)).isPartitionOnly).toBe(true);
});
