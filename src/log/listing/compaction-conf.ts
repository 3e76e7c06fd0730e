// log/listing/compaction-conf.ts: the session settings that log compactions obey. PROTOCOL.md, "Log Compaction Files".
import { booleanSetting, readSetting, type SettingKind } from "../../format/text/read-setting.ts";

/** What is done with log compactions. */
export interface CompactionConf {
  /** `spark.databricks.delta.deltaLog.minorCompaction.useForReads`, true */
  readonly isRead: boolean;
  /**
   * A compaction of so many commits is written whenever that many have followed one another; null: none, as in the reference
   * implementations, of which one writes none and the other, Delta Kernel, only when it is told this number. `alluvium.logCompaction.interval`
   */
  readonly interval: number | null;
}

/**
 * Reads the settings.
 * @throws AlluviumError `INVALID_ARGUMENT` naming a setting whose value cannot be read
 */
export function parseCompactionConf(conf: ReadonlyMap<string, string>): CompactionConf {
  const isRead =
    readSetting(conf, "spark.databricks.delta.deltaLog.minorCompaction.useForReads", booleanSetting) ?? true;
  const interval = readSetting(conf, "alluvium.logCompaction.interval", intervalSetting) ?? 0;
  return { isRead, interval: interval === 0 ? null : interval };
}

const intervalSetting: SettingKind<number> = {
  wanted: "a whole number from 2, or 0 for none",
  read: (text) => (/^\d{1,9}$/.test(text) && Number(text) !== 1 ? Number(text) : undefined),
};
