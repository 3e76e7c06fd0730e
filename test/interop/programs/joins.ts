// Streaming programs that join two streams: inner, outer and semi, with and without watermarks and bounds of time.
import { type StreamProgram, type Turn, pairs } from "./program.ts";

const both = { e: "10 seconds", f: "5 seconds" };
const range = "e.k = f.k AND f.ts >= e.ts AND f.ts <= e.ts + INTERVAL 10 SECONDS";
const columns = "e.k AS k, e.v AS v, f.k AS fk, f.v AS w";

/** The watermark stands exactly where a row may find no match any more, a hair above, and far above. */
const bound: readonly Turn[] = [
  { e: ["a 1 10"], f: ["b 2 12"] },
  { e: ["z 3 12"] },
  { f: ["y 4 12.001"] },
  { e: ["z 3 20"], f: ["y 4 20"], restarts: true },
  { e: ["z 3 20.001"] },
  { f: ["y 4 20.001"] },
  { f: ["y 4 50"] },
  { e: ["z 3 50"] },
];

/** Each joins `e` with `f`. */
export const joinPrograms: readonly StreamProgram[] = [
  { name: "an inner join", mode: "append", sql: `SELECT ${columns} FROM e JOIN f ON e.k = f.k`, turns: pairs },
  {
    name: "an inner join with a further condition",
    mode: "append",
    sql: `SELECT ${columns} FROM e JOIN f ON e.k = f.k AND e.v * 5 < f.v WHERE e.v > 1`,
    turns: pairs,
  },
  {
    name: "an inner join in update mode",
    mode: "update",
    sql: `SELECT ${columns} FROM e JOIN f ON e.k = f.k`,
    turns: pairs,
  },
  {
    name: "an inner join with bounds of time",
    mode: "append",
    watermarks: both,
    sql: `SELECT ${columns} FROM e JOIN f ON ${range}`,
    turns: pairs,
  },
  {
    name: "an inner join by event time",
    mode: "append",
    watermarks: both,
    sql: `SELECT ${columns} FROM e JOIN f ON e.k = f.k AND e.ts = f.ts`,
    turns: [...pairs, { e: ["y 1 140"] }, { f: ["y 2 120", "y 3 200"] }],
  },
  {
    name: "a left join",
    mode: "append",
    watermarks: both,
    sql: `SELECT ${columns} FROM e LEFT JOIN f ON ${range}`,
    turns: pairs,
  },
  {
    name: "a right join",
    mode: "append",
    watermarks: both,
    sql: `SELECT ${columns} FROM e RIGHT JOIN f ON ${range}`,
    turns: pairs,
  },
  {
    name: "a full join",
    mode: "append",
    watermarks: both,
    sql: `SELECT ${columns} FROM e FULL JOIN f ON ${range}`,
    turns: pairs.map(({ e, f, ...turn }) => ({
      ...turn,
      ...(e !== undefined && { e: e.filter((event) => !event.startsWith("-")) }),
      ...(f !== undefined && { f: f.filter((event) => !event.startsWith("-")) }),
    })),
  },
  ...["<=", "<"].map((less): StreamProgram => ({
    name: `a full join at the very bound of time, ${less}`,
    mode: "append",
    watermarks: { e: "0 seconds", f: "0 seconds" },
    sql: `SELECT ${columns} FROM e FULL JOIN f ON e.k = f.k AND f.ts >= e.ts AND f.ts ${less} e.ts + INTERVAL 10 SECONDS`,
    turns: bound,
  })),
  {
    name: "a full join on keys that are null",
    mode: "append",
    watermarks: { e: "0 seconds", f: "0 seconds" },
    sql: `SELECT ${columns} FROM e FULL JOIN f ON ${range}`,
    turns: [{ e: ["- 1 1", "a 2 1"], f: ["- 10 1", "a 11 1"] }, { e: ["z 3 60"] }, { f: ["z 12 60"] }],
    difference: {
      why: "by SQL null is not equal to null; Spark's full outer join of streams says it is",
      ours: [
        "k string, v int, fk string, w int",
        "0 a 2 a 11",
        "3 z 3 z 12",
        "4 null 1 null null",
        "4 null null null 10",
        "5 batches",
      ],
    },
  },
  {
    name: "a semi join",
    mode: "append",
    watermarks: both,
    sql: `SELECT e.k, e.v FROM e LEFT SEMI JOIN f ON ${range}`,
    turns: pairs,
  },
  {
    name: "a semi join without bounds",
    mode: "append",
    sql: "SELECT e.k, e.v FROM e LEFT SEMI JOIN f ON e.k = f.k",
    turns: pairs,
    difference: {
      why: "Spark refuses it for its state, which grows as that of an inner join, which it allows",
      ours: [
        "k string, v int",
        "0 a 1",
        "1 b 2",
        "2 a 5",
        "3 d 6",
        "4 a 7",
        "4 x 8",
        "5 a 9",
        "7 z 10",
        "8 y 11",
        "9 batches",
      ],
    },
  },
  {
    name: "a join, then windows",
    mode: "append",
    watermarks: both,
    sql: `SELECT window.start AS b, count(*) AS n FROM (SELECT e.ts AS t FROM e JOIN f ON ${range}) GROUP BY window(t, '10 seconds')`,
    turns: pairs,
  },
  {
    name: "a join of two aggregates by window",
    mode: "append",
    watermarks: both,
    sql: "SELECT a.window.start AS b, a.n, c.m FROM (SELECT window, count(*) AS n FROM e GROUP BY window(ts, '5 seconds')) a JOIN (SELECT window, count(*) AS m FROM f GROUP BY window(ts, '5 seconds')) c ON a.window = c.window",
    turns: pairs,
  },
  {
    name: "a join with a stream and a static table",
    mode: "append",
    sql: "SELECT e.k, e.v, f.v AS fv, s.w FROM e JOIN f ON e.k = f.k LEFT JOIN s ON e.k = s.k",
    turns: pairs,
  },
  {
    name: "filters on both sides",
    mode: "append",
    sql: "SELECT a.k, a.v, b.v AS w FROM (SELECT * FROM e WHERE v % 2 = 1) a JOIN (SELECT * FROM f WHERE v > 10) b ON a.k = b.k",
    turns: pairs,
  },
];
