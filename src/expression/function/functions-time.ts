// expression/function/functions-time.ts: Spark's functions of dates and timestamps. The session's zone is UTC.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { meaningError, opaque, textOf } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { castBound, tryCastBound } from "../operator/bind-cast.ts";
import { argument, fixed, spec, takenAs } from "./function-spec.ts";
import { spanFunctions } from "./functions-span.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "../tree/syntax.ts";
import { isOneOf } from "../tree/value-type.ts";

const integer = primitive("integer");
const long = primitive("long");
const date = primitive("date");
const timestamp = primitive("timestamp");

/** A part of a date or timestamp; a text is read as a timestamp. */
function part(expression: (value: string) => string): FunctionSpec {
  return spec(1, (args) => {
    const operand = argument(args, 0);
    const isText = isOneOf(operand.type, ["string", "void"]);
    const value = isText ? castBound(operand, primitive("timestamp_ntz")).sql : operand.sql;
    return opaque(`CAST(${expression(value)} AS INTEGER)`, integer, args);
  });
}

const parts: FunctionTable = {
  year: part((value) => `year(${value})`),
  quarter: part((value) => `quarter(${value})`),
  month: part((value) => `month(${value})`),
  day: part((value) => `day(${value})`),
  dayofmonth: part((value) => `day(${value})`),
  hour: part((value) => `hour(${value})`),
  minute: part((value) => `minute(${value})`),
  second: part((value) => `second(${value})`),
  dayofyear: part((value) => `dayofyear(${value})`),
  weekofyear: part((value) => `weekofyear(${value})`),
  dayofweek: part((value) => `(dayofweek(${value}) + 1)`), // Sunday is 1
  weekday: part((value) => `(isodow(${value}) - 1)`), // Monday is 0
  isodow: part((value) => `isodow(${value})`),
  isoyear: part((value) => `isoyear(${value})`),
};

const datePart: FunctionSpec = spec(2, (args) => {
  const field = textOf(args[0])?.toLowerCase() ?? "";
  if (partNames[field] === "second") return exactSeconds(argument(args, 1));
  const name = Object.hasOwn(partNames, field) ? partNames[field] : undefined;
  const found = name === undefined ? undefined : parts[name];
  if (found === undefined) throw meaningError(`${JSON.stringify(field)} is not a part of a date that can be extracted`);
  return found.bind([argument(args, 1)], field);
});

/** Seconds with six digits behind the point. */
function exactSeconds(value: Bound): Bound {
  const time = `CAST(${value.sql} AS TIMESTAMP)`;
  const text = `CAST(second(${time}) AS VARCHAR) || '.' || lpad(CAST(microsecond(${time}) % 1000000 AS VARCHAR), 6, '0')`;
  const type = { kind: "decimal" as const, precision: 8, scale: 6 };
  return opaque(`CAST(${text} AS DECIMAL(8, 6))`, type, [value]);
}

const partNames: Readonly<Record<string, string>> = {
  year: "year",
  years: "year",
  y: "year",
  quarter: "quarter",
  qtr: "quarter",
  month: "month",
  months: "month",
  mon: "month",
  week: "weekofyear",
  weeks: "weekofyear",
  w: "weekofyear",
  day: "day",
  days: "day",
  d: "day",
  dow: "dayofweek",
  dayofweek: "dayofweek",
  dow_iso: "isodow",
  dayofweek_iso: "isodow",
  yearofweek: "isoyear",
  doy: "dayofyear",
  hour: "hour",
  hours: "hour",
  h: "hour",
  minute: "minute",
  minutes: "minute",
  min: "minute",
  m: "minute",
  second: "second",
  seconds: "second",
  sec: "second",
  s: "second",
};

/** `date_trunc(unit, timestamp)` and, the other way round, `trunc(date, unit)`. */
function truncated(unit: Bound, value: Bound, type: "date" | "timestamp"): Bound {
  const word = textOf(unit)?.toLowerCase() ?? "";
  const name = { yyyy: "year", yy: "year", mm: "month", mon: "month", dd: "day" }[word] ?? word;
  const units = ["year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond"];
  const from =
    type === "timestamp" && isOneOf(value.type, ["timestamp_ntz"]) ? primitive("timestamp_ntz") : primitive(type);
  const sqlType = isOneOf(from, ["date"]) ? "DATE" : isOneOf(from, ["timestamp"]) ? "TIMESTAMPTZ" : "TIMESTAMP";
  // A unit that is none gives null, as in Spark.
  if (!units.includes(name)) return opaque(`CAST(NULL AS ${sqlType})`, from, [value]);
  const time = isOneOf(value.type, ["string", "void"]) ? castBound(value, from) : value;
  return opaque(`CAST(date_trunc('${name}', ${time.sql}) AS ${sqlType})`, from, [value]);
}

/** Letters of Spark's patterns, longest first, and what strftime calls them. */
const patternLetters: readonly (readonly [string, string])[] = [
  ["yyyy", "%Y"],
  ["yy", "%y"],
  ["y", "%Y"],
  ["MMMM", "%B"],
  ["MMM", "%b"],
  ["MM", "%m"],
  ["M", "%-m"],
  ["DDD", "%j"],
  ["D", "%-j"],
  ["dd", "%d"],
  ["d", "%-d"],
  ["EEEE", "%A"],
  ["EEE", "%a"],
  ["E", "%a"],
  ["HH", "%H"],
  ["H", "%-H"],
  ["hh", "%I"],
  ["h", "%-I"],
  ["mm", "%M"],
  ["m", "%-M"],
  ["ss", "%S"],
  ["s", "%-S"],
  ["SSSSSS", "%f"],
  ["SSS", "%g"],
  ["a", "%p"],
];

/** @throws AlluviumError `INVALID_PREDICATE` for letters that have no counterpart, and for a pattern that is no literal */
function strftimePattern(pattern: Bound): string {
  const text = textOf(pattern);
  if (text === undefined) throw meaningError("a date pattern is a text in quotes");
  const out = text.replaceAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|%/g, (found: string, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === "" ? "'" : quoted.replaceAll("%", "%%");
    if (found === "%") return "%%";
    const letter = patternLetters.find(([name]) => name === found);
    if (letter === undefined)
      throw meaningError(`the date pattern ${JSON.stringify(text)} has letters that are not supported: ${found}`);
    return letter[1];
  });
  return sqlLiteral(out);
}

function parsedTime(type: "DATE" | "TIMESTAMP" | "TIMESTAMPTZ", isTry = false): FunctionSpec {
  return spec([1, 2], (args) => {
    const [value, pattern] = [argument(args, 0), args[1]];
    const result = type === "DATE" ? date : type === "TIMESTAMP" ? primitive("timestamp_ntz") : timestamp;
    const parse = isTry ? "try_strptime" : "strptime";
    if (pattern === undefined && value.type !== null)
      return opaque((isTry ? tryCastBound : castBound)(value, result).sql, result, [value]);
    const text = pattern === undefined ? value.sql : `${parse}(${value.sql}, ${strftimePattern(pattern)})`;
    return opaque(`${isTry ? "TRY_CAST" : "CAST"}(${text} AS ${type})`, result, [value]);
  });
}

/** Seconds since 1970, of a time or of a text in a pattern. Before the epoch parts of a second are cut off towards it, or down. */
const seconds = (rounding: "trunc" | "floor"): FunctionSpec =>
  spec([1, 2], (args) => {
    const [value, pattern] = [argument(args, 0), args[1]];
    const isText = isOneOf(value.type, ["string", "void"]);
    const own = pattern === undefined || !isText ? takenAs([value], [timestamp])[0]?.sql : undefined;
    const time = own ?? `strptime(${value.sql}, ${pattern === undefined ? "" : strftimePattern(pattern)})`;
    return opaque(`CAST(${rounding}(epoch(CAST(${time} AS TIMESTAMPTZ))) AS BIGINT)`, long, [value]);
  });

/** `date_format(time, pattern)` */
export const dateFormat: FunctionSpec = spec(2, (args) => {
  const [value, pattern] = [argument(args, 0), argument(args, 1)];
  const [time = value] = takenAs([value], [primitive("timestamp_ntz")]);
  return opaque(`strftime(CAST(${time.sql} AS TIMESTAMP), ${strftimePattern(pattern)})`, primitive("string"), [value]);
});

/** By their names in lower case. */
export const timeFunctions: FunctionTable = {
  ...parts,
  date_part: datePart,
  datepart: datePart,
  date_trunc: spec(2, (args) => truncated(argument(args, 0), argument(args, 1), "timestamp")),
  trunc: spec(2, (args) => truncated(argument(args, 1), argument(args, 0), "date")),
  date_format: dateFormat,
  to_date: parsedTime("DATE"),
  to_timestamp: parsedTime("TIMESTAMPTZ"),
  to_timestamp_ltz: parsedTime("TIMESTAMPTZ"),
  to_timestamp_ntz: parsedTime("TIMESTAMP"),
  try_to_date: parsedTime("DATE", true),
  try_to_timestamp: parsedTime("TIMESTAMPTZ", true),
  date_add: fixed(date, {
    count: 2,
    takes: [date, integer],
    sql: ([a, b]) => `(CAST(${a} AS DATE) + CAST(${b} AS INTEGER))`,
  }),
  date_from_unix_date: fixed(date, { count: 1, sql: ([a]) => `(DATE '1970-01-01' + CAST(${a} AS INTEGER))` }),
  ...spanFunctions,
  dateadd: fixed(date, {
    count: 2,
    takes: [date, integer],
    sql: ([a, b]) => `(CAST(${a} AS DATE) + CAST(${b} AS INTEGER))`,
  }),
  date_sub: fixed(date, {
    count: 2,
    takes: [date, integer],
    sql: ([a, b]) => `(CAST(${a} AS DATE) - CAST(${b} AS INTEGER))`,
  }),
  datediff: fixed(integer, { count: 2, takes: [date], sql: ([a, b]) => `(CAST(${a} AS DATE) - CAST(${b} AS DATE))` }),
  date_diff: fixed(integer, { count: 2, takes: [date], sql: ([a, b]) => `(CAST(${a} AS DATE) - CAST(${b} AS DATE))` }),
  add_months: fixed(date, {
    count: 2,
    takes: [date, integer],
    sql: ([a, b]) => `(CAST(${a} AS DATE) + to_months(CAST(${b} AS INTEGER)))`,
  }),
  last_day: fixed(date, { count: 1, takes: [date], sql: ([a]) => `last_day(CAST(${a} AS DATE))` }),
  make_date: fixed(date, { count: 3, takes: [integer], sql: ([a, b, c]) => `make_date(${a}, ${b}, ${c})` }),
  unix_date: fixed(integer, { count: 1, takes: [date], sql: ([a]) => `(CAST(${a} AS DATE) - DATE '1970-01-01')` }),
  unix_timestamp: seconds("trunc"),
  to_unix_timestamp: seconds("trunc"),
  unix_seconds: seconds("floor"),
  unix_millis: fixed(long, { count: 1, takes: [timestamp], sql: ([a]) => `epoch_ms(CAST(${a} AS TIMESTAMPTZ))` }),
  unix_micros: fixed(long, { count: 1, takes: [timestamp], sql: ([a]) => `epoch_us(CAST(${a} AS TIMESTAMPTZ))` }),
  timestamp_seconds: fixed(timestamp, {
    count: 1,
    sql: ([a]) => `make_timestamptz(CAST((${a}) * CAST(1000000 AS BIGINT) AS BIGINT))`,
  }),
  timestamp_millis: fixed(timestamp, {
    count: 1,
    sql: ([a]) => `make_timestamptz(CAST((${a}) * CAST(1000 AS BIGINT) AS BIGINT))`,
  }),
  timestamp_micros: fixed(timestamp, { count: 1, sql: ([a]) => `make_timestamptz(CAST(${a} AS BIGINT))` }),
  from_unixtime: spec([1, 2], (args) => {
    const [value, pattern] = [argument(args, 0), args[1]];
    const time = `make_timestamp(CAST(${value.sql} AS BIGINT) * 1000000)`;
    const text = pattern === undefined ? `CAST(${time} AS VARCHAR)` : `strftime(${time}, ${strftimePattern(pattern)})`;
    return opaque(text, primitive("string"), [value]);
  }),
  now: fixed(timestamp, { count: 0, sql: () => "now()" }),
  current_timestamp: fixed(timestamp, { count: 0, sql: () => "get_current_timestamp()" }),
  localtimestamp: fixed(primitive("timestamp_ntz"), { count: 0, sql: () => "current_localtimestamp()" }),
  current_date: fixed(date, { count: 0, sql: () => "today()" }),
  curdate: fixed(date, { count: 0, sql: () => "today()" }),
};
