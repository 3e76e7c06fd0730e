// format/protocol/row-condition.ts: what must be true of every row that is written. PROTOCOL.md, "Column Invariants", "CHECK Constraints" and
// "Generated Columns".
import { columnInvariants } from "../schema/column-invariant.ts";
import { computedColumn } from "../schema/computed-column.ts";
import { quoteName } from "../schema/schema-check.ts";
import type { StructType } from "../schema/schema.ts";

/** A condition in Spark's SQL. A row for which it is false or null must not be written. */
export interface RowCondition {
  /** Of the constraint, or of the column that carries the condition. */
  readonly name: string;
  readonly expressionSql: string;
  /** The generated column whose values it compares; null for a condition of another kind. */
  readonly generatedColumn: string | null;
}

/**
 * The conditions of a table: of its columns in schema order, then its CHECK constraints by name.
 * @param checkConstraints expressions by name, as `TableProperties` has them
 * @throws AlluviumError `CORRUPT_LOG` when a column's condition cannot be understood
 */
export function rowConditions(
  schema: StructType,
  checkConstraints: ReadonlyMap<string, string>,
): readonly RowCondition[] {
  const invariants = columnInvariants(schema).map(({ path, expressionSql }): RowCondition => {
    const name = path.map(quoteName).join(".");
    return { name, expressionSql, generatedColumn: null };
  });
  const generated = schema.fields.flatMap((field): RowCondition[] => {
    const computed = computedColumn(field);
    if (computed?.kind !== "generated") return [];
    const expressionSql = `${quoteName(field.name)} <=> (${computed.expressionSql})`;
    return [{ name: "Generated Column", expressionSql, generatedColumn: field.name }];
  });
  const checks = Array.from(checkConstraints, ([name, expressionSql]): RowCondition => {
    return { name, expressionSql, generatedColumn: null };
  });
  return [...invariants, ...generated, ...checks.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
}
