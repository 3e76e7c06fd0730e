// session/run/compile-steps.ts: the steps of a DataFrame as DuckDB SQL with JavaScript in between, types resolved.
import { describeQuery } from "../../engine/duckdb/duckdb-schema.ts";
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { NamedFunctions } from "../../expression/bind/name-scope.ts";
import { translateSparkSql } from "../../expression/bind/translate-sql.ts";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { emptyRelation } from "../../stream/source/empty-relation.ts";
import { requireUniqueNames } from "../names/unique-names.ts";
import { pinCurrentTime } from "../../sql/tree/current-time.ts";
import type { MapBatchesFunction, PlanStep } from "../plan/plan.ts";
import { dropNullsSql, fillNullsSql } from "./null-steps.ts";
import { beyondOneRow } from "../plan/row-by-row.ts";

/** A run of steps that DuckDB does in one go, or one JavaScript step; `schema` is what comes out. */
export type Segment =
  | { readonly kind: "sql"; readonly schema: StructType; readonly sql: (from: string, nowMs: number) => string }
  | { readonly kind: "map"; readonly schema: StructType; readonly function: MapBatchesFunction };

type SqlStep = Exclude<PlanStep, { kind: "mapBatches" }>;

/** What the steps are compiled against. */
export interface CompileInput {
  readonly connection: SqlConnection;
  readonly schema: StructType;
  readonly steps: readonly PlanStep[];
  /** Functions of JavaScript. */
  readonly functions: NamedFunctions;
  /** A stream takes steps only that look at one row at a time. */
  readonly isStreaming: boolean;
}

/**
 * Resolves names and types of every step against the columns before it; nothing is read.
 * @throws AlluviumError `COLUMN_NOT_FOUND` or `PARSE_SYNTAX_ERROR` naming the step,
 * `STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION` for a step that a stream cannot do row by row
 */
export async function compileSteps(input: CompileInput): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  let schema = input.schema;
  for (const step of input.steps) {
    if (step.kind === "mapBatches") {
      schema = step.schema ?? schema;
      segments.push({ kind: "map", schema, function: step.function });
      continue;
    }
    const before = schema;
    const sql = stepSql(step, before, input.functions);
    schema = await describeStep(input.connection, step, sql(emptyRelation(before), 0));
    if (input.isStreaming) {
      const offence = await beyondOneRow(input.connection, before, (from) => sql(from, 0));
      if (offence !== null) throw notRowByRow(step, offence);
    }
    segments.push({ kind: "sql", schema, sql });
  }
  return segments;
}

function stepSql(
  step: SqlStep,
  schema: StructType,
  functions: NamedFunctions,
): (from: string, nowMs: number) => string {
  switch (step.kind) {
    case "select": {
      const star = step.hides === undefined ? "*" : `* EXCLUDE (${sqlIdentifier(step.hides)})`;
      const items = step.expressions.map((expression) => translateSparkSql(expression, schema, functions));
      const list = items.map((item) => (item === "*" ? star : item)).join(", ");
      return (from, nowMs) => `SELECT ${pinCurrentTime(list, nowMs)} FROM (${from})`;
    }
    case "where": {
      const condition = translateSparkSql(step.condition, schema, functions);
      return (from, nowMs) => `SELECT * FROM (${from}) WHERE (${pinCurrentTime(condition, nowMs)})`;
    }
    case "withColumns": {
      requireUniqueNames({ fields: step.columns });
      const columns = step.columns.map(({ name, expression }) => ({
        name,
        sql: `(${translateSparkSql(expression, schema, functions)}) AS ${sqlIdentifier(name)}`,
      }));
      const list = withColumnsList(schema, columns);
      return (from, nowMs) => `SELECT ${pinCurrentTime(list, nowMs)} FROM (${from})`;
    }
    case "drop": {
      const dropped = new Set(step.names.map((name) => name.toLowerCase()));
      const kept = schema.fields.filter((field) => !dropped.has(field.name.toLowerCase()));
      const list = kept.map((field) => sqlIdentifier(field.name)).join(", ");
      return (from) => `SELECT ${list} FROM (${from})`;
    }
    case "rename": {
      const list = schema.fields.map((field) =>
        sameName(field.name, step.from)
          ? `${sqlIdentifier(field.name)} AS ${sqlIdentifier(step.to)}`
          : sqlIdentifier(field.name),
      );
      return (from) => `SELECT ${list.join(", ")} FROM (${from})`;
    }
    case "renameAll":
      return renameAllSql(step.names, schema);
    case "fillNulls":
      return fillNullsSql(step, schema);
    case "dropNulls":
      return dropNullsSql(step, schema);
    case "limit":
      return (from) => `SELECT * FROM (${from}) LIMIT ${step.count}`;
  }
}

function renameAllSql(names: readonly string[], { fields }: StructType): (from: string) => string {
  if (names.length !== fields.length) {
    const message = `toDF names ${names.length} columns, but there are ${fields.length}: ${fields.map(({ name }) => name).join(", ")}`;
    throw new AlluviumError("INVALID_ARGUMENT", { names: names.join(", ") }, message);
  }
  // By their places: two columns may have had one name.
  return (from) => `SELECT * FROM (${from}) AS given(${names.map(sqlIdentifier).join(", ")})`;
}

/** Each column takes the place of its namesake, or comes last. */
function withColumnsList(
  { fields }: StructType,
  columns: readonly { readonly name: string; readonly sql: string }[],
): string {
  const kept = fields.map(
    (field) => columns.find(({ name }) => sameName(field.name, name))?.sql ?? sqlIdentifier(field.name),
  );
  const added = columns.filter(({ name }) => !fields.some((field) => sameName(field.name, name)));
  return [...kept, ...added.map(({ sql }) => sql)].join(", ");
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

async function describeStep(connection: SqlConnection, step: SqlStep, sql: string): Promise<StructType> {
  try {
    return await describeQuery(connection, sql);
  } catch (cause) {
    throw stepError(step, cause);
  }
}

function stepError(step: SqlStep, cause: unknown): AlluviumError {
  if (cause instanceof AlluviumError && cause.code === "INVALID_ARGUMENT") return cause;
  const reason = messageOf(cause);
  const isName = /Referenced column|does not have a column|not found in FROM clause|Candidate bindings/i.test(reason);
  return new AlluviumError(
    isName ? "COLUMN_NOT_FOUND" : "PARSE_SYNTAX_ERROR",
    { step: describeWords(step) },
    `${describeWords(step)} cannot be resolved: ${reason}`,
    { cause },
  );
}

function describeWords(step: SqlStep): string {
  switch (step.kind) {
    case "select":
      return `select(${step.expressions.join(", ")})`;
    case "where":
      return `where(${step.condition})`;
    case "withColumns":
      return `withColumns(${step.columns.map(({ name, expression }) => `${name}: ${expression}`).join(", ")})`;
    case "drop":
      return `drop(${step.names.join(", ")})`;
    case "rename":
      return `withColumnRenamed(${step.from}, ${step.to})`;
    case "renameAll":
      return `toDF(${step.names.join(", ")})`;
    case "fillNulls":
      return "na.fill";
    case "dropNulls":
      return "na.drop";
    case "limit":
      return `limit(${step.count})`;
  }
}

function notRowByRow(step: SqlStep, operator: string): AlluviumError {
  return new AlluviumError(
    "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION",
    { step: describeWords(step), operator },
    `${describeWords(step)} looks at more than one row at a time (${operator}), which an append stream cannot do; ` +
      "write the rows to a table and ask that table, or do it in foreachBatch",
  );
}
