// writer/finish-commit.ts: what comes after the version is published. None of it can undo the commit.
import type { Engine } from "../engine/base/engine.ts";
import { warn } from "../engine/base/warning.ts";
import { AlluviumError, messageOf } from "../format/text/error.ts";
import type { OwnCommit } from "../log/snapshot/advance-snapshot.ts";
import { loadSnapshot, snapshotAfterOwn } from "../log/snapshot/load-snapshot.ts";
import { type PostCommitFailure, afterCommit, isCheckpointDue } from "../log/publish/post-commit.ts";
import type { Snapshot } from "../log/state/snapshot.ts";

/** A commit that is published. */
export interface Published {
  readonly tablePath: string;
  /** What the transaction read; null for a new table. */
  readonly before: Snapshot | null;
  readonly own: OwnCommit;
}

/**
 * The snapshot after a commit, with the checksum seen to, and a checkpoint and the cleaning of the log under way where they
 * are due. It is at the commit's version, or at a later one that is known already.
 * @throws AlluviumError when the table cannot be read again; `committedVersion` in its context tells that the commit stands
 */
export async function finishCommit(engine: Engine, { tablePath, before, own }: Published): Promise<Snapshot> {
  const { version } = own;
  let snapshot: Snapshot;
  try {
    snapshot = before === null ? await loadSnapshot(engine, tablePath) : await snapshotAfterOwn(engine, before, own);
  } catch (cause) {
    if (!(cause instanceof AlluviumError)) throw cause;
    const message = `version ${version} of ${tablePath} is committed, but the table could not be read after that: ${cause.message}`;
    throw new AlluviumError(cause.code, { ...cause.context, committedVersion: version }, message, { cause });
  }
  // Others may have gone on already; the checkpoint that is due at this version is still this writer's to make.
  const isDueHere = snapshot.version !== version && version % snapshot.properties.checkpointInterval === 0;
  const here = isDueHere ? await loadSnapshot(engine, tablePath, { version }).catch(() => null) : null; // or it was cleaned away
  if (here !== null) await follow(engine, here);
  await follow(engine, snapshot);
  return snapshot;
}

/** A checkpoint takes longer than many commits do: it is made beside what comes next. */
async function follow(engine: Engine, snapshot: Snapshot): Promise<void> {
  const work = async (): Promise<void> => warnOf(snapshot.tablePath, await afterCommit(engine, snapshot));
  await (isCheckpointDue(snapshot) ? engine.background.start(work) : work());
}

/** The commit stands and the table is whole: what failed is told as Node tells warnings, and is tried again after the next commit. */
function warnOf(tablePath: string, failures: readonly PostCommitFailure[]): void {
  for (const { step, cause } of failures) {
    const reason = messageOf(cause);
    warn(`${tablePath}: the ${step} after a commit failed: ${reason}`, "POST_COMMIT");
  }
}
