// stream/checkpoint/query-conf.ts: the session settings a query obeys, by Spark's names. docs/STREAMING.md, "Defaults".
import { booleanSetting, countSetting, readSetting, type SettingKind } from "../../format/text/read-setting.ts";

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
  const setting = <T>(name: string, kind: SettingKind<T>, fallback: T): T =>
    readSetting(conf, `spark.sql.streaming.${name}`, kind) ?? fallback;
  return {
    minBatchesToRetain: setting("minBatchesToRetain", countSetting, 100),
    recentProgressMax: Math.max(1, setting("numRecentProgressUpdates", countSetting, 100) - 1),
    idleProgressIntervalMs: setting("noDataProgressEventInterval", durationSetting, 10_000),
    pollingDelayMs: Math.max(1, setting("pollingDelay", durationSetting, 10)),
    stopsActiveRun: setting("stopActiveRunOnRestart", booleanSetting, true),
    runsNoDataBatches: setting("noDataMicroBatches.enabled", booleanSetting, true),
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

const unitMs: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

const durationSetting: SettingKind<number> = {
  wanted: "a duration such as 10s or 500ms",
  read: (text) => {
    const match = /^(\d+)\s*([a-z]*)$/.exec(text);
    const factor = unitMs.get(match?.[2] ?? "");
    return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
  },
};
