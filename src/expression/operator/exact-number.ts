// expression/operator/exact-number.ts: whole and decimal columns against literals that their type may not hold.
import { formatDecimal, parseDecimal, rescaleDecimal } from "../../format/text/decimal.ts";
import type { DecimalValue } from "../../format/text/decimal.ts";
import { literalSql } from "../tree/bound.ts";
import type { Comparison, Literal } from "../tree/expression.ts";
import { floorDivide } from "./literal-cast.ts";
import { integralNames, primitiveName } from "../tree/value-type.ts";
import type { ValueType } from "../tree/value-type.ts";

/** Where a literal lies among the values of a type: one of them, between two of them, or beyond them all. */
export type Placement =
  | { readonly kind: "member"; readonly sql: string }
  /** `sql` is the next value below. */
  | { readonly kind: "between"; readonly sql: string }
  | { readonly kind: "below" | "above" };

/** Places an exact literal among the values of a whole or decimal type; undefined for other literals and types. */
export function placeLiteral(literal: Literal | undefined, type: ValueType): Placement | undefined {
  const range = rangeOf(type);
  const value = exactOf(literal);
  if (range === undefined || value === undefined) return undefined;
  const exact = rescaleDecimal(value, range.scale);
  const unscaled = exact?.unscaled ?? floorDivide(value.unscaled, 10n ** BigInt(value.scale - range.scale));
  if (unscaled > range.max || (exact === null && unscaled === range.max)) return { kind: "above" };
  if (unscaled < range.min) return { kind: "below" };
  return { kind: exact === null ? "between" : "member", sql: memberSql({ unscaled, scale: range.scale }, type) };
}

/**
 * `column op literal` for a literal that is no value of the column's type, in values that are: DuckDB would fail to cast,
 * or cast the column and lose its row-group pruning.
 */
export function compareByPlacement(
  op: Comparison,
  column: string,
  placement: Exclude<Placement, { kind: "member" }>,
): string {
  if (op === "<=>") return "FALSE";
  const whole = placement.kind !== "between";
  if (!whole && (op === "<" || op === "<=")) return `(${column} <= ${placement.sql})`;
  if (!whole && (op === ">" || op === ">=")) return `(${column} > ${placement.sql})`;
  const isAnswer = op === "<>" || (placement.kind === "above" ? op === "<" || op === "<=" : op === ">" || op === ">=");
  return isAnswer ? `(${column} IS NOT NULL OR NULL)` : `(${column} IS NULL AND NULL)`;
}

interface ExactRange {
  readonly scale: number;
  readonly min: bigint;
  readonly max: bigint;
}

function rangeOf(type: ValueType): ExactRange | undefined {
  if (type?.kind === "decimal") {
    const max = 10n ** BigInt(type.precision) - 1n;
    return { scale: type.scale, min: -max, max };
  }
  const index = integralNames.indexOf(primitiveName(type) ?? "void");
  if (index < 0) return undefined;
  const limit = 2n ** BigInt(8 * 2 ** index - 1);
  return { scale: 0, min: -limit, max: limit - 1n };
}

function exactOf(literal: Literal | undefined): DecimalValue | undefined {
  if (literal?.type === "integer") return { unscaled: literal.value, scale: 0 };
  return literal?.type === "decimal" ? (parseDecimal(literal.text) ?? undefined) : undefined;
}

function memberSql(value: DecimalValue, type: ValueType): string {
  if (type?.kind === "decimal") return literalSql({ type: "decimal", text: formatDecimal(value) }, type);
  return literalSql({ type: "integer", value: value.unscaled }, type);
}
