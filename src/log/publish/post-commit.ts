// log/publish/post-commit.ts: what follows a commit. The commit stands whatever happens here.
import type { Engine } from "../../engine/base/engine.ts";
import { cleanLog } from "./clean-log.ts";
import { oncePerDay } from "./cleaning-day.ts";
import { parseCompactionConf } from "../listing/compaction-conf.ts";
import type { Snapshot } from "../state/snapshot.ts";
import { writeCheckpoint } from "./write-checkpoint.ts";
import { writeChecksum } from "./write-checksum.ts";
import { rangeDue, writeCompaction } from "./write-compaction.ts";

/** Something that should have followed a commit and did not. */
export interface PostCommitFailure {
  readonly step: "checksum" | "compaction" | "checkpoint" | "log-cleanup";
  readonly cause: unknown;
}

/**
 * Writes the checksum, a log compaction where the session's settings ask for one, and every `delta.checkpointInterval` commits a
 * checkpoint, after which the log is cleaned.
 * @param snapshot the version that was just committed
 * @returns what failed; empty when nothing did. It never throws.
 */
export async function afterCommit(engine: Engine, snapshot: Snapshot): Promise<readonly PostCommitFailure[]> {
  const failures: PostCommitFailure[] = [];
  const attempt = async (step: PostCommitFailure["step"], work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (cause) {
      failures.push({ step, cause });
      return false;
    }
  };
  await attempt("checksum", () => writeChecksum(engine, snapshot));
  await attempt("compaction", () => compactIfDue(engine, snapshot));
  if (!isCheckpointDue(snapshot)) return failures;
  const isWritten = await attempt("checkpoint", () => writeCheckpoint(engine, snapshot));
  if (isWritten) await attempt("log-cleanup", () => oncePerDay(engine, snapshot, () => cleanLog(engine, snapshot)));
  return failures;
}

async function compactIfDue(engine: Engine, { tablePath, version }: Snapshot): Promise<void> {
  const { interval } = parseCompactionConf(engine.conf);
  const range = interval === null ? null : rangeDue(version, interval);
  if (range !== null) await writeCompaction(engine, tablePath, range);
}

/** True when a version is one of those that get a checkpoint. */
export function isCheckpointDue({ version, properties }: Pick<Snapshot, "version" | "properties">): boolean {
  return version > 0 && version % properties.checkpointInterval === 0;
}
