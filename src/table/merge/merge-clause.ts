// table/merge/merge-clause.ts: what a merge is told: WHEN … THEN … clauses as data. Delta's MERGE.
import type { ExpressionInput } from "../../expression/predicate/bind-row-expression.ts";
import type { AssignmentInput } from "../rows/assignments.ts";

/** One clause. Of each kind of row the first clause whose condition is true acts; rows without one stay as they are. */
export type MergeClause =
  | {
      readonly kind: "update";
      readonly rows: "matched" | "notMatchedBySource";
      readonly condition?: ExpressionInput | undefined;
      /** `all`: every column takes the value of the source's column of its name. */
      readonly set: AssignmentInput | "all";
    }
  | {
      readonly kind: "delete";
      readonly rows: "matched" | "notMatchedBySource";
      readonly condition?: ExpressionInput | undefined;
    }
  | {
      readonly kind: "insert";
      readonly rows: "notMatched";
      readonly condition?: ExpressionInput | undefined;
      readonly values: AssignmentInput | "all";
    };

/** Which names stand for the two sides in expressions. */
export interface MergeAliases {
  /** `target` by default. */
  readonly targetAlias?: string;
  /** `source` by default. */
  readonly sourceAlias?: string;
}

/** A merge as it is asked for. */
export interface MergeRequest extends MergeAliases {
  /** Rows of target and source for which this is true go together. */
  readonly on: ExpressionInput;
  readonly clauses: readonly MergeClause[];
  /** The table takes columns of the source that it lacks, as far as clauses give them to it; false by default. */
  readonly withSchemaEvolution?: boolean;
}

/** What a merge did. */
export interface MergeResult {
  readonly version: number;
  readonly insertedRowCount: number;
  readonly updatedRowCount: number;
  readonly deletedRowCount: number;
}
