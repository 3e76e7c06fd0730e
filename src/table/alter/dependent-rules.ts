// table/alter/dependent-rules.ts: what speaks of a column, so that the column must stay as it is.
import { bindRowExpression } from "../../expression/predicate/bind-row-expression.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type ColumnPath, pathText } from "../../format/schema/edit-schema.ts";
import { computedColumn } from "../../format/schema/computed-column.ts";
import { rowConditions } from "../../format/protocol/row-condition.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";

/** Names of the constraints and generated columns that speak of a top-level column. */
export function rulesOver({ schema, properties }: Snapshot, column: string): readonly string[] {
  const lower = column.toLowerCase();
  const speaks = (expressionSql: string): boolean =>
    bindRowExpression(expressionSql, schema).columns.some((name) => name.toLowerCase() === lower);
  const conditions = rowConditions(schema, properties.checkConstraints)
    .filter(({ generatedColumn, expressionSql }) => generatedColumn === null && speaks(expressionSql))
    .map(({ name }) => name);
  const generated = schema.fields.flatMap((field) => {
    const computed = computedColumn(field);
    return computed?.kind === "generated" && speaks(computed.expressionSql) ? [field.name] : [];
  });
  return [...conditions, ...generated];
}

/** @throws AlluviumError `DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE` naming what speaks of the column */
export function refuseWhereRuled(snapshot: Snapshot, path: ColumnPath, what: string): void {
  const rules = rulesOver(snapshot, path[0] ?? "");
  if (rules.length === 0) return;
  const column = pathText(path);
  const message = `Cannot ${what} column ${column}: ${rules.join(", ")} ${rules.length === 1 ? "speaks" : "speak"} of it. Drop ${rules.length === 1 ? "that" : "those"} first.`;
  throw new AlluviumError("DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE", { column, rules: rules.join(", ") }, message);
}
