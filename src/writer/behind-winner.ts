// writer/behind-winner.ts: what a transaction takes over of a commit that it lost a version to, before it tries the next. Pure.
// PROTOCOL.md, "Row Tracking": files that get ids afterwards keep the ones that they were given first.
import type { Action, AddFile, CommitInfo } from "../format/action/action.ts";
import type { TrackedTable } from "../format/protocol/row-tracking.ts";
import { canonicalPath } from "../log/state/file-key.ts";
import { inCommitTimestamps, requiredOwnTime } from "../log/listing/commit-time.ts";
import type { Commit } from "../log/listing/read-commit.ts";

/** The provenance of a commit. */
export function infoOf({ actions }: Commit): CommitInfo | undefined {
  return actions.find((action): action is CommitInfo => action.kind === "commitInfo");
}

/**
 * When a commit happened, milliseconds since the Unix epoch: as it says itself, else as its file does.
 * @param after the table after it, at `tablePath`
 * @throws AlluviumError as `requiredOwnTime` where it must say so itself
 */
export function timeOf(commit: Commit, after: TrackedTable, tablePath: string): number {
  const commitInfo = infoOf(commit) ?? null;
  if (inCommitTimestamps(after.metadata.configuration) === null)
    return commitInfo?.inCommitTimestampMs ?? commit.fileTimestampMs;
  return requiredOwnTime({ tablePath, version: commit.version, commitInfo });
}

/** The table's protocol and metadata after a commit. */
export function tableAfter({ protocol, metadata }: TrackedTable, { actions }: Commit): TrackedTable {
  return {
    protocol: actions.findLast((action) => action.kind === "protocol") ?? protocol,
    metadata: actions.findLast((action) => action.kind === "metaData") ?? metadata,
  };
}

/** True for a commit that gives row ids to files which are there already, or takes them away, and does nothing else. */
export function isRowIdBackfill(winner: Commit): boolean {
  const operation = infoOf(winner)?.operation;
  return operation === "ROW TRACKING BACKFILL" || operation === "ROW TRACKING UNBACKFILL";
}

/** Files that an operation adds or removes, with the row ids that a winner has given them meanwhile. */
export function withBackfilledIds(actions: readonly Action[], winner: Commit): readonly Action[] {
  const added = winner.actions.filter((action): action is AddFile => action.kind === "add");
  const byPath = new Map(added.map((add) => [canonicalPath(add.path), add]));
  return actions.map((action) => {
    const given =
      action.kind === "add" || action.kind === "remove" ? byPath.get(canonicalPath(action.path)) : undefined;
    if (given?.baseRowId === undefined || given.defaultRowCommitVersion === undefined) return action;
    const { baseRowId, defaultRowCommitVersion } = given;
    return { ...(action as AddFile), baseRowId, defaultRowCommitVersion };
  });
}
