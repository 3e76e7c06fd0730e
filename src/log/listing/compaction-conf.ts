// log/listing/compaction-conf.ts: the session settings that log compactions obey. PROTOCOL.md, "Log Compaction Files".
import { AlluviumError } from "../../format/text/error.ts";

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
  const isRead = conf.get(readName)?.toLowerCase() ?? "true";
  if (isRead !== "true" && isRead !== "false") throw invalid(readName, isRead, "true or false");
  const interval = conf.get(intervalName) ?? "0";
  if (!/^\d{1,9}$/.test(interval) || Number(interval) === 1)
    throw invalid(intervalName, interval, "a whole number from 2, or 0 for none");
  return { isRead: isRead === "true", interval: Number(interval) || null };
}

const readName = "spark.databricks.delta.deltaLog.minorCompaction.useForReads";
const intervalName = "alluvium.logCompaction.interval";

function invalid(setting: string, value: string, wanted: string): AlluviumError {
  const message = `${setting} is ${wanted}, not ${JSON.stringify(value)}`;
  return new AlluviumError("INVALID_ARGUMENT", { setting, value }, message);
}
