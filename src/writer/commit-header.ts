// writer/commit-header.ts: the protocol and the metadata of a commit. PROTOCOL.md, "Protocol Evolution", "Change Metadata" and
// "Writer Requirements for In-Commit Timestamps".
import type { Action, Metadata, Protocol } from "../format/action/action.ts";
import { assert } from "../format/text/error.ts";
import { checkIcebergCompat } from "../format/protocol/iceberg-compat.ts";
import { keepsPartitionColumns } from "../format/protocol/partition-columns-in-files.ts";
import { upgradedProtocol } from "../format/protocol/protocol-upgrade.ts";
import { checkRowTracking } from "../format/protocol/row-tracking.ts";
import { parseSchema } from "../format/schema/schema-json.ts";
import { inCommitTimestamps } from "../log/listing/commit-time.ts";
import type { Snapshot } from "../log/state/snapshot.ts";

/** What a transaction wants of its table beside files; absent where it wants no change. */
export interface HeaderRequest {
  /** Null for a new table. */
  readonly snapshot: Snapshot | null;
  readonly metadata: Metadata | undefined;
  readonly protocol: Protocol | undefined;
}

/** The table's protocol and metadata after the commit, and which of the two the commit must carry. */
export interface CommitHeader {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly actions: readonly (Protocol | Metadata)[];
}

/**
 * Settles both. New metadata brings the features that it uses along.
 * @param actions all others of the commit
 * @throws AlluviumError as `upgradedProtocol` and `checkRowTracking`; `DELTA_ICEBERG_COMPAT_VIOLATION`
 */
export async function commitHeader(request: HeaderRequest, actions: readonly Action[]): Promise<CommitHeader> {
  const { snapshot } = request;
  const metadata = request.metadata ?? snapshot?.metadata;
  const asked = request.protocol ?? snapshot?.protocol;
  assert(metadata !== undefined && asked !== undefined, "a new table needs metadata and a protocol");
  const isChanged = snapshot !== null && request.metadata !== undefined;
  const protocol = isChanged ? upgradedProtocol(asked, metadata) : asked;
  const carried: (Protocol | Metadata)[] = [];
  if (protocol !== snapshot?.protocol) carried.push(protocol);
  if (request.metadata !== undefined) carried.push(metadata);
  if (request.metadata !== undefined) checkRowTracking(metadata, parseSchema(metadata.schemaString));
  if (carried.length > 0) {
    const fileCount = snapshot === null ? 0 : (await snapshot.files.totals()).count;
    const before = snapshot === null ? null : { metadata: snapshot.metadata, fileCount };
    const removed = actions.filter(({ kind }) => kind === "remove").length;
    checkIcebergCompat({ protocol, metadata, before, replacesFiles: removed >= fileCount });
  }
  return { protocol, metadata, actions: carried };
}

/** True when files that were written under one protocol lack what another asks of new files. */
export function asksMoreOfFiles(before: Protocol, after: Protocol, metadata: Metadata): boolean {
  return keepsPartitionColumns(after, metadata) && !keepsPartitionColumns(before, metadata);
}

/** When a commit happens, as it says itself. */
export interface TimedHeader {
  /** Null where the table's commits say nothing of their time. */
  readonly inCommitTimestampMs: number | null;
  readonly actions: readonly (Protocol | Metadata)[];
}

/** An attempt at a version. */
export interface TimedAttempt {
  readonly version: number;
  readonly nowMs: number;
  /** The time of the commit before; null for a new table. */
  readonly previousMs: number | null;
}

/**
 * The time of an attempt: later than the commit before. The commit that begins with such times says so in the metadata, so that
 * older commits are known to have none.
 */
export function timedHeader(
  { metadata, actions }: CommitHeader,
  before: Metadata | null,
  { version, nowMs, previousMs }: TimedAttempt,
): TimedHeader {
  if (inCommitTimestamps(metadata.configuration) === null) return { inCommitTimestampMs: null, actions };
  const inCommitTimestampMs = previousMs === null ? nowMs : Math.max(nowMs, previousMs + 1);
  const changed = actions.some(({ kind }) => kind === "metaData");
  if (!changed || before === null) return { inCommitTimestampMs, actions };
  const configuration = new Map(metadata.configuration);
  const wasOn = inCommitTimestamps(before.configuration) !== null;
  const since = wasOn
    ? sinceProperties.map((name) => before.configuration.get(name))
    : [String(version), String(inCommitTimestampMs)];
  sinceProperties.forEach((name, index) => {
    const value = since[index];
    if (value === undefined) configuration.delete(name);
    else configuration.set(name, value);
  });
  const timed = { ...metadata, configuration };
  return { inCommitTimestampMs, actions: actions.map((action) => (action.kind === "metaData" ? timed : action)) };
}

const sinceProperties: readonly string[] = [
  "delta.inCommitTimestampEnablementVersion",
  "delta.inCommitTimestampEnablementTimestamp",
];
