// expression/operator/bind-compare.ts: comparisons, IN, BETWEEN and LIKE with Spark's rules about types, as DuckDB SQL.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { castBound } from "./bind-cast.ts";
import { condition, finalError, literalOf, literalSql, meaningError, opaque, textOf } from "../tree/bound.ts";
import { compareNested } from "./compare-nested.ts";
import type { Bound } from "../tree/bound.ts";
import { compareByPlacement, placeLiteral } from "./exact-number.ts";
import type { Comparison, Expression } from "../tree/expression.ts";
import { castLiteral } from "./literal-cast.ts";
import type { LikeOperator } from "../tree/syntax.ts";
import { primitive } from "../tree/syntax.ts";
import { commonType, floatingNames, integralNames, isNumeric, isOneOf, typeName } from "../tree/value-type.ts";
import type { ValueType } from "../tree/value-type.ts";

/**
 * `left op right`.
 * @throws AlluviumError `INVALID_PREDICATE` for types that do not compare
 */
export function bindComparison(op: Comparison, left: Bound, right: Bound): Bound {
  const nested = compareNested(op, left, right);
  if (nested !== undefined) return nested;
  const [a, b] = meet(left, right);
  const shape: Expression = { kind: "compare", op, left: a.shape, right: b.shape };
  const exact = exactComparison(op, left, right) ?? exactComparison(mirrored[op], right, left);
  if (exact !== undefined) return condition(exact, shape);
  return condition(`(${operandSql(a)} ${operators[op]} ${operandSql(b)})`, shape);
}

/** `operand BETWEEN low AND high`, both ends included. */
export function bindBetween(operand: Bound, low: Bound, high: Bound): Bound {
  const parts = [bindComparison(">=", operand, low), bindComparison("<=", operand, high)];
  return condition(`(${parts.map((part) => part.sql).join(" AND ")})`, {
    kind: "and",
    operands: parts.map((part) => part.shape),
  });
}

/**
 * `operand IN (values)`. All values and the operand meet in one type, as in Spark.
 * @throws AlluviumError `INVALID_PREDICATE` for types that do not compare
 */
export function bindIn(operand: Bound, values: readonly Bound[]): Bound {
  const type = [operand, ...values].map((bound) => bound.type).reduce((a, b) => joinTypes(a, b));
  const exact = exactIn(operand, values);
  if (exact !== undefined) return exact;
  const [first, ...rest] = [operand, ...values].map((bound) => (type === null ? bound : coerce(bound, type)));
  if (first === undefined) throw meaningError("IN without an operand");
  const sql = `(${operandSql(first)} IN (${rest.map((bound) => bound.sql).join(", ")}))`;
  return condition(sql, { kind: "in", operand: first.shape, values: rest.map((bound) => bound.shape) });
}

/**
 * LIKE, ILIKE and RLIKE.
 * @throws AlluviumError `INVALID_PREDICATE` for a pattern that ends with its escape character
 */
export function bindLike(
  op: LikeOperator,
  operand: Bound,
  like: { readonly pattern: Bound; readonly escape: string },
): Bound {
  const subject = asText(operand);
  const { pattern, escape } = like;
  if (op === "rlike")
    return opaque(`regexp_matches(${subject.sql}, ${pattern.sql})`, primitive("boolean"), [subject, pattern]);
  const text = textOf(pattern);
  const needsEscape = text === undefined || text.includes(escape);
  if (text !== undefined) checkEscapes(text, escape);
  const sql = `(${subject.sql} ${op.toUpperCase()} ${pattern.sql}${needsEscape ? ` ESCAPE ${sqlLiteral(escape)}` : ""})`;
  const prefix = op === "like" && text !== undefined && !needsEscape ? /^([^%_]*)%$/.exec(text)?.[1] : undefined;
  if (prefix !== undefined) return condition(sql, { kind: "startsWith", operand: subject.shape, prefix });
  return opaque(sql, primitive("boolean"), [subject, pattern]);
}

/** A value as text, for functions of text. */
export function asText(bound: Bound): Bound {
  return bound.type === null || isOneOf(bound.type, ["string", "binary", "void"])
    ? bound
    : castBound(bound, primitive("string"));
}

/** As `asText`, bytes too: they are read as UTF-8. */
export function ofText(bound: Bound): Bound {
  return isOneOf(bound.type, ["binary"]) ? castBound(bound, primitive("string")) : asText(bound);
}

/** Both values in the type in which Spark compares them. */
export function meet(left: Bound, right: Bound): readonly [Bound, Bound] {
  const type = joinTypes(left.type, right.type);
  return type === null ? [left, right] : [coerce(left, type), coerce(right, type)];
}

const operators: Readonly<Record<Comparison, string>> = {
  "=": "=",
  "<=>": "IS NOT DISTINCT FROM",
  "<>": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/** The operator that says the same with its sides exchanged. */
export const mirrored: Readonly<Record<Comparison, Comparison>> = {
  "=": "=",
  "<=>": "<=>",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** A whole or decimal value against an exact literal; undefined for anything else. */
function exactComparison(op: Comparison, left: Bound, right: Bound): string | undefined {
  const literal = literalOf(right);
  const placement = literalOf(left) === undefined ? placeLiteral(literal, left.type) : undefined;
  if (placement === undefined) return undefined;
  if (placement.kind === "member") return `(${left.sql} ${operators[op]} ${placement.sql})`;
  return compareByPlacement(op, left.sql, placement);
}

/** Exact literals only: those that are no values of the type are equal to none. */
function exactIn(operand: Bound, values: readonly Bound[]): Bound | undefined {
  if (literalOf(operand) !== undefined) return undefined;
  const members: string[] = [];
  for (const value of values) {
    const literal = literalOf(value);
    if (literal?.type === "null") {
      members.push("NULL");
      continue;
    }
    const placement = placeLiteral(literal, operand.type);
    if (placement === undefined) return undefined;
    if (placement.kind === "member") members.push(placement.sql);
  }
  const sql = members.length > 0 ? `(${operand.sql} IN (${members.join(", ")}))` : `(${operand.sql} IS NULL AND NULL)`;
  return condition(sql, { kind: "in", operand: operand.shape, values: values.map((value) => value.shape) });
}

/**
 * The text of one side. Parquet's statistics do not count NaN, and DuckDB would skip row groups by them although NaN is
 * greater than every number: a sum with zero keeps floating point away from that.
 */
function operandSql(bound: Bound): string {
  return isOneOf(bound.type, floatingNames) && bound.shape.kind !== "literal" ? `(${bound.sql} + 0)` : bound.sql;
}

function joinTypes(a: ValueType, b: ValueType): ValueType {
  const type = commonType(a, b);
  if (type !== "none") return type;
  const problem = `${typeName(a)} and ${typeName(b)} do not compare; cast one of them`;
  // DuckDB would compare true with 1.
  const isTruth = [a, b].some((one) => isOneOf(one, ["boolean"]));
  throw isTruth ? finalError(problem, "DATATYPE_MISMATCH") : meaningError(problem);
}

function coerce(bound: Bound, type: DataType): Bound {
  const literal = literalOf(bound);
  if (literal !== undefined) return coerceLiteral(bound, type);
  if (bound.type === null || isOneOf(bound.type, ["void"])) return bound;
  if (isOneOf(bound.type, ["string"]) && !isOneOf(type, ["string"])) return castBound(bound, type);
  if (isOneOf(bound.type, ["float"]) && isOneOf(type, ["double"]))
    return { ...bound, sql: `CAST(${bound.sql} AS DOUBLE)`, type };
  // DuckDB widens the rest on its own, and its row-group pruning knows the column under a widening of its own.
  return isOneOf(type, floatingNames) ? { ...bound, type } : bound;
}

function coerceLiteral(bound: Bound, type: DataType): Bound {
  const literal = literalOf(bound);
  if (literal === undefined || literal.type === "null") return bound;
  const isWholeInDecimal = type.kind === "decimal" && isOneOf(bound.type, integralNames);
  if (isWholeInDecimal || (type.kind === "decimal" && bound.type?.kind === "decimal")) return bound;
  if (isOneOf(type, integralNames) && isNumeric(bound.type)) return bound;
  const cast = castLiteral(literal, type);
  if (cast === undefined) return castBound(bound, type);
  const shape: Expression = { kind: "literal", literal: cast };
  return { sql: literalSql(cast, type), type, shape };
}

function checkEscapes(pattern: string, escape: string): void {
  for (let index = pattern.indexOf(escape); index >= 0; index = pattern.indexOf(escape, index + 2 * escape.length)) {
    const next = pattern.slice(index + escape.length)[0];
    if (next === undefined) throw meaningError(`the pattern ${JSON.stringify(pattern)} ends with its escape character`);
    if (next !== "%" && next !== "_" && !pattern.startsWith(escape, index + escape.length)) {
      throw meaningError(
        `in the pattern ${JSON.stringify(pattern)} the escape character stands before ${JSON.stringify(next)}`,
      );
    }
  }
}
