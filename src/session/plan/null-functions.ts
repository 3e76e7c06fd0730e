// session/plan/null-functions.ts: `df.na`: what to do about nulls. Spark's DataFrameNaFunctions.
import type { LiteralInput } from "../../expression/predicate/builder.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { PlanStep } from "./plan.ts";

/** A value that stands for nulls. */
export type FillValue = Exclude<LiteralInput, null | Date | Uint8Array>;

/** Which rows go: those with a null in one of the columns, those with nothing else, or those with fewer values than `atLeast`. */
export type DropWhen = "any" | "all" | { readonly atLeast: number };

/** Steps about nulls; in columns of doubles and floats NaN counts as null, as in Spark. */
export class NullFunctions<F> {
  readonly #with: (step: PlanStep) => F;

  /** @internal Use `DataFrame.na`. */
  constructor(withStep: (step: PlanStep) => F) {
    this.#with = withStep;
  }

  /**
   * Puts a value where there is none: in the named columns, else in all whose type takes it (a number in columns of numbers, text
   * in columns of text). Or a value for each column: `fill({ age: 0, name: "?" })`.
   */
  fill(value: FillValue | Readonly<Record<string, FillValue>>, columns?: readonly string[]): F {
    if (typeof value !== "object") return this.#with({ kind: "fillNulls", value, columns: columns ?? null });
    return this.#with({ kind: "fillNulls", value: new Map(Object.entries(value)), columns: null });
  }

  /**
   * Leaves out rows that lack values in these columns, in any when none is named.
   * @throws AlluviumError `INVALID_ARGUMENT`
   */
  drop(when: DropWhen = "any", columns?: readonly string[]): F {
    if (typeof when === "object" && !Number.isSafeInteger(when.atLeast)) {
      const message = `na.drop keeps rows with at least a whole number of values, not ${when.atLeast}`;
      throw new AlluviumError("INVALID_ARGUMENT", { atLeast: when.atLeast }, message);
    }
    return this.#with({ kind: "dropNulls", when, columns: columns ?? null });
  }
}
