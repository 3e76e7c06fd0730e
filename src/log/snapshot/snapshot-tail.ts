// log/snapshot/snapshot-tail.ts: a snapshot as the newest large checkpoint that is known of it and what came after that. PROTOCOL.md, "Action
// Reconciliation".
import type { Engine } from "../../engine/base/engine.ts";
import type { CheckpointBase } from "../checkpoint/checkpoint-base.ts";
import { openCheckpoint } from "../checkpoint/known-checkpoints.ts";
import type { CheckpointFiles } from "../listing/list-log.ts";
import type { FileChanges } from "../state/file-table.ts";
import type { Snapshot } from "../state/snapshot.ts";
import { LogSnapshot } from "./log-snapshot.ts";

/** A checkpoint, and what came after it. */
export interface SnapshotTail extends FileChanges {
  readonly base: CheckpointBase;
}

/**
 * The checkpoint that was written last of a snapshot, or the one that it rests on; null where there is none of more rows than `rowsMin`.
 * @throws AlluviumError `IO_ERROR`
 */
export async function tailOf(engine: Engine, snapshot: Snapshot, rowsMin: number): Promise<SnapshotTail | null> {
  if (!(snapshot instanceof LogSnapshot)) return null;
  const { version, tablePath, parts } = snapshot;
  const { base, table, written } = parts.lineage;
  if (written !== null && written.version <= version) {
    const newest = await writtenBase(engine, tablePath, written);
    if (newest !== null && newest.rowCount > rowsMin)
      return { base: newest, ...table.between(written.version, version) };
  }
  return base === null || base.rowCount <= rowsMin ? null : { base, ...table.between(-1, version) };
}

/** The files of a checkpoint that was written; null where it holds none, or cannot be read any more: it may have been cleaned away. */
export async function writtenBase(
  engine: Engine,
  tablePath: string,
  written: CheckpointFiles,
): Promise<CheckpointBase | null> {
  try {
    return (await openCheckpoint(engine, tablePath, written)).base;
  } catch {
    return null; // what the snapshot rests on says the same
  }
}

/** Notes that a checkpoint of a snapshot is there. */
export function noteWritten(snapshot: Snapshot, files: CheckpointFiles): void {
  if (!(snapshot instanceof LogSnapshot)) return;
  const { lineage } = snapshot.parts;
  if (lineage.written === null || lineage.written.version <= files.version) lineage.written = files;
}
