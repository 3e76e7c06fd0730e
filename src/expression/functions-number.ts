// expression/functions-number.ts: Spark's functions of numbers.
import { opaque } from "./bound.ts";
import { argument, fixed, likeFirst, spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "./syntax.ts";
import { floatingNames, integralNames, isOneOf } from "./value-type.ts";

const double = primitive("double");
const long = primitive("long");
const boolean = primitive("boolean");

/** Whole numbers up or down: long for binary numbers, a decimal without scale for decimals. */
function whole(name: string): FunctionSpec {
  return spec(1, (args) => {
    const operand = argument(args, 0);
    const isBinary = isOneOf(operand.type, floatingNames) || isOneOf(operand.type, integralNames);
    return isBinary
      ? opaque(`CAST(${name}(${operand.sql}) AS BIGINT)`, long, args)
      : opaque(`${name}(${operand.sql})`, null, args);
  });
}

const real = (name: string): FunctionSpec => fixed(double, { count: 1, sql: ([a]) => `${name}(${a})` });

const log: FunctionSpec = fixed(double, {
  count: [1, 2],
  sql: ([a, b]) => (b === "NULL" ? positive("ln", a) : `(${positive("ln", b)} / ${positive("ln", a)})`),
});

/** Spark answers null where a logarithm is not defined; DuckDB raises an error. */
const positive = (name: string, a: string): string => `(CASE WHEN ${a} > 0 THEN ${name}(${a}) END)`;

/** A remainder of the divisor's sign. */
const pmod: FunctionSpec = likeFirst(2, ([a, b]) => `(((${a} % ${b}) + ${b}) % ${b})`);

/** By their names in lower case. */
export const numberFunctions: FunctionTable = {
  abs: likeFirst(1, ([a]) => `abs(${a})`),
  negative: likeFirst(1, ([a]) => `(-${a})`),
  positive: likeFirst(1, ([a]) => a),
  ceil: whole("ceil"),
  ceiling: whole("ceil"),
  floor: whole("floor"),
  round: spec([1, 2], (args) => {
    const operand = argument(args, 0);
    const type = operand.type?.kind === "decimal" ? null : operand.type;
    return opaque(`round(${args.map((arg) => arg.sql).join(", ")})`, type, args);
  }),
  bround: likeFirst([1, 2], ([a, b]) => `round_even(${a}, ${b === "NULL" ? "0" : b})`),
  mod: likeFirst(2, ([a, b]) => `(${a} % ${b})`),
  pmod,
  sign: real("sign"),
  signum: real("sign"),
  sqrt: fixed(double, {
    count: 1,
    sql: ([a]) => `(CASE WHEN ${a} < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(${a}) END)`,
  }),
  cbrt: real("cbrt"),
  exp: real("exp"),
  ln: fixed(double, { count: 1, sql: ([a]) => positive("ln", a) }),
  log10: fixed(double, { count: 1, sql: ([a]) => positive("log10", a) }),
  log2: fixed(double, { count: 1, sql: ([a]) => positive("log2", a) }),
  log,
  pow: fixed(double, { count: 2, sql: ([a, b]) => `pow(${a}, ${b})` }),
  power: fixed(double, { count: 2, sql: ([a, b]) => `pow(${a}, ${b})` }),
  // Null is not NaN, and nothing else: Spark answers false for it.
  isnan: fixed(boolean, { count: 1, sql: ([a]) => `coalesce(isnan(CAST(${a} AS DOUBLE) + 0), FALSE)` }),
  nanvl: likeFirst(2, ([a, b]) => `(CASE WHEN isnan(${a}) THEN ${b} ELSE ${a} END)`),
  e: fixed(double, { count: 0, sql: () => "exp(1)" }),
  shiftleft: likeFirst(2, ([a, b]) => `(${a} << ${b})`),
  shiftright: likeFirst(2, ([a, b]) => `(${a} >> ${b})`),
  bit_count: fixed(primitive("integer"), { count: 1, sql: ([a]) => `bit_count(${a})` }),
};
