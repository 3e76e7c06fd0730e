// table/merge-plan.ts: the clauses of a merge, bound: what happens to each pair of rows, as SQL over `t0, …, s0, …`.
import type { SqlEngine } from "../engine/engine.ts";
import { bindRowExpression } from "../expression/bind-row-expression.ts";
import { computedColumn } from "../format/computed-column.ts";
import { AlluviumError } from "../format/error.ts";
import { quoteName } from "../format/schema-check.ts";
import type { StructType } from "../format/schema.ts";
import { type AssignmentInput, type ChangedRow, bindAssignments } from "./assignments.ts";
import type { MergeClause, MergeRequest } from "./merge-clause.ts";
import { type MergeSide, emptySides, mergeScope, sideColumn } from "./merge-names.ts";

/** A clause with its number among all. */
export interface PlannedClause {
  readonly clause: MergeClause;
  readonly number: number;
  /** New values of an update or an insert; null for a delete. */
  readonly row: ChangedRow | null;
}

/** A merge, bound. */
export interface MergePlan {
  readonly target: MergeSide;
  readonly source: MergeSide;
  /** SQL that is true for rows that go together. */
  readonly onSql: string;
  readonly clauses: readonly PlannedClause[];
  /** SQL of the number of the clause that acts on a row of a kind; -1 for none. */
  clauseSql(rows: MergeClause["rows"]): string;
}

/**
 * Binds a merge.
 * @throws AlluviumError `DELTA_MERGE_MISSING_WHEN`, `COLUMN_NOT_FOUND`, `INVALID_PREDICATE`, and as `bindAssignments`
 */
export async function planMerge(
  sql: SqlEngine,
  { table, source: given }: { readonly table: StructType; readonly source: StructType },
  request: MergeRequest,
): Promise<MergePlan> {
  const target: MergeSide = { alias: request.targetAlias ?? "target", schema: table, letter: "t" };
  const source: MergeSide = { alias: request.sourceAlias ?? "source", schema: given, letter: "s" };
  if (request.clauses.length === 0)
    throw new AlluviumError("DELTA_MERGE_MISSING_WHEN", {}, "a merge needs at least one WHEN clause");
  const both = [target, source];
  const clauses: PlannedClause[] = [];
  const conditions: string[] = [];
  for (const [number, clause] of request.clauses.entries()) {
    const sides = { matched: both, notMatched: [source], notMatchedBySource: [target] }[clause.rows];
    conditions.push(
      clause.condition === undefined ? "TRUE" : bindRowExpression(clause.condition, mergeScope(sides)).sql,
    );
    const values = clause.kind === "delete" ? null : clause.kind === "update" ? clause.set : clause.values;
    const set = values === "all" ? allColumns(target, source) : values;
    const unset = clause.kind === "insert" ? {} : { unset: (index: number) => sideColumn(target, index) };
    const scope = { table, names: mergeScope(sides), from: emptySides(both), ...unset };
    clauses.push({ clause, number, row: set === null ? null : await bindAssignments(sql, set, scope) });
  }
  return {
    target,
    source,
    onSql: bindRowExpression(request.on, mergeScope(both)).sql,
    clauses,
    clauseSql: (rows) => {
      const branches = clauses
        .filter(({ clause }) => clause.rows === rows)
        .map(({ number }) => `WHEN ${conditions[number]} THEN ${number}`);
      return branches.length === 0 ? "-1" : `CASE ${branches.join(" ")} ELSE -1 END`;
    },
  };
}

/** Every column of the target from the source's column of its name; those that are computed may be missing there. */
function allColumns(target: MergeSide, source: MergeSide): AssignmentInput {
  const names = new Map(source.schema.fields.map(({ name }) => [name.toLowerCase(), name]));
  const set: Record<string, string> = {};
  for (const field of target.schema.fields) {
    const name = names.get(field.name.toLowerCase());
    if (name !== undefined) set[field.name] = `${quoteName(source.alias)}.${quoteName(name)}`;
    else if (computedColumn(field) === null) {
      const message = `the source of the merge lacks the column ${quoteName(field.name)}; name the columns to set one by one`;
      throw new AlluviumError("COLUMN_NOT_FOUND", { column: field.name }, message);
    }
  }
  return set;
}
