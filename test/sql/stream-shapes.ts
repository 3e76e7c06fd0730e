// The matrix of output modes by query shapes: what runs, and the error class of what does not. Held here by test/sql, by Spark in
// test/interop.
const OM = "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION";
const UO = "_LEGACY_ERROR_TEMP_3102";
const NO_EQUALITY = "_LEGACY_ERROR_TEMP_1181";
const ANALYTIC = "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING";
const LONE_SESSION = "_LEGACY_ERROR_TEMP_3068";
const SUBQUERY = "INVALID_SUBQUERY_EXPRESSION";

/** Verdicts in append, complete and update mode: "ok" or an error class. */
export type Verdicts = readonly [append: string, complete: string, update: string];

/** A query over the streams `e` and `f` (k STRING, v INT, ts TIMESTAMP), the same with a watermark of 10 seconds on `ts` as `we` and `wf`,
 * and the static table `s` of the same columns. */
export interface Shape {
  readonly name: string;
  readonly sql: string;
  /** Methods of DataFrame that follow, with their arguments. */
  readonly steps: readonly (readonly [method: string, ...args: readonly unknown[]])[];
  readonly ours: Verdicts;
  /** Spark's, and why ours differ. */
  readonly spark?: { readonly verdicts: Verdicts; readonly why: string };
}

const window = "window(ts, '5 seconds')";
const range = "a.k = b.k AND b.ts >= a.ts AND b.ts <= a.ts + INTERVAL '10' SECOND";
const right = "we do it right, so it runs";

const rows: Verdicts = ["ok", OM, "ok"];
const groups: Verdicts = [OM, "ok", "ok"];
const closed: Verdicts = ["ok", "ok", "ok"];
const never: Verdicts = [UO, OM, UO];

type More = Partial<Pick<Shape, "spark" | "steps">>;

const shape = (name: string, sql: string, ...[ours, more]: readonly [ours: Verdicts, more?: More]): Shape => ({
  name,
  sql,
  steps: [],
  ours,
  ...more,
});

/** Every row of the matrix. */
export const shapes: readonly Shape[] = [
  shape("projection and filter", "SELECT k, upper(k) AS u FROM e WHERE v > 1", rows),
  shape("LATERAL VIEW", "SELECT x FROM e LATERAL VIEW explode(array(v, v)) t AS x", rows),
  shape("the time and chance", "SELECT k, current_timestamp() AS t, rand() AS r, uuid() AS u FROM e", rows),
  shape("IN over a static table", "SELECT * FROM e WHERE k IN (SELECT k FROM s)", rows),
  shape("EXISTS over a static table", "SELECT * FROM e WHERE EXISTS (SELECT 1 FROM s WHERE s.k = e.k)", rows),
  shape("NOT EXISTS over a static table", "SELECT * FROM e WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.k = e.k)", rows),
  shape("a scalar sub-query over a static table", "SELECT k, (SELECT max(v) FROM s) AS m FROM e", rows),
  shape(
    "a scalar sub-query over a stream",
    "SELECT k, (SELECT max(v) FROM f) AS m FROM e",
    [SUBQUERY, SUBQUERY, SUBQUERY],
    {
      spark: {
        verdicts: [`${SUBQUERY}_STREAMING_QUERY`, `${SUBQUERY}_STREAMING_QUERY`, `${SUBQUERY}_STREAMING_QUERY`],
        why: "our code is the class without the kind",
      },
    },
  ),
  shape("GROUP BY key", "SELECT k, count(*) AS n FROM e GROUP BY k", groups),
  shape("global aggregate", "SELECT sum(v) AS t FROM e", groups),
  shape("HAVING", "SELECT k, count(*) AS n FROM e GROUP BY k HAVING count(*) > 1", groups),
  shape("aggregate of a WITH query", "WITH c AS (SELECT k FROM e) SELECT k, count(*) AS n FROM c GROUP BY k", groups),
  shape("GROUP BY key, watermark not in the key", "SELECT k, count(*) AS n FROM we GROUP BY k", groups),
  shape("window without watermark", `SELECT window, count(*) AS n FROM e GROUP BY ${window}`, groups),
  shape("window with watermark", `SELECT window, count(*) AS n FROM we GROUP BY ${window}`, closed),
  shape("the watermarked column", "SELECT ts, count(*) AS n FROM we GROUP BY ts", closed),
  shape(
    "a key derived from the watermarked column",
    "SELECT date_trunc('HOUR', ts) AS h, count(*) AS n FROM we GROUP BY date_trunc('HOUR', ts)",
    groups,
  ),
  shape("a watermark after the aggregate", "SELECT ts, count(*) AS n FROM e GROUP BY ts", groups, {
    steps: [["withWatermark", "ts", "10 seconds"]],
  }),
  shape(
    "session window, key, watermark",
    "SELECT k, session_window, count(*) AS n FROM we GROUP BY k, session_window(ts, '5 seconds')",
    ["ok", "ok", OM],
  ),
  shape(
    "session window, key, no watermark",
    "SELECT k, session_window, count(*) AS n FROM e GROUP BY k, session_window(ts, '5 seconds')",
    [OM, "ok", OM],
  ),
  shape(
    "session window alone",
    "SELECT session_window, count(*) AS n FROM we GROUP BY session_window(ts, '5 seconds')",
    [LONE_SESSION, LONE_SESSION, OM],
  ),
  shape("ROLLUP", "SELECT k, v, count(*) AS n FROM e GROUP BY ROLLUP(k, v)", groups),
  shape("CUBE", "SELECT k, v, count(*) AS n FROM e GROUP BY CUBE(k, v)", groups),
  shape("GROUPING SETS", "SELECT k, v, count(*) AS n FROM e GROUP BY GROUPING SETS ((k), (v))", groups),
  shape("approx_count_distinct", "SELECT k, approx_count_distinct(v) AS n FROM e GROUP BY k", groups),
  shape("collect_set", "SELECT k, collect_set(v) AS l FROM e GROUP BY k", groups),
  shape("count(DISTINCT)", "SELECT k, count(DISTINCT v) AS n FROM e GROUP BY k", groups, {
    spark: { verdicts: [OM, UO, UO], why: right },
  }),
  shape("aggregate, then dropDuplicates", "SELECT k, count(*) AS n FROM e GROUP BY k", groups, {
    steps: [["dropDuplicates", ["n"]]],
  }),
  shape("aggregate, then DISTINCT", "SELECT DISTINCT n FROM (SELECT k, count(*) AS n FROM e GROUP BY k)", groups, {
    spark: { verdicts: [OM, UO, UO], why: right },
  }),
  shape("dropDuplicates, then aggregate", "SELECT k, v FROM e", groups, {
    steps: [["dropDuplicates", ["k", "v"]], ["groupBy", "k"], ["count"]],
  }),
  shape("DISTINCT, then aggregate", "SELECT count(*) AS n FROM (SELECT DISTINCT k FROM e)", groups, {
    spark: { verdicts: [OM, UO, UO], why: right },
  }),
  shape(
    "window aggregate of a window aggregate",
    `SELECT window, sum(n) AS t FROM (SELECT window AS w, count(*) AS n FROM we GROUP BY ${window}) GROUP BY window(window_time(w), '10 seconds')`,
    ["ok", UO, UO],
  ),
  shape(
    "aggregate of an aggregate",
    "SELECT max(n) AS m FROM (SELECT k, count(*) AS n FROM e GROUP BY k)",
    [UO, UO, UO],
    {
      spark: {
        verdicts: [OM, UO, UO],
        why: "no mode runs it, so that another mode is no way out: it is refused before a mode is chosen",
      },
    },
  ),
  shape("DISTINCT", "SELECT DISTINCT k FROM e", closed, { spark: { verdicts: groups, why: right } }),
  shape("distinct", "SELECT k FROM e", closed, { steps: [["distinct"]], spark: { verdicts: rows, why: right } }),
  shape("dropDuplicates", "SELECT * FROM e", rows, { steps: [["dropDuplicates", ["k"]]] }),
  shape("dropDuplicates, watermark", "SELECT * FROM we", rows, { steps: [["dropDuplicates", ["k", "ts"]]] }),
  shape("dropDuplicatesWithinWatermark, watermark", "SELECT * FROM we", rows, {
    steps: [["dropDuplicatesWithinWatermark", ["k"]]],
  }),
  shape("dropDuplicatesWithinWatermark, no watermark", "SELECT * FROM e", never, {
    steps: [["dropDuplicatesWithinWatermark", ["k"]]],
  }),
  shape("ORDER BY", "SELECT * FROM e ORDER BY k", never),
  shape("ORDER BY and LIMIT", "SELECT * FROM e ORDER BY k LIMIT 2", never),
  shape("aggregate, then ORDER BY", "SELECT k, count(*) AS n FROM e GROUP BY k ORDER BY n", [OM, "ok", UO]),
  shape("aggregate, then ORDER BY and LIMIT", "SELECT k, count(*) AS n FROM e GROUP BY k ORDER BY n LIMIT 2", [
    OM,
    "ok",
    UO,
  ]),
  shape("LIMIT", "SELECT * FROM e LIMIT 2", ["ok", OM, UO]),
  shape("aggregate, then LIMIT", "SELECT k, count(*) AS n FROM e GROUP BY k LIMIT 2", [OM, "ok", UO]),
  shape("OFFSET", "SELECT * FROM e OFFSET 2", never),
  shape("TABLESAMPLE", "SELECT * FROM e TABLESAMPLE (50 PERCENT)", never),
  shape("row_number()", "SELECT row_number() OVER (PARTITION BY k ORDER BY v) AS r FROM e", [ANALYTIC, OM, ANALYTIC]),
  shape("stream JOIN static", "SELECT e.k, s.v FROM e JOIN s ON e.k = s.k", rows),
  shape("stream CROSS JOIN static", "SELECT e.k, s.v FROM e CROSS JOIN s", rows),
  shape("stream LEFT JOIN static", "SELECT e.k, s.v FROM e LEFT JOIN s ON e.k = s.k", rows),
  shape("stream LEFT SEMI JOIN static", "SELECT e.k FROM e LEFT SEMI JOIN s ON e.k = s.k", rows),
  shape("stream LEFT ANTI JOIN static", "SELECT e.k FROM e LEFT ANTI JOIN s ON e.k = s.k", rows),
  shape("stream RIGHT JOIN static", "SELECT e.k, s.v FROM e RIGHT JOIN s ON e.k = s.k", never),
  shape("stream FULL JOIN static", "SELECT e.k, s.v FROM e FULL JOIN s ON e.k = s.k", never),
  shape("static RIGHT JOIN stream", "SELECT e.k, s.v FROM s RIGHT JOIN e ON e.k = s.k", rows),
  shape("static LEFT JOIN stream", "SELECT e.k, s.v FROM s LEFT JOIN e ON e.k = s.k", never),
  shape("static LEFT SEMI JOIN stream", "SELECT s.k FROM s LEFT SEMI JOIN e ON e.k = s.k", never),
  shape("static LEFT ANTI JOIN stream", "SELECT s.k FROM s LEFT ANTI JOIN e ON e.k = s.k", never),
  shape(
    "stream JOIN static, then aggregate",
    "SELECT s.v, count(*) AS n FROM e JOIN s ON e.k = s.k GROUP BY s.v",
    groups,
  ),
  shape("stream JOIN stream", "SELECT e.k, f.v FROM e JOIN f ON e.k = f.k", rows),
  shape("stream JOIN stream, watermarks", "SELECT a.k, b.v FROM we a JOIN wf b ON a.k = b.k", rows),
  shape("stream JOIN stream without equality", "SELECT e.k, f.v FROM e JOIN f ON e.v < f.v", [
    NO_EQUALITY,
    OM,
    NO_EQUALITY,
  ]),
  ...["LEFT", "RIGHT", "FULL"].flatMap((kind) => [
    shape(`${kind} stream join, watermarks, range`, `SELECT a.k, b.v FROM we a ${kind} JOIN wf b ON ${range}`, [
      "ok",
      OM,
      UO,
    ]),
    shape(`${kind} stream join without watermark`, `SELECT e.k, f.v FROM e ${kind} JOIN f ON e.k = f.k`, never),
    shape(`${kind} stream join without range`, `SELECT a.k, b.v FROM we a ${kind} JOIN wf b ON a.k = b.k`, never),
  ]),
  shape("semi stream join, watermarks, range", `SELECT a.k FROM we a LEFT SEMI JOIN wf b ON ${range}`, rows),
  shape("semi stream join without watermark", "SELECT e.k FROM e LEFT SEMI JOIN f ON e.k = f.k", rows, {
    spark: { verdicts: never, why: right },
  }),
  shape("anti stream join", "SELECT e.k FROM e LEFT ANTI JOIN f ON e.k = f.k", never),
  shape(
    "stream join, then window aggregate",
    `SELECT window(t, '5 seconds') AS w, count(*) AS n FROM (SELECT a.ts AS t FROM we a JOIN wf b ON ${range}) GROUP BY window(t, '5 seconds')`,
    ["ok", UO, "ok"],
  ),
  shape(
    "window aggregate, then stream join",
    `SELECT x.n FROM (SELECT window, count(*) AS n FROM we GROUP BY ${window}) x JOIN (SELECT window, count(*) AS n FROM wf GROUP BY ${window}) y ON x.window = y.window`,
    ["ok", UO, UO],
  ),
  shape("union of streams", "SELECT k FROM e UNION ALL SELECT k FROM f", rows),
  shape("union of a stream and a static table", "SELECT k FROM e UNION ALL SELECT k FROM s", never),
  shape("static EXCEPT stream", "SELECT k FROM s EXCEPT SELECT k FROM e", never),
  shape("INTERSECT", "SELECT k FROM e INTERSECT SELECT k FROM s", never),
];

/** The modes, in the order of `Verdicts`. */
export const modes: readonly ["append", "complete", "update"] = ["append", "complete", "update"];
