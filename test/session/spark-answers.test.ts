// Queries whose answers are Spark's where DuckDB alone would give others; test/interop/session-queries.test.ts compares many more with
// Spark itself.
import { expect, test } from "vitest";
import { Session } from "../../src/index.ts";
import { temporaryFolder, testEngine } from "../stream/query-doubles.ts";

async function valuesOf(query: string): Promise<unknown> {
  const spark = Session.over(testEngine(), { warehouse: temporaryFolder() });
  const rows = (await (await spark.sql(query)).collect()) as readonly Record<string, unknown>[];
  return rows.map((row) => Object.values(row));
}

const pairs = "VALUES (1, 2), (NULL, 3), (4, NULL) AS t(a, b)";
const sales = "(SELECT * FROM VALUES (1, 'x', 5), (1, 'x', NULL), (2, 'y', 7) AS s(id, k, n))";

const answers: readonly (readonly [about: string, query: string, rows: readonly (readonly unknown[])[]])[] = [
  ["what is collected of nothing is empty", "SELECT collect_list(a) FROM range(0) AS r(a)", [[[]]]],
  ["texts and numbers meet as numbers in UNION", "SELECT 1 AS x UNION ALL SELECT '2'", [[1n], [2n]]],
  [
    "what is summed over a UNION has the type in which its sides meet",
    "SELECT sum(x) + 1 FROM (SELECT 1 AS x UNION ALL SELECT '2')",
    [[4n]],
  ],
  ["VALUES meet in Spark's decimals", "SELECT typeof(a) FROM VALUES (1L), (2.5) AS t(a) LIMIT 1", [["decimal(21,1)"]]],
  [
    "a row with a null is not in what differs elsewhere",
    `SELECT a, b FROM ${pairs} WHERE (a, b) NOT IN (SELECT 1, 2) ORDER BY a`,
    [
      [null, 3],
      [4, null],
    ],
  ],
  [
    "a row with a null may be in what agrees elsewhere",
    `SELECT (a, b) IN (SELECT 4, 9) AS x FROM ${pairs} ORDER BY a`,
    [[false], [false], [null]],
  ],
  [
    "a cell of a PIVOT without rows is null, also that of a count",
    `SELECT * FROM ${sales} PIVOT (count(n) FOR k IN ('x', 'y')) ORDER BY id`,
    [
      [1, 1n, null],
      [2, null, 1n],
    ],
  ],
  [
    "a star over USING and NATURAL begins with the shared columns",
    "SELECT * FROM (SELECT 1 AS a, 2 AS k) x JOIN (SELECT 2 AS k, 3 AS b) y USING (k) NATURAL JOIN (SELECT 3 AS b, 4 AS c) z",
    [[3, 2, 1, 4]],
  ],
  ["a null inside of a struct is less than a value", `SELECT max(struct(b, a)).b FROM ${pairs}`, [[3]]],
  [
    "structs and arrays with nulls inside are sorted nulls first",
    "SELECT sort_array(array(struct(1, 5), struct(1, NULL)))[0].col2 AS a, array(1, NULL) < array(1, 2) AS b",
    [[null, true]],
  ],
  ["structs are equal by their places", "SELECT named_struct('a', 1) = struct(1)", [[true]]],
  [
    "groups of ROLLUP may be said behind the keys",
    "SELECT k, grouping_id(), count(*) FROM VALUES ('x'), ('y') AS t(k) GROUP BY k WITH ROLLUP ORDER BY 1, 2",
    [
      [null, 1n, 2n],
      ["x", 0n, 1n],
      ["y", 0n, 1n],
    ],
  ],
  [
    "a generator of several columns stands in a SELECT list",
    "SELECT id, posexplode_outer(l) AS (p, v) FROM VALUES (1, array('a')), (2, array()) AS t(id, l) ORDER BY id",
    [
      [1, 0, "a"],
      [2, null, null],
    ],
  ],
  [
    "rows of structs are tables",
    "SELECT b, a FROM inline(array(named_struct('a', 1, 'b', 'x'))) , LATERAL stack(1, a) AS s(c)",
    [["x", 1]],
  ],
  ["a list is sorted by a function", "SELECT array_sort(array(1, 3, 2), (x, y) -> y - x)", [[[3, 2, 1]]]],
  ["texts from inside of a query are compared as numbers", "SELECT x > y FROM (SELECT '10' AS x, 9 AS y)", [[true]]],
  [
    "NOT LIKE ANY is true where one of the patterns does not match",
    "SELECT a NOT LIKE ANY ('x%', '%y') AS n, a LIKE ALL ('x%', '%y') AS l FROM VALUES ('xy'), ('xx'), ('ab') AS t(a)",
    [
      [false, true],
      [true, false],
      [true, false],
    ],
  ],
  [
    "a null among the answers makes exists and forall null where it could decide",
    "SELECT exists(array(1, NULL), x -> x > 1), exists(array(2, NULL), x -> x > 1), forall(array(2, NULL), x -> x > 1), forall(array(1, NULL), x -> x > 1)",
    [[null, true, null, false]],
  ],
  [
    "months of a sequence count from its first day",
    "SELECT transform(sequence(DATE'2024-01-31', DATE'2024-03-31', INTERVAL 1 MONTH), d -> CAST(d AS STRING))",
    [[["2024-01-31", "2024-02-29", "2024-03-31"]]],
  ],
  ["parts of a list are cast as they are alone", "SELECT CAST(array(1.7D, -1.7D) AS ARRAY<INT>)", [[[1, -1]]]],
  ["lists meet part by part in UNION", "SELECT array('1') AS x UNION ALL SELECT array(2)", [[[1n]], [[2n]]]],
  [
    "a text that is no JSON is a struct of nulls, whatever is in it",
    "SELECT from_json(t, 'n INT, l ARRAY<INT>').l AS l FROM VALUES ('no'), ('{\"l\": [1]}') AS v(t)",
    [[null], [[1]]],
  ],
  [
    "a sum that is too large is null to try_sum, wherever its numbers come from",
    "SELECT try_sum(x + 0) FROM (SELECT 9223372036854775807L AS x UNION ALL SELECT 1L)",
    [[null]],
  ],
  [
    "a join without a condition is of all pairs",
    "SELECT count(*) FROM range(2) a JOIN range(3) b JOIN range(2) c ON a.id = c.id",
    [[6n]],
  ],
  ["a column comes before a result in WHERE", "SELECT id * 2 AS id FROM range(3) WHERE id > 1", [[4n]]],
  [
    "struct(*) is a struct of all columns, also of one table of a join",
    "SELECT to_json(struct(*)) AS j, struct(b.*).id AS b FROM (SELECT 1 AS x) a JOIN range(1) b",
    [['{"x":1,"id":0}', 0n]],
  ],
  [
    "the fields of a struct of a table are columns",
    "SELECT t.s.* FROM (SELECT named_struct('a', 1, 'b', 'x') AS s) t",
    [[1, "x"]],
  ],
  [
    "an hour that clocks show twice is its first, and one that they leave out is read as before it",
    "SELECT CAST(to_utc_timestamp(t, z) AS STRING), CAST(TIMESTAMP'2024-11-03 01:30:00 America/New_York' AS STRING), CAST(TIMESTAMP'2024-03-10 02:30:00 America/New_York' AS STRING) FROM VALUES (TIMESTAMP'2024-11-03 01:30:00', 'America/New_York') AS v(t, z)",
    [["2024-11-03 05:30:00", "2024-11-03 05:30:00", "2024-03-10 07:30:00"]],
  ],
  ["a pair is a struct", "SELECT (1, 'x') AS p", [[{ col1: 1, col2: "x" }]]],
];

test.each(answers)("%s", async (_about, query, rows) => {
  expect(await valuesOf(query)).toEqual(rows);
});

test.each([
  ["SELECT 1 WHERE 2 > ANY (SELECT 1)", /ANY takes no sub-query/],
  ["SELECT 1 UNION SELECT DATE'2024-01-01'", /column 1 .* is INT on one and DATE on the other/],
  ["SELECT DATE'2024-01-02' - DATE'2024-01-01' AS d", /datediff\(a, b\) counts days/],
  ["SELECT explode(array(1)), explode(array(2)) AS b", /one function that makes rows/],
  ["SELECT true = 1", /BOOLEAN and INT do not compare/],
  ["SELECT id FROM range(3) WHERE (id > 1) > 0", /BOOLEAN and INT do not compare/],
  ["SELECT array(1) UNION ALL SELECT array(true)", /column 1 .* is ARRAY<INT> on one and ARRAY<BOOLEAN>/],
  [
    "SELECT id + 1 AS y FROM range(3) WHERE y > 2",
    /no column "y" at line 1, column \d+\. It is a result of this SELECT/,
  ],
  ["SELECT id AS y FROM range(3) WHERE EXISTS (SELECT 1 FROM range(2) r WHERE r.id = y)", /no column "y"/],
  ["SELECT id FROM (SELECT a.id, b.id FROM range(1) a JOIN range(2) b)", /two columns "id"/],
  ["SELECT array(*) FROM range(3)", /array takes no star/],
  ["SELECT count(DISTINCT *) FROM range(3)", /count takes no star/],
  ["SELECT id, FROM range(3)", /a list ends with a comma/],
  ["SELECT id FROM range(3) WHERE id IN (1, 2,)", /comma/],
  ["SELECT id FROM range(3),", /a list ends with a comma/],
  ["SELECT * FROM VALUES (1), ('x') AS t(a)", /VALUES holds texts and other values/],
])("%s is refused", async (query, message) => {
  await expect(valuesOf(query)).rejects.toThrow(message);
});

const nines = "9".repeat(38);

test.each([
  ["sum(x)", `VALUES (${nines}), (1) AS t(x)`],
  ["sum(x) OVER ()", `VALUES (-${nines}), (-1) AS t(x)`],
  [
    "sum(DISTINCT x)",
    `(SELECT a AS x FROM VALUES (CAST(0.${nines} AS DECIMAL(38, 38))), (CAST(0.1 AS DECIMAL(38, 38))) AS t(a))`,
  ],
  ["sum(x)", "VALUES (9223372036854775807), (1) AS t(x)"],
])("%s of %s fits no number of Spark's, and try_sum gives null", async (sum, from) => {
  await expect(valuesOf(`SELECT ${sum} FROM ${from}`)).rejects.toMatchObject({ code: "ARITHMETIC_OVERFLOW" });
  const [row] = (await valuesOf(`SELECT ${sum.replace("sum", "try_sum")} FROM ${from}`)) as readonly unknown[];
  expect(row).toEqual([null]);
});

test("a sum of 38 digits is exact, also in a cell of a PIVOT", async () => {
  const spark = Session.over(testEngine(), { warehouse: temporaryFolder() });
  await spark.sql(`CREATE TABLE t AS SELECT 'k' AS k, x FROM VALUES (${nines}), (0) AS t(x)`);
  const cells = await spark.sql("SELECT * FROM t PIVOT (sum(x) FOR k IN ('k'))");
  expect(await cells.collect()).toEqual([{ k: nines }]);
  expect(await valuesOf(`SELECT sum(x), sum(-x) FROM VALUES (${nines}), (0) AS t(x)`)).toEqual([[nines, `-${nines}`]]);
});
