// table/merge/merge-plan.ts: the clauses of a merge, bound: what happens to each pair of rows, as SQL over `t0, …, s0, …`.
import type { SqlEngine } from "../../engine/base/engine.ts";
import { bindRowExpression } from "../../expression/predicate/bind-row-expression.ts";
import { computedColumn } from "../../format/schema/computed-column.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { quoteName } from "../../format/schema/schema-check.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { BoundAssignments, TypedSql } from "../rows/assigned-columns.ts";
import { type ChangedRow, bindAssignments } from "../rows/assignments.ts";
import type { MergeClause, MergeRequest } from "./merge-clause.ts";
import { evolvedValue } from "./merge-evolution.ts";
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

/** The two sides of a merge: their columns as they are, and those that the target will have. */
export interface MergedColumns {
  readonly table: StructType;
  readonly source: StructType;
  readonly evolved: StructType;
}

/**
 * Binds a merge.
 * @throws AlluviumError `DELTA_MERGE_MISSING_WHEN`, `COLUMN_NOT_FOUND`, `INVALID_PREDICATE`, and as `bindAssignments`
 */
export async function planMerge(
  sql: SqlEngine,
  { table, source: given, evolved }: MergedColumns,
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
    const evolves = request.withSchemaEvolution === true;
    const set = values === "all" ? allColumns({ target, source, evolved }, clause.kind, evolves) : values;
    const unset = clause.kind === "insert" ? {} : { unset: (index: number) => heldColumn(target, index) };
    const scope = { table: evolved, names: mergeScope(sides), from: emptySides(both), evolves, ...unset };
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

function heldColumn(side: MergeSide, index: number): TypedSql | null {
  const field = side.schema.fields[index];
  return field === undefined ? null : { sql: sideColumn(side, index), type: field.type };
}

interface SidesAfter {
  readonly target: MergeSide;
  readonly source: MergeSide;
  readonly evolved: StructType;
}

/** Every column of the target from the source's column of its name; those that are computed may be missing there. */
function allColumns(
  { target, source, evolved }: SidesAfter,
  kind: MergeClause["kind"],
  evolves: boolean,
): BoundAssignments {
  const set: [string, TypedSql][] = [];
  for (const [index, field] of evolved.fields.entries()) {
    const at = source.schema.fields.findIndex(({ name }) => name.toLowerCase() === field.name.toLowerCase());
    const given = heldColumn(source, at);
    if (given !== null) {
      const held = kind === "update" && evolves ? heldColumn(target, index) : null;
      set.push([field.name, evolvedValue(field.type, given, held)]);
    } else if (!evolves && computedColumn(field) === null) {
      const message = `the source of the merge lacks the column ${quoteName(field.name)}; name the columns to set one by one, or let the merge evolve the schema: then what the source lacks stays as it is`;
      throw new AlluviumError("COLUMN_NOT_FOUND", { column: field.name }, message);
    }
  }
  return Object.fromEntries(set);
}
