// log/publish/write-checkpoint.ts: the whole state of a version in files of its own. PROTOCOL.md, "Checkpoints".
import { join } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import { formatLastCheckpoint, parseLastCheckpoint } from "../../format/action/last-checkpoint.ts";
import type { LastCheckpoint } from "../../format/action/last-checkpoint.ts";
import { formatLogPath } from "../../format/action/log-path.ts";
import { isFeatureSupported, requireWritable } from "../../format/protocol/table-feature.ts";
import { parseCheckpointConf } from "../checkpoint/checkpoint-conf.ts";
import { listLog, logDirectory } from "../listing/list-log.ts";
import type { CheckpointFiles } from "../listing/list-log.ts";
import { md5 } from "../checkpoint/md5.ts";
import { readIfThere } from "../listing/read-commit.ts";
import type { Snapshot } from "../state/snapshot.ts";
import { noteWritten } from "../snapshot/snapshot-tail.ts";
import { classicName, writeClassicCheckpoint } from "./write-classic-checkpoint.ts";
import { writeV2Checkpoint } from "./write-v2-checkpoint.ts";

/**
 * Writes the checkpoint of a snapshot, then points `_last_checkpoint` at it. Expired tombstones and transactions are left
 * out. It is of version 2 where `delta.checkpointPolicy` asks for that; `CheckpointConf` says in how many files. A classic checkpoint
 * that is there already is replaced: it says the same, or is damaged.
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`; nothing half-written is ever visible. `UNSUPPORTED_FEATURE` for a version that this
 *   build may not write to (RFC "Checkpoint Protection")
 */
export async function writeCheckpoint(engine: Engine, snapshot: Snapshot): Promise<void> {
  requireWritable(snapshot.protocol, snapshot.metadata);
  const { protocol, metadata } = snapshot;
  const conf = parseCheckpointConf(engine.conf);
  const hasV2 = isFeatureSupported(protocol, "v2Checkpoint");
  const hint =
    hasV2 && metadata.configuration.get("delta.checkpointPolicy") === "v2"
      ? await writeV2Checkpoint(engine, snapshot, conf)
      : await writeClassicCheckpoint(engine, snapshot, hasV2 ? null : conf.partSize); // the feature forbids parts
  noteWritten(snapshot, filesOf(snapshot, hint));
  await pointAt(engine, snapshot, hint);
}

function filesOf(
  { tablePath }: Snapshot,
  { version, parts: partCount, v2Checkpoint }: LastCheckpoint,
): CheckpointFiles {
  const directory = logDirectory(tablePath);
  if (v2Checkpoint !== undefined) return { version, kind: "v2", paths: [join(directory, v2Checkpoint.name)] };
  const paths = Array.from({ length: partCount ?? 1 }, (_, index) =>
    join(directory, classicName(version, index + 1, partCount ?? 1)),
  );
  return { version, kind: partCount === undefined ? "classic" : "multi-part", paths };
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
