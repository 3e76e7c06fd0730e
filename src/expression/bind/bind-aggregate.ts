// expression/bind/bind-aggregate.ts: calls of functions of many rows, with the types of Spark's results.
import { decimalSum, tryDecimalSum } from "../../engine/duckdb/decimal-macros.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import type { DataType, DecimalType } from "../../format/schema/schema.ts";
import { castBound } from "../operator/bind-cast.ts";
import { finalError, opaque } from "../tree/bound.ts";
import { isNested, orderKey } from "../operator/compare-nested.ts";
import type { Bound } from "../tree/bound.ts";
import { elementType, listOf } from "../function/functions-array.ts";
import type { Syntax } from "../tree/syntax.ts";
import { isNumeric, isOneOf, typeName } from "../tree/value-type.ts";
import type { ValueType } from "../tree/value-type.ts";

/** Binds a function of many rows, or one that only DuckDB has; `over` of the result says it with a window. */
export function bindAggregate(
  node: Extract<Syntax, { kind: "call" }>,
  values: readonly Bound[],
  filter: Bound | null,
): Bound {
  const word = node.name.toLowerCase();
  const args = sumNames.has(word) ? values.map((arg, index) => (index === 0 ? addend(word, arg) : arg)) : values;
  const first = args[0];
  // A row of null where there is nothing to make rows of.
  if (word === "explode_outer" && first !== undefined)
    return opaque(
      `unnest(CASE WHEN len(${first.sql}) > 0 THEN ${first.sql} ELSE [NULL] END)`,
      elementType(first.type),
      args,
    );
  const isDistinct = node.isDistinct || word === "collect_set";
  const skipsNulls = node.ignoresNulls === true || (endNames.has(word) && args[1]?.sql === "TRUE");
  const isCollection = word === "collect_list" || word === "array_agg" || word === "collect_set";
  const conditions = (over: string): readonly string[] => {
    const isSifted = isCollection || (skipsNulls && endNames.has(word) && over === "");
    const sifted = isSifted && first !== undefined ? [`(${first.sql} IS NOT NULL)`] : [];
    return filter === null ? sifted : [...sifted, filter.sql];
  };
  if (word === "count" && args.length > 1) return countOfTuples(args, { isDistinct, conditions: conditions("") });
  const type = first?.type ?? null;
  const nested = isNested(type) ? endsOfNested[word] : undefined;
  const texts =
    nested === undefined || type === null || first === undefined
      ? argumentTexts(word, args)
      : [first.sql, orderKey(first.sql, type)];
  const list = `${isDistinct ? "DISTINCT " : ""}${texts.join(", ")}`;
  const call = (name: string, over: string): string => {
    const nulls = skipsNulls && over !== "" ? " IGNORE NULLS" : "";
    const all = conditions(over);
    // DuckDB reads no call without keys; sql/tree/spark-groups.ts puts them in.
    const shown = name === "grouping_id" && args.length === 0 ? "alluvium_grouping_id" : name;
    return `${shown}(${list}${nulls})${all.length === 0 ? "" : ` FILTER (WHERE ${all.join(" AND ")})`}${over}`;
  };
  const { type: given, sql } = isCollection ? collected(type, call) : resultOf(word, type, call);
  const parts = filter === null ? args : [...args, filter];
  // Of values whose type only DuckDB knows, sql/tree/late-types.ts makes what is meant.
  const isLate = type === null && (word === "try_sum" || word === "try_avg");
  const name = isLate ? word : (nested ?? otherNames[word] ?? node.name);
  const over = sql ?? ((window: string): string => call(name, window));
  return { ...opaque(over(""), given, parts), over };
}

/** Sums and means. */
export const sumNames: ReadonlySet<string> = new Set(["sum", "avg", "mean", "try_sum", "try_avg"]);

/**
 * What a sum or a mean adds: a text as the number that it spells.
 * @throws AlluviumError `INVALID_PREDICATE` for what is no number; DuckDB counts truth values
 */
export function addend(word: string, value: Bound): Bound {
  if (value.type === null || isNumeric(value.type)) return value;
  if (isOneOf(value.type, ["string", "void"])) return castBound(value, { kind: "primitive", name: "double" });
  throw finalError(`${word} adds numbers, not ${typeName(value.type)}`, "DATATYPE_MISMATCH");
}

/** Functions of one end of the rows: a second argument says whether nulls are passed over. */
const endNames: ReadonlySet<string> = new Set(["first", "first_value", "last", "last_value", "any_value"]);

function argumentTexts(word: string, args: readonly Bound[]): readonly string[] {
  const texts = args.map((arg) => arg.sql);
  const isSaid = texts[1] === "TRUE" || texts[1] === "FALSE";
  if (endNames.has(word) && isSaid) return texts.slice(0, 1);
  // The accuracy: what is exact needs none.
  if (word === "percentile_approx" || word === "approx_percentile") return texts.slice(0, 2);
  // Without a separator Spark puts none, and DuckDB a comma.
  if ((word === "listagg" || word === "string_agg") && texts.length === 1) return [...texts, "''"];
  // DuckDB's median of decimals is a decimal of no more digits than they have.
  if (word !== "percentile" && word !== "median") return texts;
  return texts.map((text, index) => (index === 0 ? `CAST(${text} AS DOUBLE)` : text));
}

interface AggregateResult {
  readonly type: ValueType;
  /** DuckDB SQL, given the OVER clause; null for the plain call. */
  readonly sql: ((over: string) => string) | null;
}

type Call = (name: string, over: string) => string;

/** DuckDB takes a null inside of a struct or an array for the greatest value, and Spark for the least. */
const endsOfNested: Readonly<Record<string, string>> = { max: "arg_max", min: "arg_min" };

/** A list, empty where there is nothing to collect; DuckDB's is null then. */
const collected = (first: ValueType, call: Call): AggregateResult => ({
  type: listOf(first),
  sql: (over) => `coalesce(${call("list", over)}, [])`,
});

/** Spark's result types of sum and avg; DuckDB's are wider, or inexact. */
function resultOf(word: string, first: ValueType, call: Call): AggregateResult {
  const isTry = word === "try_sum" || word === "try_avg";
  const name = word === "mean" ? "avg" : word.replace(/^try_/, "");
  const type = name === "sum" || name === "avg" ? sumType(name, first) : null;
  if (word === "skewness") return { type: { kind: "primitive", name: "double" }, sql: (over) => skewness(call, over) };
  const narrow = narrower[word];
  if (narrow !== undefined)
    return { type: narrow, sql: (over) => `CAST(${call(word, over)} AS ${duckdbType(narrow)})` };
  if (type === null) return { type: typeOfMany(word, first), sql: null };
  if (name === "avg" && first?.kind === "decimal" && type.kind === "decimal")
    return { type, sql: (over) => decimalMean(call("sum", over), call("count", over), { from: first, to: type }) };
  return { type, sql: (over) => sumSql(call("sum", over), { type, isTry, argument: first }) };
}

/** What a sum is cast to, and what of. */
interface TypedSum {
  readonly type: DataType;
  /** A sum that is too large is null. */
  readonly isTry: boolean;
  readonly argument: ValueType;
}

/** A sum in its type; one that does not fit is an error, `ARITHMETIC_OVERFLOW`. */
export function sumSql(call: string, { type, isTry, argument }: TypedSum): string {
  const sum = `${isTry ? "TRY_CAST" : "CAST"}(${call} AS ${duckdbType(type)})`;
  // DuckDB sums decimals in 128 bits, in which there are numbers of 39 digits.
  if (type.kind !== "decimal" || argument?.kind !== "decimal" || argument.precision + 10 <= type.precision) return sum;
  const most = `CAST('${"9".repeat(type.precision - type.scale)}.${"9".repeat(type.scale)}' AS ${duckdbType(type)})`;
  return `${isTry ? tryDecimalSum : decimalSum}(${sum}, ${most})`;
}

/** Of the whole, as Spark has it; DuckDB estimates that of which the rows are a sample. */
function skewness(call: Call, over: string): string {
  const count = call("count", over);
  return `(${call("skewness", over)} * (${count} - 2) / sqrt(${count} * (${count} - 1)))`;
}

/** The type of a sum or a mean where DuckDB's is another; null where it is not, or where the argument's is not known. */
export function sumType(name: "sum" | "avg", argument: ValueType): DataType | null {
  // DuckDB sums whole numbers in 128 bits; Spark's sum is a long, and too large a one is an error.
  if (name === "sum" && isOneOf(argument, ["byte", "short", "integer", "long"]))
    return { kind: "primitive", name: "long" };
  if (argument?.kind !== "decimal") return null;
  return name === "sum"
    ? decimal(argument.precision + 10, argument.scale)
    : decimal(argument.precision + 4, argument.scale + 4);
}

function decimal(precision: number, scale: number): DecimalType {
  return { kind: "decimal", precision: Math.min(38, precision), scale: Math.min(38, scale) };
}

/** `total / count` in whole numbers of 128 bits, the last digit rounded half up: DuckDB's own mean is a double. */
export function decimalMean(
  total: string,
  count: string,
  { from, to }: { readonly from: DecimalType; readonly to: DecimalType },
): string {
  // No column has such names, which would come before those of a lambda.
  const [v, w] = ["__alluvium_v", "__alluvium_w"];
  const more = `CAST(${10n ** BigInt(to.scale - from.scale)} AS HUGEINT)`;
  const point = `CAST(${10n ** BigInt(to.scale)} AS HUGEINT)`;
  const unscaled = `CAST(replace(CAST(${total} AS VARCHAR), '.', '') AS HUGEINT)`;
  const parts = `[struct_pack(u := ${unscaled}, n := CAST(${count} AS HUGEINT))]`;
  const digits = `(abs(${v}.u) // ${v}.n) * ${more} + (2 * (abs(${v}.u) % ${v}.n) * ${more} + ${v}.n) // (2 * ${v}.n)`;
  const quotient = `list_transform(${parts}, lambda ${v}: struct_pack(s := CASE WHEN ${v}.u < 0 THEN '-' ELSE '' END, d := ${digits}))`;
  const text = `${w}.s || CAST(${w}.d // ${point} AS VARCHAR) || '.' || lpad(CAST(${w}.d % ${point} AS VARCHAR), ${to.scale}, '0')`;
  return `CAST(list_extract(list_transform(${quotient}, lambda ${w}: ${text}), 1) AS ${duckdbType(to)})`;
}

/** Rows in which no value is null. */
function countOfTuples(
  args: readonly Bound[],
  { isDistinct, conditions }: { readonly isDistinct: boolean; readonly conditions: readonly string[] },
): Bound {
  const all = [...args.map((arg) => `(${arg.sql} IS NOT NULL)`), ...conditions].join(" AND ");
  const value = isDistinct ? `DISTINCT row(${args.map((arg) => arg.sql).join(", ")})` : "*";
  return opaque(`count(${value}) FILTER (WHERE ${all})`, { kind: "primitive", name: "long" }, args);
}

function typeOfMany(word: string, first: ValueType): ValueType {
  if (word === "count" || word === "count_if" || word === "approx_count_distinct")
    return { kind: "primitive", name: "long" };
  return word === "min" || word === "max" ? first : null;
}

/** Results that DuckDB has as longs. */
const narrower: Readonly<Record<string, DataType>> = {
  row_number: { kind: "primitive", name: "integer" },
  rank: { kind: "primitive", name: "integer" },
  dense_rank: { kind: "primitive", name: "integer" },
  ntile: { kind: "primitive", name: "integer" },
  grouping: { kind: "primitive", name: "byte" },
  grouping_id: { kind: "primitive", name: "long" },
};

/** Functions whose names differ; `window` is a word of DuckDB's grammar. */
const otherNames: Readonly<Record<string, string>> = {
  try_sum: "sum",
  try_avg: "avg",
  // Spark answers a value that is there, and the very one up to 10 000 of them; DuckDB's estimate lies between values.
  percentile_approx: "quantile_disc",
  approx_percentile: "quantile_disc",
  percentile: "quantile_cont",
  any: "bool_or",
  some: "bool_or",
  every: "bool_and",
  first_value: "first",
  last_value: "last",
  stddev: "stddev_samp",
  std: "stddev_samp",
  variance: "var_samp",
  // The row counts also where the value asked for is null.
  max_by: "arg_max_null",
  min_by: "arg_min_null",
  kurtosis: "kurtosis_pop",
  explode: "unnest",
  window: "alluvium_window",
  session_window: "alluvium_session_window",
  window_time: "alluvium_window_time",
};
