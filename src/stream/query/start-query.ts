// stream/query/start-query.ts: checks everything that can be checked, takes the checkpoint, and sets a query going.
import { localPath } from "../../engine/files/local-path.ts";
import type { Engine } from "../../engine/base/engine.ts";
import { temporaryDirectory } from "../../engine/files/temporary-directory.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { BatchPlan } from "../operator/batch-plan.ts";
import { openCheckpointLocation } from "../checkpoint/checkpoint-location.ts";
import { openCommitLog } from "../checkpoint/commit-log.ts";
import type { Batch, Position, QueryParts } from "./micro-batch.ts";
import { openOffsetLog } from "../checkpoint/offset-log.ts";
import type { OutputMode } from "../plan/output-mode.ts";
import { parseQueryConf } from "../checkpoint/query-conf.ts";
import type { QueryConf } from "../checkpoint/query-conf.ts";
import type { StreamingQueryManager } from "./query-manager.ts";
import { QueryRun } from "./query-run.ts";
import { readLogTails, recover } from "../checkpoint/recover.ts";
import { Releases } from "../../engine/base/releases.ts";
import { checkSinkIsNotAhead } from "../sink/sink-receipt.ts";
import type { Sink } from "../sink/sink.ts";
import type { Source } from "../plan/source.ts";
import { stateOwner } from "../state/state-metadata.ts";
import { StreamingQuery } from "./streaming-query.ts";
import type { Trigger } from "../plan/trigger.ts";

/** Everything a query needs to start. */
export interface StartQueryOptions {
  readonly engine: Engine;
  readonly manager: StreamingQueryManager;
  /** Unique among the running queries of a session. */
  readonly name: string | null;
  /** Path of the folder that keeps the query's life. */
  readonly checkpointLocation: string | null;
  readonly trigger: Trigger;
  readonly outputMode: OutputMode;
  /** Opens the sources, in plan order; the query closes them. It is given the absolute path of the checkpoint. */
  readonly sources: (checkpointDirectory: string) => Promise<readonly Source[]>;
  readonly plan: (sources: readonly Source[]) => BatchPlan | Promise<BatchPlan>;
  readonly sink: Sink;
  /** Session settings by Spark's names; see `query-conf.ts`. */
  readonly conf?: ReadonlyMap<string, string>;
}

/**
 * Starts a query. Nothing is written before every check has passed.
 * @throws AlluviumError `STREAMING_CHECKPOINT_LOCATION_MISSING`, `STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION`, `DELTA_UNSUPPORTED_OUTPUT_MODE`,
 * `DUPLICATE_QUERY_NAME`, `CONCURRENT_QUERY`, errors of the sources, the plan and the sink, and errors about what the checkpoint holds
 */
export async function startQuery(options: StartQueryOptions): Promise<StreamingQuery> {
  const { manager, name, outputMode, sink } = options;
  const conf = parseQueryConf(options.conf ?? new Map());
  const directory = checkpointDirectory(options.checkpointLocation);
  sink.checkOutputMode(outputMode);
  if (name !== null) manager.claimName(name);
  await using undo = new Releases();
  if (name !== null) undo.defer(() => manager.releaseName(name));
  const sources = await options.sources(directory);
  for (const source of sources) undo.use(source);
  const plan = await options.plan(sources);
  if (plan.stateful !== undefined) undo.use(plan.stateful);
  if (outputMode === "complete" && plan.stateful?.hasState !== true) throw completeWithoutAggregation();
  await sink.checkSchema(plan.outputSchema, outputMode);
  await stopActiveRun(manager, directory, conf);
  const query = await begin({ options, conf, directory, sources, plan, undo });
  undo.handOver(); // from here on the run owns it all
  return query;
}

interface Beginning {
  readonly options: StartQueryOptions;
  readonly conf: QueryConf;
  readonly directory: string;
  readonly sources: readonly Source[];
  readonly plan: BatchPlan;
  readonly undo: Releases;
}

async function begin({ options, conf, directory, sources, plan, undo }: Beginning): Promise<StreamingQuery> {
  const { engine, manager, name, outputMode, sink, trigger } = options;
  const location = undo.use(await openCheckpointLocation(engine, directory));
  const { queryId } = location;
  refuseSecondQuery(manager, queryId, directory);
  const offsetLog = await openOffsetLog(engine.files, directory);
  const commitLog = await openCommitLog(engine.files, directory);
  const recovery = recover(await readLogTails(directory, offsetLog, commitLog), sources.length);
  checkSinkIsNotAhead({
    recovery,
    receipt: await sink.lastReceipt(queryId),
    sources,
    checkpointLocation: directory,
    sink: sink.description,
  });
  await openState({ engine, directory, plan }, recovery.batchId);
  const scratch = undo.use(await temporaryDirectory());
  const runId = engine.random.uuid();
  const parts: QueryParts = {
    engine,
    queryId,
    runId,
    name,
    sources,
    plan,
    sink,
    outputMode,
    conf,
    offsetLog,
    commitLog,
    temporaryDirectory: scratch.path,
  };
  const from: Batch | Position =
    recovery.kind === "pending"
      ? {
          id: recovery.batchId,
          starts: recovery.starts,
          entry: recovery.entry,
          lateWatermarkMs: recovery.lateWatermarkMs,
          isReplay: true,
        }
      : recovery;
  const timestamp = new Date(engine.clock.nowMs()).toISOString();
  const run = new QueryRun(parts, {
    trigger,
    from,
    onProgress: (progress) => manager.bus.tell((listener) => listener.onQueryProgress?.({ progress })),
    onIdle: (at) => manager.bus.tell((listener) => listener.onQueryIdle?.({ id: queryId, runId, timestamp: at })),
    onEnded: (error) => announceEnd(manager, query, error),
    release: async () => {
      await Promise.allSettled([scratch[Symbol.asyncDispose](), location[Symbol.asyncDispose]()]);
    },
  });
  const query = new StreamingQuery(run);
  manager.begin(query, directory);
  manager.bus.tell((listener) => listener.onQueryStarted?.({ id: queryId, runId, name, timestamp, jobTags: [] }));
  return query;
}

function announceEnd(manager: StreamingQueryManager, query: StreamingQuery, error: AlluviumError | null): void {
  manager.end(query, error);
  const { id, runId } = query;
  const cause = error?.cause;
  const errorClassOnException = cause instanceof AlluviumError ? cause.code : null;
  manager.bus.tell((listener) =>
    listener.onQueryTerminated?.({ id, runId, exception: error?.message ?? null, errorClassOnException }),
  );
}

function checkpointDirectory(checkpointLocation: string | null): string {
  if (checkpointLocation !== null && checkpointLocation.trim() !== "") return localPath(checkpointLocation);
  const message = `a streaming query needs a folder that remembers how far it has come: set option("checkpointLocation", "…"), one folder for each query`;
  throw new AlluviumError("STREAMING_CHECKPOINT_LOCATION_MISSING", {}, message);
}

function completeWithoutAggregation(): AlluviumError {
  const message =
    "output mode complete is not supported by a query without an aggregation: its whole result would be every row ever read; use append";
  return new AlluviumError("STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION", { outputMode: "complete" }, message);
}

async function stopActiveRun(manager: StreamingQueryManager, directory: string, conf: QueryConf): Promise<void> {
  const active = manager.runningFrom(directory);
  if (active === null) return;
  if (conf.stopsActiveRun) return active.stop();
  throw alreadyActive(active.id, directory);
}

/** A copied checkpoint has the same query id: two runs of one id would skip each other's batches in the sink. */
function refuseSecondQuery(manager: StreamingQueryManager, queryId: string, directory: string): void {
  if (manager.get(queryId) !== null) throw alreadyActive(queryId, directory);
}

function alreadyActive(queryId: string, directory: string): AlluviumError {
  const message = `cannot start query with id ${queryId} from checkpoint ${directory}: a query with that id is already active in this session; stop it first`;
  return new AlluviumError("CONCURRENT_QUERY", { queryId, checkpointLocation: directory }, message);
}

/** Going on without the state of an aggregation, a join or a deduplication would give wrong rows silently. */
async function openState(
  { engine, directory, plan }: Pick<Beginning, "directory" | "plan"> & { readonly engine: Engine },
  batchId: number,
): Promise<void> {
  const { stateful } = plan;
  if (stateful?.hasState !== true) await refuseState(engine, directory);
  await stateful?.open({ engine, checkpointDirectory: directory, batchId });
}

async function refuseState(engine: Engine, directory: string): Promise<void> {
  const owner = await stateOwner(engine.files, directory);
  if (owner === "none") return;
  const message = `checkpoint ${directory} holds operator state (state/), but the query has no stateful operator: it belongs to another query; start this one from a new checkpointLocation`;
  const code =
    owner === "ours" ? "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA" : "STREAMING_CHECKPOINT_MISMATCH";
  throw new AlluviumError(code, { checkpointLocation: directory }, message);
}
