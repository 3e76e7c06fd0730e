// log/write-checkpoint.ts: the whole state of a version in files of its own. PROTOCOL.md, "Checkpoints".
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { stagedPrefix } from "../engine/local-file-store.ts";
import { formatLastCheckpoint, parseLastCheckpoint } from "../format/last-checkpoint.ts";
import type { LastCheckpoint } from "../format/last-checkpoint.ts";
import { formatLogPath } from "../format/log-path.ts";
import { isFeatureSupported, requireWritable } from "../format/table-feature.ts";
import { checkpointColumns } from "./checkpoint-columns.ts";
import { CheckpointTable, addFileActions, headerActionsOf } from "./checkpoint-table.ts";
import { copyKept } from "./kept-checkpoint.ts";
import type { CheckpointCounts } from "./kept-checkpoint.ts";
import { listLog, logDirectory } from "./list-log.ts";
import { md5 } from "./md5.ts";
import { readIfThere } from "./read-commit.ts";
import type { Snapshot } from "./snapshot.ts";
import { writeV2Checkpoint } from "./write-v2-checkpoint.ts";

/**
 * Writes the checkpoint of a snapshot, then points `_last_checkpoint` at it. Expired tombstones and transactions are left
 * out. It is of version 2 where `delta.checkpointPolicy` asks for that. A classic checkpoint that is there already is replaced:
 * it says the same, or is damaged.
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`; nothing half-written is ever visible. `UNSUPPORTED_FEATURE` for a version that this
 *   build may not write to (RFC "Checkpoint Protection")
 */
export async function writeCheckpoint(engine: Engine, snapshot: Snapshot): Promise<void> {
  requireWritable(snapshot.protocol, snapshot.metadata);
  const { protocol, metadata } = snapshot;
  const isV2 =
    metadata.configuration.get("delta.checkpointPolicy") === "v2" && isFeatureSupported(protocol, "v2Checkpoint");
  const hint = isV2 ? await writeV2Checkpoint(engine, snapshot) : await writeClassic(engine, snapshot);
  await pointAt(engine, snapshot, hint);
}

async function writeClassic(engine: Engine, snapshot: Snapshot): Promise<LastCheckpoint> {
  const directory = logDirectory(snapshot.tablePath);
  const staged = join(directory, `${stagedPrefix}${engine.random.uuid()}.parquet`);
  try {
    const counts = (await copyKept(engine, snapshot, staged)) ?? (await copyInChunks(engine, snapshot, staged));
    const sizeBytes = (await engine.files.stat(staged))?.sizeBytes ?? 0;
    const name = formatLogPath({ kind: "classicCheckpoint", version: snapshot.version });
    await engine.files.adopt(staged, join(directory, name));
    const { rowCount: size, addCount: numOfAddFiles } = counts;
    return { version: snapshot.version, size, sizeInBytes: sizeBytes, numOfAddFiles };
  } finally {
    await engine.files.remove(staged);
  }
}

async function copyInChunks(engine: Engine, snapshot: Snapshot, path: string): Promise<CheckpointCounts> {
  const nowMs = engine.clock.nowMs();
  await using connection = await engine.sql.connect();
  const table = new CheckpointTable(connection, checkpointColumns(snapshot));
  await table.add(headerActionsOf(snapshot, nowMs));
  const addCount = await addFileActions(table, snapshot, nowMs);
  await table.copyTo(path);
  return { rowCount: table.rowCount, addCount };
}

/** The hint never moves back: another writer may have written a newer checkpoint meanwhile. */
async function pointAt(engine: Engine, { tablePath, version }: Snapshot, hint: LastCheckpoint): Promise<void> {
  const path = join(logDirectory(tablePath), formatLogPath({ kind: "lastCheckpoint" }));
  const bytes = await readIfThere(engine, path);
  const before = bytes === null ? null : parseLastCheckpoint(new TextDecoder().decode(bytes), md5);
  if (before !== null && before.version > version && (await isThere(engine, tablePath, before.version))) return;
  await engine.files.putHint(path, new TextEncoder().encode(formatLastCheckpoint(hint, md5)));
}

async function isThere(engine: Engine, tablePath: string, version: Snapshot["version"]): Promise<boolean> {
  const { checkpoints } = await listLog(engine, tablePath);
  return checkpoints.some((checkpoint) => checkpoint.version === version);
}
