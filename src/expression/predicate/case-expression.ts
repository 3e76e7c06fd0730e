// expression/predicate/case-expression.ts: CASE built by functions: `when(col("n").gt(2), "many").otherwise("few")`.
import { ColumnExpression, type Operand, syntaxOf } from "./builder.ts";
import type { CaseBranch } from "../tree/syntax.ts";

/** A CASE that may get more branches. Null where no condition is true and nothing is said of the rest. */
export class CaseExpression extends ColumnExpression {
  readonly #branches: readonly CaseBranch[];

  /** @internal Use `when`. */
  constructor(branches: readonly CaseBranch[]) {
    super({ kind: "case", operand: null, branches, otherwise: null, at: 0 });
    this.#branches = branches;
  }

  /** The value where this condition is true and none before it. */
  when(condition: ColumnExpression, value: Operand): CaseExpression {
    return new CaseExpression([...this.#branches, branch(condition, value)]);
  }

  /** The value where no condition is true. */
  otherwise(value: Operand): ColumnExpression {
    const otherwise = syntaxOf(value);
    return new ColumnExpression({ kind: "case", operand: null, branches: this.#branches, otherwise, at: 0 });
  }
}

/** The value where the condition is true. Spark's `when`. */
export function when(condition: ColumnExpression, value: Operand): CaseExpression {
  return new CaseExpression([branch(condition, value)]);
}

const branch = (condition: ColumnExpression, value: Operand): CaseBranch => ({
  when: condition.syntax,
  result: syntaxOf(value),
});
