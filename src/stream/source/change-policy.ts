// stream/source/change-policy.ts: what a stream of appended rows does about commits that change or delete rows.
import { AlluviumError } from "../../format/text/error.ts";
import type { JsonValue } from "../../format/text/json.ts";
import type { IndexedCommit, RemovedFiles } from "./indexed-files.ts";
import { sumOfRows } from "./row-count.ts";
import type { DeltaSourceOptions } from "./source-options.ts";

/** The options that say what may pass. */
export type ChangePolicy = Pick<
  DeltaSourceOptions,
  "ignoreDeletes" | "ignoreChanges" | "ignoreFileDeletion" | "skipChangeCommits"
>;

/**
 * Decides about one commit by its actions with `dataChange`, never by its operation. Only adds: read. Removes without
 * adds: passed over if deletes or changes may pass. Removes with adds: with `skipChangeCommits` passed over whole;
 * with `ignoreChanges` its adds are read, so that unchanged rows of rewritten files come again.
 * @returns whether the commit's adds are passed over
 * @throws AlluviumError `DELTA_SOURCE_IGNORE_DELETE`, `DELTA_SOURCE_TABLE_IGNORE_CHANGES`
 */
export function isCommitSkipped(commit: IndexedCommit, policy: ChangePolicy, tablePath: string): boolean {
  if (commit.removed === null) return false;
  const changesPass = policy.ignoreChanges || policy.ignoreFileDeletion || policy.skipChangeCommits;
  if (commit.adds.length > 0 && !changesPass) throw changeRefused(commit, commit.removed, tablePath);
  if (commit.adds.length === 0 && !changesPass && !policy.ignoreDeletes)
    throw deleteRefused(commit, commit.removed, tablePath);
  return policy.skipChangeCommits;
}

function deleteRefused(commit: IndexedCommit, removed: RemovedFiles, tablePath: string): AlluviumError {
  return new AlluviumError(
    "DELTA_SOURCE_IGNORE_DELETE",
    contextOf(commit, removed, tablePath),
    `version ${commit.version} of ${tablePath} deletes rows (${describeOperation(commit)}): it removes ${describeRemoved(removed)}, for instance ${removed.firstPath}. A stream only carries new rows on. Either set ignoreDeletes to pass over commits that only delete, or skipChangeCommits to pass over every commit that deletes or changes; or, if the target must follow, start again with a new checkpoint location and an empty target`,
  );
}

function changeRefused(commit: IndexedCommit, removed: RemovedFiles, tablePath: string): AlluviumError {
  const added = `${plural(commit.adds.length, "file")}${describeRows(sumOfRows(commit.adds))}`;
  return new AlluviumError(
    "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
    contextOf(commit, removed, tablePath),
    `version ${commit.version} of ${tablePath} changes rows (${describeOperation(commit)}): it removes ${describeRemoved(removed)}, for instance ${removed.firstPath}, and adds ${added}. A stream only carries new rows on. Either set skipChangeCommits to pass over every commit that changes or deletes, or ignoreChanges to read the added files too (rows that did not change come again); or, if the target must follow, start again with a new checkpoint location and an empty target`,
  );
}

function contextOf(
  commit: IndexedCommit,
  removed: RemovedFiles,
  tablePath: string,
): Record<string, string | number | null> {
  return {
    table: tablePath,
    version: commit.version,
    operation: commit.commitInfo?.operation ?? null,
    file: removed.firstPath,
    removedFileCount: removed.count,
    removedRowCount: removed.rowCount,
    addedFileCount: commit.adds.length,
    addedRowCount: sumOfRows(commit.adds),
  };
}

function describeOperation({ commitInfo }: IndexedCommit): string {
  if (commitInfo?.operation === undefined) return "its operation is not on record";
  const parameters = Object.entries(commitInfo.operationParameters ?? {}).filter(
    ([, value]) => value !== null && value !== "[]" && value !== "{}",
  );
  const shown = parameters.map(([name, value]) => `${name}: ${showValue(value)}`).join(", ");
  return shown === "" ? commitInfo.operation : `${commitInfo.operation} with ${shown}`;
}

function showValue(value: JsonValue): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? `${value.length} values` : "an object";
  const text = String(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

const longestShown = 200;

function describeRemoved(removed: RemovedFiles): string {
  return `${plural(removed.count, "file")}${describeRows(removed.rowCount)}`;
}

function describeRows(rowCount: number | null): string {
  return rowCount === null ? "" : ` (${plural(rowCount, "row")})`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
