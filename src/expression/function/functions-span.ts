// expression/function/functions-span.ts: Spark's functions of how far apart times are, of zones, and of names of days.
import { instantIn } from "../../engine/duckdb/text-macros.ts";
import { meaningError, opaque, textOf } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { argument, fixed, spec, takenAs } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "../tree/syntax.ts";

const date = primitive("date");
const double = primitive("double");
const long = primitive("long");
const string = primitive("string");
const timestamp = primitive("timestamp");
const timestampNtz = primitive("timestamp_ntz");

const months: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
const micros: Readonly<Record<string, number>> = {
  microsecond: 1,
  millisecond: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
  day: 86_400_000_000,
  week: 604_800_000_000,
};

/** A span of time, made of so many of each unit. */
function span(args: readonly Bound[], units: readonly string[]): Bound {
  const terms = args.map(({ sql }, index) => {
    const unit = units[index] ?? "second";
    return Object.hasOwn(months, unit)
      ? `to_months(CAST((${sql}) * ${months[unit]} AS INTEGER))`
      : ["week", "day"].includes(unit)
        ? `to_days(CAST((${sql}) * ${unit === "week" ? 7 : 1} AS INTEGER))`
        : `to_microseconds(CAST((${sql}) * ${micros[unit]} AS BIGINT))`;
  });
  return opaque(`(${["INTERVAL '0' DAY", ...terms].join(" + ")})`, null, args);
}

function unitOf(bound: Bound): string {
  const unit = textOf(bound)?.replace(/s$/, "") ?? "";
  if (!Object.hasOwn(months, unit) && !Object.hasOwn(micros, unit))
    throw meaningError(`${JSON.stringify(unit)} is not a unit of time`);
  return unit;
}

/** `timestampadd(unit, amount, time)` */
const added: FunctionSpec = spec(3, (args) => {
  const [unit, amount] = [unitOf(argument(args, 0)), argument(args, 1)];
  const [time = amount] = takenAs(args.slice(2), [timestamp]);
  const span = Object.hasOwn(months, unit)
    ? `to_months(CAST(${amount.sql} * ${months[unit]} AS INTEGER))`
    : `to_microseconds(CAST(${amount.sql} AS BIGINT) * ${micros[unit]})`;
  return opaque(`(CAST(${time.sql} AS TIMESTAMPTZ) + ${span})`, timestamp, args);
});

/** `timestampdiff(unit, from, to)`: whole units between, towards zero. */
const between: FunctionSpec = spec(3, (args) => {
  const unit = unitOf(argument(args, 0));
  const times = takenAs(args.slice(1), [timestampNtz]);
  const [from, to] = times.map(({ sql }) => `CAST(${sql} AS TIMESTAMP)`) as [string, string];
  if (!Object.hasOwn(months, unit))
    return opaque(`((epoch_us(${to}) - epoch_us(${from})) // ${micros[unit]})`, long, args);
  const raw = `((year(${to}) - year(${from})) * 12 + month(${to}) - month(${from}))`;
  // The day and the time within the month, in microseconds.
  const rest = (time: string): string => `(epoch_us(${time}) - epoch_us(date_trunc('month', ${time})))`;
  const short = `CASE WHEN ${raw} > 0 AND ${rest(to)} < ${rest(from)} THEN -1 WHEN ${raw} < 0 AND ${rest(to)} > ${rest(from)} THEN 1 ELSE 0 END`;
  return opaque(`CAST((${raw} + ${short}) // ${months[unit]} AS BIGINT)`, long, args);
});

/** In months of 31 days, eight digits; whole where both days are the same or both the last of their month. */
const monthsBetween: FunctionSpec = spec([2, 3], (args) => {
  const times = takenAs(args.slice(0, 2), [timestampNtz]);
  const [a, b] = times.map(({ sql }) => `CAST(${sql} AS TIMESTAMP)`) as [string, string];
  const isLast = (time: string): string => `last_day(${time}) = CAST(${time} AS DATE)`;
  const raw = `((year(${a}) - year(${b})) * 12 + month(${a}) - month(${b}))`;
  const within = (time: string): string => `(epoch_us(${time}) - epoch_us(date_trunc('month', ${time})))`;
  const exact = `${raw} + (${within(a)} // 1000000 - ${within(b)} // 1000000) / CAST(2678400 AS DOUBLE)`;
  const isRounded = args[2] === undefined ? "TRUE" : args[2].sql;
  const part = `CASE WHEN ${isRounded} THEN round(${exact}, 8) ELSE ${exact} END`;
  const sql = `(CASE WHEN day(${a}) = day(${b}) OR (${isLast(a)} AND ${isLast(b)}) THEN ${raw} ELSE ${part} END)`;
  return opaque(`CAST(${sql} AS DOUBLE)`, double, args);
});

const days = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/** The next such day after a date. */
const nextDay: FunctionSpec = spec(2, (args) => {
  const name = textOf(args[1])?.toLowerCase() ?? "";
  const [value = argument(args, 0)] = takenAs(args.slice(0, 1), [date]);
  const day = days.indexOf(name.slice(0, 2)) + 1;
  if (day === 0) throw meaningError(`${JSON.stringify(name)} is not a day of the week`);
  const start = `CAST(${value.sql} AS DATE)`;
  return opaque(`(${start} + CAST((${day} - isodow(${start}) + 6) % 7 + 1 AS INTEGER))`, date, [value]);
});

/** A time of its parts, in the zone that a seventh argument names. */
function made(type: typeof timestamp, isTry: boolean): FunctionSpec {
  return fixed(type, {
    count: type === timestampNtz ? 6 : [6, 7],
    sql: (_, all) => {
      const local = `make_timestamp(${all.slice(0, 5).join(", ")}, CAST(${all[5]} AS DOUBLE))`;
      const time = all[6] === undefined ? local : `${instantIn}(${local}, ${all[6]})`;
      return isTry ? `TRY(${time})` : time;
    },
  });
}

/** By their names in lower case. */
export const spanFunctions: FunctionTable = {
  timestampadd: added,
  make_interval: spec([0, 7], (args) => span(args, ["year", "month", "week", "day", "hour", "minute", "second"])),
  make_ym_interval: spec([0, 2], (args) => span(args, ["year", "month"])),
  make_dt_interval: spec([0, 4], (args) => span(args, ["day", "hour", "minute", "second"])),
  timestampdiff: between,
  months_between: monthsBetween,
  next_day: nextDay,
  dayname: fixed(string, { count: 1, takes: [date], sql: ([a]) => `strftime(CAST(${a} AS TIMESTAMP), '%a')` }),
  monthname: fixed(string, { count: 1, takes: [date], sql: ([a]) => `strftime(CAST(${a} AS TIMESTAMP), '%b')` }),
  make_timestamp: made(timestamp, false),
  make_timestamp_ltz: made(timestamp, false),
  make_timestamp_ntz: made(timestampNtz, false),
  try_make_timestamp: made(timestamp, true),
  try_make_timestamp_ltz: made(timestamp, true),
  try_make_timestamp_ntz: made(timestampNtz, true),
  from_utc_timestamp: fixed(timestamp, {
    count: 2,
    takes: [timestamp, string],
    sql: ([a, b]) => `timezone(${b}, CAST(${a} AS TIMESTAMPTZ))`,
  }),
  to_utc_timestamp: fixed(timestamp, {
    count: 2,
    takes: [timestamp, string],
    sql: ([a, b]) => `${instantIn}(CAST(CAST(${a} AS TIMESTAMPTZ) AS TIMESTAMP), ${b})`,
  }),
  convert_timezone: fixed(timestampNtz, {
    count: 3,
    takes: [string, string, timestampNtz],
    sql: ([a, b, c]) => `timezone(${b}, ${instantIn}(CAST(${c} AS TIMESTAMP), ${a}))`,
  }),
  current_timezone: fixed(string, { count: 0, sql: () => "'UTC'" }),
};
