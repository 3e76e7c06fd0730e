// session/run/start-stream.ts: from what a stream writer was told to a running query.
import { join } from "node:path";
import { localPath } from "../../engine/files/local-path.ts";
import { schemaOfRows } from "../../format/protocol/column-mapping.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { tableExists } from "../../log/snapshot/load-snapshot.ts";
import { emptyRelation } from "../../stream/source/empty-relation.ts";
import { deltaSink } from "../../stream/sink/delta-sink.ts";
import { openDeltaSource } from "../../stream/source/open-delta-source.ts";
import { forEachBatchSink } from "../../stream/sink/for-each-batch-sink.ts";
import { nullableSchema } from "../../stream/operator/nullable-schema.ts";
import type { Sink, SinkContext } from "../../stream/sink/sink.ts";
import type { Source } from "../../stream/plan/source.ts";
import { parseSourceOptions } from "../../stream/source/source-options.ts";
import { startQuery } from "../../stream/query/start-query.ts";
import type { StreamingQuery } from "../../stream/query/streaming-query.ts";
import { type WriterOptions, parseWriterOptions } from "../../stream/sink/writer-options.ts";
import { createTable } from "../../table/input/create-table.ts";
import type { Rows } from "../../writer/rows.ts";
import { streamSourcesOf } from "./compile-stream.ts";
import type { DataFrame } from "../frame/data-frame.ts";
import type { StreamWriterState } from "../frame/data-stream-writer.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import type { Plan } from "../plan/plan.ts";
import { checkDistinctLogs, trackingOf } from "../names/schema-tracking.ts";
import { openNamed } from "../names/table-names.ts";
import { planStream } from "./stream-plan.ts";

/** Where a stream is written; `createFirst` makes a missing table before the first batch, as Spark's `toTable` does. */
export interface StreamTarget {
  readonly path: string;
  readonly createFirst: boolean;
}

/** All that a stream writer was told. */
export interface StreamStart extends StreamWriterState {
  readonly target: StreamTarget | undefined;
}

/**
 * Checks everything, then starts the query.
 * @throws AlluviumError as `startQuery`, `openDeltaSource` and `compileStream`; nothing is written when it throws
 */
export async function startStream(context: FrameContext, plan: Plan, start: StreamStart): Promise<StreamingQuery> {
  const options = parseWriterOptions(start.options);
  const name = start.queryName ?? options.queryName;
  const target =
    start.target ?? (options.path === null ? undefined : { path: localPath(options.path), createFirst: false });
  const sink = sinkOf(context, start, { target, options });
  return startQuery({
    engine: context.engine,
    manager: context.queries,
    name,
    checkpointLocation: options.checkpointLocation ?? defaultCheckpoint(context, name),
    trigger: start.trigger,
    outputMode: start.outputMode,
    sources: (checkpointDirectory) => openSources(context, plan, checkpointDirectory),
    plan: async (sources) => {
      const schemas = sources.map((source) => schemaOfRows(source.schema));
      const compiled = await planStream(context, plan, { outputMode: start.outputMode, schemas });
      if (target?.createFirst === true) {
        // Before there is a table: a start that is refused leaves none behind.
        await sink.checkSchema(compiled.outputSchema, start.outputMode);
        await createTarget(context, target.path, { schema: compiled.outputSchema, start });
      }
      return compiled;
    },
    sink,
    conf: context.conf,
  });
}

/** Every start analyses the tables anew, so that a restart goes on after a change of schema. */
async function openSources(context: FrameContext, plan: Plan, checkpointDirectory: string): Promise<readonly Source[]> {
  const { engine, conf } = context;
  const places = streamSourcesOf(plan).map(({ tablePath, options }, index) => {
    return { options: parseSourceOptions(options), tablePath, index, checkpointDirectory, conf };
  });
  checkDistinctLogs(places);
  const opened: Source[] = [];
  try {
    for (const place of places) {
      const { tablePath, options } = place;
      const tracking = trackingOf(place);
      const open = (): Promise<Source> =>
        openDeltaSource(engine, { tablePath, options, ...(tracking && { tracking }) });
      opened.push(await openNamed(context, tablePath, open));
    }
    return opened;
  } catch (error) {
    for (const source of opened) await source[Symbol.asyncDispose]();
    throw error;
  }
}

interface SinkParts {
  readonly target: StreamTarget | undefined;
  readonly options: WriterOptions;
}

function sinkOf(context: FrameContext, start: StreamStart, { target, options }: SinkParts): Sink {
  const { foreachBatch, partitionBy } = start;
  if (foreachBatch !== undefined) {
    if (target === undefined) return forEachBatchSink(foreachBatch, (rows, batch) => batchFrame(context, rows, batch));
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      {},
      "foreachBatch is the target itself: start it with start(), without a table",
    );
  }
  if (target === undefined) {
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      {},
      "a stream needs a target: toTable(name), start(path), or foreachBatch(…).start()",
    );
  }
  const { mergeSchema, overwriteSchema, userMetadata, keyColumns } = options;
  return deltaSink(context.engine, {
    tablePath: target.path,
    partitionBy: partitionBy ?? null,
    mergeSchema,
    overwriteSchema,
    userMetadata,
    keyColumns,
  });
}

/** The rows of a batch as a frame that can be read as often as its function likes. */
function batchFrame(context: FrameContext, rows: Rows | null, batch: SinkContext): DataFrame {
  const schema = rows?.schema ?? batch.outputSchema;
  assert(rows?.kind !== "arrow", "the rows of a foreachBatch can be read more than once");
  const sql = rows === null ? emptyRelation(schema) : rows.kind === "relation" ? rows.sql : rows.relation;
  return context.frame({ source: { kind: "relation", sql, schema, nowMs: batch.batchTimestampMs }, steps: [] });
}

/** Comes after every check of the query itself, so that a mistake leaves no empty table behind. */
async function createTarget(
  context: FrameContext,
  path: string,
  { schema, start }: { readonly schema: StructType; readonly start: StreamStart },
): Promise<void> {
  if (await tableExists(context.engine, path)) return;
  const options = { schema: nullableSchema(schema), partitionBy: start.partitionBy };
  try {
    await createTable(context.engine, path, options);
  } catch (cause) {
    // Somebody else made it at this very moment, such as the same query in another process; the sink looks at it next.
    if (!(cause instanceof AlluviumError) || cause.code !== "DELTA_TABLE_ALREADY_EXISTS") throw cause;
  }
}

function defaultCheckpoint(context: FrameContext, name: string | null): string | null {
  const root = context.conf.get("spark.sql.streaming.checkpointLocation");
  if (root === undefined) return null;
  return join(localPath(root), name ?? context.engine.random.uuid());
}
