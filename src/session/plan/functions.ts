// session/plan/functions.ts: Spark's functions as functions: `sum("price")`, `window("ts", "10 minutes")`. A text names a column.
import { ColumnExpression, callFunction, col, expr, lit } from "../../expression/predicate/builder.ts";
import type { SortKey } from "../../expression/tree/sort-key.ts";

/** A column by name, or an expression. */
export type FunctionColumn = string | ColumnExpression;

/** What a function takes, as an expression. */
export const columnOf = (column: FunctionColumn): ColumnExpression =>
  typeof column !== "string" ? column : column === "*" ? expr("*") : col(column);

const one = (name: string, column: FunctionColumn): ColumnExpression => callFunction(name, columnOf(column));

/** Rows in which the column is not null; all rows for `"*"`. */
export const count = (column: FunctionColumn): ColumnExpression => one("count", column);

/** Distinct values that are not null. */
export function countDistinct(column: FunctionColumn, ...more: readonly FunctionColumn[]): ColumnExpression {
  const args = [column, ...more].map((each) => columnOf(each).syntax);
  return new ColumnExpression({ kind: "call", name: "count", args, isDistinct: true, filter: null, at: 0 });
}

/** Sum; of whole numbers a long. */
export const sum = (column: FunctionColumn): ColumnExpression => one("sum", column);

/** Mean. */
export const avg = (column: FunctionColumn): ColumnExpression => one("avg", column);

/** Smallest value. */
export const min = (column: FunctionColumn): ColumnExpression => one("min", column);

/** Greatest value. */
export const max = (column: FunctionColumn): ColumnExpression => one("max", column);

/** A value of the group, the first that was met. */
export const first = (column: FunctionColumn): ColumnExpression => one("first", column);

/** A value of the group, the last that was met. */
export const last = (column: FunctionColumn): ColumnExpression => one("last", column);

/** All values that are not null, as a list. */
export const collectList = (column: FunctionColumn): ColumnExpression => one("collect_list", column);

/** Distinct values that are not null, as a list. */
export const collectSet = (column: FunctionColumn): ColumnExpression => one("collect_set", column);

/** Standard deviation of a sample. */
export const stddev = (column: FunctionColumn): ColumnExpression => one("stddev_samp", column);

/** Variance of a sample. */
export const variance = (column: FunctionColumn): ColumnExpression => one("var_samp", column);

/** A row for each element of a list. */
export const explode = (column: FunctionColumn): ColumnExpression => one("explode", column);

/** Upper case. */
export const upper = (column: FunctionColumn): ColumnExpression => one("upper", column);

/** Lower case. */
export const lower = (column: FunctionColumn): ColumnExpression => one("lower", column);

/** The first value that is not null. */
export const coalesce = (...columns: readonly FunctionColumn[]): ColumnExpression =>
  callFunction("coalesce", ...columns.map(columnOf));

/** The time at which the query, or the micro-batch, runs. */
export const currentTimestamp = (): ColumnExpression => callFunction("current_timestamp");

/**
 * Windows of event time: a struct of start (inclusive) and end. Spans such as `"10 minutes"`; a slide and a start may follow the
 * length, without which windows tumble and begin at the epoch.
 */
export function window(time: FunctionColumn, length: string, ...slideAndStart: readonly string[]): ColumnExpression {
  return callFunction("window", columnOf(time), ...[length, ...slideAndStart].map((span) => lit(span)));
}

/**
 * A window that ends when nothing has come for `gap`: a span such as `"5 minutes"`, or an expression that gives each row its own.
 * Streams only, beside another key.
 */
export const sessionWindow = (time: FunctionColumn, gap: string | ColumnExpression): ColumnExpression =>
  callFunction("session_window", columnOf(time), typeof gap === "string" ? lit(gap) : gap);

/** Ascending; nulls first, as Spark sorts by default, unless said otherwise. */
export const asc = (column: FunctionColumn, nulls: "first" | "last" = "first"): SortKey => columnOf(column).asc(nulls);

/** Descending; nulls last, as Spark sorts by default, unless said otherwise. */
export const desc = (column: FunctionColumn, nulls: "first" | "last" = "last"): SortKey => columnOf(column).desc(nulls);
