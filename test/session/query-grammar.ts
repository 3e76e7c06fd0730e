// Random queries over the streams `e` and `f` and the static table `s`, from a grammar of every shape that a stream can do. Columns
// are named by their roles, `$k` and so on: see random-schema.ts.
import fc from "fast-check";
import { type Text, expressions, inTime, inWhere, plain, remembered, source, where } from "./query-expressions.ts";

/** A query, how it is written out, and by which columns its result is one row a key. */
export interface RandomQuery {
  readonly sql: string;
  /** The same over rows that are all there, where that is another text. */
  readonly whole?: string;
  readonly mode: "append" | "complete" | "update";
  readonly keys: readonly string[];
  /** Its result comes only once the watermark has passed. */
  readonly isClosed: boolean;
}

const { constantFrom, oneof, tuple } = fc;

const named = (items: readonly string[], letter: string): readonly string[] =>
  items.map((item, index) => `${item} AS ${letter}${index}`);

const rowQuery: fc.Arbitrary<RandomQuery> = tuple(
  fc.array(
    oneof(
      plain.number,
      plain.text,
      plain.condition.map((c) => `(${c})`),
      constantFrom("$d", "$x", "$ts", "$g", "$m", "CAST($ts AS STRING)", "unix_micros($ts)"),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  source,
  where(inWhere),
  constantFrom("SELECT", "SELECT", "SELECT DISTINCT"),
).map(([items, from, condition, select]) => ({
  sql: `${select} ${named(items, "c").join(", ")} FROM ${from}${condition}`,
  mode: "append",
  keys: [],
  isClosed: false,
}));

const filtered = (call: Text): Text =>
  tuple(call, fc.option(plain.condition, { nil: "", freq: 3 })).map(([text, condition]) =>
    condition === "" ? text : `${text} FILTER (WHERE ${condition})`,
  );

const aggregate: Text = oneof(
  { weight: 2, arbitrary: fc.constant("count(*)") },
  {
    weight: 4,
    arbitrary: filtered(
      tuple(constantFrom("sum", "count", "min", "max", "avg"), plain.number).map(([f, a]) => `${f}(${a})`),
    ),
  },
  {
    weight: 2,
    arbitrary: filtered(tuple(constantFrom("sum", "count"), plain.number).map(([f, a]) => `${f}(DISTINCT ${a})`)),
  },
  {
    weight: 2,
    arbitrary: constantFrom(
      ..."sum($d) avg($d) min($d) sum($x) max($x) min($ts) max($ts) min($g) max($g) count($g) count($m)".split(" "),
      "count(DISTINCT $g)",
    ),
  },
  { weight: 1, arbitrary: filtered(plain.condition.map((c) => `bool_or(${c})`)) },
  { weight: 1, arbitrary: plain.condition.map((c) => `count_if(${c})`) },
  {
    weight: 1,
    arbitrary: constantFrom(
      ..."median($v) bit_xor($v) bit_or($b) approx_count_distinct($k)".split(" "),
      "round(stddev($v), 6)",
      "round(var_pop($v), 6)",
      "round(stddev_pop($v) FILTER (WHERE $v > 0), 6)",
      "percentile($v, 0.25)",
      "bool_and($v > 0)",
      "max_by($v, (coalesce(unix_micros($ts), 0) - 1704067200000000) * 1000 + coalesce($v, -99))",
      "list($v ORDER BY $v DESC NULLS LAST)",
      "max(DISTINCT $v)",
      "sum(DISTINCT $v) FILTER (WHERE $v < 3)",
    ),
  },
  { weight: 1, arbitrary: plain.number.map((a) => `array_sort(collect_list(${a}))`) },
  { weight: 1, arbitrary: plain.text.map((a) => `array_sort(collect_set(${a}))`) },
  {
    weight: 1,
    arbitrary: constantFrom("sum($v) * 2 + count(*)", "coalesce(max($v), -1)", "upper(max($k))", "sum($v) / count(*)"),
  },
);

/** Keys as they stand in GROUP BY, and as they are selected. */
// A number by itself would be the place of an item.
const numberKey: Text = plain.number.map((text) => (/^\d+$/.test(text) ? `(${text} + 0)` : text));
const plainKey: Text = oneof(
  plain.text,
  numberKey,
  constantFrom("$k", "$v % 2", "$k IS NULL", "$ts", "$g", "$x", "$d"),
);
const windowKey: Text = constantFrom(
  "window($ts, '5 seconds')",
  "window($ts, '10 seconds', '4 seconds')",
  "window($ts, '6 seconds', '6 seconds', '2 seconds')",
);

const having: Text = fc
  .option(constantFrom("count(*) > 1", "sum($v) >= 2", "max($k) IS NOT NULL"), { nil: "" })
  .map((text) => (text === "" ? "" : ` HAVING ${text}`));

interface Grouped {
  readonly keys: readonly string[];
  readonly aggregates: readonly string[];
  readonly from: string;
  /** For update and append mode. */
  readonly deep: string;
  /** For groups that the watermark closes. */
  readonly inTime: string;
  readonly condition: string;
  readonly having: string;
}

const grouped = (keys: fc.Arbitrary<readonly string[]>): fc.Arbitrary<Grouped> =>
  fc.record({
    keys: keys.map((all) => [...new Set(all)]),
    aggregates: fc.array(aggregate, { minLength: 1, maxLength: 4 }),
    from: source,
    deep: remembered,
    inTime,
    condition: where(inWhere),
    having,
  });

const groupedSql = (
  { keys, aggregates, from, condition, having: tail }: Grouped,
  by: (text: string) => string,
): string => {
  const list = [...named(keys, "g"), ...named(aggregates, "a")].join(", ");
  return `SELECT ${list} FROM ${from}${condition}${keys.length === 0 ? "" : ` GROUP BY ${by(keys.join(", "))}`}${tail}`;
};

const completeQuery: fc.Arbitrary<RandomQuery> = tuple(
  grouped(
    tuple(fc.array(plainKey, { maxLength: 2 }), fc.option(windowKey, { nil: "" })).map(([some, window]) =>
      window === "" ? some : [...some, window],
    ),
  ),
  constantFrom("", "", "", "ROLLUP"),
).map(([group, sets]) => {
  const isPlain = sets === "" || group.keys.length === 0 || group.keys.some((key) => key.startsWith("window"));
  const sql = groupedSql(group, (text) => (isPlain ? text : `${sets}(${text})`));
  return { sql, mode: "complete", keys: [], isClosed: false };
});

const updateQuery: fc.Arbitrary<RandomQuery> = grouped(fc.array(plainKey, { minLength: 1, maxLength: 2 })).map(
  (group) => ({
    // A group that HAVING lets go of stays in an upserted table.
    sql: groupedSql({ ...group, from: group.deep, having: "" }, (text) => text),
    mode: "update",
    keys: [...new Set(group.keys)].map((_, index) => `g${index}`),
    isClosed: false,
  }),
);

const closedQuery: fc.Arbitrary<RandomQuery> = grouped(
  tuple(oneof(windowKey, fc.constant("$ts")), fc.array(constantFrom("$k", "$v % 2", "$g"), { maxLength: 1 })).map(
    ([time, more]) => [time, ...more],
  ),
).map((group) => ({
  sql: groupedSql({ ...group, from: group.inTime }, (text) => text),
  mode: "append",
  keys: [],
  isClosed: true,
}));

/** Sessions, and what they are by window functions: no batch knows of sessions. */
const sessionQuery: fc.Arbitrary<RandomQuery> = tuple(
  grouped(fc.array(constantFrom("$k", "$v % 2", "$g"), { minLength: 1, maxLength: 2 })),
  constantFrom(2, 5),
  constantFrom("append" as const, "complete" as const),
).map(([{ keys, aggregates, condition, from, inTime: rowsInTime, having: tail }, gap, mode]) => {
  const isClosed = mode === "append";
  const rows = isClosed ? rowsInTime : from;
  const list = [...named(keys, "g"), ...named(aggregates, "a")].join(", ");
  const by = keys.join(", ");
  const span = `INTERVAL ${gap} SECONDS`;
  const known = condition === "" ? " WHERE $ts IS NOT NULL" : `${condition} AND $ts IS NOT NULL`;
  const begun = `SELECT *, CASE WHEN $ts <= lag($ts) OVER (PARTITION BY ${by} ORDER BY $ts) + ${span} THEN 0 ELSE 1 END AS begins FROM ${rows}${known}`;
  const islands = `SELECT *, sum(begins) OVER (PARTITION BY ${by} ORDER BY $ts ROWS UNBOUNDED PRECEDING) AS island FROM (${begun}) AS e`;
  return {
    sql: `SELECT session_window($ts, '${gap} seconds') AS s0, ${list} FROM ${rows}${condition} GROUP BY session_window($ts, '${gap} seconds'), ${by}${tail}`,
    whole: `SELECT named_struct('start', min($ts), 'end', max($ts) + ${span}) AS s0, ${list} FROM (${islands}) AS e GROUP BY ${by}, island${tail}`,
    mode,
    keys: [],
    isClosed,
  };
});

const [left, right] = [expressions("e."), expressions("f.")];

const joinQuery: fc.Arbitrary<RandomQuery> = tuple(
  fc.array(oneof(left.number, left.text, right.number, right.text), { minLength: 1, maxLength: 3 }),
  constantFrom("e.$k = f.$k", "e.$v = f.$v", "e.$k <=> f.$k AND e.$v = f.$v", "e.$b = f.$v + 1", "e.$g = f.$g"),
  fc.option(oneof(left.condition, right.condition, fc.constant("e.$v < f.$b")), { nil: "" }),
  where(left.condition),
).map(([items, equality, more, condition]) => ({
  sql: `SELECT ${named(items, "c").join(", ")} FROM e JOIN f ON ${equality}${more === "" ? "" : ` AND ${more}`}${condition}`,
  mode: "append",
  keys: [],
  isClosed: false,
}));

/** Outer and semi joins: `e` and `f` have watermarks, and the times of a pair are near each other. */
const outerQuery: fc.Arbitrary<RandomQuery> = tuple(
  constantFrom("LEFT", "RIGHT", "FULL", "LEFT SEMI"),
  constantFrom("e.$k = f.$k", "e.$v = f.$v", "e.$k = f.$k AND e.$v <= f.$v", "e.$g = f.$g"),
).map(([kind, equality]) => ({
  sql: `SELECT e.$k AS c0, e.$m AS c1, e.$ts AS c2${kind === "LEFT SEMI" ? "" : ", f.$v AS c3, f.$ts AS c4, f.$k AS c5"} FROM e ${kind} JOIN f ON ${equality} AND f.$ts >= e.$ts - INTERVAL 3 SECONDS AND f.$ts <= e.$ts + INTERVAL 5 SECONDS`,
  mode: "append",
  keys: [],
  isClosed: true,
}));

/** A query of the grammar. */
export const randomQuery: fc.Arbitrary<RandomQuery> = oneof(
  { weight: 3, arbitrary: rowQuery },
  { weight: 4, arbitrary: completeQuery },
  { weight: 3, arbitrary: updateQuery },
  { weight: 2, arbitrary: closedQuery },
  { weight: 2, arbitrary: sessionQuery },
  { weight: 2, arbitrary: joinQuery },
  { weight: 1, arbitrary: outerQuery },
).chain((query) =>
  // The same as a query of WITH.
  fc.boolean().map((isWith) => (isWith ? { ...query, sql: `WITH q AS (${query.sql}) SELECT * FROM q` } : query)),
);
