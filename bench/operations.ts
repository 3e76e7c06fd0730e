// bench/operations.ts: every operation by name, each in a process of its own so that its peak of memory is its own: what another
// needs is not loaded.
import type { Operation } from "./arguments.ts";

const later =
  <Module>(load: () => Promise<Module>) =>
  (pick: (module: Module) => Operation): Operation =>
  async (words) =>
    pick(await load())(words);

const append = later(() => import("./operations/append.ts"));
const change = later(() => import("./operations/change.ts"));
const latency = later(() => import("./operations/latency.ts"));
const limits = later(() => import("./operations/limits.ts"));
const open = later(() => import("./operations/open.ts"));
const scan = later(() => import("./operations/scan.ts"));
const snapshot = later(() => import("./operations/snapshot.ts"));
const startUp = later(() => import("./operations/start-up.ts"));
const stateful = later(() => import("./operations/stateful.ts"));
const stateGrowth = later(() => import("./operations/state-growth.ts"));
const stream = later(() => import("./operations/stream.ts"));

/** What `run.js OP key=value …` can do. */
export const operations: Readonly<Record<string, Operation>> = {
  append: append((of) => of.append),
  append_concurrent: append((of) => of.appendConcurrent),
  append_worker: append((of) => of.appendWorker),
  open: open((of) => of.open),
  list: snapshot((of) => of.list),
  prune_partition: snapshot((of) => of.prunePartition),
  prune_stats: snapshot((of) => of.pruneStats),
  refresh: snapshot((of) => of.refresh),
  checkpoint: snapshot((of) => of.checkpoint),
  scan: scan((of) => of.scan),
  scan_filter: scan((of) => of.scanFilter),
  scan_project: scan((of) => of.scanProject),
  scan_sql: scan((of) => of.scanSql),
  write: change((of) => of.write),
  delete: change((of) => of.deleteRows),
  stream_append: stream((of) => of.streamAppend),
  stream_filter: stream((of) => of.streamFilter),
  stream_complete: stateful((of) => of.streamComplete),
  stream_upsert: stateful((of) => of.streamUpsert),
  stream_window: stateful((of) => of.streamWindow),
  stream_dedupe: stateful((of) => of.streamDedupe),
  stream_state: stateGrowth((of) => of.streamState),
  live_latency: stateful((of) => of.liveLatency),
  stream_latency: latency((of) => of.streamLatency),
  first_commit: startUp((of) => of.firstCommit),
  write_paced: latency((of) => of.writePaced),
  latency_report: latency((of) => of.latencyReport),
  limit_copy: limits((of) => of.duckdbCopy),
  limit_byte_copy: limits((of) => of.byteCopy),
  limit_append: limits((of) => of.syncedFiles),
};

/** Operations that other engines are compared by and that are not measured here, with the reason. */
export const unsupportedOperations: Readonly<Record<string, string>> = {
  merge: "MERGE is not measured yet",
  compact: "tables have no OPTIMIZE yet",
  vacuum: "tables have no VACUUM yet",
  stream_merge: "MERGE is not measured yet",
};
