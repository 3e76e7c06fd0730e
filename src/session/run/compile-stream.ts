// session/run/compile-stream.ts: a streaming frame as a tree of operators over its sources.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { columnNotFound } from "../../expression/bind/name-scope.ts";
import type { Syntax } from "../../expression/tree/syntax.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { conditionsOn } from "../../sql/tree/prune.ts";
import { compileQuery } from "../../sql/stream/compile-query.ts";
import type { StreamInput, StreamRelation, StreamScope } from "../../sql/stream/stream-scope.ts";
import { checkOutputMode } from "../../sql/stream/streaming-rules.ts";
import type { OutputMode } from "../../stream/plan/output-mode.ts";
import { bindQuery } from "../names/bind-query.ts";
import { type Segment, compileSteps } from "./compile-steps.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { keptTimes } from "../plan/kept-times.ts";
import { leadingConditions } from "../plan/leading-conditions.ts";
import {
  type Plan,
  type PlanStep,
  type QuerySource,
  type StreamSource,
  hasMapStep,
  inputsOf,
  isStreamingPlan,
} from "../plan/plan.ts";
import { planRelation, planSchema } from "./source-relation.ts";

/** A static table beside a stream: its rows are looked up at the start of each batch. */
export interface StaticTable {
  readonly plan: Plan;
  /** The SELECT of the present batch. */
  relation: string;
}

/** A streaming frame, ready to be run. */
export interface CompiledStream {
  readonly schema: StructType;
  /** What is done to the rows; null when JavaScript is among it. */
  readonly relation: StreamRelation | null;
  /** Steps with JavaScript among them, over the only source. */
  readonly segments: readonly Segment[] | null;
  readonly statics: readonly StaticTable[];
  /** By source: conditions that its rows meet, for each place where it is read. */
  readonly conditions: readonly (readonly (readonly Syntax[])[])[];
}

/** How a frame is compiled. */
export interface CompileStreamOptions {
  /** Null where only the columns are asked for. */
  readonly outputMode?: OutputMode;
  /** Columns of the sources where they are open; those of the tables as they are now when absent. */
  readonly schemas?: readonly StructType[];
}

/** The streams of a plan, each one once, in the order of their offsets. */
export function streamSourcesOf(plan: Plan): readonly StreamSource[] {
  const { source } = plan;
  const found = source.kind === "stream" ? [source] : inputsOf(source).flatMap(streamSourcesOf);
  return [...new Set(found)];
}

/**
 * Compiles a streaming plan.
 * @throws AlluviumError for names and types as `bindQuery`, for shapes as `compileQuery`
 */
export async function compileStreamFrame(
  context: FrameContext,
  plan: Plan,
  { outputMode, schemas }: CompileStreamOptions = {},
): Promise<CompiledStream> {
  const sources = streamSourcesOf(plan);
  const open = schemas ?? (await Promise.all(sources.map((source) => planSchema(context, { source, steps: [] }))));
  await using connection = await context.engine.sql.connect();
  if (hasMapStep(plan)) return await compileWithJavaScript({ connection, context }, plan, open);
  const aggregates = await context.aggregateNames();
  const compiler: Compiler = {
    context,
    connection,
    sources,
    schemas: open,
    statics: [],
    conditions: sources.map(() => []),
    aggregates,
    outputMode: outputMode ?? null,
  };
  const relation = await compilePlan(compiler, plan);
  return {
    schema: relation.node.schema,
    relation,
    segments: null,
    statics: compiler.statics,
    conditions: compiler.conditions,
  };
}

/**
 * Checks that a streaming frame can run in one output mode at least.
 * @throws AlluviumError as `compileStreamFrame` and `checkOutputMode`
 */
export async function checkStreamFrame(context: FrameContext, plan: Plan): Promise<void> {
  const errors: unknown[] = [];
  for (const outputMode of ["append", "update", "complete"] as const) {
    try {
      const { relation } = await compileStreamFrame(context, plan, { outputMode });
      if (relation !== null) checkOutputMode(relation.node, outputMode);
      return;
    } catch (error) {
      errors.push(error);
    }
  }
  // What no mode can do says more than that one mode cannot.
  throw errors.find((error) => !isOfMode(error)) ?? errors[0];
}

const isOfMode = (error: unknown): boolean =>
  error instanceof AlluviumError && error.code === "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION";

/** Looks the static tables up for a batch. */
export async function refreshStatics(
  context: FrameContext,
  statics: readonly StaticTable[],
  temporaryDirectory: string,
): Promise<void> {
  for (const table of statics)
    table.relation = (await planRelation(context, table.plan, { temporaryDirectory })).relation;
}

async function compileWithJavaScript(
  { connection, context }: Pick<Compiler, "connection" | "context">,
  { source, steps }: Plan,
  schemas: readonly StructType[],
): Promise<CompiledStream> {
  const [schema] = schemas;
  if (source.kind !== "stream" || schema === undefined) {
    const message =
      "mapBatches works on a stream as it is read, with row-by-row steps around it; join and aggregate in another query over its table";
    throw new AlluviumError("_LEGACY_ERROR_TEMP_3102", { operator: "mapBatches" }, message);
  }
  const segments = await compileSteps({ connection, functions: context.functions, schema, steps, isStreaming: true });
  return {
    schema: segments.at(-1)?.schema ?? schema,
    relation: null,
    segments,
    statics: [],
    conditions: [[leadingConditions(steps)]],
  };
}

interface Compiler {
  readonly context: FrameContext;
  readonly connection: SqlConnection;
  readonly sources: readonly StreamSource[];
  readonly schemas: readonly StructType[];
  readonly statics: StaticTable[];
  readonly conditions: readonly (readonly Syntax[])[][];
  readonly aggregates: ReadonlySet<string>;
  readonly outputMode: OutputMode | null;
}

/** @param above conditions of the query around the plan */
async function compilePlan(compiler: Compiler, plan: Plan, above: readonly Syntax[] = []): Promise<StreamRelation> {
  const isBare = plan.steps.every((step) => step.kind === "where");
  const conditions = [...leadingConditions(plan.steps), ...(isBare ? above : [])];
  if (plan.source.kind === "stream") compiler.conditions[compiler.sources.indexOf(plan.source)]?.push(conditions);
  let relation = await compileSource(compiler, plan);
  for (const step of plan.steps) relation = await withStep(compiler, relation, step);
  return relation;
}

async function compileSource(compiler: Compiler, { source }: Plan): Promise<StreamRelation> {
  switch (source.kind) {
    case "stream": {
      const index = compiler.sources.indexOf(source);
      const schema = compiler.schemas[index];
      assert(schema !== undefined, "a stream of a plan is among its sources");
      return { node: { kind: "source", index, schema }, eventTimes: [] };
    }
    case "query":
      return compileQuerySource(compiler, source);
    case "watermark":
      return withWatermark(await compilePlan(compiler, source.input), source);
    case "deduplicate":
      return deduplicated(await compilePlan(compiler, source.input), source);
    case "table":
    case "changes":
    case "relation":
    case "rows":
    case "view":
    case "state":
      throw new AlluviumError("WRITE_STREAM_NOT_ALLOWED", {}, "this frame has no stream in it");
  }
}

async function compileQuerySource(compiler: Compiler, source: QuerySource): Promise<StreamRelation> {
  const { context, connection, aggregates, outputMode } = compiler;
  const bound = await bindQuery(context, source, (plan) => planSchema(context, plan));
  const inputs = new Map<string, StreamInput>();
  for (const { placeholder, plan, schema } of bound.tables) {
    if (isStreamingPlan(plan)) {
      const above = conditionsOn(bound.tree, placeholder);
      inputs.set(placeholder, { kind: "stream", ...(await compilePlan(compiler, plan, above)) });
    } else {
      const table: StaticTable = { plan, relation: "" };
      compiler.statics.push(table);
      inputs.set(placeholder, { kind: "static", schema, relation: () => table.relation });
    }
  }
  const scope: StreamScope = { connection, inputs, aggregates, outputMode };
  return compileQuery(scope, bound.tree);
}

function withWatermark(
  { node, eventTimes }: StreamRelation,
  { column, delayMs }: Extract<Plan["source"], { kind: "watermark" }>,
): StreamRelation {
  const field = fieldOf(node.schema, column);
  const isTime =
    field.type.kind === "primitive" && (field.type.name === "timestamp" || field.type.name === "timestamp_ntz");
  const isWindow = field.type.kind === "struct" && field.type.fields.at(-1)?.name === "end";
  if (!isTime && !isWindow) {
    const message = `withWatermark needs a timestamp; ${field.name} is none: cast it first, for example withColumn("${field.name}", "CAST(${field.name} AS TIMESTAMP)")`;
    throw new AlluviumError("EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE", { column: field.name }, message);
  }
  return {
    node: { kind: "watermark", input: node, column: field.name, delayMs, schema: node.schema },
    eventTimes: [field.name, ...eventTimes],
  };
}

function fieldOf(schema: StructType, name: string): StructType["fields"][number] {
  const field = schema.fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (field !== undefined) return field;
  const { message } = columnNotFound(name, schema.fields);
  throw new AlluviumError("UNRESOLVED_COLUMN", { name }, message);
}

function deduplicated(
  { node, eventTimes }: StreamRelation,
  source: Extract<Plan["source"], { kind: "deduplicate" }>,
): StreamRelation {
  const columns = source.columns.map((name) => fieldOf(node.schema, name).name);
  const { withinWatermark } = source;
  const eventTime = eventTimes[0] ?? null;
  return {
    node: { kind: "deduplicate", input: node, columns, withinWatermark, eventTime, schema: node.schema },
    eventTimes,
  };
}

async function withStep(
  compiler: Compiler,
  { node, eventTimes }: StreamRelation,
  step: PlanStep,
): Promise<StreamRelation> {
  const { connection, context } = compiler;
  const { schema } = node;
  if (step.kind === "limit") return { node: { kind: "limit", input: node, count: step.count, schema }, eventTimes };
  const [segment] = await compileSteps({
    connection,
    functions: context.functions,
    schema,
    steps: [step],
    isStreaming: true,
  });
  assert(segment?.kind === "sql", "a step of SQL is a segment of SQL");
  return {
    node: { kind: "rows", input: node, sql: segment.sql, schema: segment.schema },
    eventTimes: keptTimes(
      step,
      eventTimes,
      schema.fields.map(({ name }) => name),
    ),
  };
}
