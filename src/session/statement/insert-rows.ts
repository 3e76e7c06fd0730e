// session/statement/insert-rows.ts: INSERT: which columns the values of a query go to, and which rows they replace.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { quoteName } from "../../expression/parse/print-syntax.ts";
import { suggestion } from "../../format/text/did-you-mean.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import { findField } from "../../format/schema/schema-type.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import { withDefaults } from "../../sql/statement/insert-defaults.ts";
import type { InsertStatement } from "../../sql/statement/insert-statement.ts";
import { appendRows } from "../../table/rows/append-rows.ts";
import { overwriteRows } from "../../table/rows/overwrite-rows.ts";
import type { Rows } from "../../writer/rows.ts";
import type { DataFrame } from "../frame/data-frame.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { type ResolveOptions, existingTable, resolveQuery } from "../names/resolve-query.ts";
import { counted } from "../names/statement-answer.ts";

/** The rows of a query, as they are put into tables. @throws AlluviumError as `resolveQuery` */
export async function queryRows(
  context: FrameContext,
  query: string,
  options: ResolveOptions = {},
): Promise<Exclude<Rows, { kind: "files" }>> {
  const frame = context.frame({ source: await resolveQuery(context, query, options), steps: [] });
  const rows = await frame.toTableRows();
  assert(rows.kind !== "files", "a query gives rows, not files");
  return rows;
}

/** Runs INSERT. @throws AlluviumError `NON_PARTITION_COLUMN`, `INSERT_COLUMN_ARITY_MISMATCH`, `UNRESOLVED_COLUMN`, and of the write */
export async function insert(context: FrameContext, statement: InsertStatement, text: string): Promise<DataFrame> {
  const { engine } = context;
  const tablePath = await existingTable(context, statement.name, text);
  const snapshot = await loadSnapshot(engine, tablePath);
  const name = statement.name.join(".");
  const { partition, replaceWhere } = statement;
  checkPartition(snapshot.metadata.partitionColumns, partition, name);
  const fixed = [...partition].flatMap(([column, value]) => (value === null ? [] : [{ column, value }]));
  const columns = statement.byName ? await namesOf(context, statement.query) : statement.columns;
  const others = snapshot.schema.fields
    .map((one) => one.name)
    .filter((one) => !fixed.some(({ column }) => isSame(column, one)));
  const given = insertTargets(snapshot.schema, { columns: columns ?? others, name });
  const values = withDefaults(statement.query, given);
  const query =
    fixed.length === 0 ? values : `SELECT *, ${fixed.map(({ value }) => value).join(", ")} FROM (${values}\n) AS given`;
  const all = fixed.length === 0 ? null : fixed.map(({ column }) => column);
  const targets = all === null ? given : [...given, ...insertTargets(snapshot.schema, { columns: all, name })];
  const rows = fitRows(await queryRows(context, query, { namesMayRepeat: true }), targets, name);
  const head = { engine, snapshot };
  const region = fixed.map(({ column, value }) => `${quoteName(column)} <=> ${value}`).join(" AND ");
  const where = replaceWhere ?? (region === "" ? undefined : region);
  const isOverwrite = statement.overwrites || replaceWhere !== null;
  const result = isOverwrite ? await overwriteRows(head, rows, { where }) : await appendRows(head, rows);
  return counted(context, "num_affected_rows", result.rowCount);
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** PARTITION (…) names partition columns only. @throws AlluviumError `NON_PARTITION_COLUMN` */
function checkPartition(columns: readonly string[], partition: ReadonlyMap<string, string | null>, name: string): void {
  const wrong = [...partition.keys()].find((column) => !columns.some((one) => isSame(one, column)));
  if (wrong === undefined) return;
  const known = columns.length === 0 ? "it has none" : `those are ${columns.join(", ")}`;
  const message = `${wrong} is no partition column of ${name}: ${known}; leave it to the query`;
  throw new AlluviumError("NON_PARTITION_COLUMN", { column: wrong, table: name }, message);
}

/** The columns of a query, of which no two may have one name. */
async function namesOf(context: FrameContext, query: string): Promise<readonly string[]> {
  const schema = await context.frame({ source: await resolveQuery(context, query), steps: [] }).schema();
  return schema.fields.map((field) => field.name);
}

interface InsertTarget {
  readonly columns: readonly string[] | null;
  readonly name: string;
}

/** The columns that the values of an INSERT go to. */
function insertTargets(schema: StructType, { columns, name }: InsertTarget): readonly StructField[] {
  return (columns ?? schema.fields.map((one) => one.name)).map((column) => {
    const found = findField(schema, column);
    if (found !== undefined) return found;
    const known = schema.fields.map((one) => one.name);
    throw new AlluviumError(
      "UNRESOLVED_COLUMN",
      { column },
      `the table ${name} has no column ${JSON.stringify(column)}.${suggestion(column, known)} The columns are: ${known.join(", ")}.`,
    );
  });
}

/** Values go to columns by position, cast to their types; columns that are not named are computed, or null. */
function fitRows(rows: Exclude<Rows, { kind: "files" }>, targets: readonly StructField[], name: string): Rows {
  if (rows.schema.fields.length !== targets.length) {
    const message = `INSERT INTO ${name} wants ${targets.length} values a row (${targets.map((one) => one.name).join(", ")}), but ${rows.schema.fields.length} are given`;
    throw new AlluviumError(
      "INSERT_COLUMN_ARITY_MISMATCH",
      { table: name, wanted: targets.length, given: rows.schema.fields.length },
      message,
    );
  }
  if (rows.kind === "arrow")
    return {
      ...rows,
      schema: {
        kind: "struct",
        fields: rows.schema.fields.map((one, index) => ({ ...one, name: targets[index]?.name ?? one.name })),
      },
    };
  const list = targets.map(
    (one, index) => `CAST(${sqlIdentifier(`v${index}`)} AS ${duckdbType(one.type)}) AS ${sqlIdentifier(one.name)}`,
  );
  const values = targets.map((_, index) => sqlIdentifier(`v${index}`)).join(", ");
  return {
    kind: "relation",
    schema: { kind: "struct", fields: targets },
    sql: `SELECT ${list.join(", ")} FROM (${rows.sql}) AS given(${values})`,
  };
}
