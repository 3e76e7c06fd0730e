// stream/checkpoint/checkpoint-location.ts: the folder in which a query's life is kept: who it is, and that one process runs it.
// Spark's layout: `metadata`, `offsets/`, `commits/`. docs/STREAMING.md, "Checkpoint directory".
import { join, resolve } from "node:path";
import { AlluviumError } from "../../format/text/error.ts";
import { parseJson } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";
import type { Engine, FileStore } from "../../engine/base/engine.ts";

/** A checkpoint folder held by this process until it is disposed of. */
export interface CheckpointLocation extends AsyncDisposable {
  /** Absolute path. */
  readonly directory: string;
  /** The query's id: the same for every start from this folder, and the appId of its sink transactions. */
  readonly queryId: string;
}

/**
 * Takes the folder for this process, makes it when it is new, and reads or gives the query's id.
 * @throws AlluviumError `CONCURRENT_QUERY` when a live process runs a query from it,
 * `STREAMING_CHECKPOINT_MISSING_METADATA_FILE` when there are logs but no id, `STREAMING_CHECKPOINT_CORRUPT` when the id cannot be read
 */
export async function openCheckpointLocation(engine: Engine, path: string): Promise<CheckpointLocation> {
  const directory = resolve(path);
  await engine.files.makeDirectory(directory);
  const lock = await engine.locks.acquire(join(directory, lockName));
  if (lock === null) {
    const message = `a streaming query is running from checkpoint ${directory}: one checkpoint serves one query at a time; stop that query, or give this one a checkpointLocation of its own`;
    throw new AlluviumError("CONCURRENT_QUERY", { checkpointLocation: directory }, message);
  }
  try {
    const queryId = await loadQueryId(engine, directory);
    return { directory, queryId, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
  } catch (cause) {
    await lock[Symbol.asyncDispose]();
    throw cause;
  }
}

/** Hidden, so that other engines pass over it. */
const lockName = ".alluvium.lock";

async function loadQueryId(engine: Engine, directory: string): Promise<string> {
  const path = join(directory, "metadata");
  if ((await engine.files.stat(path)) !== null) return readQueryId(engine.files, path);
  for (const log of ["offsets", "commits"]) {
    const entries = await engine.files.list(join(directory, log));
    if (!entries.some((entry) => /^\d+$/u.test(entry.name))) continue;
    const message = `checkpoint ${directory} has entries in ${log}/ but no metadata file, so it is not known which query wrote them; restore the file, or start from an empty checkpoint`;
    throw new AlluviumError("STREAMING_CHECKPOINT_MISSING_METADATA_FILE", { checkpointLocation: directory }, message);
  }
  // A checksum left behind by Spark would make Spark refuse the file we are about to write.
  await engine.files.remove(join(directory, ".metadata.crc"));
  const text = JSON.stringify({ id: engine.random.uuid() });
  await engine.files.putIfAbsent(path, new TextEncoder().encode(text));
  return readQueryId(engine.files, path);
}

async function readQueryId(files: FileStore, path: string): Promise<string> {
  const text = new TextDecoder().decode(await files.read(path));
  const id = idOf(text);
  if (id !== null) return id;
  const message = `${path} should hold {"id":"…"} with the query's id, but it holds ${JSON.stringify(text.slice(0, 100))}`;
  throw new AlluviumError("STREAMING_CHECKPOINT_CORRUPT", { path }, message);
}

function idOf(text: string): string | null {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    return null;
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const id: unknown = (value as Readonly<Record<string, JsonValue>>)["id"];
  return typeof id === "string" && id !== "" ? id : null;
}
