// table/merge/merge-builder.ts: a merge as a person writes it: `table.merge(rows, "target.id = source.id").whenMatchedUpdateAll().execute()`.
import type { ExpressionInput } from "../../expression/predicate/bind-row-expression.ts";
import type { AssignmentInput } from "../rows/assignments.ts";
import type { MergeClause, MergeRequest, MergeResult } from "./merge-clause.ts";

/** What a builder has gathered. */
type MergeClauses = Pick<MergeRequest, "clauses" | "withSchemaEvolution">;

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
  readonly #asked: MergeClauses;
  readonly #run: (asked: MergeClauses) => Promise<MergeResult>;

  /** @internal Use `DeltaTable.merge`. */
  constructor(run: (asked: MergeClauses) => Promise<MergeResult>, asked: MergeClauses = { clauses: [] }) {
    this.#run = run;
    this.#asked = asked;
  }

  /** The table takes columns and fields of the source that it lacks, as far as clauses give them to it. */
  withSchemaEvolution(): MergeBuilder {
    return new MergeBuilder(this.#run, { ...this.#asked, withSchemaEvolution: true });
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
    return this.#run(this.#asked);
  }

  #with(clause: MergeClause): MergeBuilder {
    return new MergeBuilder(this.#run, { ...this.#asked, clauses: [...this.#asked.clauses, clause] });
  }
}
