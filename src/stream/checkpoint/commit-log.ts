// stream/checkpoint/commit-log.ts: which batches are done. Spark's `CommitLog`; docs/STREAMING.md, "Checkpoint directory".
import { join } from "node:path";
import type { FileStore } from "../../engine/base/engine.ts";
import { formatJson } from "../../format/text/json-int64.ts";
import type { JsonObject } from "../../format/text/json.ts";
import { MetadataLog } from "./metadata-log.ts";
import type { LogCodec } from "./metadata-log.ts";
import { parseObject, readMilliseconds } from "./offset-log.ts";

/** The tick behind one batch. */
export interface CommitEntry {
  /** Event-time watermark after the batch; 0 without one. */
  readonly nextBatchWatermarkMs: number;
  /** Keys that we do not know. */
  readonly unknown?: JsonObject;
}

/** Opens `commits/` of a checkpoint. */
export function openCommitLog(files: FileStore, checkpointDirectory: string): Promise<MetadataLog<CommitEntry>> {
  return MetadataLog.open(files, join(checkpointDirectory, "commits"), commitLogCodec);
}

/** One line of JSON, which may be missing. */
export const commitLogCodec: LogCodec<CommitEntry> = {
  name: "commit log",
  format: ({ nextBatchWatermarkMs, unknown }) => [formatJson({ nextBatchWatermarkMs, ...unknown })],
  parse: (lines, path) => {
    const [line] = lines;
    if (line === undefined || line === "") return { nextBatchWatermarkMs: 0 };
    const { nextBatchWatermarkMs, ...unknown } = parseObject(line, path);
    return {
      nextBatchWatermarkMs: readMilliseconds(nextBatchWatermarkMs, "nextBatchWatermarkMs", path),
      ...(Object.keys(unknown).length === 0 ? {} : { unknown }),
    };
  },
};
