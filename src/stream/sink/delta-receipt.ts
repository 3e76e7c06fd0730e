// stream/sink/delta-receipt.ts: what a Delta table remembers of a query that writes to it: the `txn` action of its last batch, and in
// that commit's `commitInfo` the offsets the batch had read up to.
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { JsonObject, JsonValue } from "../../format/text/json.ts";
import { version } from "../../format/text/ids.ts";
import { readCommit } from "../../log/listing/read-commit.ts";
import { knownTransaction } from "../../log/snapshot/log-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { SinkContext, SinkReceipt } from "./sink.ts";
import type { OffsetJson } from "../plan/source.ts";

/** Fields for the commitInfo of a batch; other engines pass over them. */
export function offsetsInCommitInfo(endOffsets: readonly (OffsetJson | null)[]): JsonObject {
  return { [sourceOffsetsKey]: endOffsets };
}

const sourceOffsetsKey = "alluvium.sourceOffsets";

/** The newest batch of the query in the table, null when there is none. */
export async function readReceipt(engine: Engine, snapshot: Snapshot, queryId: string): Promise<SinkReceipt | null> {
  const last = knownTransaction(snapshot, queryId);
  if (last === undefined) return null;
  const batchId = Number(last.version);
  const oldest = Math.max(0, snapshot.version - commitsToSearch + 1);
  for (let at: number = snapshot.version; at >= oldest; at -= 1) {
    const commit = await readCommit(engine, snapshot.tablePath, version(at));
    if (commit === null) break; // cleaned away: only checkpoints remember further back
    if (!commit.actions.some((action) => action.kind === "txn" && action.appId === queryId)) continue;
    const info = commit.actions.find((action) => action.kind === "commitInfo");
    return { batchId, endOffsets: info === undefined ? null : parseOffsets(info.unknown?.[sourceOffsetsKey]) };
  }
  return { batchId, endOffsets: null };
}

/** A batch that is about to be written. */
export interface AskedBatch {
  readonly batchId: number;
  /** The query, when the batch was promised, and whether by an earlier run. */
  readonly context: Pick<SinkContext, "queryId" | "batchTimestampMs" | "isReplay">;
}

/**
 * The id of the newest batch of the query in the table, null when there is none. Where transactions expire, checkpoints forget them: the
 * commits since the promise of a batch that is run again tell whether it was written.
 * @throws AlluviumError `STREAMING_BATCH_OUTCOME_UNKNOWN` where these are gone too
 */
export async function lastBatchId(engine: Engine, snapshot: Snapshot, asked: AskedBatch): Promise<bigint | null> {
  const { queryId, batchTimestampMs, isReplay } = asked.context;
  const last = knownTransaction(snapshot, queryId);
  if (last !== undefined) return last.version;
  if (!isReplay || snapshot.properties.setTransactionRetentionMs === null) return null;
  let oldestMs = Number.POSITIVE_INFINITY;
  for (let at: number = snapshot.version; at >= 0; at -= 1) {
    const commit = await readCommit(engine, snapshot.tablePath, version(at));
    // A commit that is older than the promise cannot hold the batch, nor can those before it.
    if (commit === null && oldestMs > batchTimestampMs) throw outcomeUnknown(snapshot, asked);
    if (commit === null) return null;
    const found = commit.actions.find((action) => action.kind === "txn" && action.appId === queryId);
    if (found?.kind === "txn") return found.version;
    oldestMs = commit.fileTimestampMs;
  }
  return null;
}

function outcomeUnknown({ tablePath }: Snapshot, { batchId, context: { queryId } }: AskedBatch): AlluviumError {
  const message = `batch ${batchId} of query ${queryId} was promised by an earlier run, and ${tablePath} cannot tell any more whether it was written: its delta.setTransactionRetentionDuration has let transactions expire, and the commits of that time were cleaned away. Nothing was written, lest the rows come twice; see whether the table has the rows, and start from a new checkpointLocation with startingVersion after them`;
  return new AlluviumError("STREAMING_BATCH_OUTCOME_UNKNOWN", { table: tablePath, queryId, batchId }, message);
}

// The commit is needed only to settle a batch that was cut off between sink and commit log, and is then among the newest.
const commitsToSearch = 1000;

function parseOffsets(value: JsonValue | undefined): readonly (OffsetJson | null)[] | null {
  if (!Array.isArray(value)) return null;
  const offsets = (value as readonly JsonValue[]).map((offset) =>
    offset === null || isJsonObject(offset) ? offset : undefined,
  );
  return offsets.includes(undefined) ? null : (offsets as readonly (OffsetJson | null)[]);
}
