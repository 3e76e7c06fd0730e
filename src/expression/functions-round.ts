// expression/functions-round.ts: Spark's functions that round.
import { duckdbType } from "../engine/duckdb-type.ts";
import type { DecimalType } from "../format/schema.ts";
import { unscaledSql } from "./bind-decimal.ts";
import { castBound } from "./bind-cast.ts";
import { literalOf, meaningError, opaque } from "./bound.ts";
import type { Bound } from "./bound.ts";
import { digitsOf, roundedDecimal } from "./decimal-type.ts";
import { argument, spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "./syntax.ts";
import { floatingNames, integralNames, isNumeric, isOneOf } from "./value-type.ts";

const long = primitive("long");

/** The second argument; 0 without it, null where it is not a number written out. */
function digitsArgument(args: readonly Bound[]): number | null {
  const second = args[1];
  const literal = second === undefined ? { type: "integer" as const, value: 0n } : literalOf(second);
  return literal?.type === "integer" ? Number(literal.value) : null;
}

/** A decimal rounded half up, of Spark's type. */
function halfUp(operand: Bound, digits: number): { readonly sql: string; readonly type: DecimalType } {
  const own = { kind: "decimal" as const, ...digitsOf(operand.type ?? long) };
  const type = roundedDecimal(own, digits);
  return { sql: `CAST(round(CAST(${operand.sql} AS ${duckdbType(own)}), ${digits}) AS ${duckdbType(type)})`, type };
}

/** A one at the last digit that is kept. */
const unit = (digits: number): string =>
  digits > 0 ? `CAST('0.${"1".padStart(digits, "0")}' AS DECIMAL(${digits}, ${digits}))` : `${10n ** BigInt(-digits)}`;

/** Up or down: a long of a whole or binary number, else a decimal; with digits always a decimal. */
function towards(name: "ceil" | "floor"): FunctionSpec {
  return spec([1, 2], (args) => {
    const operand = argument(args, 0);
    const isBinary = isOneOf(operand.type, floatingNames) || isOneOf(operand.type, integralNames);
    if (args.length === 1 && isBinary) return opaque(`CAST(${name}(${operand.sql}) AS BIGINT)`, long, args);
    const digits = digitsArgument(args);
    if (digits === null) throw meaningError(`${name} takes a number of digits that is written out`);
    if (!isNumeric(operand.type)) return opaque(`${name}(${operand.sql})`, null, args);
    // As Spark takes a double for a decimal.
    const exact = isOneOf(operand.type, floatingNames)
      ? castBound(operand, { kind: "decimal", precision: 30, scale: 15 })
      : operand;
    const { sql, type } = halfUp(exact, Math.min(digits, digitsOf(exact.type ?? long).scale));
    const [isOff, op] = name === "ceil" ? ["<", "+"] : [">", "-"];
    const moved = `CAST(${sql} ${op} ${unit(Math.min(digits, type.scale))} AS ${duckdbType(type)})`;
    return opaque(`(CASE WHEN ${sql} ${isOff} ${exact.sql} THEN ${moved} ELSE ${sql} END)`, type, args);
  });
}

/** Half up. A double is rounded as the decimal that it prints as, so that 0.285 becomes 0.29. */
const round: FunctionSpec = spec([1, 2], (args) => {
  const operand = argument(args, 0);
  const { type } = operand;
  const digits = digitsArgument(args);
  if (type?.kind === "decimal" && digits !== null) {
    const rounded = halfUp(operand, digits);
    return opaque(rounded.sql, rounded.type, args);
  }
  const plain = `round(${args.map((arg) => arg.sql).join(", ")})`;
  if (isOneOf(type, integralNames) && type !== null) return opaque(`CAST(${plain} AS ${duckdbType(type)})`, type, args);
  if (!isOneOf(type, floatingNames)) return opaque(plain, null, args);
  const printed = `CAST(CAST(${operand.sql} AS VARCHAR) AS DECIMAL(38, 22))`;
  const sql = `(CASE WHEN abs(${operand.sql}) < 1e15 THEN CAST(round(${printed}, ${digits}) AS DOUBLE) ELSE ${plain} END)`;
  return opaque(digits === null ? plain : sql, type, args);
});

/** Half to the even neighbour. */
const bround: FunctionSpec = spec([1, 2], (args) => {
  const operand = argument(args, 0);
  const { type } = operand;
  const digits = digitsArgument(args);
  if (type?.kind !== "decimal" || digits === null) {
    const plain = `round_even(${operand.sql}, ${args[1]?.sql ?? "0"})`;
    return isOneOf(type, integralNames) && type !== null
      ? opaque(`CAST(${plain} AS ${duckdbType(type)})`, type, args)
      : opaque(plain, type, args);
  }
  const up = halfUp(operand, digits);
  if (digits >= type.scale) return opaque(up.sql, up.type, args);
  const half = `2 * CAST(abs(${up.sql} - ${operand.sql}) AS DECIMAL(38, ${type.scale})) = ${unit(digits)}`;
  const isOdd = `(${unscaledSql({ sql: up.sql, ...up.type })} // ${10n ** BigInt(Math.max(0, -digits))}) % 2 <> 0`;
  const even = `CAST(${up.sql} - CAST(sign(${operand.sql}) AS INTEGER) * ${unit(digits)} AS ${duckdbType(up.type)})`;
  return opaque(`(CASE WHEN ${half} AND ${isOdd} THEN ${even} ELSE ${up.sql} END)`, up.type, args);
});

/** By their names in lower case. */
export const roundFunctions: FunctionTable = {
  ceil: towards("ceil"),
  ceiling: towards("ceil"),
  floor: towards("floor"),
  round,
  bround,
};
