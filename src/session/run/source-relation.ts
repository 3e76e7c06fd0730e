// session/run/source-relation.ts: the source of a batch plan as one DuckDB SELECT, reading only the files that it needs.
import type { Syntax } from "../../expression/tree/syntax.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { schemaOfRows } from "../../format/protocol/column-mapping.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import { findField } from "../../format/schema/schema-type.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { type ChangeFeed, changeSchema } from "../../reader/change-data-feed.ts";
import { parseSourceOptions } from "../../stream/source/source-options.ts";
import { type ScanPlan, filesToRead, planScan } from "../../reader/scan.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { withMetadataColumn } from "../../reader/metadata-column.ts";
import { scannedTable, scanRelation } from "../../reader/scan-relation.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import { pinCurrentTime } from "../../sql/tree/current-time.ts";
import { conditionsOn } from "../../sql/tree/prune.ts";
import { fillTables } from "../../sql/tree/table-references.ts";
import { stateMetadataRows, stateRows } from "../../stream/state/read-state.ts";
import { emptyRelation } from "../../stream/source/empty-relation.ts";
import { openChanges } from "../../table/whole/change-feed.ts";
import { toRows } from "../../table/input/table-input.ts";
import { bindQuery } from "../names/bind-query.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { offerMetadata } from "../names/offer-metadata.ts";
import type { ChangesSource, Plan, QuerySource, TableSource } from "../plan/plan.ts";
import { leadingConditions, predicateOf } from "../plan/leading-conditions.ts";
import { compileSteps } from "./compile-steps.ts";
import { viewPlan } from "../names/resolve-query.ts";
import { materialiseRows } from "../../stream/sink/materialise-rows.ts";
import { runSegments } from "./run-segments.ts";
import { trackedSchema } from "../names/schema-tracking.ts";
import { stateMetadataSchema } from "../names/state-reader.ts";
import { tableSnapshot } from "../names/table-snapshot.ts";

/** Rows as a SELECT. `nowMs` is what current_timestamp() means in them. */
export interface SourceRelation {
  readonly schema: StructType;
  readonly relation: string;
  readonly nowMs: number;
}

/** A table that was looked at for a plan; for `explain`. */
export interface ScannedFiles {
  readonly tablePath: string;
  readonly version: number;
  readonly plan: ScanPlan;
  readonly conditions: readonly string[];
}

/** What a run of a plan may use and leaves behind. */
export interface RelationRun {
  /** For rows that JavaScript made; made and removed by the caller. */
  readonly temporaryDirectory: string;
  readonly onScan?: (files: ScannedFiles) => void;
}

/** The columns of a plan, resolved against its tables as they are now. */
export async function planSchema(context: FrameContext, asked: Plan): Promise<StructType> {
  const plan = await offerMetadata(context, asked);
  const schema = await sourceSchema(context, plan);
  if (plan.steps.length === 0) return schema;
  return (await compiledSteps(context, plan, schema)).at(-1)?.schema ?? schema;
}

async function compiledSteps(
  context: FrameContext,
  { steps }: Plan,
  schema: StructType,
): ReturnType<typeof compileSteps> {
  await using connection = await context.engine.sql.connect();
  return await compileSteps({ connection, functions: context.functions, schema, steps, isStreaming: false });
}

/** The rows of a whole batch plan, to be read once. @param temporaryDirectory is used only where SQL follows rows of JavaScript */
export async function planRows(
  context: FrameContext,
  plan: Plan,
  { source, temporaryDirectory }: { readonly source: SourceRelation; readonly temporaryDirectory: string },
): ReturnType<typeof runSegments> {
  const segments = await compiledSteps(context, plan, source.schema);
  return await runSegments({ ...source, engine: context.engine, segments, temporaryDirectory });
}

async function sourceSchema(context: FrameContext, { source }: Plan): Promise<StructType> {
  switch (source.kind) {
    case "relation":
      return source.schema;
    case "table":
      return tableColumns(await tableSnapshot(context, source), source);
    case "stream": {
      const options = parseSourceOptions(source.options);
      const tracked = await trackedSchema(context.engine, await tableSnapshot(context, source), options);
      const schema = schemaOfRows(tracked);
      return options.readChangeFeed ? changeSchema(schema) : schema;
    }
    case "changes":
      return (await changesOf(context, source)).schema;
    case "rows":
      return source.schema ?? (await toRows(context.engine, source.rows, null)).schema;
    case "query":
      return (await bindQuery(context, source, (plan) => planSchema(context, plan))).schema;
    case "state":
      return source.isMetadata ? stateMetadataSchema : (await stateRows(context.engine, source.question)).schema;
    case "view":
      return planSchema(context, await viewPlan(context, source.entry));
    case "watermark":
    case "deduplicate":
      return planSchema(context, source.input);
  }
}

function tableColumns(snapshot: Snapshot, { hasMetadata }: TableSource): StructType {
  return schemaOfRows(hasMetadata === true ? withMetadataColumn(snapshot) : snapshot.schema);
}

/** The rows of a whole batch plan as a SELECT; what JavaScript makes is kept in temporary files. */
export async function planRelation(context: FrameContext, asked: Plan, run: RelationRun): Promise<SourceRelation> {
  const plan = await offerMetadata(context, asked);
  const source = await sourceRelation(context, plan, run);
  if (plan.steps.length === 0) return source;
  const { engine } = context;
  const temporaryDirectory = `${run.temporaryDirectory}/${engine.random.uuid()}`;
  if (plan.steps.some((step) => step.kind === "mapBatches")) await engine.files.makeDirectory(temporaryDirectory);
  const given = await planRows(context, plan, { source, temporaryDirectory });
  const rows = await materialiseRows(engine, given, temporaryDirectory);
  return { schema: rows.schema, relation: rows.sql, nowMs: source.nowMs };
}

/** The rows that the steps of a plan start from. */
export async function sourceRelation(context: FrameContext, plan: Plan, run: RelationRun): Promise<SourceRelation> {
  const { source, steps } = plan;
  const nowMs = context.engine.clock.nowMs();
  switch (source.kind) {
    case "relation":
      return { schema: source.schema, relation: source.sql, nowMs: source.nowMs };
    case "table":
      return { ...(await tableRelation(context, source, { run, conditions: leadingConditions(steps) })), nowMs };
    case "query":
      return { ...(await queryRelation(context, source, { run, nowMs })), nowMs };
    case "changes": {
      const { schema, relations } = await changesOf(context, source);
      const selects = await relations();
      return { schema, relation: selects.length === 0 ? emptyRelation(schema) : selects.join(" UNION ALL "), nowMs };
    }
    case "rows":
      return { ...(await programRows(context, source, run)), nowMs };
    case "state":
      return { ...(await stateRelation(context, source, run)), nowMs };
    case "view":
      return planRelation(context, await viewPlan(context, source.entry), run);
    case "watermark":
      return planRelation(context, source.input, run);
    case "deduplicate": {
      const input = await planRelation(context, source.input, run);
      const { columns } = source;
      const on = columns.length === 0 ? "" : ` ON (${columns.map(sqlIdentifier).join(", ")})`;
      return { ...input, relation: `SELECT DISTINCT${on} * FROM (${input.relation})` };
    }
    case "stream":
      throw new AlluviumError("CALL_ON_STREAMING_DATASET_UNSUPPORTED", {}, "a stream has no rows that are all there");
  }
}

async function changesOf(context: FrameContext, { tablePath, range }: ChangesSource): Promise<ChangeFeed> {
  const snapshot = await tableSnapshot(context, { kind: "table", tablePath });
  return openChanges(context.engine, snapshot, range);
}

async function stateRelation(
  context: FrameContext,
  { question, isMetadata }: Extract<Plan["source"], { kind: "state" }>,
  run: RelationRun,
): Promise<{ readonly schema: StructType; readonly relation: string }> {
  const { engine } = context;
  if (!isMetadata) {
    const { schema, sql } = await stateRows(engine, question);
    return { schema, relation: sql };
  }
  const rows = await stateMetadataRows(engine, question.checkpoint);
  return programRows(context, { kind: "rows", rows, schema: stateMetadataSchema }, run);
}

interface QueryRun {
  readonly run: RelationRun;
  readonly nowMs: number;
}

async function queryRelation(
  context: FrameContext,
  source: QuerySource,
  { run, nowMs }: QueryRun,
): Promise<{ readonly schema: StructType; readonly relation: string }> {
  const bound = await bindQuery(context, source, (plan) => planSchema(context, plan));
  const relations = new Map<string, string>();
  for (const { placeholder, plan } of bound.tables) {
    const conditions = conditionsOn(bound.tree, placeholder);
    const isTable = plan.source.kind === "table" && plan.steps.length === 0;
    const { relation } =
      isTable && plan.source.kind === "table"
        ? await tableRelation(context, plan.source, { run, conditions })
        : await planRelation(context, plan, run);
    relations.set(placeholder, relation);
  }
  const template = pinCurrentTime(bound.template, nowMs);
  return { schema: bound.schema, relation: fillTables(template, (placeholder) => relations.get(placeholder) ?? "") };
}

interface TableRun {
  readonly run: RelationRun;
  readonly conditions: readonly Syntax[];
}

async function tableRelation(
  context: FrameContext,
  source: TableSource,
  { run, conditions }: TableRun,
): Promise<{ readonly schema: StructType; readonly relation: string }> {
  const snapshot = await tableSnapshot(context, source);
  const { schema, metadata } = snapshot;
  const where = predicateOf(conditions, { schema, partitionColumns: metadata.partitionColumns });
  const query = { where };
  if (run.onScan !== undefined) {
    const { tablePath, version } = snapshot;
    const plan = await planScan(context.engine, snapshot, query);
    run.onScan({ tablePath, version, plan, conditions: where === undefined ? [] : [where.sql] });
  }
  const table = scannedTable(snapshot);
  const files = await scannedFiles(context.engine, table, await filesToRead(snapshot, query));
  const columns = tableColumns(snapshot, source);
  const relation = scanRelation(table, files, { columns: columns.fields.map(({ name }) => name) });
  return { schema: columns, relation };
}

async function programRows(
  context: FrameContext,
  source: Extract<Plan["source"], { kind: "rows" }>,
  run: RelationRun,
): Promise<{ readonly schema: StructType; readonly relation: string }> {
  const { engine } = context;
  const rows = await toRows(engine, source.rows, source.schema);
  assert(rows.kind === "arrow", "rows of the program are Arrow");
  const temporaryDirectory = `${run.temporaryDirectory}/${engine.random.uuid()}`;
  await engine.files.makeDirectory(temporaryDirectory);
  const kept = await materialiseRows(engine, rows, temporaryDirectory);
  return source.schema === null
    ? { schema: kept.schema, relation: kept.sql }
    : { schema: source.schema, relation: inColumns(kept.sql, kept.schema, source.schema) };
}

/** Rows in the columns and the order of `schema`: objects have theirs in any order, and may lack some. */
function inColumns(sql: string, given: StructType, schema: StructType): string {
  const list = schema.fields.map(({ name, type }) => {
    const own = findField(given, name);
    const value = own === undefined ? "NULL" : sqlIdentifier(own.name);
    return `CAST(${value} AS ${duckdbType(type)}) AS ${sqlIdentifier(name)}`;
  });
  return `SELECT ${list.join(", ")} FROM (${sql})`;
}
