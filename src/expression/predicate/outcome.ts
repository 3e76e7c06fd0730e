// expression/predicate/outcome.ts: which answers a predicate can give on a set of rows of which only ranges are known.
// Three-valued logic with sets: an answer is left out only when no row can give it.
import type { DataType } from "../../format/schema/schema.ts";
import type { PartitionScalar } from "../../format/value/partition-value.ts";
import { compareText } from "../../format/text/utf8-order.ts";
import { compareValues, valueOfLiteral } from "../tree/compare-values.ts";
import type { TypedValue } from "../tree/compare-values.ts";
import type { Comparison, Expression } from "../tree/expression.ts";

/** A set of answers: any sum of 1 (true), 2 (false), 4 (null). */
export type Outcomes = number;

/** The answer true. */
export const isTrue: Outcomes = 1;
const isFalse: Outcomes = 2;
const isNull: Outcomes = 4;
const anything: Outcomes = isTrue | isFalse | isNull;

/** What is known of the values of a column. A missing bound says nothing. */
export interface ColumnRange {
  readonly type: DataType;
  readonly min: PartitionScalar;
  readonly max: PartitionScalar;
  readonly mayBeNull: boolean;
  readonly mayHaveValue: boolean;
}

/** The range of a column path, or undefined when nothing is known of it. */
export type RangeLookup = (path: readonly string[]) => ColumnRange | undefined;

/** The answers that `expression` can give on rows within the ranges. */
export function possibleOutcomes(expression: Expression, lookup: RangeLookup): Outcomes {
  switch (expression.kind) {
    case "literal":
      if (expression.literal.type === "null") return isNull;
      return expression.literal.type === "boolean" ? (expression.literal.value ? isTrue : isFalse) : anything;
    case "column":
      return compareRanges("=", lookup(expression.path), booleanRange);
    case "and":
      return conjunction(expression.operands.map((operand) => possibleOutcomes(operand, lookup)));
    case "or":
      return negate(conjunction(expression.operands.map((operand) => negate(possibleOutcomes(operand, lookup)))));
    case "not":
      return negate(possibleOutcomes(expression.operand, lookup));
    case "compare":
      return compareRanges(expression.op, rangeOf(expression.left, lookup), rangeOf(expression.right, lookup));
    case "in": {
      const operand = rangeOf(expression.operand, lookup);
      const equals = expression.values.map((value) => compareRanges("=", operand, rangeOf(value, lookup)));
      return negate(conjunction(equals.map(negate)));
    }
    case "isNull":
      return nullTest(expression.operand, lookup);
    case "isNotNull":
      return negate(nullTest(expression.operand, lookup));
    case "startsWith":
      return prefixOutcomes(rangeOf(expression.operand, lookup), expression.prefix);
    case "opaque":
      return anything;
  }
}

const booleanType: DataType = { kind: "primitive", name: "boolean" };
const booleanRange: ColumnRange = { type: booleanType, min: true, max: true, mayBeNull: false, mayHaveValue: true };

function negate(outcomes: Outcomes): Outcomes {
  return (outcomes & isNull) | (outcomes & isTrue ? isFalse : 0) | (outcomes & isFalse ? isTrue : 0);
}

function conjunction(parts: readonly Outcomes[]): Outcomes {
  const canBeTrue = parts.every((part) => part & isTrue);
  const canBeFalse = parts.some((part) => part & isFalse);
  const canBeNull = parts.some((part) => part & isNull) && parts.every((part) => part & (isTrue | isNull));
  return (canBeTrue ? isTrue : 0) | (canBeFalse ? isFalse : 0) | (canBeNull ? isNull : 0);
}

/** The range of an operand; undefined when nothing is known, which is also so for a condition used as a value. */
function rangeOf(expression: Expression, lookup: RangeLookup): ColumnRange | undefined {
  if (expression.kind === "column") return lookup(expression.path);
  if (expression.kind !== "literal") return undefined;
  const typed = valueOfLiteral(expression.literal);
  if (typed === undefined) return { type: booleanType, min: null, max: null, mayBeNull: true, mayHaveValue: false };
  return { type: typed.type, min: typed.value, max: typed.value, mayBeNull: false, mayHaveValue: true };
}

function nullTest(operand: Expression, lookup: RangeLookup): Outcomes {
  if (operand.kind === "column" || operand.kind === "literal") {
    const range = rangeOf(operand, lookup);
    if (range === undefined) return isTrue | isFalse;
    return (range.mayBeNull ? isTrue : 0) | (range.mayHaveValue ? isFalse : 0);
  }
  const outcomes = possibleOutcomes(operand, lookup);
  return (outcomes & isNull ? isTrue : 0) | (outcomes & (isTrue | isFalse) ? isFalse : 0);
}

function compareRanges(op: Comparison, left: ColumnRange | undefined, right: ColumnRange | undefined): Outcomes {
  if (left === undefined || right === undefined) return compareUnknown(op, left, right);
  const bothValues = left.mayHaveValue && right.mayHaveValue ? compareBounds(op, left, right) : 0;
  const someNull = left.mayBeNull || right.mayBeNull;
  if (op !== "<=>") return bothValues | (someNull ? isNull : 0);
  const bothNull = left.mayBeNull && right.mayBeNull;
  const oneNull = (left.mayBeNull && right.mayHaveValue) || (left.mayHaveValue && right.mayBeNull);
  return bothValues | (bothNull ? isTrue : 0) | (oneNull ? isFalse : 0);
}

/** One side may be anything; yet a side that is always null decides. */
function compareUnknown(op: Comparison, left: ColumnRange | undefined, right: ColumnRange | undefined): Outcomes {
  if (op === "<=>") return isTrue | isFalse;
  const isAlwaysNull = [left, right].some((range) => range !== undefined && !range.mayHaveValue);
  return isAlwaysNull ? isNull : anything;
}

function compareBounds(op: Comparison, left: ColumnRange, right: ColumnRange): Outcomes {
  switch (op) {
    case "<":
      return lessThan(left, right);
    case ">=":
      return negate(lessThan(left, right));
    case ">":
      return lessThan(right, left);
    case "<=":
      return negate(lessThan(right, left));
    case "=":
    case "<=>":
      return equality(left, right);
    case "<>":
      return negate(equality(left, right));
  }
}

/** `low < high`: true unless every low is at or above every high; false unless every low is below every high. */
function lessThan(low: ColumnRange, high: ColumnRange): Outcomes {
  const best = compareBound(minOf(low), maxOf(high));
  const worst = compareBound(maxOf(low), minOf(high));
  return (best === undefined || best < 0 ? isTrue : 0) | (worst === undefined || worst >= 0 ? isFalse : 0);
}

function equality(left: ColumnRange, right: ColumnRange): Outcomes {
  const low = compareBound(minOf(left), maxOf(right));
  const high = compareBound(maxOf(left), minOf(right));
  const canBeEqual = (low === undefined || low <= 0) && (high === undefined || high >= 0);
  // Only single values are certain to be equal: then both comparisons say so.
  const isCertain = low === 0 && high === 0;
  return (canBeEqual ? isTrue : 0) | (isCertain ? 0 : isFalse);
}

const minOf = ({ min, type }: ColumnRange): TypedValue | undefined => (min === null ? undefined : { value: min, type });
const maxOf = ({ max, type }: ColumnRange): TypedValue | undefined => (max === null ? undefined : { value: max, type });

function compareBound(a: TypedValue | undefined, b: TypedValue | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : compareValues(a, b);
}

function prefixOutcomes(range: ColumnRange | undefined, prefix: string): Outcomes {
  if (range === undefined) return anything;
  const { min, max } = range;
  const startsBelow = typeof min !== "string" || min.startsWith(prefix) || compareText(min, prefix) <= 0;
  const endsAbove = typeof max !== "string" || compareText(max, prefix) >= 0;
  const canBeTrue = range.mayHaveValue && startsBelow && endsAbove;
  // Whatever lies between two texts with this prefix has it too.
  const isCertain =
    typeof min === "string" && typeof max === "string" && min.startsWith(prefix) && max.startsWith(prefix);
  const canBeFalse = range.mayHaveValue && !isCertain;
  return (canBeTrue ? isTrue : 0) | (canBeFalse ? isFalse : 0) | (range.mayBeNull ? isNull : 0);
}
