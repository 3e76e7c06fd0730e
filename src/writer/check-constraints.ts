// writer/check-constraints.ts: NOT NULL, column invariants, CHECK constraints and generated columns, checked on files that lie on disk
// and are in no commit yet.
import { join } from "node:path";
import type { Engine, SqlConnection, SqlRow } from "../engine/base/engine.ts";
import { duckdbType } from "../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier, sqlLiteral, sqlParquetFiles } from "../engine/base/sql-quote.ts";
import { bindRowExpression } from "../expression/predicate/bind-row-expression.ts";
import { AlluviumError } from "../format/text/error.ts";
import { rowConditions } from "../format/protocol/row-condition.ts";
import type { RowCondition } from "../format/protocol/row-condition.ts";
import { quoteName } from "../format/schema/schema-check.ts";
import type { DataType, StructField } from "../format/schema/schema.ts";
import { ownNames, storedName } from "./stored-target.ts";
import { dataFields, partitionFields } from "./write-target.ts";
import type { NewFile, WriteTarget } from "./write-target.ts";

/** Files of rows that are new to their table. */
export interface CheckedFiles {
  readonly files: readonly NewFile[];
  /** Columns whose values the writer has computed itself. */
  readonly computed: ReadonlySet<string>;
}

/**
 * Checks all rows of the files. What the writer counted or computed is believed; only the rest is read again.
 * @throws AlluviumError `DELTA_NOT_NULL_CONSTRAINT_VIOLATED`, `DELTA_VIOLATE_CONSTRAINT_WITH_VALUES` naming condition and values,
 *   `COLUMN_NOT_FOUND` and `INVALID_PREDICATE` for a condition that the table's columns do not fit
 */
export async function checkConstraints(
  engine: Engine,
  target: WriteTarget,
  { files, computed }: CheckedFiles,
): Promise<void> {
  if (files.length === 0) return;
  checkCounted(target, files);
  const conditions = rowConditions(target.schema, target.properties.checkConstraints).filter(
    ({ generatedColumn }) => generatedColumn === null || !computed.has(generatedColumn),
  );
  const rules = [...nestedRules(target), ...conditions.map((condition) => conditionRule(target, condition))];
  if (rules.length === 0) return;
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(firstViolations(relationOf(target, files), rules));
  const found = rules.find((_, index) => rows[0]?.[`v${index}`] === true);
  if (found !== undefined) throw await found.error(connection, relationOf(target, files));
}

interface Rule {
  /** SQL that is true for a row that must not be. */
  readonly violation: string;
  error(connection: SqlConnection, relation: string): Promise<AlluviumError>;
}

/** Null counts that the writer has, of columns that are leaves, and partition values. */
function checkCounted(target: WriteTarget, files: readonly NewFile[]): void {
  for (const field of target.schema.fields.filter((candidate) => !candidate.nullable)) {
    const isPartition = partitionFields(target).includes(field);
    const name = storedName(target, field.name);
    const hasNull = files.some((file) =>
      isPartition ? file.partitionValues.get(name) === null : (file.nullCounts.get(name) ?? 0) > 0,
    );
    if (hasNull) throw notNullViolated([field.name]);
  }
}

function notNullViolated(path: readonly string[]): AlluviumError {
  const column = path.map(quoteName).join(".");
  const message = `NOT NULL constraint violated for column: ${column}; nothing was written, give it a value in every row`;
  return new AlluviumError("DELTA_NOT_NULL_CONSTRAINT_VIOLATED", { column }, message);
}

/** Rules for nested columns, of which there are no counts; a null struct has no fields that could be missing. */
function nestedRules(target: WriteTarget): readonly Rule[] {
  return dataFields(target).flatMap((field) => {
    const column = sqlIdentifier(field.name);
    const inner = conditions({ sql: column, type: field.type, path: [field.name], depth: 0 });
    const isUncounted = !field.nullable && isNested(field.type);
    const own = isUncounted ? [{ sql: `${column} IS NULL`, path: [field.name] }] : [];
    return [...own, ...inner].map(({ sql, path }): Rule => ({
      violation: sql,
      error: () => Promise.resolve(notNullViolated(path)),
    }));
  });
}

interface Condition {
  readonly sql: string;
  readonly path: readonly string[];
}

interface Value {
  readonly sql: string;
  readonly type: DataType;
  readonly path: readonly string[];
  /** Of nested lambdas, whose parameters must not share a name. */
  readonly depth: number;
}

function conditions(value: Value): readonly Condition[] {
  const { sql, type, path, depth } = value;
  switch (type.kind) {
    case "primitive":
    case "decimal":
      return [];
    case "struct":
      return type.fields.flatMap((field) => fieldConditions(value, field));
    case "array":
      return elementConditions(sql, {
        type: type.elementType,
        path: [...path, "element"],
        depth,
        mayBeNull: type.containsNull,
      });
    case "map":
      return [
        ...elementConditions(`map_keys(${sql})`, {
          type: type.keyType,
          path: [...path, "key"],
          depth,
          mayBeNull: true,
        }),
        ...elementConditions(`map_values(${sql})`, {
          type: type.valueType,
          path: [...path, "value"],
          depth,
          mayBeNull: type.valueContainsNull,
        }),
      ];
  }
}

function fieldConditions({ sql, path, depth }: Value, field: StructField): readonly Condition[] {
  const child = `struct_extract(${sql}, ${sqlLiteral(field.name)})`;
  const childPath = [...path, field.name];
  const own = field.nullable ? [] : [{ sql: `(${sql} IS NOT NULL AND ${child} IS NULL)`, path: childPath }];
  return [...own, ...conditions({ sql: child, type: field.type, path: childPath, depth })];
}

function elementConditions(
  list: string,
  element: Omit<Value, "sql"> & { readonly mayBeNull: boolean },
): readonly Condition[] {
  const parameter = `e${element.depth}`;
  const own = element.mayBeNull ? [] : [{ sql: `${parameter} IS NULL`, path: element.path }];
  const inner = conditions({ ...element, sql: parameter, depth: element.depth + 1 });
  return [...own, ...inner].map(({ sql, path }) => ({
    sql: `len(list_filter(${list}, lambda ${parameter}: coalesce(${sql}, false))) > 0`,
    path,
  }));
}

function conditionRule({ schema }: WriteTarget, { name, expressionSql }: RowCondition): Rule {
  const condition = bindRowExpression(expressionSql, schema);
  const violation = `NOT coalesce(CAST((${condition.sql}) AS BOOLEAN), false)`;
  const error = async (connection: SqlConnection, relation: string): Promise<AlluviumError> => {
    const [row = {}] = await connection.rows(`SELECT * FROM (${relation}) WHERE ${violation} LIMIT 1`);
    const message = `CHECK constraint ${name} (${expressionSql}) violated by row with values:${describeRow(row, condition.columns)}\nNothing was written.`;
    return new AlluviumError(
      "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
      { constraint: name, expression: expressionSql },
      message,
    );
  };
  return { violation, error };
}

/** The values of the columns that the expression speaks of, one a line. */
function describeRow(row: SqlRow, columns: readonly string[]): string {
  return columns.map((name) => `\n - ${name} : ${String(row[name])}`).join("");
}

/** Whether some row violates each rule: one row of the columns v0, v1, … */
function firstViolations(relation: string, rules: readonly Rule[]): string {
  const columns = rules.map(({ violation }, index) => `coalesce(bool_or(${violation}), false) AS v${index}`);
  return `SELECT ${columns.join(", ")} FROM (${relation})`;
}

/** The rows of the files with their partition values, under the names and types of the table. */
function relationOf(target: WriteTarget, files: readonly NewFile[]): string {
  const selects = groupByPartition(files).map((group) => {
    const values = group[0]?.partitionValues ?? new Map<string, string | null>();
    const partitions = partitionFields(target).map(
      ({ name, type }) =>
        `CAST(${sqlLiteral(values.get(storedName(target, name)) ?? null)} AS ${duckdbType(type)}) AS ${sqlIdentifier(name)}`,
    );
    const fields = dataFields(target);
    const columns = fields.map(({ name }) => sqlIdentifier(storedName(target, name)));
    const paths = group.map((file) => join(target.tablePath, file.relativePath));
    const rows = `SELECT ${columns.join(", ")} FROM ${sqlParquetFiles(paths)}`;
    return `SELECT ${["*", ...partitions].join(", ")} FROM (${ownNames(target, fields, rows)})`;
  });
  return selects.join(" UNION ALL ");
}

function groupByPartition(files: readonly NewFile[]): readonly (readonly NewFile[])[] {
  const groups = new Map<string, NewFile[]>();
  for (const file of files) {
    const key = JSON.stringify([...file.partitionValues]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  return [...groups.values()];
}

function isNested(type: DataType): boolean {
  return type.kind === "struct" || type.kind === "array" || type.kind === "map";
}
