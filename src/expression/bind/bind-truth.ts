// expression/bind/bind-truth.ts: NOT, AND, OR, IS TRUE and CASE over operands that are bound.
import { bindComparison } from "../operator/bind-compare.ts";
import { inType, joinTypes } from "../function/function-spec.ts";
import { asCondition, condition, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import type { Expression } from "../tree/expression.ts";

/** Operands of AND or OR. @throws AlluviumError `INVALID_PREDICATE` */
export function bindJunction(kind: "and" | "or", operands: readonly Bound[]): Bound {
  const conditions = operands.map((operand) => asCondition(operand, kind.toUpperCase()));
  const sql = `(${conditions.map((operand) => operand.sql).join(kind === "and" ? " AND " : " OR ")})`;
  return condition(sql, { kind, operands: conditions.map((operand) => operand.shape) });
}

/** @throws AlluviumError `INVALID_PREDICATE` */
export function bindNot(value: Bound): Bound {
  const operand = asCondition(value, "NOT");
  return condition(`(NOT ${operand.sql})`, { kind: "not", operand: operand.shape });
}

/** `value IS TRUE`, or FALSE, or UNKNOWN for null. @throws AlluviumError `INVALID_PREDICATE` */
export function bindTruth(value: Bound, truth: boolean | null): Bound {
  const operand = asCondition(value, "IS");
  if (truth === null) return condition(`(${operand.sql} IS NULL)`, { kind: "isNull", operand: operand.shape });
  const right: Expression = { kind: "literal", literal: { type: "boolean", value: truth } };
  return condition(`(${operand.sql} IS NOT DISTINCT FROM ${truth ? "TRUE" : "FALSE"})`, {
    kind: "compare",
    op: "<=>",
    left: operand.shape,
    right,
  });
}

/** What a CASE is made of besides its branches. */
export interface CaseParts {
  readonly tested: Bound | undefined;
  readonly otherwise: Bound | undefined;
  /** All of its values. */
  readonly args: readonly Bound[];
}

/**
 * CASE.
 * @param branches conditions, or what is compared with the operand, each with its result behind it
 * @throws AlluviumError `INVALID_PREDICATE`
 */
export function caseOf(branches: readonly Bound[], { tested, otherwise, args }: CaseParts): Bound {
  const whens = branches.filter((_, index) => index % 2 === 0);
  const results = branches.filter((_, index) => index % 2 === 1);
  const type = joinTypes(otherwise === undefined ? results : [...results, otherwise]);
  const cases = whens.map((when, index) => {
    const test = tested === undefined ? asCondition(when, "WHEN") : bindComparison("=", tested, when);
    return `WHEN ${test.sql} THEN ${inType(results[index] ?? when, type).sql}`;
  });
  const rest = otherwise === undefined ? "" : ` ELSE ${inType(otherwise, type).sql}`;
  return opaque(`(CASE ${cases.join(" ")}${rest} END)`, type, args);
}
