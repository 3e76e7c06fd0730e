// reader/change-commits.ts: the commits of a range of changes, checked before a row is read: their changes were kept, and
// their rows fit one schema. Delta's rules.
import type { Engine } from "../engine/base/engine.ts";
import type { Action, Metadata, Protocol } from "../format/action/action.ts";
import { AlluviumError } from "../format/text/error.ts";
import { version as makeVersion } from "../format/text/ids.ts";
import type { Version } from "../format/text/ids.ts";
import { canRead, isMapped, keepsColumns } from "../format/protocol/schema-compatibility.ts";
import { parseSchema } from "../format/schema/schema-json.ts";
import { formatType } from "../format/schema/schema-type.ts";
import { requireReadable } from "../format/protocol/table-feature.ts";
import { fileCommitTimestamps } from "../log/snapshot/history.ts";
import { loadSnapshot } from "../log/snapshot/load-snapshot.ts";
import { readCommit } from "../log/listing/read-commit.ts";
import type { Snapshot } from "../log/state/snapshot.ts";
import { changesNotKept, keepsChanges } from "./change-range.ts";
import type { ChangeRange } from "./change-range.ts";
import { planCommitChanges } from "./plan-changes.ts";
import type { CommitChanges } from "./plan-changes.ts";

/** The changes of one commit. */
export interface ChangeCommit {
  readonly version: Version;
  /** Milliseconds since the Unix epoch. */
  readonly timestampMs: number;
  readonly changes: CommitChanges;
  /** Partition columns of the files that the commit adds, and of those that it removes. */
  readonly partitionColumns: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

/** A range whose changes can be read as `read`'s schema. */
export interface CheckedRange {
  readonly read: Snapshot;
  readonly commits: readonly ChangeCommit[];
}

/**
 * Reads and checks the commits of a range.
 * @param snapshot the table at `range.to` or later: its schema is that of the changes, or where columns are mapped the schema at `range.to`
 * @throws AlluviumError `VERSION_NOT_FOUND` for a commit that is no longer there, `CHANGE_DATA_NOT_ENABLED`, `INVALID_RANGE`
 *   when no one schema reads all rows of the range, and as `loadSnapshot`
 */
export async function checkedRange(engine: Engine, snapshot: Snapshot, range: ChangeRange): Promise<CheckedRange> {
  const { tablePath } = snapshot;
  const start = await loadSnapshot(engine, tablePath, { version: range.from });
  if (!keepsChanges(start.metadata)) throw changesNotKept(tablePath, range.from, range);
  const end = range.to === snapshot.version ? snapshot : await loadSnapshot(engine, tablePath, { version: range.to });
  const read = [snapshot, start, end].some(({ metadata }) => isMapped(metadata)) ? end : snapshot;
  const times = await fileCommitTimestamps(engine, tablePath);
  const state = { protocol: start.protocol, metadata: start.metadata };
  const commits: ChangeCommit[] = [];
  for (let at = range.from; at <= range.to; at = makeVersion(at + 1)) {
    const commit = await readCommit(engine, tablePath, at);
    if (commit === null) throw commitNotThere(tablePath, at, range);
    const before = state.metadata.partitionColumns;
    followState(state, commit.actions);
    if (!keepsChanges(state.metadata)) throw changesNotKept(tablePath, at, range);
    if (at > range.from && commit.actions.some((action) => action.kind === "metaData"))
      requireSameColumns(read, state.metadata, at);
    const ownTime = commit.actions.find((action) => action.kind === "commitInfo")?.inCommitTimestampMs;
    commits.push({
      version: at,
      timestampMs: ownTime ?? times.get(at) ?? commit.fileTimestampMs,
      changes: planCommitChanges(commit.actions),
      partitionColumns: { added: state.metadata.partitionColumns, removed: before },
    });
  }
  requireSameColumns(read, start.metadata, range.from);
  return { read, commits };
}

interface CommitState {
  protocol: Protocol;
  metadata: Metadata;
}

function followState(state: CommitState, actions: readonly Action[]): void {
  const protocol = actions.findLast((action) => action.kind === "protocol");
  const metadata = actions.findLast((action) => action.kind === "metaData");
  state.protocol = protocol ?? state.protocol;
  state.metadata = metadata ?? state.metadata;
  if (protocol !== undefined || metadata !== undefined) requireReadable(state.protocol, state.metadata);
}

/** Checks that rows written under some metadata of the range can be read with the schema of the changes. */
function requireSameColumns(read: Snapshot, metadata: Metadata, at: Version): void {
  const isEarlier = at <= read.version;
  const schema = parseSchema(metadata.schemaString);
  const [data, later] = isEarlier ? [schema, read.schema] : [read.schema, schema];
  const isDowngrade = isMapped(isEarlier ? metadata : read.metadata) && !isMapped(isEarlier ? read.metadata : metadata);
  if (!isDowngrade && keepsColumns({ data, read: later }) && canRead({ data, read: later })) return;
  const message = `the changes of ${read.tablePath} cannot be read as one table: version ${at} has the columns ${formatType(schema)}, which rows of ${formatType(read.schema)} (version ${read.version}) do not fit; ask for the versions before and after that change one by one`;
  throw new AlluviumError(
    "INVALID_RANGE",
    { table: read.tablePath, version: at, schemaVersion: read.version },
    message,
  );
}

function commitNotThere(tablePath: string, version: Version, { from, to }: ChangeRange): AlluviumError {
  const message = `the changes of versions ${from} to ${to} of ${tablePath} cannot be given: the commit file of version ${version} is no longer there`;
  return new AlluviumError("VERSION_NOT_FOUND", { table: tablePath, version, from, to }, message);
}
