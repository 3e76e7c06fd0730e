// writer/publish-attempt.ts: one attempt at one version, whose outcome is known in the end. An error while publishing leaves
// it open whether the version exists; reading it back settles that, never a blind second attempt.
import type { Engine } from "../engine/base/engine.ts";
import type { Action } from "../format/action/action.ts";
import { AlluviumError } from "../format/text/error.ts";
import type { Version } from "../format/text/ids.ts";
import { loadSnapshot } from "../log/snapshot/load-snapshot.ts";
import { publishCommit } from "../log/publish/publish-commit.ts";
import { commitPath, readCommit } from "../log/listing/read-commit.ts";
import type { Commit } from "../log/listing/read-commit.ts";
import type { Snapshot } from "../log/state/snapshot.ts";

/** A version to publish. */
export interface Attempt {
  readonly version: Version;
  /** As in the commit's `commitInfo`; unique. */
  readonly txnId: string;
  readonly actions: readonly Action[];
  /** Makes durable what the actions name; the version appears only after it. */
  readonly settle?: (() => Promise<void>) | undefined;
}

/**
 * Publishes a version once.
 * @returns "exists" when another writer has it
 * @throws AlluviumError `IO_ERROR` or `DISK_FULL`; `outcome` in its context is "absent" (nothing was published), "published"
 *   (visible, but perhaps not durable) or "unknown" (it could not be read back)
 */
export async function publishOnce(engine: Engine, tablePath: string, attempt: Attempt): Promise<"created" | "exists"> {
  try {
    return await publishCommit(engine, tablePath, attempt.version, attempt.actions, attempt.settle);
  } catch (cause) {
    return await settle(engine, tablePath, { attempt, cause });
  }
}

/** The commit that another writer made, or null when the version is free. */
export function winnerAt(engine: Engine, tablePath: string, version: Version): Promise<Commit | null> {
  return readCommit(engine, tablePath, version);
}

/**
 * Checks that the log still ends where the snapshot did, or went on from there. A log that was cleaned beyond it, or a table
 * that was made anew, would offer a free version in the past.
 * @throws AlluviumError `DELTA_METADATA_CHANGED` when it does not
 */
export async function requireLogIntact(engine: Engine, snapshot: Snapshot): Promise<void> {
  const { tablePath, version } = snapshot;
  if ((await engine.files.stat(commitPath(tablePath, version))) !== null) return;
  const latest = await loadSnapshot(engine, tablePath);
  // The version may be known by its checkpoint only.
  if (latest.version === version && latest.metadata.id === snapshot.metadata.id) return;
  const message = `${tablePath} was read at version ${version}, but its log no longer holds that version (it is at ${latest.version} now): it was cleaned up or replaced; open the table again`;
  throw new AlluviumError(
    "DELTA_METADATA_CHANGED",
    { table: tablePath, readVersion: version, version: latest.version },
    message,
  );
}

interface Failure {
  readonly attempt: Attempt;
  readonly cause: unknown;
}

async function settle(engine: Engine, tablePath: string, { attempt, cause }: Failure): Promise<"created" | "exists"> {
  const { version, txnId } = attempt;
  let found: Commit | null;
  try {
    found = await readCommit(engine, tablePath, version);
  } catch {
    throw withOutcome(
      cause,
      "unknown",
      `whether version ${version} of ${tablePath} was published is unknown, because it could not be read back`,
    );
  }
  if (found === null) throw withOutcome(cause, "absent", `version ${version} of ${tablePath} was not published`);
  const isOurs = found.actions.some((action) => action.kind === "commitInfo" && action.txnId === txnId);
  if (!isOurs) return "exists";
  try {
    await engine.files.sync([commitPath(tablePath, version)]);
  } catch {
    throw withOutcome(
      cause,
      "published",
      `version ${version} of ${tablePath} is visible, but may be lost in a power cut, because it could not be synced`,
    );
  }
  engine.signals.announce(tablePath);
  return "created";
}

function withOutcome(cause: unknown, outcome: "absent" | "published" | "unknown", words: string): unknown {
  if (!(cause instanceof AlluviumError)) return cause;
  return new AlluviumError(cause.code, { ...cause.context, outcome }, `${cause.message}; ${words}`, { cause });
}
