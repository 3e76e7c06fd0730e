// log/checkpoint/checkpoint-conf.ts: the session settings that checkpoints obey, by the reference implementation's names.
import { AlluviumError } from "../../format/text/error.ts";

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
  const partSize = conf.get(partSizeName);
  if (partSize !== undefined && !/^0*[1-9]\d{0,14}$/.test(partSize))
    throw invalid(partSizeName, partSize, "a whole number from 1");
  const format = conf.get(formatName)?.toLowerCase() ?? "json";
  if (format !== "json" && format !== "parquet") throw invalid(formatName, format, "json or parquet");
  return { partSize: partSize === undefined ? null : Number(partSize), topLevelFormat: format };
}

const partSizeName = "spark.databricks.delta.checkpoint.partSize";
const formatName = "spark.databricks.delta.checkpointV2.topLevelFileFormat";

function invalid(setting: string, value: string, wanted: string): AlluviumError {
  return new AlluviumError(
    "INVALID_ARGUMENT",
    { setting, value },
    `${setting} is ${wanted}, not ${JSON.stringify(value)}`,
  );
}
