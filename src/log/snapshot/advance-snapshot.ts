// log/snapshot/advance-snapshot.ts: from one snapshot to the next, commit by commit, without listing the log.
import type { Engine } from "../../engine/base/engine.ts";
import { isSameFile } from "../../engine/base/same-file.ts";
import type { Action } from "../../format/action/action.ts";
import { version as makeVersion } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import { LogSnapshot, checkFirst, tableShape, unchecked } from "./log-snapshot.ts";
import type { Lineage, SnapshotParts } from "./log-snapshot.ts";
import { HiddenFiles } from "./hidden-files.ts";
import { writtenBase } from "./snapshot-tail.ts";
import type { CheckpointFiles } from "../listing/list-log.ts";
import { missingCommit } from "../listing/log-segment.ts";
import { commitPath, readCommit } from "../listing/read-commit.ts";
import type { Commit } from "../listing/read-commit.ts";
import { applyCommit } from "../state/replay.ts";

/**
 * The newest snapshot that follows from this one; the same object when nothing is new.
 * @throws AlluviumError `CORRUPT_LOG`, `UNSUPPORTED_FEATURE`
 */
export async function advanceSnapshot(engine: Engine, snapshot: LogSnapshot): Promise<LogSnapshot> {
  const { lineage } = snapshot.parts;
  return inTurn(lineage, () => advance(engine, lineage, snapshot));
}

/** A commit that this process has just published. */
export interface OwnCommit {
  readonly version: Version;
  readonly actions: readonly Action[];
}

/**
 * The snapshot after a commit of one's own, from the actions that were published: they need not be read back. It is of a later
 * version where the log was followed further meanwhile, or where others committed between the snapshot and this commit.
 * @throws AlluviumError as `advanceSnapshot`
 */
export async function snapshotAfter(engine: Engine, snapshot: LogSnapshot, own: OwnCommit): Promise<LogSnapshot> {
  const { lineage } = snapshot.parts;
  return inTurn(lineage, async () => {
    const head = lineage.head ?? snapshot;
    const file =
      head.version + 1 === own.version ? await engine.files.stat(commitPath(head.tablePath, own.version)) : null;
    if (file === null) return advance(engine, lineage, snapshot);
    const { modificationTimeMs: fileTimestampMs, sizeBytes } = file;
    lineage.head = follow(head, { ...own, fileTimestampMs, sizeBytes }, engine.clock.nowMs());
    return unburdened(engine, lineage.head);
  });
}

/** Steps on one lineage follow one another: they add to the same table of files. */
function inTurn(lineage: Lineage, step: () => Promise<LogSnapshot>): Promise<LogSnapshot> {
  const running = lineage.busy.then(step);
  lineage.busy = running.catch(() => undefined);
  return running;
}

/**
 * False when the commit file that a snapshot ends with is gone or another one, or the checkpoint it rests on is gone: the
 * table was made anew, or its log was cleaned. It must then be opened anew.
 */
export async function canFollow(
  engine: Engine,
  { tablePath, version, parts: { commitFile, lineage } }: LogSnapshot,
): Promise<boolean> {
  if (lineage.base !== null && !(await lineage.base.isThere())) return false;
  if (commitFile === null) return true;
  return isSameFile(commitFile, await engine.files.stat(commitPath(tablePath, version)));
}

async function advance(engine: Engine, lineage: Lineage, snapshot: LogSnapshot): Promise<LogSnapshot> {
  let head = lineage.head ?? snapshot;
  for (;;) {
    const commit = await readCommit(engine, head.tablePath, makeVersion(head.version + 1));
    if (commit === null && (await isEnd(engine, head))) break;
    if (commit === null) continue;
    head = follow(head, commit, engine.clock.nowMs());
    lineage.head = head;
  }
  return unburdened(engine, head);
}

/** The same snapshot without most of what it need not hold in memory, where that is much. */
async function unburdened(engine: Engine, head: LogSnapshot): Promise<LogSnapshot> {
  const { table, written } = head.parts.lineage;
  const isLong = written !== null && table.countUpTo(written.version) > heldActionsMax;
  const rebased = isLong ? await onCheckpoint(engine, head, written) : null;
  return rebased ?? (table.isMostlyDead ? compact(head) : head);
}

// To look into another checkpoint anew takes a scan of its paths: so it is not done for a few.
const heldActionsMax = 20_000;

/** The same snapshot on a checkpoint that was written of it meanwhile; null where that cannot be read, or holds no files. */
async function onCheckpoint(engine: Engine, head: LogSnapshot, written: CheckpointFiles): Promise<LogSnapshot | null> {
  const { tablePath, parts } = head;
  const base = await writtenBase(engine, tablePath, written);
  if (base === null) return null;
  const { table, totals } = parts.lineage.table.after(written.version);
  return onLineage(head, { base, hidden: new HiddenFiles(base, table), table, tailTotals: totals });
}

/**
 * True when the log ends with this version. A commit beyond one that is missing makes a gap, which is never skipped and never
 * written into (law L1).
 * @throws AlluviumError `CORRUPT_LOG`
 */
async function isEnd(engine: Engine, { tablePath, version }: LogSnapshot): Promise<boolean> {
  const isThere = async (at: number): Promise<boolean> =>
    (await engine.files.stat(commitPath(tablePath, makeVersion(at)))) !== null;
  if (!(await isThere(version + 2))) return true;
  // Both may have come since the last look.
  if (await isThere(version + 1)) return false;
  throw missingCommit(tablePath, makeVersion(version + 2), version + 1);
}

function follow(before: LogSnapshot, commit: Commit, takenAtMs: number): LogSnapshot {
  const { tablePath, parts } = before;
  const state = applyCommit(parts.state, commit.actions);
  // A table that this build can read no longer is refused here, before anything is changed.
  const shape = tableShape({ tablePath, version: commit.version, state }, before);
  const { version, actions } = commit;
  const tailTotals = parts.lineage.table.apply({ version, actions, before: parts.tailTotals });
  const commitFile = { modificationTimeMs: commit.fileTimestampMs, sizeBytes: commit.sizeBytes };
  return new LogSnapshot(
    {
      ...parts,
      version: commit.version,
      takenAtMs,
      state,
      tailTotals,
      fileTimestampMs: commit.fileTimestampMs,
      commitFile,
    },
    shape,
  );
}

/** The same snapshot on a lineage of its own that has forgotten what older versions held. */
function compact(snapshot: LogSnapshot): LogSnapshot {
  const { lineage } = snapshot.parts;
  const table = lineage.table.compacted();
  const hidden = lineage.hidden?.over(table) ?? null;
  return onLineage(snapshot, { base: lineage.base, hidden, table, tailTotals: snapshot.parts.tailTotals });
}

type Held = Pick<Lineage, "base" | "hidden" | "table"> & Pick<SnapshotParts, "tailTotals">;

function onLineage(snapshot: LogSnapshot, { base, hidden, table, tailTotals }: Held): LogSnapshot {
  const { lineage } = snapshot.parts;
  const { written } = lineage;
  const fresh: Lineage = { base, hidden, table, written, head: null, busy: Promise.resolve(), check: unchecked };
  if (lineage.check !== unchecked) checkFirst(fresh, lineage.check);
  const same = new LogSnapshot({ ...snapshot.parts, tailTotals, lineage: fresh }, snapshot);
  fresh.head = same;
  return same;
}
