// table/assignments.ts: `SET column = expression` of an update, bound to the table. Delta's rules for identity and generated columns.
import { describeQuery } from "../engine/duckdb-schema.ts";
import { duckdbType } from "../engine/duckdb-type.ts";
import { sqlErrorClass, sqlErrorMessage } from "../engine/duckdb-error.ts";
import type { SqlEngine } from "../engine/engine.ts";
import { sqlIdentifier } from "../engine/sql-quote.ts";
import { type ExpressionInput, bindRowExpression } from "../expression/bind-row-expression.ts";
import { columnNotFound } from "../expression/name-scope.ts";
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
  /** The columns that expressions may use: the table's. */
  readonly scope: StructType;
}

/**
 * Binds assignments. A generated column that is not set follows the columns that it is made of.
 * @throws AlluviumError `COLUMN_NOT_FOUND`, `INVALID_PREDICATE`, `INVALID_ARGUMENT` for nothing to set or a column set twice,
 *   `DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED`
 */
export async function bindAssignments(
  sql: SqlEngine,
  set: AssignmentInput,
  { table, scope }: AssignmentScope,
): Promise<ChangedRow> {
  const given = new Map<string, string>();
  for (const [name, input] of Object.entries(set)) {
    const field = table.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (field === undefined) throw columnNotFound(name, table.fields);
    if (given.has(field.name)) throw invalid(`the column ${quoteName(field.name)} is set twice`);
    if (computedColumn(field)?.kind === "identity") throw identityIsFixed(field.name);
    given.set(field.name, valueSql(field, input, scope));
  }
  if (given.size === 0) throw invalid("there is nothing to set: name at least one column");
  const types = await typesOf(sql, given, scope);
  const kept = table.fields.filter((field) => given.has(field.name) || computedColumn(field)?.kind !== "generated");
  return {
    fields: kept.map((field) => types.get(field.name) ?? field),
    columns: kept.map(({ name }) => `${given.get(name) ?? sqlIdentifier(name)} AS ${sqlIdentifier(name)}`),
  };
}

function valueSql(field: StructField, input: ExpressionInput, scope: StructType): string {
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
  scope: StructType,
): Promise<ReadonlyMap<string, StructField>> {
  const nulls = scope.fields.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${sqlIdentifier(name)}`);
  const list = Array.from(given, ([name, value]) => `${value} AS ${sqlIdentifier(name)}`);
  await using connection = await sql.connect();
  try {
    const { fields } = await describeQuery(connection, `SELECT ${list.join(", ")} FROM (SELECT ${nulls.join(", ")})`);
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
