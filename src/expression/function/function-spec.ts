// expression/function/function-spec.ts: how one of Spark's functions is said to DuckDB.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { castBound } from "../operator/bind-cast.ts";
import { asText } from "../operator/bind-compare.ts";
import { literalOf, meaningError, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { primitive } from "../tree/syntax.ts";
import { commonType, floatingNames, integralNames, isNumeric, isOneOf } from "../tree/value-type.ts";
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
  /** What the arguments are cast to, as Spark casts them by itself; the last holds for those behind it, null for any. */
  readonly takes?: readonly ValueType[];
  readonly sql: (args: ArgumentTexts, all: readonly string[]) => string;
}

/** A function of any values whose result has always the same type (Spark's; DuckDB's is cast to it). */
export function fixed(type: ValueType, { count, takes = [], sql }: SqlFunction): FunctionSpec {
  return spec(count, (given) => {
    const args = takenAs(given, takes);
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

/** A function of texts with a text as result. Other values are cast to text first: all, or those that `isText` says. */
export function textual(
  count: number | readonly [number, number],
  sql: (args: ArgumentTexts) => string,
  isText: readonly boolean[] = [true],
): FunctionSpec {
  return spec(count, (args) => {
    const given = args.map((arg, index) => (isText[index] === true ? asText(arg) : arg));
    return opaque(sql(texts(given)), primitive("string"), args);
  });
}

/** Arguments in the types that a function takes. */
export function takenAs(args: readonly Bound[], takes: readonly ValueType[]): readonly Bound[] {
  return args.map((arg, index) => {
    const type = takes[Math.min(index, takes.length - 1)] ?? null;
    return type === null || arg.type === null ? arg : castBound(arg, type);
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

/** A value as one of those that it is mixed with: DuckDB takes narrower numbers, and texts for numbers. */
export function inType(arg: Bound, type: ValueType): Bound {
  const isOther = type !== null && arg.type !== null && (isText(arg.type) !== isText(type) || isNumeric(type));
  return isOther && !isOneOf(arg.type, ["void"]) ? typed(castBound(arg, type), type) : arg;
}

/** A bare literal is as narrow for DuckDB as its digits allow. */
const typed = (bound: Bound, type: DataType): Bound =>
  literalOf(bound) === undefined ? bound : { ...bound, sql: `CAST(${bound.sql} AS ${duckdbType(type)})` };

const isText = (type: ValueType): boolean => isOneOf(type, ["string"]);

/** The type in which all values meet; null when it is left to DuckDB. */
export function joinTypes(args: readonly Bound[]): ValueType {
  return args
    .map((arg) => arg.type)
    .reduce((a, b) => {
      const type = commonType(a, b);
      return type === "none" ? null : type;
    });
}

/** No bound on the number of arguments. */
export const many = 100_000;

function texts(args: readonly Bound[]): ArgumentTexts {
  // A null that is written out is an argument.
  const text = (index: number): string => (args[index]?.sql === "NULL" ? "(NULL)" : (args[index]?.sql ?? "NULL"));
  return [text(0), text(1), text(2), text(3)];
}
