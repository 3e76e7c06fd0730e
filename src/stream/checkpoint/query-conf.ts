// stream/checkpoint/query-conf.ts: the session settings a query obeys, by Spark's names. docs/STREAMING.md, "Defaults".
import { AlluviumError } from "../../format/text/error.ts";

/** Settings of one query, read when it starts. */
export interface QueryConf {
  /** Entries kept behind the latest of each log. */
  readonly minBatchesToRetain: number;
  /** Length of `recentProgress`. */
  readonly recentProgressMax: number;
  /** An idle query reports at most this often. */
  readonly idleProgressIntervalMs: number;
  /** First pause of an idle query before it looks again. */
  readonly pollingDelayMs: number;
  /** A second start from one checkpoint in one session stops the first run, rather than being refused. */
  readonly stopsActiveRun: boolean;
  /** A batch without data follows one that moved the watermark. */
  readonly runsNoDataBatches: boolean;
  /** What a new checkpoint pins: the offset log's `conf`. */
  readonly pinned: ReadonlyMap<string, string>;
}

/**
 * Reads the settings; those that are absent have Spark's defaults.
 * @throws AlluviumError `INVALID_ARGUMENT` naming a setting whose value cannot be read
 */
export function parseQueryConf(conf: ReadonlyMap<string, string>): QueryConf {
  return {
    minBatchesToRetain: readCount(conf, "spark.sql.streaming.minBatchesToRetain", 100),
    recentProgressMax: Math.max(1, readCount(conf, "spark.sql.streaming.numRecentProgressUpdates", 100) - 1),
    idleProgressIntervalMs: readDurationMs(conf, "spark.sql.streaming.noDataProgressEventInterval", 10_000),
    pollingDelayMs: Math.max(1, readDurationMs(conf, "spark.sql.streaming.pollingDelay", 10)),
    stopsActiveRun: readBoolean(conf, "spark.sql.streaming.stopActiveRunOnRestart", true),
    runsNoDataBatches: readBoolean(conf, "spark.sql.streaming.noDataMicroBatches.enabled", true),
    pinned: new Map([...pinnedDefaults].map(([name, value]) => [name, conf.get(name) ?? value])),
  };
}

/**
 * Settings that Spark pins in a checkpoint, with the values it gives them by default: a Spark that takes the checkpoint over
 * reads them back, and cannot run a pending batch again without `spark.sql.shuffle.partitions`.
 */
const pinnedDefaults: readonly (readonly [string, string])[] = [
  [
    "spark.sql.streaming.stateStore.providerClass",
    "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider",
  ],
  ["spark.sql.streaming.stateStore.rocksdb.formatVersion", "5"],
  ["spark.sql.streaming.stateStore.encodingFormat", "unsaferow"],
  ["spark.sql.streaming.statefulOperator.useStrictDistribution", "true"],
  ["spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion", "2"],
  ["spark.sql.streaming.multipleWatermarkPolicy", "min"],
  ["spark.sql.streaming.aggregation.stateFormatVersion", "2"],
  ["spark.sql.shuffle.partitions", "200"],
  ["spark.sql.streaming.join.stateFormatVersion", "2"],
  ["spark.sql.streaming.stateStore.compression.codec", "lz4"],
  ["spark.sql.optimizer.pruneFiltersCanPruneStreamingSubplan", "false"],
];

function readCount(conf: ReadonlyMap<string, string>, name: string, fallback: number): number {
  const text = conf.get(name);
  if (text === undefined) return fallback;
  const count = Number(text);
  if (/^\d+$/u.test(text.trim()) && Number.isSafeInteger(count) && count > 0) return count;
  throw unreadable(name, text, "a whole number above 0");
}

function readBoolean(conf: ReadonlyMap<string, string>, name: string, fallback: boolean): boolean {
  const text = conf.get(name)?.trim().toLowerCase();
  if (text === undefined) return fallback;
  if (text === "true" || text === "false") return text === "true";
  throw unreadable(name, text, "true or false");
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

function readDurationMs(conf: ReadonlyMap<string, string>, name: string, fallback: number): number {
  const text = conf.get(name);
  if (text === undefined) return fallback;
  const match = /^(\d+)\s*([a-z]*)$/u.exec(text.trim().toLowerCase());
  const factor = unitMs.get(match?.[2] ?? "");
  if (match === null || factor === undefined) throw unreadable(name, text, "a duration such as 10s or 500ms");
  return Number(match[1]) * factor;
}

function unreadable(name: string, value: string, wanted: string): AlluviumError {
  return new AlluviumError(
    "INVALID_ARGUMENT",
    { setting: name, value },
    `setting ${name} must be ${wanted}, not ${JSON.stringify(value)}`,
  );
}
