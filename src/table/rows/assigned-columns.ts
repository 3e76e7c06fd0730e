// table/rows/assigned-columns.ts: what SET names: whole columns, or fields of structs. Delta's UPDATE and MERGE.
import type { ExpressionInput } from "../../expression/predicate/bind-row-expression.ts";
import { columnNotFound } from "../../expression/bind/name-scope.ts";
import { parseExpression } from "../../expression/parse/parse-sql.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { quoteName } from "../../format/schema/schema-check.ts";
import { findField } from "../../format/schema/schema-type.ts";
import type { DataType, StructField, StructType } from "../../format/schema/schema.ts";

/** New values by column name, in any case: Spark SQL text, where DEFAULT alone is the column's default, or expressions of `col`. */
export type AssignmentInput = Readonly<Record<string, ExpressionInput>>;

/** SQL of a value, with its type. */
export interface TypedSql {
  readonly sql: string;
  readonly type: DataType;
}

/** As `AssignmentInput`, with values among them that are SQL already. */
export type BoundAssignments = Readonly<Record<string, ExpressionInput | TypedSql>>;

/** A column or a field, set as a whole. */
export interface AssignedValue {
  readonly kind: "value";
  readonly field: StructField;
  /** True for a field of a struct. */
  readonly isNested: boolean;
  readonly input: ExpressionInput | TypedSql;
}

/** What becomes of a column: a new value, or new values of some of its fields, by the names that they have in the table. */
export type Assigned = AssignedValue | { readonly kind: "fields"; readonly fields: Map<string, Assigned> };

/**
 * Looks up what is set. A name that is no column's is a path: `address.city`.
 * @returns by column, as the table spells it
 * @throws AlluviumError `COLUMN_NOT_FOUND`, `INVALID_ARGUMENT` for nothing to set, `DELTA_CONFLICT_SET_COLUMN` for what is set twice,
 *   `DELTA_UNSUPPORTED_NESTED_FIELD_IN_UPDATE` for fields of lists and maps
 */
export function assignedColumns(table: StructType, set: BoundAssignments): ReadonlyMap<string, Assigned> {
  const columns = new Map<string, Assigned>();
  for (const [key, input] of Object.entries(set)) {
    const path = pathOf(table, key);
    const [last] = path.slice(-1);
    if (last === undefined) throw columnNotFound(key, table.fields);
    let level = columns;
    for (const { name } of path.slice(0, -1)) {
      const known = level.get(name) ?? { kind: "fields", fields: new Map() };
      if (known.kind === "value") throw setTwice(path);
      level.set(name, known);
      level = known.fields;
    }
    if (level.has(last.name)) throw setTwice(path);
    level.set(last.name, { kind: "value", field: last, isNested: path.length > 1, input });
  }
  if (columns.size > 0) return columns;
  throw new AlluviumError("INVALID_ARGUMENT", {}, "there is nothing to set: name at least one column");
}

/** The name of a column or of a field of it, as a key of `AssignmentInput`. */
export function assignmentKey(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? "") : parts.map(quoteName).join(".");
}

function pathOf(table: StructType, key: string): readonly StructField[] {
  const column = findField(table, key);
  if (column !== undefined) return [column];
  const path: StructField[] = [];
  for (const part of partsOf(key)) {
    const outer = path.at(-1);
    if (outer !== undefined && outer.type.kind !== "struct") throw notInStruct(key, outer);
    const within = outer?.type.kind === "struct" ? outer.type : table;
    const field = findField(within, part);
    if (field === undefined) throw columnNotFound(part, within.fields);
    path.push(field);
  }
  return path;
}

function partsOf(key: string): readonly string[] {
  try {
    const syntax = parseExpression(key);
    return syntax.kind === "name" ? syntax.parts : [key];
  } catch (error) {
    if (error instanceof AlluviumError) return [key];
    throw error;
  }
}

function notInStruct(key: string, { name, type }: StructField): AlluviumError {
  const message = `${key} cannot be set: ${quoteName(name)} is no struct but a ${type.kind === "primitive" ? type.name : type.kind}, of which only the whole can be set`;
  return new AlluviumError("DELTA_UNSUPPORTED_NESTED_FIELD_IN_UPDATE", { column: key }, message);
}

function setTwice(path: readonly StructField[]): AlluviumError {
  const column = path.map(({ name }) => quoteName(name)).join(".");
  const message = `${column} is set twice, or together with something that it is part of; name each thing to set once`;
  return new AlluviumError("DELTA_CONFLICT_SET_COLUMN", { column }, message);
}
