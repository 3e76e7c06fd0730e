// bench/operations.ts: every operation by name, each in a process of its own so that its peak of memory is its own.
import type { Operation } from "./arguments.ts";
import { append, appendConcurrent, appendWorker } from "./operations/append.ts";
import { deleteRows, write } from "./operations/change.ts";
import { latencyReport, streamLatency, writePaced } from "./operations/latency.ts";
import { byteCopy, duckdbCopy, syncedFiles } from "./operations/limits.ts";
import { scan, scanFilter, scanProject, scanSql } from "./operations/scan.ts";
import { checkpoint, list, open, prunePartition, pruneStats, refresh } from "./operations/snapshot.ts";
import { liveLatency, streamComplete, streamDedupe, streamUpsert, streamWindow } from "./operations/stateful.ts";
import { streamState } from "./operations/state-growth.ts";
import { firstCommit, streamAppend, streamFilter } from "./operations/stream.ts";

/** What `run.js OP key=value …` can do. */
export const operations: Readonly<Record<string, Operation>> = {
  append,
  append_concurrent: appendConcurrent,
  append_worker: appendWorker,
  open,
  list,
  prune_partition: prunePartition,
  prune_stats: pruneStats,
  refresh,
  checkpoint,
  scan,
  scan_filter: scanFilter,
  scan_project: scanProject,
  scan_sql: scanSql,
  write,
  delete: deleteRows,
  stream_append: streamAppend,
  stream_filter: streamFilter,
  stream_complete: streamComplete,
  stream_upsert: streamUpsert,
  stream_window: streamWindow,
  stream_dedupe: streamDedupe,
  stream_state: streamState,
  live_latency: liveLatency,
  stream_latency: streamLatency,
  first_commit: firstCommit,
  write_paced: writePaced,
  latency_report: latencyReport,
  limit_copy: duckdbCopy,
  limit_byte_copy: byteCopy,
  limit_append: syncedFiles,
};

/** Operations that other engines are compared by and that are not measured here, with the reason. */
export const unsupportedOperations: Readonly<Record<string, string>> = {
  merge: "MERGE is not measured yet",
  compact: "tables have no OPTIMIZE yet",
  vacuum: "tables have no VACUUM yet",
  stream_merge: "MERGE is not measured yet",
};
