// Names of columns without an alias: Spark's, which test/interop/column-names.test.ts holds against Spark.
import { expect, test } from "vitest";
import { sqlIdentifier } from "../../src/engine/base/sql-quote.ts";
import { LateCalls } from "../../src/expression/bind/late-binding.ts";
import { parseSchemaDdl } from "../../src/expression/parse/parse-schema.ts";
import { queryScope } from "../../src/sql/translate/query-scope.ts";
import { aliasesIn, translateQuery } from "../../src/sql/translate/translate-query.ts";
import { columnNames, namedTable } from "./column-names.ts";

/** A query over `t` in DuckDB's words. */
function translated(text: string): string {
  const known = { functions: new Map(), late: new LateCalls() };
  return translateQuery(text, queryScope([parseSchemaDdl(namedTable)], aliasesIn(text), known)).sql;
}

test.each(columnNames)("%s is called %s", (expression, name) => {
  expect(translated(`SELECT ${expression} FROM t`)).toMatch(
    new RegExp(` AS ${literally(sqlIdentifier(name))} FROM `, "u"),
  );
});

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);

test("a cast is named in full beside the column that it casts, so that no two columns have one name", () => {
  for (const list of ["t.a, a::INT", "*, INT(a)", "CAST(a AS INT), t.*", "A, CAST(a AS INT), b"])
    expect(translated(`SELECT ${list} FROM t`), list).toMatch(/ AS "(?:CAST\(a AS INT\)|int\(a\))"/u);
  expect(translated("SELECT a, CAST(a AS INT) FROM t")).toContain('AS "CAST(a AS INT)"');
  expect(translated("SELECT CAST(a AS INT), b FROM t GROUP BY a, b")).toContain('AS "a"');
  expect(translated("SELECT (SELECT max(a) FROM t), CAST(a AS INT) FROM t")).toContain('AS "a" FROM');
});

test("what a cast inside of another query is called is no longer of the table's type", () => {
  expect(aliasesIn("SELECT b + 1 FROM (SELECT CAST(t.b AS INT) FROM t)")).toContain("b");
  expect(aliasesIn("SELECT b + 1 FROM (SELECT b::INT FROM t)")).toContain("b");
  expect(aliasesIn("SELECT CAST(b AS INT) FROM t")).not.toContain("b");
});
