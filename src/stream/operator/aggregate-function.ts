// stream/operator/aggregate-function.ts: aggregates as partial values that add up: what is made of the rows of a batch, how two partial values
// become one, and what the result is. Aggregates that do not add up have none, and keep their arguments instead.
import type { AggregateCall } from "../plan/stream-node.ts";

/** One value of a group's state. */
export interface PartialValue {
  /** Column of the state. */
  readonly name: string;
  /** DuckDB aggregate over rows of the input. */
  readonly start: string;
  /** DuckDB aggregate over rows of partial values, each with `__ord`: lower came first. */
  readonly merge: string;
}

/** How an aggregate is kept. */
export interface AggregateParts {
  readonly values: readonly PartialValue[];
  /** DuckDB SQL of the result over one row of partial values. */
  readonly result: string;
}

/**
 * Parts of an aggregate that adds up; null for one that must keep its arguments.
 * @param index of the aggregate, from which its columns are named
 */
export function aggregateParts(call: AggregateCall, index: number): AggregateParts | null {
  // Least and greatest do not care about repeated values; everything else does.
  const isOrderFree = call.function === "min" || call.function === "max";
  if (call.isDistinct && !(isOrderFree && call.args.length === 1)) return null;
  if (call.orderBy !== null && orderSensitive.has(call.function)) return null;
  const make = families.get(`${call.function}/${call.args.length}`);
  if (make === undefined) return null;
  const filter = call.filter === null ? "" : ` FILTER (WHERE ${call.filter})`;
  const isTrue = call.filter === null ? "true" : `(${call.filter})`;
  const name = (part: number): string => `__p${index}_${part}`;
  return make({ name, args: call.args, filter, isTrue });
}

interface Family {
  readonly name: (part: number) => string;
  readonly args: readonly string[];
  /** FILTER clause, empty when there is none. */
  readonly filter: string;
  /** Condition of the filter. */
  readonly isTrue: string;
}

type MakeParts = (family: Family) => AggregateParts;

const orderSensitive: ReadonlySet<string> = new Set(["first", "last", "any_value", "arbitrary"]);

/** `f` of the rows, then `merge` of the partial values, is `f` of all rows. */
const simple =
  (start: string, merge: string): MakeParts =>
  ({ name, args, filter }) => ({
    values: [{ name: name(0), start: `${start}(${args.join(", ")})${filter}`, merge: `${merge}(${name(0)})` }],
    result: name(0),
  });

/** A count is 0, not null, where there are no rows. */
const counting =
  (start: string): MakeParts =>
  ({ name, args, filter }) => ({
    values: [{ name: name(0), start: `${start}(${args.join(", ")})${filter}`, merge: `sum(${name(0)})` }],
    result: name(0),
  });

const average: MakeParts = ({ name, args: [arg], filter }) => ({
  values: [
    { name: name(0), start: `sum(${arg})${filter}`, merge: `sum(${name(0)})` },
    { name: name(1), start: `count(${arg})${filter}`, merge: `sum(${name(1)})` },
  ],
  result: `CASE WHEN ${name(1)} > 0 THEN CAST(${name(0)} AS DOUBLE) / ${name(1)} END`,
});

/** Count, mean and sum of squared distances from the mean; two such add up without loss of digits (Chan, Golub, LeVeque). */
const variance =
  (result: (count: string, squares: string) => string): MakeParts =>
  ({ name, args: [arg], filter }) => {
    const value = `CAST(${arg} AS DOUBLE)`;
    const start = `struct_pack(n := CAST(count(${arg})${filter} AS DOUBLE), m := coalesce(avg(${value})${filter}, 0), s := coalesce(var_pop(${value})${filter} * count(${arg})${filter}, 0))`;
    const total = "(a.n + b.n)";
    const added = `CASE WHEN b.n = 0 THEN a WHEN a.n = 0 THEN b ELSE struct_pack(n := ${total}, m := a.m + (b.m - a.m) * b.n / ${total}, s := a.s + b.s + (b.m - a.m) * (b.m - a.m) * a.n * b.n / ${total}) END`;
    const merge = `list_reduce(list(${name(0)} ORDER BY __ord), lambda a, b: ${added})`;
    return { values: [{ name: name(0), start, merge }], result: result(`${name(0)}.n`, `${name(0)}.s`) };
  };

const sampleVariance = (n: string, s: string): string => `CASE WHEN ${n} > 1 THEN ${s} / (${n} - 1) END`;
const populationVariance = (n: string, s: string): string => `CASE WHEN ${n} > 0 THEN ${s} / ${n} END`;

/** The first value (or the last) that came, null included; which row of a batch is first is not defined. */
const byArrival =
  (which: "first" | "last"): MakeParts =>
  ({ name, args: [arg], filter, isTrue }) => ({
    values: [
      {
        name: name(0),
        start: `${which}(${arg})${filter}`,
        merge: `${which}(${name(0)} ORDER BY __ord) FILTER (WHERE ${name(1)})`,
      },
      { name: name(1), start: `coalesce(bool_or(${isTrue}), false)`, merge: `bool_or(${name(1)})` },
    ],
    result: name(0),
  });

/** The first value that came and is not null. */
const anyValue: MakeParts = ({ name, args: [arg], filter }) => ({
  values: [{ name: name(0), start: `any_value(${arg})${filter}`, merge: `any_value(${name(0)} ORDER BY __ord)` }],
  result: name(0),
});

/** The value at the least (or the greatest) of another. */
const byExtreme =
  (which: "arg_min" | "arg_max"): MakeParts =>
  ({ name, args: [value, by], isTrue }) => {
    const filter = ` FILTER (WHERE ${isTrue} AND (${value}) IS NOT NULL)`;
    const extreme = which === "arg_min" ? "min" : "max";
    return {
      values: [
        {
          name: name(0),
          start: `${which}(${value}, ${by})${filter}`,
          merge: `${which}(${name(0)}, ${name(1)} ORDER BY __ord)`,
        },
        { name: name(1), start: `${extreme}(${by})${filter}`, merge: `${extreme}(${name(1)})` },
      ],
      result: name(0),
    };
  };

/** By name and number of arguments. */
const families: ReadonlyMap<string, MakeParts> = new Map<string, MakeParts>([
  ["count_star/0", ({ name, filter }): AggregateParts => counting("count")({ name, args: ["*"], filter, isTrue: "" })],
  ["count/0", ({ name, filter }): AggregateParts => counting("count")({ name, args: ["*"], filter, isTrue: "" })],
  ["count/1", counting("count")],
  ["count_if/1", counting("count_if")],
  ["countif/1", counting("count_if")],
  ["sum/1", simple("sum", "sum")],
  ["fsum/1", simple("fsum", "fsum")],
  ["sumkahan/1", simple("fsum", "fsum")],
  ["kahan_sum/1", simple("fsum", "fsum")],
  ["product/1", simple("product", "product")],
  ["min/1", simple("min", "min")],
  ["max/1", simple("max", "max")],
  ["bool_and/1", simple("bool_and", "bool_and")],
  ["bool_or/1", simple("bool_or", "bool_or")],
  ["bit_and/1", simple("bit_and", "bit_and")],
  ["bit_or/1", simple("bit_or", "bit_or")],
  ["bit_xor/1", simple("bit_xor", "bit_xor")],
  ["avg/1", average],
  ["mean/1", average],
  ["var_samp/1", variance(sampleVariance)],
  ["variance/1", variance(sampleVariance)],
  ["var_pop/1", variance(populationVariance)],
  ["stddev/1", variance((n, s) => `sqrt(${sampleVariance(n, s)})`)],
  ["stddev_samp/1", variance((n, s) => `sqrt(${sampleVariance(n, s)})`)],
  ["stddev_pop/1", variance((n, s) => `sqrt(${populationVariance(n, s)})`)],
  ["any_value/1", anyValue],
  ["first/1", byArrival("first")],
  ["arbitrary/1", byArrival("first")],
  ["last/1", byArrival("last")],
  ["arg_min/2", byExtreme("arg_min")],
  ["argmin/2", byExtreme("arg_min")],
  ["min_by/2", byExtreme("arg_min")],
  ["arg_max/2", byExtreme("arg_max")],
  ["argmax/2", byExtreme("arg_max")],
  ["max_by/2", byExtreme("arg_max")],
]);

/** DuckDB SQL of a whole call. @param args in place of the call's own arguments */
export function callSql(call: AggregateCall, args: readonly string[], filter: string | null = call.filter): string {
  if (call.function === "count_star") return `count(*)${filter === null ? "" : ` FILTER (WHERE ${filter})`}`;
  const distinct = call.isDistinct ? "DISTINCT " : "";
  const order = call.orderBy === null ? "" : ` ORDER BY ${call.orderBy.replace(/^\s*order\s+by\s+/iu, "")}`;
  const where = filter === null ? "" : ` FILTER (WHERE ${filter})`;
  return `${call.function}(${distinct}${args.join(", ")}${order})${where}`;
}
