// writer/assign-row-ids.ts: fresh row ids and commit versions of the files of one attempt. PROTOCOL.md, "Writer Requirements for Row
// Tracking". Each attempt assigns anew: another writer that won may have taken the ids.
import type { Action, AddFile } from "../format/action/action.ts";
import { AlluviumError } from "../format/text/error.ts";
import { parseStats } from "../format/value/file-stats.ts";
import type { Version } from "../format/text/ids.ts";
import {
  rowIdHighWaterMark,
  rowIdPolicy,
  rowTrackingAction,
  rowTrackingColumns,
  rowTrackingDomain,
} from "../format/protocol/row-tracking.ts";
import type { TrackedTable } from "../format/protocol/row-tracking.ts";

/** What the ids depend on. */
export interface AttemptFacts extends TrackedTable {
  readonly version: Version;
  /** The highest row id given before. */
  readonly highWaterMark: bigint;
}

/**
 * The actions with `baseRowId` and `defaultRowCommitVersion` in every add that has none yet, and the mark where it moved; without them
 * where the table has suspended its row tracking, also in files that are added again.
 * @throws AlluviumError `DELTA_ROW_ID_ASSIGNMENT_WITHOUT_STATS` for an add without a count of its rows, and as `rowIdPolicy`
 */
export function withRowIds(actions: readonly Action[], attempt: AttemptFacts): readonly Action[] {
  switch (rowIdPolicy(attempt)) {
    case "unsupported":
      return actions;
    case "suspended":
      return actions.map((action) => (action.kind === "add" ? withoutRowIds(action) : action));
    case "assigned":
      return assignRowIds(actions, attempt);
  }
}

/** A file of whose rows nobody knows any ids. */
export function withoutRowIds({ baseRowId: _id, defaultRowCommitVersion: _version, ...file }: AddFile): AddFile {
  return file;
}

function assignRowIds(actions: readonly Action[], { version, highWaterMark }: AttemptFacts): readonly Action[] {
  let mark = highWaterMark;
  const assigned = actions.map((action): Action => {
    if (action.kind !== "add") return action;
    const { baseRowId, defaultRowCommitVersion = BigInt(version) } = action;
    if (baseRowId !== undefined) return { ...action, defaultRowCommitVersion };
    const first = mark + 1n;
    mark += BigInt(rowCountOf(action.path, action.stats));
    return { ...action, baseRowId: first, defaultRowCommitVersion };
  });
  return mark === highWaterMark ? assigned : [...assigned, rowTrackingAction(mark)];
}

/**
 * Whether the rows that an operation moved have kept their ids: not where a winner has turned row tracking on since the operation was
 * prepared. Null where rows have none.
 */
export function keepsRowIds(attempt: TrackedTable, prepared: TrackedTable): boolean | null {
  return rowTrackingColumns(attempt) === null ? null : rowTrackingColumns(prepared) !== null;
}

/** The highest row id after a commit of another writer. */
export function highWaterMarkAfter(before: bigint, winner: readonly Action[]): bigint {
  for (const action of winner)
    if (action.kind === "domainMetadata" && action.domain === rowTrackingDomain) {
      const mark = rowIdHighWaterMark(action);
      return mark > before ? mark : before;
    }
  return before;
}

function rowCountOf(path: string, stats: string | undefined): number {
  const rowCount = stats === undefined ? undefined : parseStats(stats)?.numRecords;
  if (rowCount !== undefined) return rowCount;
  const message = `the rows of ${path} cannot be given ids, because its statistics do not say how many there are`;
  throw new AlluviumError("DELTA_ROW_ID_ASSIGNMENT_WITHOUT_STATS", { path }, message);
}
