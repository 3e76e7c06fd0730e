// session/statement/run-statement.ts: statements that do something, done before the promise resolves; their answer is a frame.
import { AlluviumError } from "../../format/text/error.ts";
import { loadSnapshot, tableExists } from "../../log/snapshot/load-snapshot.ts";
import type { CreateTableStatement, Statement } from "../../sql/statement/statement.ts";
import { alterTable } from "../../table/alter/alter-table.ts";
import type { MergeStatement } from "../../sql/statement/merge-statement.ts";
import type { UpdateStatement } from "../../sql/statement/update-statement.ts";
import { defineTable } from "../../table/whole/define-table.ts";
import { deleteRows } from "../../table/rows/delete-rows.ts";
import { dropTable } from "../../table/whole/drop-table.ts";
import { mergeRows } from "../../table/merge/merge-rows.ts";
import { updateRows } from "../../table/rows/update-rows.ts";
import type { DataFrame } from "../frame/data-frame.ts";
import { explainPlan } from "../run/explain-plan.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { existingTable, resolveQuery, tablePathOf } from "../names/resolve-query.ts";
import { viewOf } from "../names/view-of-name.ts";
import { insert, queryRows } from "./insert-rows.ts";
import { isTableAt, locationOf } from "./located-table.ts";
import { createView, dropView } from "./named-view.ts";
import { planSchema } from "../run/source-relation.ts";
import { describe, describeQueryColumns, show, showProperties, tablePlan } from "./show-statements.ts";
import { set, showCreateTable, showPartitions, use } from "./session-statements.ts";
import { answer, answerRows, counted, field, nothing } from "../names/statement-answer.ts";

/** A statement with its text, for messages. */
export interface StatementRun {
  readonly statement: Exclude<Statement, { kind: "query" }>;
  readonly text: string;
}

/** Runs a statement. @throws AlluviumError of whatever the statement does */
export async function runStatement(context: FrameContext, { statement, text }: StatementRun): Promise<DataFrame> {
  switch (statement.kind) {
    case "createTable":
      return createTable(context, statement, text);
    case "drop":
      return drop(context, statement, text);
    case "insert":
      return insert(context, statement, text);
    case "createView":
      return createView(context, statement);
    case "show":
      return show(context, statement);
    case "showColumns": {
      const schema = await planSchema(context, await tablePlan(context, statement.name, text));
      return answer(
        context,
        ["col_name"],
        schema.fields.map((field) => [field.name]),
      );
    }
    case "showCreateTable":
      return showCreateTable(context, statement, text);
    case "showPartitions":
      return showPartitions(context, statement, text);
    case "use":
      return use(context, statement);
    case "set":
      return set(context, statement);
    case "showProperties":
      return showProperties(context, statement, text);
    case "describe":
      return describe(context, statement, text);
    case "delete":
      return remove(context, statement, text);
    case "alter": {
      const { engine } = context;
      const snapshot = await loadSnapshot(engine, await existingTable(context, statement.name, text));
      await alterTable({ engine, snapshot }, statement.change);
      return nothing(context);
    }
    case "merge":
      return merge(context, statement, text);
    case "update":
      return update(context, statement, text);
    case "describeQuery":
      return describeQueryColumns(context, statement.query);
    case "explain":
      return answer(
        context,
        ["plan"],
        [[await explainPlan(context, { source: await resolveQuery(context, statement.query), steps: [] })]],
      );
  }
}

async function createTable(context: FrameContext, statement: CreateTableStatement, text: string): Promise<DataFrame> {
  const { engine } = context;
  const location = locationOf(statement);
  const name = statement.name.join(".");
  const tablePath = tablePathOf(context, statement.name);
  if (!statement.orReplace && (await tableExists(engine, tablePath))) {
    if (statement.ifNotExists) return nothing(context);
    throw existsAlready(name, tablePath);
  }
  if (location !== null && (await isTableAt(context, location, statement))) return locate(context, statement, location);
  if (statement.query !== null && statement.schema !== null) {
    throw new AlluviumError(
      "PARSE_SYNTAX_ERROR",
      { query: text },
      "CREATE TABLE … AS SELECT takes its columns from the SELECT; leave the column list out",
    );
  }
  const rows = statement.query === null ? null : await queryRows(context, statement.query);
  const schema = rows?.schema ?? statement.schema;
  if (schema === null) {
    throw new AlluviumError(
      "PARSE_SYNTAX_ERROR",
      { query: text },
      `CREATE TABLE ${name} needs columns, such as (id BIGINT, author STRING), or AS SELECT`,
    );
  }
  const { partitionBy, clusterBy, properties, comment } = statement;
  const options = { schema, partitionBy, clusterBy, properties, comment: comment ?? undefined };
  try {
    await defineTable(engine, location ?? tablePath, { options, rows, replaces: statement.orReplace });
  } catch (cause) {
    const isTaken = cause instanceof AlluviumError && cause.code === "DELTA_TABLE_ALREADY_EXISTS";
    if (!isTaken || !(await tableExists(engine, location ?? tablePath))) throw cause;
    // Somebody made it meanwhile: now it is there for the statement, too.
    return createTable(context, statement, text);
  }
  return location === null ? nothing(context) : locate(context, statement, location);
}

/** Gives a name of the warehouse to a table elsewhere. */
async function locate(
  context: FrameContext,
  { name, orReplace }: CreateTableStatement,
  location: string,
): Promise<DataFrame> {
  const entry = { kind: "table" as const, name, location };
  if (await context.catalog.put(context.engine.files, entry, orReplace)) return nothing(context);
  throw existsAlready(name.join("."), location);
}

function existsAlready(name: string, table: string): AlluviumError {
  const message = `the table ${name} exists already; say CREATE TABLE IF NOT EXISTS or CREATE OR REPLACE TABLE`;
  return new AlluviumError("TABLE_OR_VIEW_ALREADY_EXISTS", { name, table }, message);
}

async function drop(
  context: FrameContext,
  { what, name, ifExists }: Extract<Statement, { kind: "drop" }>,
  text: string,
): Promise<DataFrame> {
  if (what === "view") return dropView(context, { name, ifExists });
  if (
    ifExists &&
    viewOf(context, name) === undefined &&
    !(await tableExists(context.engine, tablePathOf(context, name)))
  )
    return nothing(context);
  const tablePath = await existingTable(context, name, text);
  // A table elsewhere only loses its name, as an external table of Spark.
  if (context.catalog.entry(name) === undefined) await dropTable(context.engine, tablePath);
  else await context.catalog.remove(context.engine.files, name);
  return nothing(context);
}

async function remove(
  context: FrameContext,
  { name, where }: Extract<Statement, { kind: "delete" }>,
  text: string,
): Promise<DataFrame> {
  const { engine } = context;
  const snapshot = await loadSnapshot(engine, await existingTable(context, name, text));
  const result = await deleteRows(engine, snapshot, where ?? undefined);
  return counted(context, "num_affected_rows", result.deletedRowCount);
}

async function update(context: FrameContext, { name, set, where }: UpdateStatement, text: string): Promise<DataFrame> {
  const { engine } = context;
  const snapshot = await loadSnapshot(engine, await existingTable(context, name, text));
  const result = await updateRows(engine, snapshot, { set, where: where ?? undefined });
  return counted(context, "num_affected_rows", result.updatedRowCount);
}

async function merge(context: FrameContext, statement: MergeStatement, text: string): Promise<DataFrame> {
  const { engine } = context;
  const tablePath = await existingTable(context, statement.name, text);
  const source = await queryRows(context, statement.query);
  const snapshot = await loadSnapshot(engine, tablePath);
  const { insertedRowCount, updatedRowCount, deletedRowCount } = await mergeRows(engine, snapshot, {
    source,
    request: statement,
  });
  const row = {
    num_affected_rows: BigInt(insertedRowCount + updatedRowCount + deletedRowCount),
    num_updated_rows: BigInt(updatedRowCount),
    num_deleted_rows: BigInt(deletedRowCount),
    num_inserted_rows: BigInt(insertedRowCount),
  };
  const fields = Object.keys(row).map((name) => field(name, "long"));
  return answerRows(context, { kind: "struct", fields }, [row]);
}
