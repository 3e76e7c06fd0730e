// log/publish/write-v2-checkpoint.ts: a checkpoint of version 2: its file actions in sidecars, all others in a file of JSON lines or of Parquet
// that names them. PROTOCOL.md, "V2 Spec", "Sidecar Files" and "UUID-named checkpoint".
import { join } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import { stagedPrefix } from "../../engine/files/local-file-store.ts";
import type { Action } from "../../format/action/action.ts";
import { assert } from "../../format/text/error.ts";
import type { LastCheckpoint } from "../../format/action/last-checkpoint.ts";
import { formatLogPath } from "../../format/action/log-path.ts";
import { checkpointColumns, topLevelKinds } from "../checkpoint/checkpoint-columns.ts";
import type { CheckpointConf } from "../checkpoint/checkpoint-conf.ts";
import { CheckpointFile, headerActionsOf } from "./checkpoint-table.ts";
import { logDirectory } from "../listing/list-log.ts";
import { encodeCommit } from "./publish-commit.ts";
import type { Snapshot } from "../state/snapshot.ts";
import { writeSidecars } from "./write-sidecars.ts";
import type { Sidecars } from "./write-sidecars.ts";

/**
 * Writes the sidecars, then the file that names them: until that is there, no reader sees any.
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`
 */
export async function writeV2Checkpoint(
  engine: Engine,
  snapshot: Snapshot,
  { partSize, topLevelFormat: format }: CheckpointConf,
): Promise<LastCheckpoint> {
  const { tablePath, version } = snapshot;
  const sidecars = await writeSidecars(engine, snapshot, partSize ?? sidecarSizeMax);
  const header = headerActionsOf(snapshot, engine.clock.nowMs());
  const name = formatLogPath({ kind: "uuidCheckpoint", version, uuid: engine.random.uuid(), format });
  const path = join(logDirectory(tablePath), name);
  const actions = topLevelActions(snapshot, header, sidecars);
  if (format === "json") await writeLines(engine, path, actions);
  else await writeParquet(engine, snapshot, { path, actions });
  const file = await engine.files.stat(path);
  const sizeBytes = file?.sizeBytes ?? 0;
  return {
    version,
    size: header.length + sidecars.actionCount,
    sizeInBytes: sizeBytes + sidecars.sizeBytes,
    numOfAddFiles: sidecars.addCount,
    v2Checkpoint: { name, sizeBytes, modificationTimeMs: file?.modificationTimeMs ?? engine.clock.nowMs() },
  };
}

/** As in the reference implementation. */
const sidecarSizeMax = 50_000;

function topLevelActions({ version }: Snapshot, header: readonly Action[], sidecars: Sidecars): readonly Action[] {
  const tags = {
    sidecarNumActions: String(sidecars.actionCount),
    sidecarSizeInBytes: String(sidecars.sizeBytes),
    numOfAddFiles: String(sidecars.addCount),
  };
  return [
    { kind: "unknown", name: "checkpointMetadata", value: { version, tags } },
    ...header,
    ...sidecars.actions.map((value) => ({ kind: "unknown" as const, name: "sidecar", value })),
  ];
}

async function writeLines(engine: Engine, path: string, actions: readonly Action[]): Promise<void> {
  const outcome = await engine.files.putIfAbsent(path, encodeCommit(actions));
  assert(outcome === "created", `no other checkpoint has the name ${path}`);
}

interface TopLevelFile {
  readonly path: string;
  readonly actions: readonly Action[];
}

async function writeParquet(engine: Engine, snapshot: Snapshot, { path, actions }: TopLevelFile): Promise<void> {
  const staged = join(logDirectory(snapshot.tablePath), `${stagedPrefix}${engine.random.uuid()}.parquet`);
  try {
    await using connection = await engine.sql.connect();
    const file = new CheckpointFile({ engine, connection }, checkpointColumns(snapshot, topLevelKinds), {
      path: staged,
    });
    await file.add(actions);
    await file.finish();
    await engine.files.adopt(staged, path);
  } finally {
    await engine.files.remove(staged);
  }
}
