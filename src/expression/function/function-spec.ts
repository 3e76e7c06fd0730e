// expression/function/function-spec.ts: how one of Spark's functions is said to DuckDB.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { castBound } from "../operator/bind-cast.ts";
import { asText } from "../operator/bind-compare.ts";
import { meaningError, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { primitive } from "../tree/syntax.ts";
import { floatingNames, integralNames, isOneOf } from "../tree/value-type.ts";
import type { ValueType } from "../tree/value-type.ts";

/** Binds a call; the number of arguments has been checked. */
export interface FunctionSpec {
  readonly argumentCountMin: number;
  readonly argumentCountMax: number;
  readonly bind: (args: readonly Bound[], name: string) => Bound;
}

/** Functions by their names in lower case. */
export type FunctionTable = Readonly<Record<string, FunctionSpec>>;

/** The texts of arguments; a missing one is `NULL`, which the count of arguments rules out. */
export type ArgumentTexts = readonly [string, string, string, string];

/** How many arguments, and their DuckDB text put together. */
export interface SqlFunction {
  readonly count: number | readonly [number, number];
  readonly sql: (args: ArgumentTexts, all: readonly string[]) => string;
}

/** A function of any values whose result has always the same type (Spark's; DuckDB's is cast to it). */
export function fixed(type: ValueType, { count, sql }: SqlFunction): FunctionSpec {
  return spec(count, (args) => {
    const text = sql(
      texts(args),
      args.map((arg) => arg.sql),
    );
    return opaque(type === null ? text : `CAST(${text} AS ${duckdbType(type)})`, type, args);
  });
}

/** As `fixed`, of a whole number: others are cut off first. */
export function ofWhole(type: ValueType, how: SqlFunction): FunctionSpec {
  const whole = fixed(type, how);
  return { ...whole, bind: (args, name) => whole.bind(args.map(asWhole), name) };
}

/** A function of texts with a text as result. Other values are cast to text first. */
export function textual(count: number | readonly [number, number], sql: (args: ArgumentTexts) => string): FunctionSpec {
  return spec(count, (args) => {
    const first = args.map((arg, index) => (index === 0 ? asText(arg) : arg));
    return opaque(sql(texts(first)), primitive("string"), args);
  });
}

/** A function whose result has the type of its first argument. */
export function likeFirst(
  count: number | readonly [number, number],
  sql: (args: ArgumentTexts) => string,
): FunctionSpec {
  return spec(count, (args) => {
    const type = args[0]?.type ?? null;
    const text = sql(texts(args));
    // DuckDB's functions widen whole numbers.
    const isCast = isOneOf(type, integralNames) && type !== null;
    return opaque(isCast ? `CAST(${text} AS ${duckdbType(type)})` : text, isOneOf(type, ["void"]) ? null : type, args);
  });
}

/** A number as a long, cut off where it is not whole; anything else as it is. */
function asWhole(arg: Bound): Bound {
  return isOneOf(arg.type, floatingNames) || arg.type?.kind === "decimal" ? castBound(arg, primitive("long")) : arg;
}

/** A function that binds its arguments itself. */
export function spec(count: number | readonly [number, number], bind: FunctionSpec["bind"]): FunctionSpec {
  const [argumentCountMin, argumentCountMax] = typeof count === "number" ? [count, count] : count;
  return { argumentCountMin, argumentCountMax, bind };
}

/** The argument at `index`. @throws AlluviumError `INVALID_PREDICATE` when there is none */
export function argument(args: readonly Bound[], index: number): Bound {
  const found = args[index];
  if (found === undefined) throw meaningError(`argument ${index + 1} is missing`);
  return found;
}

/** No bound on the number of arguments. */
export const many = 100_000;

function texts(args: readonly Bound[]): ArgumentTexts {
  // A null that is written out is an argument.
  const text = (index: number): string => (args[index]?.sql === "NULL" ? "(NULL)" : (args[index]?.sql ?? "NULL"));
  return [text(0), text(1), text(2), text(3)];
}
