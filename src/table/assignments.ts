// table/assignments.ts: `SET column = expression` of an update, bound to the table. Delta's rules for identity and generated columns.
import { describeQuery } from "../engine/duckdb-schema.ts";
import { duckdbType } from "../engine/duckdb-type.ts";
import { sqlErrorClass, sqlErrorMessage } from "../engine/duckdb-error.ts";
import type { SqlEngine } from "../engine/engine.ts";
import { sqlIdentifier } from "../engine/sql-quote.ts";
import { type ExpressionInput, bindRowExpression } from "../expression/bind-row-expression.ts";
import { type NameScope, columnNotFound, schemaScope } from "../expression/name-scope.ts";
import { computedColumn } from "../format/computed-column.ts";
import { AlluviumError } from "../format/error.ts";
import { quoteName } from "../format/schema-check.ts";
import type { StructField, StructType } from "../format/schema.ts";

/** New values by column name, in any case: Spark SQL text, where DEFAULT alone is the column's default, or expressions of `col`. */
export type AssignmentInput = Readonly<Record<string, ExpressionInput>>;

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
  /** SQL of a column that is not set, by its index in the table; absent where only what is set is there. */
  readonly unset?: (index: number) => string;
}

/** The rows of a table by themselves. */
export function tableScope(table: StructType): AssignmentScope {
  const nulls = table.fields.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${sqlIdentifier(name)}`);
  return {
    table,
    names: schemaScope(table),
    from: `(SELECT ${nulls.join(", ")})`,
    unset: (index) => sqlIdentifier(table.fields[index]?.name ?? ""),
  };
}

/**
 * Binds assignments. A generated column that is not set follows the columns that it is made of.
 * @throws AlluviumError `COLUMN_NOT_FOUND`, `INVALID_PREDICATE`, `INVALID_ARGUMENT` for nothing to set or a column set twice,
 *   `DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED`
 */
export async function bindAssignments(
  sql: SqlEngine,
  set: AssignmentInput,
  scope: AssignmentScope,
): Promise<ChangedRow> {
  const { table, unset } = scope;
  const given = new Map<string, string>();
  for (const [name, input] of Object.entries(set)) {
    const field = table.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (field === undefined) throw columnNotFound(name, table.fields);
    if (given.has(field.name)) throw invalid(`the column ${quoteName(field.name)} is set twice`);
    if (unset !== undefined && computedColumn(field)?.kind === "identity") throw identityIsFixed(field.name);
    given.set(field.name, valueSql(field, input, scope.names));
  }
  if (given.size === 0) throw invalid("there is nothing to set: name at least one column");
  const types = await typesOf(sql, given, scope);
  const entries = table.fields.flatMap((field, index) => {
    const value = given.get(field.name) ?? (computedColumn(field)?.kind === "generated" ? undefined : unset?.(index));
    return value === undefined ? [] : [{ field, value }];
  });
  return {
    fields: entries.map(({ field }) => types.get(field.name) ?? field),
    columns: entries.map(({ field, value }) => `${value} AS ${sqlIdentifier(field.name)}`),
  };
}

function valueSql(field: StructField, input: ExpressionInput, scope: NameScope): string {
  const isDefault = typeof input === "string" && /^\s*default\s*$/i.test(input);
  if (!isDefault) return bindRowExpression(input, scope).sql;
  const column = computedColumn(field);
  if (column?.kind !== "default") return `CAST(NULL AS ${duckdbType(field.type)})`;
  return `CAST(${bindRowExpression(column.expressionSql, { kind: "struct", fields: [] }).sql} AS ${duckdbType(field.type)})`;
}

/** The types of the expressions as DuckDB finds them; nothing is read. */
async function typesOf(
  sql: SqlEngine,
  given: ReadonlyMap<string, string>,
  { from }: AssignmentScope,
): Promise<ReadonlyMap<string, StructField>> {
  const list = Array.from(given, ([name, value]) => `${value} AS ${sqlIdentifier(name)}`);
  await using connection = await sql.connect();
  try {
    const { fields } = await describeQuery(connection, `SELECT ${list.join(", ")} FROM ${from}`);
    return new Map(fields.map((field) => [field.name, field]));
  } catch (cause) {
    if (sqlErrorClass(cause) !== "statement") throw cause;
    const message = `the new values cannot be evaluated: ${sqlErrorMessage(cause)}`;
    throw new AlluviumError("INVALID_PREDICATE", { columns: [...given.keys()].join(", ") }, message, { cause });
  }
}

function identityIsFixed(name: string): AlluviumError {
  const message = `the identity column ${quoteName(name)} keeps the values that it gave; leave it out of SET`;
  return new AlluviumError("DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED", { column: name }, message);
}

function invalid(message: string): AlluviumError {
  return new AlluviumError("INVALID_ARGUMENT", {}, message);
}
