// session/plan/group-plan.ts: a grouped frame as a query.
import { ColumnExpression, expr } from "../../expression/predicate/builder.ts";
import { columnName } from "../../expression/bind/column-name.ts";
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
      const call = aggregateCall(syntax);
      const filter = call.filter === null ? isValue : isValue.and(new ColumnExpression(call.filter));
      const name = items.length === 1 ? own : `${own}_${alias ?? columnName(syntax, named)}`;
      return `CASE WHEN ${isThere} THEN ${printSyntax({ ...call, filter: filter.syntax })} END AS ${quoteName(name)}`;
    });
  });
}

type Call = Extract<Syntax, { kind: "call" }>;

function aggregateCall(syntax: Syntax): Call {
  if (syntax.kind === "call") return syntax;
  const message = `a pivot takes calls of aggregates, such as sum("price"), not ${printSyntax(syntax)}`;
  throw new AlluviumError("INVALID_ARGUMENT", {}, message);
}

// Nothing but the call itself: no tables, no functions of the user, no other columns.
const named = { text: "", isColumn: () => false, isTaken: () => false, pieces: new Map(), functions: undefined };

const valueName = (value: Syntax): string =>
  value.kind === "literal" ? literalName(value.literal, value.type).toLowerCase() : printSyntax(value);
