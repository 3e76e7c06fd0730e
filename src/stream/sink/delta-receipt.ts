// stream/sink/delta-receipt.ts: what a Delta table remembers of a query that writes to it: the `txn` action of its last batch, and in
// that commit's `commitInfo` the offsets the batch had read up to.
import type { Engine } from "../../engine/base/engine.ts";
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { JsonObject, JsonValue } from "../../format/text/json.ts";
import { version } from "../../format/text/ids.ts";
import { readCommit } from "../../log/listing/read-commit.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { SinkReceipt } from "./sink.ts";
import type { OffsetJson } from "../plan/source.ts";

/** Fields for the commitInfo of a batch; other engines pass over them. */
export function offsetsInCommitInfo(endOffsets: readonly (OffsetJson | null)[]): JsonObject {
  return { [sourceOffsetsKey]: endOffsets };
}

const sourceOffsetsKey = "alluvium.sourceOffsets";

/** The newest batch of the query in the table, null when there is none. */
export async function readReceipt(engine: Engine, snapshot: Snapshot, queryId: string): Promise<SinkReceipt | null> {
  const last = snapshot.transactions.get(queryId);
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

// The commit is needed only to settle a batch that was cut off between sink and commit log, and is then among the newest.
const commitsToSearch = 1000;

function parseOffsets(value: JsonValue | undefined): readonly (OffsetJson | null)[] | null {
  if (!Array.isArray(value)) return null;
  const offsets = (value as readonly JsonValue[]).map((offset) =>
    offset === null || isJsonObject(offset) ? offset : undefined,
  );
  return offsets.includes(undefined) ? null : (offsets as readonly (OffsetJson | null)[]);
}
