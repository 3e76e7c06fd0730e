// stream/checkpoint/offset-log.ts: what each batch promised to read, written before it reads. Spark's `OffsetSeqLog`;
// docs/STREAMING.md, "Checkpoint directory" and "Interop of hand-written checkpoints".
import { join } from "node:path";
import type { FileStore } from "../../engine/base/engine.ts";
import { formatJson, isJsonObject, parseJson } from "../../format/text/json-int64.ts";
import type { JsonObject, JsonValue } from "../../format/text/json.ts";
import { MetadataLog, incompleteLogFile } from "./metadata-log.ts";
import type { LogCodec } from "./metadata-log.ts";
import type { OffsetJson } from "../plan/source.ts";

/** The promise of one batch. */
export interface OffsetEntry {
  /** Event-time watermark in force while the batch runs; 0 without one. */
  readonly batchWatermarkMs: number;
  /** What current_timestamp() means in the batch, also when it runs again. Milliseconds since the Unix epoch. */
  readonly batchTimestampMs: number;
  /** Settings pinned for as long as the checkpoint lives; keys we do not know are kept. */
  readonly conf: ReadonlyMap<string, string>;
  /** Inclusive end per source, in plan order; null for a source that has no offset yet. */
  readonly offsets: readonly (OffsetJson | null)[];
  /** Keys of the metadata line that we do not know. */
  readonly unknown?: JsonObject;
}

/** Opens `offsets/` of a checkpoint. */
export function openOffsetLog(files: FileStore, checkpointDirectory: string): Promise<MetadataLog<OffsetEntry>> {
  return MetadataLog.open(files, join(checkpointDirectory, "offsets"), offsetLogCodec);
}

/** A metadata line, then one line per source; a source without an offset is a dash. */
export const offsetLogCodec: LogCodec<OffsetEntry> = {
  name: "offset log",
  format: (entry) => [
    formatMetadata(entry),
    ...entry.offsets.map((offset) => (offset === null ? noOffset : formatJson(offset))),
  ],
  parse: (lines, path) => {
    const [first, ...rest] = lines;
    if (first === undefined || first === "") throw incompleteLogFile(path, "the metadata line is missing");
    return {
      ...parseMetadata(parseObject(first, path), path),
      offsets: rest.map((line) => (line === noOffset ? null : parseObject(line, path))),
    };
  },
};

const noOffset = "-";

function formatMetadata(entry: OffsetEntry): string {
  const { batchWatermarkMs, batchTimestampMs, unknown } = entry;
  const conf: JsonObject = Object.fromEntries(entry.conf);
  return formatJson({ batchWatermarkMs, batchTimestampMs, conf, ...unknown });
}

function parseMetadata(line: JsonObject, path: string): Omit<OffsetEntry, "offsets"> {
  const { batchWatermarkMs, batchTimestampMs, conf, ...unknown } = line;
  return {
    batchWatermarkMs: readMilliseconds(batchWatermarkMs, "batchWatermarkMs", path),
    batchTimestampMs: readMilliseconds(batchTimestampMs, "batchTimestampMs", path),
    conf: readConf(conf, path),
    ...(Object.keys(unknown).length === 0 ? {} : { unknown }),
  };
}

/** A field that may be missing, which Spark reads as 0. */
export function readMilliseconds(value: JsonValue | undefined, name: string, path: string): number {
  if (value === undefined) return 0;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw incompleteLogFile(path, `${name} should be milliseconds, but it is ${formatJson(value)}`);
}

function readConf(value: JsonValue | undefined, path: string): ReadonlyMap<string, string> {
  if (value === undefined || value === null) return new Map();
  if (!isJsonObject(value)) throw incompleteLogFile(path, "conf is not an object");
  return new Map(
    Object.entries(value).map(([key, setting]) => [key, typeof setting === "string" ? setting : formatJson(setting)]),
  );
}

/** One line that must be a JSON object. */
export function parseObject(line: string, path: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(line);
  } catch (cause) {
    throw incompleteLogFile(path, `a line is not JSON: ${JSON.stringify(line.slice(0, 100))}`, cause);
  }
  if (!isJsonObject(value))
    throw incompleteLogFile(path, `a line is not a JSON object: ${JSON.stringify(line.slice(0, 100))}`);
  return value;
}
