// log/write-v2-checkpoint.ts: a checkpoint of version 2: its file actions in a sidecar, all others in a file of JSON lines that names it.
// PROTOCOL.md, "V2 Spec", "Sidecar Files" and "UUID-named checkpoint".
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import type { Action } from "../format/action.ts";
import { assert } from "../format/error.ts";
import type { JsonObject } from "../format/json.ts";
import type { LastCheckpoint } from "../format/last-checkpoint.ts";
import { formatLogPath } from "../format/log-path.ts";
import { checkpointColumns } from "./checkpoint-columns.ts";
import { CheckpointTable, addFileActions, headerActionsOf } from "./checkpoint-table.ts";
import { logDirectory } from "./list-log.ts";
import { encodeCommit } from "./publish-commit.ts";
import { sidecarDirectory } from "./sidecar-files.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Writes the sidecar, then the file that names it: until that is there, no reader sees either.
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`
 */
export async function writeV2Checkpoint(engine: Engine, snapshot: Snapshot): Promise<LastCheckpoint> {
  const { tablePath, version } = snapshot;
  const nowMs = engine.clock.nowMs();
  const sidecar = await writeSidecar(engine, snapshot, nowMs);
  const header = headerActionsOf(snapshot, nowMs);
  const actions: readonly Action[] = [
    { kind: "unknown", name: "checkpointMetadata", value: { version, tags: tagsOf(sidecar) } },
    ...header,
    ...(sidecar === null ? [] : [{ kind: "unknown" as const, name: "sidecar", value: sidecar.action }]),
  ];
  const name = formatLogPath({ kind: "uuidCheckpoint", version, uuid: engine.random.uuid(), format: "json" });
  const bytes = encodeCommit(actions);
  const path = join(logDirectory(tablePath), name);
  const outcome = await engine.files.putIfAbsent(path, bytes);
  assert(outcome === "created", `no other checkpoint has the name ${name}`);
  const modificationTimeMs = (await engine.files.stat(path))?.modificationTimeMs ?? nowMs;
  return {
    version,
    size: header.length + (sidecar?.actionCount ?? 0),
    sizeInBytes: bytes.length + (sidecar?.sizeBytes ?? 0),
    numOfAddFiles: sidecar?.addCount ?? 0,
    v2Checkpoint: { name, sizeBytes: bytes.length, modificationTimeMs },
  };
}

interface Sidecar {
  readonly action: JsonObject;
  readonly actionCount: number;
  readonly addCount: number;
  readonly sizeBytes: number;
}

/** Null for a table without files and tombstones. */
async function writeSidecar(engine: Engine, snapshot: Snapshot, nowMs: number): Promise<Sidecar | null> {
  await using connection = await engine.sql.connect();
  const table = new CheckpointTable(connection, checkpointColumns(snapshot, ["add", "remove"]));
  const addCount = await addFileActions(table, snapshot, nowMs);
  if (table.rowCount === 0) return null;
  const directory = sidecarDirectory(snapshot.tablePath);
  const name = `${engine.random.uuid()}.parquet`;
  const path = join(directory, name);
  await engine.files.makeDirectory(directory);
  try {
    await table.copyTo(path);
    await engine.files.sync([path]);
  } catch (cause) {
    await engine.files.remove(path).catch(() => undefined);
    throw cause;
  }
  const file = await engine.files.stat(path);
  const sizeBytes = file?.sizeBytes ?? 0;
  const modificationTime = file?.modificationTimeMs ?? nowMs;
  const action = { path: name, sizeInBytes: sizeBytes, modificationTime, tags: {} };
  return { action, actionCount: table.rowCount, addCount, sizeBytes };
}

function tagsOf(sidecar: Sidecar | null): JsonObject {
  return {
    sidecarNumActions: String(sidecar?.actionCount ?? 0),
    sidecarSizeInBytes: String(sidecar?.sizeBytes ?? 0),
    numOfAddFiles: String(sidecar?.addCount ?? 0),
  };
}
