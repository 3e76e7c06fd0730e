// stream/checkpoint/recover.ts: where a query goes on, given what its logs hold. Pure. docs/STREAMING.md, "Restart algorithm".
import { AlluviumError } from "../../format/text/error.ts";
import type { CommitEntry } from "./commit-log.ts";
import type { MetadataLog } from "./metadata-log.ts";
import type { OffsetEntry } from "./offset-log.ts";
import type { OffsetJson } from "../plan/source.ts";

/** What the newest files of both logs say. */
export interface LogTails {
  readonly checkpointLocation: string;
  readonly latestOffsets: { readonly id: number; readonly entry: OffsetEntry } | null;
  /** The entry before the latest, null when it is not there. */
  readonly previousOffsets: OffsetEntry | null;
  readonly latestCommit: { readonly id: number; readonly entry: CommitEntry } | null;
}

/** Where to go on. `starts` has one offset per source, null for a source that starts at its own beginning. */
export type Recovery =
  | {
      readonly kind: "next";
      readonly batchId: number;
      readonly starts: readonly (OffsetJson | null)[];
      readonly watermarkMs: number;
      /** Watermark of the batch before. */
      readonly lateWatermarkMs: number;
      readonly conf: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: "pending";
      readonly batchId: number;
      readonly starts: readonly (OffsetJson | null)[];
      readonly entry: OffsetEntry;
      /** Watermark of the batch before. */
      readonly lateWatermarkMs: number;
    };

/** Reads the few entries that decide. */
export async function readLogTails(
  checkpointLocation: string,
  offsets: MetadataLog<OffsetEntry>,
  commits: MetadataLog<CommitEntry>,
): Promise<LogTails> {
  const offsetId = offsets.latestId;
  const commitId = commits.latestId;
  const latestOffsets = offsetId === null ? null : await offsets.read(offsetId);
  const latestCommit = commitId === null ? null : await commits.read(commitId);
  return {
    checkpointLocation,
    latestOffsets: offsetId === null || latestOffsets === null ? null : { id: offsetId, entry: latestOffsets },
    previousOffsets: offsetId === null || offsetId === 0 ? null : await offsets.read(offsetId - 1),
    latestCommit: commitId === null || latestCommit === null ? null : { id: commitId, entry: latestCommit },
  };
}

/**
 * Decides between a new batch and the one that was promised and not ticked off. Only the newest ids matter; holes among older
 * commits are harmless.
 * @throws AlluviumError `STREAMING_CHECKPOINT_CORRUPT` when the predecessor of the latest promise is missing,
 * `STREAMING_CHECKPOINT_MISMATCH` when the number of sources differs, `CONCURRENT_STREAM_LOG_UPDATE` when a commit has no promise
 */
export function recover(tails: LogTails, sourceCount: number): Recovery {
  const { latestOffsets, previousOffsets, latestCommit, checkpointLocation } = tails;
  const commitId = latestCommit?.id ?? -1;
  if (commitId > (latestOffsets?.id ?? -1)) throw commitWithoutOffsets(checkpointLocation, commitId);
  if (latestOffsets === null) {
    return {
      kind: "next",
      batchId: 0,
      starts: Array.from({ length: sourceCount }, () => null),
      watermarkMs: 0,
      lateWatermarkMs: 0,
      conf: new Map(),
    };
  }
  const { id, entry } = latestOffsets;
  if (id > 0 && previousOffsets === null) {
    const message = `batch ${id - 1} doesn't exist: ${checkpointLocation}/offsets/${id - 1} is missing, without which the start of batch ${id} is not known; restore the file, or start from an empty checkpoint`;
    throw new AlluviumError("STREAMING_CHECKPOINT_CORRUPT", { checkpointLocation, batchId: id - 1 }, message);
  }
  checkSourceCount(entry, sourceCount, checkpointLocation);
  if (latestCommit !== null && latestCommit.id === id) {
    return {
      kind: "next",
      batchId: id + 1,
      starts: entry.offsets,
      watermarkMs: latestCommit.entry.nextBatchWatermarkMs,
      lateWatermarkMs: entry.batchWatermarkMs,
      conf: entry.conf,
    };
  }
  const starts = previousOffsets?.offsets ?? entry.offsets.map(() => null);
  if (previousOffsets !== null) checkSourceCount(previousOffsets, sourceCount, checkpointLocation);
  return { kind: "pending", batchId: id, starts, entry, lateWatermarkMs: previousOffsets?.batchWatermarkMs ?? 0 };
}

function checkSourceCount(entry: OffsetEntry, sourceCount: number, checkpointLocation: string): void {
  const found = entry.offsets.length;
  if (found === sourceCount) return;
  const message = `there are [${found}] sources in the checkpoint offsets of ${checkpointLocation} and now there are [${sourceCount}] sources requested by the query: a checkpoint goes with the query that wrote it; start the changed query from a new checkpointLocation`;
  throw new AlluviumError(
    "STREAMING_CHECKPOINT_MISMATCH",
    { checkpointLocation, sourcesInCheckpoint: found, sourcesInQuery: sourceCount },
    message,
  );
}

function commitWithoutOffsets(checkpointLocation: string, id: number): AlluviumError {
  const message = `${checkpointLocation}/commits/${id} is there, but offsets/${id} is not: another process runs a query from this checkpoint, or files of its logs were removed by hand; restore offsets/${id}, or start from an empty checkpoint`;
  return new AlluviumError("CONCURRENT_STREAM_LOG_UPDATE", { checkpointLocation, batchId: id }, message);
}
