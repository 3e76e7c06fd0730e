// table/merge-builder.ts: a merge as a person writes it: `table.merge(rows, "target.id = source.id").whenMatchedUpdateAll().execute()`.
import type { ExpressionInput } from "../expression/bind-row-expression.ts";
import type { AssignmentInput } from "./assignments.ts";
import type { MergeClause, MergeResult } from "./merge-clause.ts";

/** Which of the rows a clause is for; all when absent. */
export interface ClauseCondition {
  readonly condition?: ExpressionInput;
}

/** New values by column, in Spark's SQL or as expressions. */
export interface ClauseSet extends ClauseCondition {
  readonly set: AssignmentInput;
}

/** Values of a new row by column; columns that are not named are computed, or null. */
export interface ClauseValues extends ClauseCondition {
  readonly values: AssignmentInput;
}

/** Clauses are tried in their order; the first whose condition is true acts. Immutable: each call gives a new builder. */
export class MergeBuilder {
  readonly #clauses: readonly MergeClause[];
  readonly #run: (clauses: readonly MergeClause[]) => Promise<MergeResult>;

  /** @internal Use `DeltaTable.merge`. */
  constructor(run: (clauses: readonly MergeClause[]) => Promise<MergeResult>, clauses: readonly MergeClause[] = []) {
    this.#run = run;
    this.#clauses = clauses;
  }

  /** Rows with a partner get new values. */
  whenMatchedUpdate({ condition, set }: ClauseSet): MergeBuilder {
    return this.#with({ kind: "update", rows: "matched", condition, set });
  }

  /** Rows with a partner take all its columns. */
  whenMatchedUpdateAll({ condition }: ClauseCondition = {}): MergeBuilder {
    return this.#with({ kind: "update", rows: "matched", condition, set: "all" });
  }

  /** Rows with a partner go. */
  whenMatchedDelete({ condition }: ClauseCondition = {}): MergeBuilder {
    return this.#with({ kind: "delete", rows: "matched", condition });
  }

  /** Rows of the source without a partner come in. */
  whenNotMatchedInsert({ condition, values }: ClauseValues): MergeBuilder {
    return this.#with({ kind: "insert", rows: "notMatched", condition, values });
  }

  /** Rows of the source without a partner come in with all their columns. */
  whenNotMatchedInsertAll({ condition }: ClauseCondition = {}): MergeBuilder {
    return this.#with({ kind: "insert", rows: "notMatched", condition, values: "all" });
  }

  /** Rows of the table without a partner get new values. */
  whenNotMatchedBySourceUpdate({ condition, set }: ClauseSet): MergeBuilder {
    return this.#with({ kind: "update", rows: "notMatchedBySource", condition, set });
  }

  /** Rows of the table without a partner go. */
  whenNotMatchedBySourceDelete({ condition }: ClauseCondition = {}): MergeBuilder {
    return this.#with({ kind: "delete", rows: "notMatchedBySource", condition });
  }

  /**
   * Merges, in one commit.
   * @throws AlluviumError `DELTA_MERGE_MISSING_WHEN`, `DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE`, and errors about
   *   names, values and other writers
   */
  execute(): Promise<MergeResult> {
    return this.#run(this.#clauses);
  }

  #with(clause: MergeClause): MergeBuilder {
    return new MergeBuilder(this.#run, [...this.#clauses, clause]);
  }
}
