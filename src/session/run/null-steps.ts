// session/run/null-steps.ts: the steps of `df.na` as DuckDB SQL.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { didYouMean } from "../../format/text/did-you-mean.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { findField } from "../../format/schema/schema-type.ts";
import type { DataType, StructField, StructType } from "../../format/schema/schema.ts";
import type { FillValue } from "../plan/null-functions.ts";
import type { PlanStep } from "../plan/plan.ts";

/** The columns with values in place of nulls. @throws AlluviumError `COLUMN_NOT_FOUND` */
export function fillNullsSql(
  { value, columns }: Extract<PlanStep, { kind: "fillNulls" }>,
  schema: StructType,
): (from: string) => string {
  const values = new Map<string, FillValue>();
  if (typeof value === "object") for (const [name, each] of value) values.set(named(schema, name).name, each);
  else for (const { name } of namedFields(schema, columns)) values.set(name, value);
  const list = schema.fields.map((field) => {
    const given = values.get(field.name);
    return given === undefined || !takes(field.type, given) ? sqlIdentifier(field.name) : filled(field, given);
  });
  return (from) => `SELECT ${list.join(", ")} FROM (${from})`;
}

/** The rows that have values. @throws AlluviumError `COLUMN_NOT_FOUND` */
export function dropNullsSql(
  { when, columns }: Extract<PlanStep, { kind: "dropNulls" }>,
  schema: StructType,
): (from: string) => string {
  const fields = namedFields(schema, columns);
  const least = when === "any" ? fields.length : when === "all" ? Math.min(1, fields.length) : when.atLeast;
  const present = fields.map((field) => `CAST(${isPresent(field)} AS INTEGER)`);
  return (from) => `SELECT * FROM (${from}) WHERE ${["0", ...present].join(" + ")} >= ${least}`;
}

function filled({ name, type }: StructField, value: FillValue): string {
  const column = sqlIdentifier(name);
  const own = isFloating(type) ? `CASE WHEN isnan(${column}) THEN NULL ELSE ${column} END` : column;
  // As Spark's cast: a number that stands for a whole one loses what is behind its point.
  const whole = typeof value === "number" && !isFloating(type) && type.kind !== "decimal" ? Math.trunc(value) : value;
  return `coalesce(${own}, CAST(${sqlLiteral(whole)} AS ${duckdbType(type)})) AS ${column}`;
}

function takes(type: DataType, value: FillValue): boolean {
  if (type.kind === "decimal") return typeof value === "number" || typeof value === "bigint";
  if (type.kind !== "primitive") return false;
  if (typeof value === "string") return type.name === "string";
  if (typeof value === "boolean") return type.name === "boolean";
  return ["byte", "short", "integer", "long", "float", "double"].includes(type.name);
}

function isPresent({ name, type }: StructField): string {
  const column = sqlIdentifier(name);
  return isFloating(type) ? `(${column} IS NOT NULL AND NOT isnan(${column}))` : `(${column} IS NOT NULL)`;
}

const isFloating = (type: DataType): boolean =>
  type.kind === "primitive" && (type.name === "float" || type.name === "double");

function namedFields(schema: StructType, columns: readonly string[] | null): readonly StructField[] {
  return columns === null ? schema.fields : columns.map((name) => named(schema, name));
}

function named(schema: StructType, name: string): StructField {
  const field = findField(schema, name);
  if (field !== undefined) return field;
  const names = schema.fields.map((each) => each.name);
  const near = didYouMean(name, names);
  const hint = near === null ? "" : `; did you mean ${near}?`;
  const message = `na has no column ${JSON.stringify(name)} to look at${hint} (there are ${names.join(", ")})`;
  throw new AlluviumError("COLUMN_NOT_FOUND", { column: name }, message);
}
