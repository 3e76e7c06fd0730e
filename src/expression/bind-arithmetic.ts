// expression/bind-arithmetic.ts: arithmetic with Spark's types: no silent null, no narrow overflow.
import { duckdbType } from "../engine/duckdb-type.ts";
import type { DataType } from "../format/schema.ts";
import { asText } from "./bind-compare.ts";
import { castBound } from "./bind-cast.ts";
import { castSql, literalBound, literalOf, meaningError, opaque } from "./bound.ts";
import type { Bound } from "./bound.ts";
import { primitive } from "./syntax.ts";
import type { ArithmeticOperator } from "./syntax.ts";
import { commonType, decimalResult, floatingNames, integralNames, isNumeric, isOneOf, typeName } from "./value-type.ts";
import type { ValueType } from "./value-type.ts";

/**
 * `left op right`.
 * @throws AlluviumError `INVALID_PREDICATE` for types that do not go together
 */
export function bindArithmetic(op: ArithmeticOperator, left: Bound, right: Bound): Bound {
  if (op === "||") return bindConcat([left, right]);
  const type = resultType(op, left, right);
  const isDecimal = type?.kind === "decimal";
  const operandType = isDecimal || (op === "/" && isOneOf(type, ["double"])) ? null : type;
  const isExact = isDecimal && (op === "+" || op === "-" || op === "*");
  const [a, b] = [left, right].map((side) =>
    operandType !== null ? operandSql(side, operandType) : isExact ? wideSql(side, type.precision) : side.sql,
  );
  const sql = operation(op, { a: a ?? "", b: b ?? "", left, right, type });
  return opaque(isDecimal ? `CAST(${sql} AS ${duckdbType(type)})` : sql, type, [left, right]);
}

/** A minus, plus or tilde before a value. */
export function bindSign(op: "-" | "+" | "~", operand: Bound): Bound {
  const literal = literalOf(operand);
  if (literal !== undefined && op === "+" && isNumeric(operand.type)) return operand;
  if (literal !== undefined && op === "-") {
    if (literal.type === "integer") return literalBound({ type: "integer", value: -literal.value }, operand.type);
    if (literal.type === "double") return literalBound({ type: "double", value: -literal.value }, operand.type);
    if (literal.type === "decimal") {
      const text = literal.text.startsWith("-") ? literal.text.slice(1) : `-${literal.text}`;
      return literalBound({ type: "decimal", text }, operand.type);
    }
  }
  if (operand.type !== null && !isNumeric(operand.type) && !isOneOf(operand.type, ["void"])) {
    throw meaningError(`${op} takes a number, not ${typeName(operand.type)}`);
  }
  return opaque(`(${op}${operand.sql})`, operand.type, [operand]);
}

/** Texts, or lists, put together; null when one of them is null. */
export function bindConcat(parts: readonly Bound[]): Bound {
  const first = parts[0]?.type;
  if (first?.kind === "array") return opaque(`(${parts.map((part) => part.sql).join(" || ")})`, first, parts);
  // DuckDB takes the whole for a null without a type.
  if (parts.some((part) => isOneOf(part.type, ["void"])))
    return opaque("CAST(NULL AS VARCHAR)", primitive("string"), parts);
  return opaque(`(${parts.map((part) => asText(part).sql).join(" || ")})`, primitive("string"), parts);
}

function resultType(op: ArithmeticOperator, left: Bound, right: Bound): ValueType {
  const sides = [left.type, right.type];
  if (sides.some((side) => side === null || isOneOf(side, ["date", "timestamp", "timestamp_ntz", "void"])))
    return dateResult(op, left, right);
  const common = commonType(left.type, right.type);
  // Two texts are doubles in arithmetic.
  const type = common !== "none" && isOneOf(common, ["string"]) ? primitive("double") : common;
  if (type === "none" || !isNumeric(type))
    throw meaningError(`${typeName(left.type)} ${op} ${typeName(right.type)} has no meaning`);
  if (op === "div") return primitive("long");
  if (op === "/" && type?.kind !== "decimal") return primitive("double");
  return type?.kind === "decimal" ? decimalResult(op, digitsOf(left), digitsOf(right)) : type;
}

/** A whole number that is written out has as many digits as are written, whatever its type could hold. */
function digitsOf(side: Bound): ValueType {
  const literal = literalOf(side);
  if (literal?.type !== "integer") return side.type;
  return { kind: "decimal", precision: String(literal.value).replace("-", "").length, scale: 0 };
}

/** A date plus or minus days is a date; everything else about time is left to DuckDB. */
function dateResult(op: ArithmeticOperator, left: Bound, right: Bound): ValueType {
  const isDays = isOneOf(left.type, ["date"]) && isOneOf(right.type, integralNames) && (op === "+" || op === "-");
  return isDays ? primitive("date") : null;
}

function operandSql(side: Bound, type: DataType): string {
  if (isOneOf(type, ["date"])) return side.sql;
  if (isOneOf(side.type, ["string"])) return castBound(side, type).sql;
  if (isOneOf(side.type, floatingNames) && isOneOf(type, integralNames)) return side.sql;
  // A bare literal would take the narrow type of the column beside it, and overflow there.
  return literalOf(side) === undefined ? castSql(side, type) : `CAST(${side.sql} AS ${duckdbType(type)})`;
}

/** DuckDB keeps to 64 bits while both sides do, even where the result has more digits, and calls that an overflow. */
function wideSql({ sql, type }: Bound, resultPrecision: number): string {
  const isNarrow = type?.kind === "decimal" && type.precision <= digitsOf64Bits;
  if (!isNarrow || resultPrecision <= digitsOf64Bits) return sql;
  return `CAST(${sql} AS ${duckdbType({ ...type, precision: digitsOf64Bits + 1 })})`;
}

const digitsOf64Bits = 18;

interface Operation {
  readonly a: string;
  readonly b: string;
  readonly left: Bound;
  readonly right: Bound;
  readonly type: ValueType;
}

function operation(op: ArithmeticOperator, { a, b, right, left }: Operation): string {
  switch (op) {
    case "/":
    case "%":
      return dividing(`(${a} ${op} ${b})`, right);
    case "div": {
      const isWhole = [left, right].every((side) => isOneOf(side.type, integralNames));
      return dividing(isWhole ? `(${a} // ${b})` : `CAST(trunc(${left.sql} / ${right.sql}) AS BIGINT)`, right);
    }
    case "^":
      return `xor(${a}, ${b})`;
    case ">>>":
      throw meaningError(">>> is not supported; use >>");
    case "+":
    case "-":
    case "*":
    case "||":
    case "&":
    case "|":
    case "<<":
    case ">>":
      return `(${a} ${op} ${b})`;
  }
}

/** Spark refuses to divide by zero where DuckDB would answer null or infinity. */
function dividing(sql: string, divisor: Bound): string {
  const literal = literalOf(divisor);
  const isZero = literal === undefined ? undefined : ["0", "0.0", "-0"].includes(literalNumber(literal));
  if (isZero === false) return sql;
  return `(CASE WHEN ${divisor.sql} = 0 THEN error('DIVIDE_BY_ZERO: division by zero') ELSE ${sql} END)`;
}

function literalNumber(literal: NonNullable<ReturnType<typeof literalOf>>): string {
  if (literal.type === "integer" || literal.type === "double") return String(literal.value);
  return literal.type === "decimal" ? String(Number(literal.text)) : "";
}
