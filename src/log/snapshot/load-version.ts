// log/snapshot/load-version.ts: builds a version from a listed log: a checkpoint, if one can be read, and the commits after it.
// PROTOCOL.md, "Action Reconciliation".
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { Action } from "../../format/action/action.ts";
import type { Version } from "../../format/text/ids.ts";
import { parseCompactionConf } from "../listing/compaction-conf.ts";
import { inCommitTimestamps } from "../listing/commit-time.ts";
import { FileTable } from "../state/file-table.ts";
import { HiddenFiles } from "./hidden-files.ts";
import type { FileTotals } from "../state/file-table.ts";
import type { LogListing } from "../listing/list-log.ts";
import { openCheckpoint } from "../checkpoint/known-checkpoints.ts";
import { planSegments } from "../listing/log-segment.ts";
import type { LogSegment } from "../listing/log-segment.ts";
import { planSteps } from "../listing/log-steps.ts";
import type { LogStep } from "../listing/log-steps.ts";
import { LogSnapshot, tableShape, unchecked } from "./log-snapshot.ts";
import type { Lineage, SnapshotParts } from "./log-snapshot.ts";
import type { CheckpointContent } from "../checkpoint/read-checkpoint.ts";
import { commitPath, parseCommit, readCommit, readCommitInfo } from "../listing/read-commit.ts";
import { applyCommit, emptyState } from "../state/replay.ts";
import type { TableState } from "../state/replay.ts";
import { isVouchedFor, verifyChecksum } from "./verify-checksum.ts";

/**
 * Opens a version of a table whose log was listed.
 * @throws AlluviumError as `loadSnapshot`
 */
export async function loadFromListing(engine: Engine, listing: LogListing, version?: Version): Promise<LogSnapshot> {
  let damage: unknown = null;
  for (const segment of planSegments(listing, version)) {
    let content: CheckpointContent | null = null;
    try {
      if (segment.checkpoint !== null) content = await openCheckpoint(engine, listing.tablePath, segment.checkpoint);
    } catch (cause) {
      if (!(cause instanceof AlluviumError) || cause.code !== "CORRUPT_LOG") throw cause;
      damage ??= cause; // an older checkpoint, or the log from its start, may still tell
      continue;
    }
    const compacted = await replayCompacted(engine, listing, { segment, content });
    if (compacted !== null) return compacted;
    const steps = planSteps(segment.commits, []);
    const snapshot = await replaySegment(engine, listing, { segment, content, steps });
    await verifyChecksum(engine, listing, { snapshot, hasReadCommit: segment.commits.length > 0 });
    return snapshot;
  }
  throw damage;
}

/**
 * By way of log compactions; null where there are none, or one is damaged, or nothing vouches for what they give: one that lost a
 * line could not be told from a whole one. The commits that they stand for say all the same.
 */
async function replayCompacted(
  engine: Engine,
  listing: LogListing,
  opened: Omit<OpenedSegment, "steps">,
): Promise<LogSnapshot | null> {
  const { commits, version } = opened.segment;
  if (listing.compactions.length === 0 || !listing.checksums.has(version)) return null;
  if (!parseCompactionConf(engine.conf).isRead) return null;
  const steps = planSteps(commits, listing.compactions);
  if (steps.length === commits.length) return null;
  try {
    const snapshot = await replaySegment(engine, listing, { ...opened, steps });
    return (await isVouchedFor(engine, snapshot)) ? snapshot : null;
  } catch {
    return null; // whatever is wrong with the table itself, its commits tell it
  }
}

/** A segment, with what its checkpoint says. */
interface OpenedSegment {
  readonly segment: LogSegment;
  readonly content: CheckpointContent | null;
  readonly steps: readonly LogStep[];
}

async function replaySegment(
  engine: Engine,
  listing: LogListing,
  { segment, content, steps }: OpenedSegment,
): Promise<LogSnapshot> {
  const { tablePath } = listing;
  const { version } = segment;
  const base = content?.base ?? null;
  const table = new FileTable(base !== null);
  const hidden = base === null ? null : new HiddenFiles(base, table);
  const lineage: Lineage = {
    base,
    hidden,
    table,
    written: null,
    head: null,
    busy: Promise.resolve(),
    check: unchecked,
  };
  let state = emptyState;
  let tailTotals: FileTotals = { count: 0, sizeBytes: 0 };
  const apply = (at: Version, actions: readonly Action[]): void => {
    state = applyCommit(state, actions);
    tailTotals = table.apply({ version: at, actions, before: tailTotals });
  };
  if (segment.checkpoint !== null && content !== null) apply(segment.checkpoint.version, content.actions);
  for (const step of steps) apply(step.version, await readStep(engine, tablePath, step));
  state = await withCommitInfo(engine, { tablePath, segment, state, last: steps.at(-1) });
  const shape = tableShape({ tablePath, version, state }, null);
  const facts = { tablePath, version, takenAtMs: engine.clock.nowMs(), ...(await fileFacts(engine, listing, segment)) };
  const parts = { ...facts, state, tailTotals, lineage };
  const snapshot = new LogSnapshot(parts, shape);
  lineage.head = snapshot;
  return snapshot;
}

async function readStep(engine: Engine, tablePath: string, step: LogStep): Promise<readonly Action[]> {
  if (step.kind === "compaction") return parseCommit(await engine.files.read(step.path), step.path);
  const commit = await readCommit(engine, tablePath, step.version);
  if (commit === null) throw vanished(tablePath, step.version);
  return commit.actions;
}

interface ReplayedSegment {
  readonly tablePath: string;
  readonly segment: LogSegment;
  readonly state: TableState;
  /** Undefined where a checkpoint says it all. */
  readonly last: LogStep | undefined;
}

/**
 * A compaction does not keep the provenance of its commits: the last one's file is asked. Nor does a checkpoint of its own version:
 * there the file is asked where it holds the commit's time.
 */
async function withCommitInfo(
  engine: Engine,
  { tablePath, segment, state, last }: ReplayedSegment,
): Promise<TableState> {
  const hasOwnTime = state.metadata !== null && inCommitTimestamps(state.metadata.configuration) !== null;
  if (last?.kind === "commit" || (last === undefined && !hasOwnTime)) return state;
  try {
    return { ...state, commitInfo: (await readCommitInfo(engine, tablePath, segment.version)) ?? null };
  } catch (cause) {
    // The checkpoint says all that the table needs; a damaged commit beneath it takes nothing away.
    if (cause instanceof AlluviumError && cause.code === "CORRUPT_LOG") return state;
    throw cause;
  }
}

/** Of the commit's file; where that is gone its checkpoint tells the time. */
async function fileFacts(
  engine: Engine,
  { tablePath, commits }: LogListing,
  { version, checkpoint }: LogSegment,
): Promise<Pick<SnapshotParts, "fileTimestampMs" | "commitFile">> {
  const isListed = checkpoint?.version !== version || commits.includes(version);
  const commitFile = isListed ? await engine.files.stat(commitPath(tablePath, version)) : null;
  let fileTimestampMs = commitFile?.modificationTimeMs ?? 0;
  for (const path of commitFile === null ? (checkpoint?.paths ?? []) : [])
    fileTimestampMs = Math.max(fileTimestampMs, (await engine.files.stat(path))?.modificationTimeMs ?? 0);
  return { fileTimestampMs, commitFile };
}

function vanished(tablePath: string, version: Version): AlluviumError {
  const message = `the commit file of version ${version} of ${tablePath} was removed while the table was being opened; open it again`;
  return new AlluviumError("CORRUPT_LOG", { table: tablePath, missingVersion: version }, message);
}
