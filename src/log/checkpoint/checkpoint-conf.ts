// log/checkpoint/checkpoint-conf.ts: the session settings that checkpoints obey, by the reference implementation's names.
import { countSetting, readSetting, wordSetting } from "../../format/text/read-setting.ts";

/** How checkpoints are laid out. */
export interface CheckpointConf {
  /**
   * File actions in one file at most: a sidecar, or one part of a classic checkpoint, which the reference implementation fills to about
   * this. Null: 50,000 in a sidecar, and classic checkpoints are one file. `spark.databricks.delta.checkpoint.partSize`
   */
  readonly partSize: number | null;
  /** Format of the file that names the sidecars. `spark.databricks.delta.checkpointV2.topLevelFileFormat`, json */
  readonly topLevelFormat: "json" | "parquet";
}

/**
 * Reads the settings.
 * @throws AlluviumError `INVALID_ARGUMENT` naming a setting whose value cannot be read
 */
export function parseCheckpointConf(conf: ReadonlyMap<string, string>): CheckpointConf {
  return {
    partSize: readSetting(conf, "spark.databricks.delta.checkpoint.partSize", countSetting) ?? null,
    topLevelFormat:
      readSetting(conf, "spark.databricks.delta.checkpointV2.topLevelFileFormat", wordSetting("json", "parquet")) ??
      "json",
  };
}
