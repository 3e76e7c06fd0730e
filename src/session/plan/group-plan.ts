// session/plan/group-plan.ts: a grouped frame as a query.
import { ColumnExpression, expr } from "../../expression/predicate/builder.ts";
import { columnName } from "../../expression/bind/column-name.ts";
import { isFunctionOfRow } from "../../expression/function/function-table.ts";
import { literalName } from "../../expression/bind/literal-name.ts";
import { printSyntax, quoteName } from "../../expression/parse/print-syntax.ts";
import type { Syntax } from "../../expression/tree/syntax.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type ColumnInput, expressionText, selectText } from "./column-text.ts";
import { queryOver } from "./frame-query.ts";
import type { Plan } from "./plan.ts";

/** What is grouped, by what, and what becomes columns. */
export interface Grouping {
  readonly plan: Plan;
  readonly keys: readonly ColumnInput[];
  /** More sets of keys than all of them. */
  readonly sets?: "ROLLUP" | "CUBE";
  readonly pivot?: Pivot;
}

/** A column whose values become columns of their own. */
export interface Pivot {
  readonly column: ColumnExpression;
  readonly values: readonly ColumnExpression[];
}

/** The keys, then the aggregates. @throws AlluviumError `INVALID_ARGUMENT` for what cannot be pivoted */
export function groupPlan({ plan, keys, sets, pivot }: Grouping, aggregates: readonly ColumnInput[]): Plan {
  const groups = keys.map((key) => (typeof key === "string" ? selectText(key) : printSyntax(key.syntax))).join(", ");
  const columns = pivot === undefined ? aggregates.map(expressionText) : pivoted(pivot, aggregates);
  const list = [...keys.map(selectText), ...columns].join(", ");
  const by = groups === "" ? "" : ` GROUP BY ${sets === undefined ? groups : `${sets}(${groups})`}`;
  return queryOver(plan, (from) => `SELECT ${list} FROM ${from}${by}`);
}

/** For each value of the pivot each aggregate over the rows with that value, null where a group has no such row. */
function pivoted({ column, values }: Pivot, aggregates: readonly ColumnInput[]): readonly string[] {
  const items = aggregates.map((aggregate) => (typeof aggregate === "string" ? expr(aggregate) : aggregate));
  return values.flatMap((value) => {
    const isValue = column.eqNullSafe(new ColumnExpression(value.syntax));
    const isThere = `count(CASE WHEN ${printSyntax(isValue.syntax)} THEN 1 END) > 0`;
    const own = value.alias ?? valueName(value.syntax);
    return items.map(({ syntax, alias }) => {
      const name = items.length === 1 ? own : `${own}_${alias ?? columnName(syntax, named)}`;
      return `CASE WHEN ${isThere} THEN ${printSyntax(filtered(syntax, isValue))} END AS ${quoteName(name)}`;
    });
  });
}

/** The expression whose aggregates see only rows for which the condition is true. */
function filtered(syntax: Syntax, condition: ColumnExpression): Syntax {
  let count = 0;
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    const node = value as Syntax;
    if (node.kind === "call" && !isFunctionOfRow(node.name)) {
      count += 1;
      const filter = node.filter === null ? condition : condition.and(new ColumnExpression(node.filter));
      return { ...node, filter: filter.syntax };
    }
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, visit(child)]));
  };
  const found = visit(syntax) as Syntax;
  if (count > 0) return found;
  const message = `a pivot takes aggregates, such as sum("price"), not ${printSyntax(syntax)}`;
  throw new AlluviumError("INVALID_ARGUMENT", {}, message);
}

// Nothing but the call itself: no tables, no functions of the user, no other columns.
const named = { text: "", isColumn: () => false, isTaken: () => false, pieces: new Map(), functions: undefined };

function valueName(value: Syntax): string {
  if (value.kind !== "literal") return printSyntax(value);
  return value.literal.type === "string" ? value.literal.value : literalName(value.literal, value.type).toLowerCase();
}
