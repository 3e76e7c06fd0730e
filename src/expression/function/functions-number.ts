// expression/function/functions-number.ts: Spark's functions of numbers.
import { bindArithmetic } from "../operator/bind-arithmetic.ts";
import { castBound } from "../operator/bind-cast.ts";
import { type Shift, bindShift } from "../operator/bind-shift.ts";
import { opaque } from "../tree/bound.ts";
import { argument, fixed, likeFirst, ofWhole, spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { roundFunctions } from "./functions-round.ts";
import { primitive } from "../tree/syntax.ts";
import { isOneOf } from "../tree/value-type.ts";

const double = primitive("double");
const long = primitive("long");
const boolean = primitive("boolean");

const real = (name: string): FunctionSpec => fixed(double, { count: 1, sql: ([a]) => `${name}(${a})` });

const log: FunctionSpec = fixed(double, {
  count: [1, 2],
  sql: ([a, b]) => (b === "NULL" ? positive("ln", a) : `(${positive("ln", b)} / ${positive("ln", a)})`),
});

/** Spark answers null where a logarithm is not defined; DuckDB raises an error. */
const positive = (name: string, a: string): string => `(CASE WHEN ${a} > 0 THEN ${name}(${a}) END)`;

/** A remainder that is not negative unless the divisor is. */
const pmod: FunctionSpec = spec(2, (args) => {
  const divisor = argument(args, 1);
  const rest = bindArithmetic("%", argument(args, 0), divisor);
  const moved = bindArithmetic("%", bindArithmetic("+", rest, divisor), divisor);
  return opaque(`(CASE WHEN ${rest.sql} < 0 THEN ${moved.sql} ELSE ${rest.sql} END)`, rest.type, args);
});

/** Null where the operator would be an error. */
const trying = (op: "+" | "-" | "*" | "/" | "%"): FunctionSpec =>
  spec(2, (args) => {
    const divisor = argument(args, 1);
    const bound = bindArithmetic(op, argument(args, 0), divisor);
    const isDivision = op === "/" || op === "%";
    return opaque(
      isDivision ? `(CASE WHEN ${divisor.sql} <> 0 THEN ${bound.sql} END)` : `TRY(${bound.sql})`,
      bound.type,
      args,
    );
  });

const shifted = (shift: Shift): FunctionSpec =>
  spec(2, (args) => bindShift(shift, argument(args, 0), argument(args, 1)));

const sign: FunctionSpec = fixed(double, {
  count: 1,
  sql: ([a]) => `(CASE WHEN isnan(CAST(${a} AS DOUBLE)) THEN ${a} ELSE sign(${a}) END)`,
});

/** NaN where the angle has no end. */
const angle = (sql: (a: string) => string): FunctionSpec =>
  fixed(double, {
    count: 1,
    sql: ([a]) => `(CASE WHEN isinf(CAST(${a} AS DOUBLE)) THEN CAST('NaN' AS DOUBLE) ELSE ${sql(a)} END)`,
  });

/** NaN outside of -1 to 1. */
const inUnit = (name: string): FunctionSpec =>
  fixed(double, {
    count: 1,
    sql: ([a]) => `(CASE WHEN abs(CAST(${a} AS DOUBLE)) > 1 THEN CAST('NaN' AS DOUBLE) ELSE ${name}(${a}) END)`,
  });

/** By their names in lower case. */
export const numberFunctions: FunctionTable = {
  abs: spec(1, (args) => {
    const value = argument(args, 0);
    const isOther = isOneOf(value.type, ["void", "string"]);
    const { sql, type } = isOther ? castBound(value, double) : value;
    return opaque(`abs(${sql})`, type, args);
  }),
  negative: likeFirst(1, ([a]) => `(-${a})`),
  positive: likeFirst(1, ([a]) => a),
  ...roundFunctions,
  rint: fixed(double, { count: 1, sql: ([a]) => `round_even(${a}, 0)` }),
  try_add: trying("+"),
  try_subtract: trying("-"),
  try_multiply: trying("*"),
  try_divide: trying("/"),
  try_mod: trying("%"),
  factorial: ofWhole(long, {
    count: 1,
    sql: ([a]) => `(CASE WHEN ${a} BETWEEN 0 AND 20 THEN factorial(CAST(${a} AS INTEGER)) END)`,
  }),
  mod: spec(2, (args) => bindArithmetic("%", argument(args, 0), argument(args, 1))),
  pmod,
  sign,
  signum: sign,
  sqrt: fixed(double, {
    count: 1,
    sql: ([a]) => `(CASE WHEN ${a} < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(${a}) END)`,
  }),
  // One step of Newton's mends the last digit.
  cbrt: fixed(double, {
    count: 1,
    sql: ([a]) => {
      const root = `cbrt(CAST(${a} AS DOUBLE))`;
      return `(CASE WHEN ${a} = 0 OR isinf(${root}) THEN ${root} ELSE ${root} - (${root} * ${root} * ${root} - ${a}) / (3 * ${root} * ${root}) END)`;
    },
  }),
  sin: angle((a) => `sin(${a})`),
  cos: angle((a) => `cos(${a})`),
  tan: angle((a) => `tan(${a})`),
  cot: angle((a) => `(CAST(1 AS DOUBLE) / tan(${a}))`),
  sec: angle((a) => `(CAST(1 AS DOUBLE) / cos(${a}))`),
  csc: angle((a) => `(CAST(1 AS DOUBLE) / sin(${a}))`),
  atanh: fixed(double, {
    count: 1,
    sql: ([a]) =>
      `(CASE WHEN ${a} = -1 THEN CAST('-Infinity' AS DOUBLE) WHEN abs(CAST(${a} AS DOUBLE)) > 1 THEN CAST('NaN' AS DOUBLE) ELSE atanh(${a}) END)`,
  }),
  // Kahan's: what a one beside a small number loses is put back.
  expm1: fixed(double, {
    count: 1,
    sql: ([a]) =>
      `(CASE WHEN exp(${a}) = 1 THEN ${a} WHEN exp(${a}) - 1 = -1 THEN -1 WHEN isinf(exp(${a})) THEN exp(${a}) ELSE (exp(${a}) - 1) * ${a} / ln(exp(${a})) END)`,
  }),
  log1p: fixed(double, {
    count: 1,
    sql: ([a]) =>
      `(CASE WHEN ${a} <= -1 THEN NULL WHEN CAST(1 AS DOUBLE) + ${a} = 1 OR isinf(CAST(${a} AS DOUBLE)) THEN ${a} ELSE ln(CAST(1 AS DOUBLE) + ${a}) * ${a} / ((CAST(1 AS DOUBLE) + ${a}) - 1) END)`,
  }),
  asin: inUnit("asin"),
  acos: inUnit("acos"),
  hypot: fixed(double, { count: 2, sql: ([a, b]) => `sqrt(pow(${a}, 2) + pow(${b}, 2))` }),
  exp: real("exp"),
  ln: fixed(double, { count: 1, sql: ([a]) => positive("ln", a) }),
  log10: fixed(double, { count: 1, sql: ([a]) => positive("log10", a) }),
  log2: fixed(double, { count: 1, sql: ([a]) => positive("log2", a) }),
  log,
  pow: fixed(double, { count: 2, sql: ([a, b]) => `pow(${a}, ${b})` }),
  power: fixed(double, { count: 2, sql: ([a, b]) => `pow(${a}, ${b})` }),
  // Null is not NaN, and nothing else: Spark answers false for it.
  isnan: fixed(boolean, { count: 1, sql: ([a]) => `coalesce(isnan(CAST(${a} AS DOUBLE) + 0), FALSE)` }),
  nanvl: fixed(double, {
    count: 2,
    sql: ([a, b]) => `(CASE WHEN isnan(CAST(${a} AS DOUBLE)) THEN CAST(${b} AS DOUBLE) ELSE CAST(${a} AS DOUBLE) END)`,
  }),
  e: fixed(double, { count: 0, sql: () => "exp(1)" }),
  shiftleft: shifted("<<"),
  shiftright: shifted(">>"),
  shiftrightunsigned: shifted(">>>"),
  randn: fixed(double, { count: 0, sql: () => "(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))" }),
  width_bucket: fixed(long, {
    count: 4,
    sql: ([a, b, c, d]) =>
      `(CASE WHEN ${d} <= 0 OR ${b} = ${c} OR isnan(CAST(${a} AS DOUBLE)) THEN NULL WHEN ${b} < ${c} THEN (CASE WHEN ${a} < ${b} THEN 0 WHEN ${a} >= ${c} THEN ${d} + 1 ELSE floor(${d} * (CAST(${a} AS DOUBLE) - ${b}) / (CAST(${c} AS DOUBLE) - ${b})) + 1 END) WHEN ${a} > ${b} THEN 0 WHEN ${a} <= ${c} THEN ${d} + 1 ELSE floor(${d} * (CAST(${b} AS DOUBLE) - ${a}) / (CAST(${b} AS DOUBLE) - ${c})) + 1 END)`,
  }),
  bit_count: fixed(primitive("integer"), { count: 1, sql: ([a]) => `bit_count(CAST(${a} AS BIGINT))` }),
};
