// expression/function/functions-round.ts: Spark's functions that round.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { ratio } from "../../engine/duckdb/decimal-macros.ts";
import { scaledSql, unscaledSql } from "../operator/bind-decimal.ts";
import { castBound } from "../operator/bind-cast.ts";
import { finalError, literalOf, meaningError, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { digitsOf, precisionMax, roundedDecimal } from "../tree/decimal-type.ts";
import { argument, spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "../tree/syntax.ts";
import { floatingNames, integralNames, isNumeric, isOneOf } from "../tree/value-type.ts";

const long = primitive("long");

/**
 * The second argument; 0 without it, null for a null.
 * @throws AlluviumError `INVALID_PREDICATE` where it is not written out
 */
function digitsArgument(args: readonly Bound[]): number | null {
  const second = args[1];
  if (second !== undefined && second.type !== null && literalOf(second) === undefined)
    throw finalError("the number of digits to round to must be written out", "DATATYPE_MISMATCH");
  const literal = second === undefined ? { type: "integer" as const, value: 0n } : literalOf(second);
  return literal?.type === "integer" ? Number(literal.value) : null;
}

type Rule = "round" | "bround" | "ceil" | "floor";

/** A decimal, or a whole number as one, rounded by a rule, of Spark's type. */
function rounded(rule: Rule, operand: Bound, digits: number): Bound {
  const own = digitsOf(operand.type ?? long);
  const type = roundedDecimal(own, digits);
  const kept = Math.min(digits, own.scale);
  if (kept === own.scale) return opaque(`CAST(${operand.sql} AS ${duckdbType(type)})`, type, [operand]);
  const whole = roundedWhole(rule, unscaledSql({ sql: operand.sql, ...own }), own.scale - kept);
  const sql = kept < 0 ? `(${whole}) * CAST(${10n ** BigInt(-kept)} AS HUGEINT)` : whole;
  return opaque(scaledSql(sql, type), type, [operand]);
}

/** A whole number without its last digits. */
function roundedWhole(rule: Rule, u: string, less: number): string {
  const upwards = rule === "ceil" ? `${u} > 0` : `${u} < 0`;
  const isDirected = rule === "ceil" || rule === "floor";
  const one = rule === "floor" ? "-1" : "1";
  // No number of 38 digits comes near to a half of more.
  if (less > precisionMax) return isDirected ? `(CASE WHEN ${upwards} THEN ${one} ELSE ${u} * 0 END)` : `(${u} * 0)`;
  const power = `CAST(${10n ** BigInt(less)} AS HUGEINT)`;
  const cut = `${u} // ${power}`;
  if (isDirected)
    return `(${cut} + (CASE WHEN ${u} % ${power} ${rule === "ceil" ? ">" : "<"} 0 THEN ${one} ELSE 0 END))`;
  const up = `${ratio}(${u}, ${power})`;
  if (rule === "round") return up;
  const isHalf = `abs(${u} % ${power}) = CAST(${5n * 10n ** BigInt(less - 1)} AS HUGEINT)`;
  return `(CASE WHEN ${isHalf} THEN ${cut} + (${cut}) % 2 ELSE ${up} END)`;
}

/** Java's long of a double: 0 for NaN, the nearest for one that is too large. */
function wholeSql(name: string, { sql, type }: Bound): string {
  const whole = `CAST(${name}(${sql}) AS BIGINT)`;
  if (!isOneOf(type, floatingNames)) return whole;
  const ends = `WHEN ${sql} >= 9223372036854775807 THEN 9223372036854775807 WHEN ${sql} <= -9223372036854775808 THEN CAST('-9223372036854775808' AS BIGINT)`;
  return `(CASE WHEN isnan(${sql}) THEN 0 ${ends} ELSE ${whole} END)`;
}

/** Up or down: a long of a whole or binary number, else a decimal; with digits always a decimal. */
function towards(name: "ceil" | "floor"): FunctionSpec {
  return spec([1, 2], (args) => {
    const operand = argument(args, 0);
    const isBinary = isOneOf(operand.type, floatingNames) || isOneOf(operand.type, integralNames);
    if (args.length === 1 && isBinary) return opaque(wholeSql(name, operand), long, args);
    const digits = digitsArgument(args);
    if (digits === null) throw meaningError(`${name} takes a number of digits that is written out`);
    if (!isNumeric(operand.type)) return opaque(`${name}(${operand.sql})`, null, args);
    // As Spark takes a double for a decimal.
    const type = { kind: "decimal" as const, precision: 30, scale: 15 };
    return rounded(name, isOneOf(operand.type, floatingNames) ? castBound(operand, type) : operand, digits);
  });
}

/** Half up. A double is rounded as the decimal that it prints as, so that 0.285 becomes 0.29. */
const round: FunctionSpec = spec([1, 2], (args) => {
  const operand = argument(args, 0);
  const { type } = operand;
  const digits = digitsArgument(args);
  if (type?.kind === "decimal" && digits !== null) return rounded("round", operand, digits);
  const plain = `round(${args.map((arg) => arg.sql).join(", ")})`;
  // DuckDB loses what does not fit.
  if (isOneOf(type, integralNames) && type !== null && digits !== null && digits < 0)
    return opaque(`CAST(${rounded("round", operand, digits).sql} AS ${duckdbType(type)})`, type, args);
  if (isOneOf(type, integralNames) && type !== null) return opaque(`CAST(${plain} AS ${duckdbType(type)})`, type, args);
  if (!isOneOf(type, floatingNames)) return opaque(plain, null, args);
  const printed = `CAST(CAST(${operand.sql} AS VARCHAR) AS DECIMAL(38, 22))`;
  const sql = `(CASE WHEN abs(${operand.sql}) < 1e15 THEN CAST(round(${printed}, ${digits}) AS ${isOneOf(type, ["float"]) ? "FLOAT" : "DOUBLE"}) ELSE ${plain} END)`;
  return opaque(digits === null ? plain : sql, type, args);
});

/** Half to the even neighbour. */
const bround: FunctionSpec = spec([1, 2], (args) => {
  const operand = argument(args, 0);
  const { type } = operand;
  const digits = digitsArgument(args);
  if (isOneOf(type, integralNames) && type !== null && digits !== null && digits < 0)
    return opaque(`CAST(${rounded("bround", operand, digits).sql} AS ${duckdbType(type)})`, type, args);
  if (type?.kind !== "decimal" || digits === null) {
    const plain = `round_even(${operand.sql}, ${args[1]?.sql ?? "0"})`;
    return isOneOf(type, integralNames) && type !== null
      ? opaque(`CAST(${plain} AS ${duckdbType(type)})`, type, args)
      : opaque(plain, type, args);
  }
  return rounded("bround", operand, digits);
});

/** By their names in lower case. */
export const roundFunctions: FunctionTable = {
  ceil: towards("ceil"),
  ceiling: towards("ceil"),
  floor: towards("floor"),
  round,
  bround,
};
