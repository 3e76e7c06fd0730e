// expression/operator/bind-arithmetic.ts: arithmetic with Spark's types: no silent null, no narrow overflow.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { lateDivide, lateWhole } from "../../engine/duckdb/late-macros.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { ofText } from "./bind-compare.ts";
import { castBound } from "./bind-cast.ts";
import { type DecimalOperand, decimalSql, dividing } from "./bind-decimal.ts";
import { type Shift, bindShift } from "./bind-shift.ts";
import { castSql, finalError, literalBound, literalOf, meaningError, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { decimalResult, digitsOf } from "../tree/decimal-type.ts";
import { primitive } from "../tree/syntax.ts";
import type { ArithmeticOperator } from "../tree/syntax.ts";
import { commonType, floatingNames, integralNames, isNumeric, isOneOf, typeName } from "../tree/value-type.ts";
import type { ValueType } from "../tree/value-type.ts";

/**
 * `left op right`.
 * @throws AlluviumError `INVALID_PREDICATE` for types that do not go together
 */
export function bindArithmetic(op: ArithmeticOperator, left: Bound, right: Bound): Bound {
  if (op === "||") return bindConcat([left, right]);
  if (op === "<<" || op === ">>" || op === ">>>") return bindShift(op, left, right);
  if (isOneOf(left.type, ["void"]) && isOneOf(right.type, ["void"]))
    return opaque("CAST(NULL AS DOUBLE)", primitive("double"), [left, right]);
  // NULL by itself is one of the type beside it.
  if (isOneOf(left.type, ["void"]) && isNumeric(right.type))
    return bindArithmetic(op, opaque(left.sql, right.type, [left]), right);
  if (isOneOf(right.type, ["void"]) && isNumeric(left.type))
    return bindArithmetic(op, left, opaque(right.sql, left.type, [right]));
  // Days between dates are an interval; datediff() counts them.
  if (op === "-" && isOneOf(left.type, ["date"]) && isOneOf(right.type, ["date"]))
    return opaque(`to_days(CAST(${left.sql} - ${right.sql} AS INTEGER))`, null, [left, right]);
  const type = resultType(op, left, right);
  const decimals = decimalOperands(op, left, right);
  if (decimals !== null) return opaque(decimalSql(decimals.op, decimals.a, decimals.b), type, [left, right]);
  if (type === null && op === "/") return opaque(`${lateDivide}(${left.sql}, ${right.sql})`, null, [left, right]);
  if (op === "div" && (left.type === null || right.type === null))
    return opaque(`${lateWhole}(${left.sql}, ${right.sql})`, primitive("long"), [left, right]);
  const operandType = op === "/" && isOneOf(type, ["double"]) ? null : type;
  const [a, b] = [left, right].map((side) => (operandType === null ? side.sql : operandSql(side, operandType)));
  // DuckDB divides floats as floats.
  const dividend =
    op === "/" && [left, right].some((side) => isOneOf(side.type, ["float"]))
      ? `CAST(${a ?? ""} AS DOUBLE)`
      : (a ?? "");
  return opaque(operation(op, { a: dividend, b: b ?? "", left, right }), type, [left, right]);
}

/** A minus, plus or tilde before a value. */
export function bindSign(op: "-" | "+" | "~", operand: Bound): Bound {
  const literal = literalOf(operand);
  if (isOneOf(operand.type, ["void"])) return bindSign(op, castBound(operand, primitive("double")));
  if (literal !== undefined && op === "+" && isNumeric(operand.type)) return operand;
  if (literal !== undefined && op === "-") {
    if (literal.type === "integer") return literalBound({ type: "integer", value: -literal.value }, operand.type);
    if (literal.type === "double") return literalBound({ type: "double", value: -literal.value }, operand.type);
    if (literal.type === "decimal") {
      const text = literal.text.startsWith("-") ? literal.text.slice(1) : `-${literal.text}`;
      return literalBound({ type: "decimal", text }, operand.type);
    }
  }
  if (operand.type !== null && !isNumeric(operand.type)) {
    throw meaningError(`${op} takes a number, not ${typeName(operand.type)}`);
  }
  return opaque(`(${op}${operand.sql})`, operand.type, [operand]);
}

/** Texts, or lists, put together; null when one of them is null. */
export function bindConcat(parts: readonly Bound[]): Bound {
  const first = parts[0]?.type;
  if (first?.kind === "array") return opaque(`(${parts.map((part) => part.sql).join(" || ")})`, first, parts);
  if (parts.some(({ type }) => type?.kind === "array" || type?.kind === "map" || type?.kind === "struct"))
    throw finalError("texts are put together with texts, arrays with arrays; cast to STRING", "DATATYPE_MISMATCH");
  // DuckDB takes the whole for a null without a type.
  if (parts.some((part) => isOneOf(part.type, ["void"])))
    return opaque("CAST(NULL AS VARCHAR)", primitive("string"), parts);
  // Bytes with text are text.
  const isBinary = parts.every((part) => isOneOf(part.type, ["binary"]));
  const written = parts.map((part) => (isBinary ? part.sql : ofText(part).sql));
  return opaque(`(${written.join(" || ")})`, primitive(isBinary ? "binary" : "string"), parts);
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
  if (op === "div" && isOneOf(type, floatingNames))
    throw finalError("div divides whole numbers and decimals; cast to DECIMAL or BIGINT", "DATATYPE_MISMATCH");
  if (op === "div") return primitive("long");
  const decimals = decimalOperands(op, left, right);
  if (decimals !== null && decimals.op !== "div") return decimalResult(decimals.op, decimals.a, decimals.b);
  return op === "/" ? primitive("double") : type;
}

interface DecimalOperands {
  readonly op: "+" | "-" | "*" | "/" | "%" | "div";
  readonly a: DecimalOperand;
  readonly b: DecimalOperand;
}

/** Both sides of arithmetic in decimals; null when it is in other numbers. */
function decimalOperands(op: ArithmeticOperator, left: Bound, right: Bound): DecimalOperands | null {
  const [a, b] = [decimalOperand(left), decimalOperand(right)];
  const isExact = left.type?.kind === "decimal" || right.type?.kind === "decimal";
  if (!isExact || a === null || b === null) return null;
  return op === "+" || op === "-" || op === "*" || op === "/" || op === "%" || op === "div" ? { op, a, b } : null;
}

/** A whole number that is written out has as many digits as are written, whatever its type could hold. */
function decimalOperand({ sql, type, shape }: Bound): DecimalOperand | null {
  if (type === null || (type.kind !== "decimal" && !isOneOf(type, integralNames))) return null;
  if (shape.kind !== "literal" || shape.literal.type !== "integer") return { sql, ...digitsOf(type) };
  return { sql, precision: String(shape.literal.value).replace("-", "").length, scale: 0 };
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

interface Operation {
  readonly a: string;
  readonly b: string;
  readonly left: Bound;
  readonly right: Bound;
}

function operation(op: Exclude<ArithmeticOperator, Shift>, { a, b, right, left }: Operation): string {
  switch (op) {
    case "/":
    case "%":
      return dividingBy(`(${a} ${op} ${b})`, left, right);
    case "div": {
      const isWhole = [left, right].every((side) => isOneOf(side.type, integralNames));
      return dividingBy(isWhole ? `(${a} // ${b})` : `CAST(trunc(${left.sql} / ${right.sql}) AS BIGINT)`, left, right);
    }
    case "^":
      return `xor(${a}, ${b})`;
    case "+":
    case "-":
    case "*":
    case "||":
    case "&":
    case "|":
      return `(${a} ${op} ${b})`;
  }
}

/** Nothing is asked of a divisor that is written out and not zero. */
function dividingBy(sql: string, dividend: Bound, divisor: Bound): string {
  const literal = literalOf(divisor);
  const isZero = literal === undefined ? undefined : ["0", "0.0", "-0"].includes(literalNumber(literal));
  return isZero === false ? sql : dividing(sql, dividend.sql, divisor.sql);
}

function literalNumber(literal: NonNullable<ReturnType<typeof literalOf>>): string {
  if (literal.type === "integer" || literal.type === "double") return String(literal.value);
  return literal.type === "decimal" ? String(Number(literal.text)) : "";
}
