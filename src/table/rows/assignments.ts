// table/rows/assignments.ts: `SET column = expression` of an update, bound to the table. Delta's rules for identity and generated columns.
import { describeQuery } from "../../engine/duckdb/duckdb-schema.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlErrorClass, sqlErrorMessage } from "../../engine/duckdb/duckdb-error.ts";
import type { SqlEngine } from "../../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { bindRowExpression } from "../../expression/predicate/bind-row-expression.ts";
import { type NameScope, schemaScope } from "../../expression/bind/name-scope.ts";
import { computedColumn } from "../../format/schema/computed-column.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import { quoteName } from "../../format/schema/schema-check.ts";
import { findField, formatType } from "../../format/schema/schema-type.ts";
import type { DataType, StructField, StructType } from "../../format/schema/schema.ts";
import { type Assigned, type AssignedValue, type BoundAssignments, assignedColumns } from "./assigned-columns.ts";
import type { TypedSql } from "./assigned-columns.ts";
import { defaultSql } from "../input/default-value.ts";

export type { AssignmentInput, TypedSql } from "./assigned-columns.ts";

/** A row of the table with new values. */
export interface ChangedRow {
  /** Columns with the types of their expressions; columns that are computed anew are missing. */
  readonly fields: readonly StructField[];
  /** SELECT list, over a relation of `scope`. */
  readonly columns: readonly string[];
}

/** Where expressions look for names. */
export interface AssignmentScope {
  readonly table: StructType;
  /** The names that expressions may use. */
  readonly names: NameScope;
  /** A relation, in brackets, that has what the names stand for; to ask for types. */
  readonly from: string;
  /** A column that is not set, by its index in the table; null where it is new. Absent where only what is set is there. */
  readonly unset?: (index: number) => TypedSql | null;
  /** The table takes new fields of structs that are set as a whole, and those that lack fields. */
  readonly evolves?: boolean;
}

/** The rows of a table by themselves. */
export function tableScope(table: StructType): AssignmentScope {
  const nulls = table.fields.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${sqlIdentifier(name)}`);
  return {
    table,
    names: schemaScope(table),
    from: `(SELECT ${nulls.join(", ")})`,
    unset: (index) => {
      const field = table.fields[index];
      return field === undefined ? null : { sql: sqlIdentifier(field.name), type: field.type };
    },
  };
}

/**
 * Binds assignments. A generated column that is not set follows the columns that it is made of.
 * @throws AlluviumError as `assignedColumns`, `INVALID_PREDICATE`, `DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED`,
 *   `DELTA_UPDATE_SCHEMA_MISMATCH_EXPRESSION` for a struct with other fields than the table's,
 *   `DELTA_UNSUPPORTED_NESTED_FIELD_IN_OPERATION` for fields of a row that is not there yet
 */
export async function bindAssignments(
  sql: SqlEngine,
  set: BoundAssignments,
  scope: AssignmentScope,
): Promise<ChangedRow> {
  const { table, unset } = scope;
  const assigned = assignedColumns(table, set);
  const values = await bindValues(sql, [...assigned.values()].flatMap(valuesOf), scope);
  const entries = table.fields.flatMap((field, index): readonly { field: StructField; value: string }[] => {
    const own = assigned.get(field.name);
    const old = unset?.(index) ?? null;
    if (own === undefined && (old === null || computedColumn(field)?.kind === "generated")) return [];
    if (own !== undefined && unset !== undefined && computedColumn(field)?.kind === "identity")
      throw identityIsFixed(field.name);
    if (own?.kind === "fields" && unset === undefined) throw fieldsOfNewRow(field.name);
    const value = own === undefined ? old : valueIn(own, { values, old: old ?? nullOf(field.type) });
    return value === null ? [] : [{ field: { ...field, type: value.type }, value: value.sql }];
  });
  return {
    fields: entries.map(({ field }) => field),
    columns: entries.map(({ field, value }) => `${value} AS ${sqlIdentifier(field.name)}`),
  };
}

const nullOf = (type: DataType): TypedSql => ({ sql: `CAST(NULL AS ${duckdbType(type)})`, type });

function valuesOf(assigned: Assigned): readonly AssignedValue[] {
  return assigned.kind === "value" ? [assigned] : [...assigned.fields.values()].flatMap(valuesOf);
}

interface Values {
  readonly values: ReadonlyMap<AssignedValue, TypedSql>;
  readonly old: TypedSql;
}

/** The new value of a column or a field. Of a struct that was null and gets a field, the others are null. */
function valueIn(assigned: Assigned, { values, old }: Values): TypedSql {
  if (assigned.kind === "value") return values.get(assigned) ?? old;
  assert(old.type.kind === "struct", "fields are those of a struct");
  const parts = old.type.fields.map((field) => {
    const before = { sql: `struct_extract(${old.sql}, ${sqlLiteral(field.name)})`, type: field.type };
    const own = assigned.fields.get(field.name);
    return { field, value: own === undefined ? before : valueIn(own, { values, old: before }) };
  });
  const list = parts.map(({ field, value }) => `${sqlIdentifier(field.name)} := ${value.sql}`);
  const fields = parts.map(({ field, value }) => ({ ...field, type: value.type }));
  return { sql: `struct_pack(${list.join(", ")})`, type: { kind: "struct", fields } };
}

/** The values as SQL with their types, as DuckDB finds them; nothing is read. */
async function bindValues(
  sql: SqlEngine,
  assigned: readonly AssignedValue[],
  { names, from, evolves }: AssignmentScope,
): Promise<ReadonlyMap<AssignedValue, TypedSql>> {
  const bound = assigned.map((value) => valueSql(value, names));
  await using connection = await sql.connect();
  try {
    const list = bound.map((value, index) => `${value.sql} AS v${index}`);
    const { fields } = await describeQuery(connection, `SELECT ${list.join(", ")} FROM ${from}`);
    return new Map(
      assigned.map((value, index) => {
        const own = bound[index];
        const type = own?.type ?? fields[index]?.type ?? value.field.type;
        if (evolves !== true && !sameFields(value.field.type, type)) throw otherFields(value, type);
        return [value, { sql: own?.sql ?? "", type }];
      }),
    );
  } catch (cause) {
    if (sqlErrorClass(cause) !== "statement") throw cause;
    const columns = assigned.map(({ field }) => field.name).join(", ");
    const message = `the new values cannot be evaluated: ${sqlErrorMessage(cause)}`;
    throw new AlluviumError("INVALID_PREDICATE", { columns }, message, { cause });
  }
}

/** A value as SQL; its type where DuckDB would say another, or need not be asked. */
function valueSql({ field, isNested, input }: AssignedValue, scope: NameScope): Partial<TypedSql> & { sql: string } {
  if (typeof input === "object" && "sql" in input) return input;
  const isDefault = typeof input === "string" && !isNested && /^\s*default\s*$/i.test(input);
  if (isDefault) return { sql: defaultSql(field), type: field.type };
  const { sql, type } = bindRowExpression(input, scope);
  return type?.kind === "primitive" && type.name === "void" ? nullOf(field.type) : { sql };
}

/** True when structs have the same fields, in any order and case, all the way down. */
function sameFields(table: DataType, given: DataType): boolean {
  if (table.kind === "struct" && given.kind === "struct") {
    const isKnown = (field: StructField): boolean => {
      const own = findField(table, field.name);
      return own !== undefined && sameFields(own.type, field.type);
    };
    return table.fields.length === given.fields.length && given.fields.every(isKnown);
  }
  if (table.kind === "array" && given.kind === "array") return sameFields(table.elementType, given.elementType);
  if (table.kind !== "map" || given.kind !== "map") return true;
  return sameFields(table.keyType, given.keyType) && sameFields(table.valueType, given.valueType);
}

function otherFields({ field }: AssignedValue, type: DataType): AlluviumError {
  const message = `${quoteName(field.name)} is ${formatType(field.type)}, but its new value is ${formatType(type)}: all fields must be there, and no others; set single fields (${field.name}.x = …), or build the whole with named_struct`;
  return new AlluviumError("DELTA_UPDATE_SCHEMA_MISMATCH_EXPRESSION", { column: field.name }, message);
}

function fieldsOfNewRow(name: string): AlluviumError {
  const message = `a new row has no ${quoteName(name)} of which fields could be set; give it as a whole, as with named_struct`;
  return new AlluviumError("DELTA_UNSUPPORTED_NESTED_FIELD_IN_OPERATION", { column: name }, message);
}

function identityIsFixed(name: string): AlluviumError {
  const message = `the identity column ${quoteName(name)} keeps the values that it gave; leave it out of SET`;
  return new AlluviumError("DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED", { column: name }, message);
}
