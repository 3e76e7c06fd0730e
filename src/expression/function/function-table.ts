// expression/function/function-table.ts: Spark's functions of one row. A name that is not here is left to DuckDB.
import { castBound } from "../operator/bind-cast.ts";
import { bindComparison } from "../operator/bind-compare.ts";
import { asCondition, condition, literalBound, meaningError, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { arrayFunctions } from "./functions-array.ts";
import { codeFunctions } from "./functions-code.ts";
import { checkedFunctions } from "./functions-checked.ts";
import { collectionFunctions } from "./functions-collection.ts";
import { hashFunctions } from "./functions-hash.ts";
import { jsonFunctions } from "./functions-json.ts";
import { numberFunctions } from "./functions-number.ts";
import { patternFunctions } from "./functions-pattern.ts";
import { sessionFunctions } from "./functions-session.ts";
import { textFunctions } from "./functions-text.ts";
import { timeFunctions } from "./functions-time.ts";
import { argument, inType, joinTypes, many, spec } from "./function-spec.ts";
import type { FunctionTable } from "./function-spec.ts";
import { typeOfWord } from "../parse/parse-type.ts";

/**
 * Binds a call of a function for whose name `isFunctionOfRow` is true.
 * @throws AlluviumError `INVALID_PREDICATE` for a wrong number of arguments
 */
export function bindFunction(name: string, args: readonly Bound[]): Bound {
  const word = name.toLowerCase();
  const found = Object.hasOwn(functions, word) ? functions[word] : undefined;
  const type = typeOfWord(word);
  if (found === undefined && type !== undefined && args.length === 1) return castBound(argument(args, 0), type);
  if (found === undefined || args.length < found.argumentCountMin || args.length > found.argumentCountMax)
    throw wrongCount(name, args.length);
  return found.bind(args, word);
}

/** True for the name of a function of Spark that takes values of one row, in any case. */
export function isFunctionOfRow(name: string): boolean {
  const word = name.toLowerCase();
  return Object.hasOwn(functions, word) || typeOfWord(word) !== undefined;
}

/** True for the name of a function of Spark, of one row or of many, in any case. */
export function isSparkFunction(name: string): boolean {
  return isFunctionOfRow(name) || manyRowNames.has(name.toLowerCase());
}

/** All of them, for suggestions. */
export function sparkFunctionNames(): readonly string[] {
  return [...Object.keys(functions), ...manyRowNames];
}

const manyRowNames: ReadonlySet<string> = new Set(
  "count sum avg mean try_sum try_avg min max first last any_value collect_list collect_set array_agg stddev stddev_samp stddev_pop variance var_samp var_pop window session_window window_time explode explode_outer posexplode".split(
    " ",
  ),
);

function wrongCount(name: string, count: number): Error {
  return meaningError(`the function ${name} does not take ${count} ${count === 1 ? "argument" : "arguments"}`);
}

const conditional: FunctionTable = {
  isnull: spec(1, (args) => {
    const operand = argument(args, 0);
    return condition(`(${operand.sql} IS NULL)`, { kind: "isNull", operand: operand.shape });
  }),
  isnotnull: spec(1, (args) => {
    const operand = argument(args, 0);
    return condition(`(${operand.sql} IS NOT NULL)`, { kind: "isNotNull", operand: operand.shape });
  }),
  equal_null: spec(2, (args) => bindComparison("<=>", argument(args, 0), argument(args, 1))),
  coalesce: spec([1, many], (args) => together("coalesce", args)),
  nvl: spec(2, (args) => together("coalesce", args)),
  ifnull: spec(2, (args) => together("coalesce", args)),
  greatest: spec([2, many], (args) => together("greatest", args)),
  least: spec([2, many], (args) => together("least", args)),
  nullif: spec(2, (args) => {
    const [a, b] = [argument(args, 0), argument(args, 1)];
    return opaque(`(CASE WHEN ${bindComparison("=", a, b).sql} THEN NULL ELSE ${a.sql} END)`, a.type, args);
  }),
  nvl2: spec(3, (args) => {
    const [test, a, b] = [argument(args, 0), argument(args, 1), argument(args, 2)];
    const type = joinTypes([a, b]);
    const [then, otherwise] = [inType(a, type).sql, inType(b, type).sql];
    return opaque(`(CASE WHEN ${test.sql} IS NOT NULL THEN ${then} ELSE ${otherwise} END)`, type, args);
  }),
  if: spec(3, bindIf),
  iff: spec(3, bindIf),
  nullifzero: spec(1, (args) => opaque(`nullif(${argument(args, 0).sql}, 0)`, argument(args, 0).type, args)),
  zeroifnull: spec(1, (args) => {
    const zero = literalBound({ type: "integer", value: 0n }, { kind: "primitive", name: "integer" });
    return together("coalesce", [argument(args, 0), zero]);
  }),
};

const functions: FunctionTable = {
  ...conditional,
  ...textFunctions,
  ...numberFunctions,
  ...timeFunctions,
  ...arrayFunctions,
  ...collectionFunctions,
  ...codeFunctions,
  ...hashFunctions,
  ...checkedFunctions,
  ...jsonFunctions,
  ...sessionFunctions,
  ...patternFunctions,
};

function bindIf(args: readonly Bound[]): Bound {
  const [test, a, b] = [asCondition(argument(args, 0), "if"), argument(args, 1), argument(args, 2)];
  const type = joinTypes([a, b]);
  return opaque(`(CASE WHEN ${test.sql} THEN ${inType(a, type).sql} ELSE ${inType(b, type).sql} END)`, type, args);
}

/** A function that takes any number of values of one type and answers one of them. */
function together(name: string, args: readonly Bound[]): Bound {
  const type = joinTypes(args);
  const parts = args.map((arg) => inType(arg, type));
  return opaque(`${name}(${parts.map((part) => part.sql).join(", ")})`, type, args);
}
