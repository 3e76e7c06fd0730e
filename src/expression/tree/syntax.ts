// expression/tree/syntax.ts: an expression of Spark SQL as a tree, before names and types are known.
import type { DataType } from "../../format/schema/schema.ts";
import type { Comparison, Literal } from "./expression.ts";

/** Arithmetic and its kin; `div` is the whole part of a division, `||` puts texts or lists together. */
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "div" | "||" | "&" | "|" | "^" | "<<" | ">>" | ">>>";

/** How LIKE and its kin compare. */
export type LikeOperator = "like" | "ilike" | "rlike";

/** One WHEN of a CASE and the value behind its THEN. */
export interface CaseBranch {
  readonly when: Syntax;
  readonly result: Syntax;
}

/** What `struct(*)` is called as a call; its argument is the name of a table, for `struct(t.*)`. */
export const wholeRow = "alluvium_row";

/** A node of the tree; `at` is the offset in the text, 0 when it was built by functions. */
export type Syntax = { readonly at: number } & SyntaxShape;

/** What a node may be. */
export type SyntaxShape =
  | { readonly kind: "name"; readonly parts: readonly string[] }
  | { readonly kind: "literal"; readonly literal: Literal; readonly type: DataType }
  | { readonly kind: "interval"; readonly parts: readonly { readonly amount: string; readonly unit: string }[] }
  | {
      readonly kind: "and" | "or";
      readonly operands: readonly Syntax[];
      /** Written as `LIKE ALL (…)` or `LIKE ANY (…)`, with which the operands are LIKEs, all or none of them negated. */
      readonly isLikeList?: true;
    }
  | { readonly kind: "not"; readonly operand: Syntax }
  | { readonly kind: "sign"; readonly op: "-" | "+" | "~"; readonly operand: Syntax }
  | { readonly kind: "arithmetic"; readonly op: ArithmeticOperator; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: "compare"; readonly op: Comparison; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: "isNull"; readonly operand: Syntax }
  | { readonly kind: "isTruth"; readonly operand: Syntax; readonly truth: boolean | null }
  | { readonly kind: "in"; readonly operand: Syntax; readonly values: readonly Syntax[] }
  | { readonly kind: "between"; readonly operand: Syntax; readonly low: Syntax; readonly high: Syntax }
  | {
      readonly kind: "like";
      readonly op: LikeOperator;
      readonly operand: Syntax;
      readonly pattern: Syntax;
      readonly escape: string;
    }
  | { readonly kind: "cast"; readonly operand: Syntax; readonly type: DataType; readonly isTry: boolean }
  | {
      readonly kind: "case";
      readonly operand: Syntax | null;
      readonly branches: readonly CaseBranch[];
      readonly otherwise: Syntax | null;
    }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly Syntax[];
      readonly isDistinct: boolean;
      /** `IGNORE NULLS` behind a function of a window. */
      readonly ignoresNulls?: boolean;
      readonly filter: Syntax | null;
      /** Written without parentheses: a column of this name comes first. */
      readonly isBare?: true;
    }
  | { readonly kind: "index"; readonly operand: Syntax; readonly index: Syntax }
  | { readonly kind: "field"; readonly operand: Syntax; readonly name: string }
  | { readonly kind: "lambda"; readonly parameters: readonly string[]; readonly body: Syntax }
  | { readonly kind: "star" };

/** One item of a SELECT list. */
export interface SelectItem {
  readonly expression: Syntax;
  readonly alias: string | null;
}

/** A primitive type by its name in Delta's schema JSON. */
export function primitive(name: Extract<DataType, { kind: "primitive" }>["name"]): DataType {
  return { kind: "primitive", name };
}

/** The literal NULL. */
export function nullSyntax(at: number): Syntax {
  return { kind: "literal", literal: { type: "null" }, type: primitive("void"), at };
}

/** True or false as a literal. */
export function booleanSyntax(value: boolean, at: number): Syntax {
  return { kind: "literal", literal: { type: "boolean", value }, type: primitive("boolean"), at };
}

/** Text as a literal. */
export function textSyntax(value: string, at: number): Syntax {
  return { kind: "literal", literal: { type: "string", value }, type: primitive("string"), at };
}
