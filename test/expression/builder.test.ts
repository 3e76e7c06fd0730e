// test/expression/builder.test.ts: expressions built by functions are the same as those written as text.
import { expect, test } from "vitest";
import { and, callFunction, col, expr, lit, not, or } from "../../src/expression/predicate/builder.ts";
import { toPredicate } from "../../src/expression/predicate/predicate-input.ts";
import type { ColumnExpression } from "../../src/expression/predicate/builder.ts";
import { translateSparkSql } from "../../src/expression/bind/translate-sql.ts";
import { schema, scope } from "./all-types.ts";

const pairs: readonly (readonly [ColumnExpression, string])[] = [
  [col("id").eq(5), "id = 5"],
  [col("ID").ne(5n), "id <> 5L"],
  [col("x").lt(0.5), "x < 0.5D"],
  [col("s").isIn("a", "b'c"), "s IN ('a', 'b\\'c')"],
  [col("d").between("2024-01-01", "2024-12-31"), "d BETWEEN '2024-01-01' AND '2024-12-31'"],
  [col("ts").ge(new Date("2024-01-01T00:00:00.123Z")), "ts >= TIMESTAMP'2024-01-01 00:00:00.123'"],
  [col("bin").eq(new Uint8Array([255, 0])), "bin = X'FF00'"],
  [col("st").field("c").field("d").isNull(), "st.c.d IS NULL"],
  [col("arr").item(0).gt(1), "arr[0] > 1"],
  [col("s").startsWith("He").and(col("s").like("%lo")), "startswith(s, 'He') AND s LIKE '%lo'"],
  [not(or(col("b"), col("id").isNotNull())), "NOT (b OR NOT (id IS NULL))"],
  [and(true, col("id").eqNullSafe(null)), "true AND id <=> NULL"],
  [col("id").plus(1).times(2).mod(3).eq(lit(0)), "((id + 1) * 2) % 3 = 0"],
  [col("s").cast("int").eq(1), "cast(s AS int) = 1"],
  [callFunction("upper", col("s")).eq("X"), "upper(s) = 'X'"],
  [expr("id > 1 or b").not(), "not (id > 1 or b)"],
  [col("s").rlike("\\d+"), "s RLIKE '\\\\d+'"],
  [col("`odd ``name.here`").eq(1), "`odd ``name.here` = 1"],
];

test.each(pairs)("%s is %s", (built, text) => {
  expect(toPredicate(built, scope)).toEqual({ ...toPredicate(expr(text), scope), text: built.toSparkSql() });
});

test.each(pairs)("%s reads back from its own text", (built) => {
  const { text, ...meaning } = toPredicate(built, scope);
  expect(text).toBe(built.toSparkSql());
  expect(toPredicate(expr(text), scope)).toMatchObject(meaning);
});

test.each(["a\\%b", "it's", 'two "quotes"', "line\nbreak", "back\\slash", "%_", "\\", "tab\t\0"])(
  "the text %j survives printing",
  (text) => {
    expect(toPredicate(expr(lit(text).eq(col("s")).toSparkSql()), scope).expression).toMatchObject({
      left: { literal: { value: text } },
    });
  },
);

test("values that no literal can hold are refused", () => {
  expect(() => lit(2n ** 63n)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(() => lit(new Date(Number.NaN))).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(() => col("a").isIn()).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(() => col("a").cast("nothing")).toThrow(expect.objectContaining({ code: "INVALID_PREDICATE" }));
});

test("an expression with an alias is an item of a SELECT list", () => {
  expect(col("a").plus(1).as("b `c").toSparkSql()).toBe("(`a` + 1) AS `b ``c`");
  expect(translateSparkSql("a + 1 AS `b c`, upper(s) t, *")).toBe(
    `("a" + 1) AS "b c", upper(replace("s", 'ß', 'SS')) AS "t", *`,
  );
});

test("with a schema, translated names are spelled as in the schema and types are Spark's", () => {
  expect(translateSparkSql("ID, ST.a", schema)).toBe('"id", "st"."A"');
  expect(translateSparkSql("f > 1.5", schema)).toContain('CAST("f" AS DOUBLE)');
  expect(() => translateSparkSql("nope", schema)).toThrow(expect.objectContaining({ code: "COLUMN_NOT_FOUND" }));
  expect(() => translateSparkSql("a +")).toThrow(expect.objectContaining({ code: "PARSE_SYNTAX_ERROR" }));
});
