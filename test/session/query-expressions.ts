// test/session/query-expressions.ts: what the random queries are made of: expressions, conditions, and what may stand for a stream.
import fc from "fast-check";

const { constantFrom, nat, oneof, tuple } = fc;
/** A part of a query. */
export type Text = fc.Arbitrary<string>;

/** Expressions over columns behind a prefix such as `e.`. */
export function expressions(prefix: string): { readonly number: Text; readonly text: Text; readonly condition: Text } {
  const at = (role: string): string => `${prefix}$${role}`;
  const { number, text, condition } = fc.letrec<{ number: string; text: string; condition: string }>((tie) => ({
    number: oneof(
      { maxDepth: 2, depthIdentifier: "n" },
      constantFrom(at("v"), at("v"), at("b"), "1", "2"),
      tuple(tie("number"), constantFrom("+", "-", "*"), nat(3)).map(([a, op, c]) => `(${a} ${op} ${c})`),
      tie("number").map((a) => `abs(${a})`),
      tie("number").map((a) => `(${a} % 3)`),
      tuple(tie("number"), nat(5)).map(([a, c]) => `coalesce(${a}, ${c})`),
      tie("text").map((a) => `length(${a})`),
      tuple(tie("condition"), tie("number"), tie("number")).map(
        ([c, a, b]) => `CASE WHEN ${c} THEN ${a} ELSE ${b} END`,
      ),
      constantFrom(`second(${at("ts")})`, `CAST(${at("d")} AS INT)`, `nullif(${at("v")}, 2)`),
    ),
    text: oneof(
      { maxDepth: 2, depthIdentifier: "t" },
      constantFrom(at("k"), at("k"), "'x'", "'é😀'"),
      tie("text").map((a) => `upper(${a})`),
      tie("text").map((a) => `concat(${a}, '-')`),
      tie("text").map((a) => `coalesce(${a}, 'none')`),
      tie("text").map((a) => `substring(${a}, 1, 1)`),
      tie("number").map((a) => `CAST(${a} AS STRING)`),
      tuple(tie("condition"), tie("text"), tie("text")).map(([c, a, b]) => `if(${c}, ${a}, ${b})`),
    ),
    condition: oneof(
      { maxDepth: 2, depthIdentifier: "c" },
      tuple(tie("number"), constantFrom("=", "<", ">=", "<>", "<=>"), nat(3)).map(([a, op, c]) => `${a} ${op} ${c}`),
      tuple(tie("text"), constantFrom("a", "b", "x")).map(([a, c]) => `${a} = '${c}'`),
      constantFrom(`${at("k")} IS NULL`, `${at("v")} IN (1, 3)`, `${at("d")} BETWEEN 0 AND 2`, `${at("k")} LIKE 'a%'`),
      tie("condition").map((a) => `NOT (${a})`),
      tuple(tie("condition"), constantFrom("AND", "OR"), tie("condition")).map(([a, op, b]) => `(${a} ${op} ${b})`),
    ),
  }));
  return { number, text, condition };
}

/** Expressions over the columns of one stream. */
export const plain: ReturnType<typeof expressions> = expressions("");

/** Conditions of rows, sub-queries among them. */
export const inWhere: Text = oneof(
  { weight: 4, arbitrary: plain.condition },
  {
    weight: 1,
    arbitrary: constantFrom(
      "$k IN (SELECT sk FROM s WHERE sk IS NOT NULL)",
      "EXISTS (SELECT 1 FROM s WHERE s.sk = e.$k)",
      "$v > (SELECT min(sz) FROM s)",
    ),
  },
);

/** WHERE or nothing. */
export const where = (condition: Text): Text =>
  fc.option(condition, { nil: "" }).map((text) => (text === "" ? "" : ` WHERE ${text}`));

/** What stands for `e`: the stream, a sub-query, a join with the static table, a union. All have its columns, and no others. */
export const source: Text = oneof(
  { weight: 4, arbitrary: fc.constant("e") },
  { weight: 1, arbitrary: where(plain.condition).map((text) => `(SELECT * FROM e${text}) AS e`) },
  {
    weight: 1,
    arbitrary: tuple(plain.number, where(plain.condition)).map(
      ([v, text]) => `(SELECT $k, CAST(${v} % 100 AS INT) AS $v, $b, $d, $x, $ts, $g, $m FROM e${text}) AS e`,
    ),
  },
  {
    weight: 1,
    arbitrary: constantFrom("JOIN", "LEFT JOIN").map(
      (join) => `(SELECT e.$k, sz AS $v, $b, $d, $x, $ts, $g, $m FROM e ${join} s ON e.$k = sk) AS e`,
    ),
  },
  { weight: 1, arbitrary: fc.constant("(SELECT * FROM e LEFT ANTI JOIN s ON e.$k = sk) AS e") },
  { weight: 1, arbitrary: fc.constant("(SELECT * FROM e UNION ALL SELECT * FROM f) AS e") },
  {
    weight: 1,
    arbitrary: fc.constant(
      "(SELECT $k, x2 AS $v, $b, $d, $x, $ts, $g, $m FROM e LATERAL VIEW explode(array($v, 7)) t AS x2) AS e",
    ),
  },
);

/** What more an aggregation in append or update mode may read: rows without duplicates, rows of a join of the streams. */
export const remembered: Text = oneof(
  { weight: 4, arbitrary: source },
  { weight: 1, arbitrary: fc.constant("(SELECT DISTINCT $k, $v, $b, $d, $x, $ts, $g, $g AS $m FROM e) AS e") },
  {
    weight: 1,
    arbitrary: constantFrom("$k", "$v", "$g").map(
      (key) => `(SELECT e.$k, f.$v, e.$b, f.$d, e.$x, e.$ts, f.$g, e.$m FROM e JOIN f ON e.${key} = f.${key}) AS e`,
    ),
  },
);

/** The same with times: the watermark never passes a group without one. */
export const inTime: Text = remembered.map((from) => `(SELECT * FROM ${from} WHERE $ts IS NOT NULL) AS e`);
