// log/snapshot/load-snapshot.ts: opens a table, and brings a snapshot up to date. PROTOCOL.md, "Action Reconciliation".
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";
import { advanceSnapshot, canFollow, snapshotAfter } from "./advance-snapshot.ts";
import type { OwnCommit } from "./advance-snapshot.ts";
import { listLog } from "../listing/list-log.ts";
import type { LogListing } from "../listing/list-log.ts";
import { loadFromListing } from "./load-version.ts";
import { LogSnapshot } from "./log-snapshot.ts";
import type { Snapshot } from "../state/snapshot.ts";
import { versionAtTimestamp } from "./version-at-timestamp.ts";

/** Which version to open; the latest when neither is given. */
export interface SnapshotAt {
  readonly version?: Version | undefined;
  /** The version that was the latest at that time, milliseconds since the Unix epoch. */
  readonly timestampMs?: number | undefined;
}

/**
 * Opens a table.
 * @param tablePath absolute
 * @throws AlluviumError `TABLE_NOT_FOUND`, `VERSION_NOT_FOUND`, `TIMESTAMP_OUT_OF_RANGE`, `CORRUPT_LOG`, `UNSUPPORTED_FEATURE`,
 *   `INVALID_ARGUMENT` when both a version and a time are given
 */
export async function loadSnapshot(engine: Engine, tablePath: string, at: SnapshotAt = {}): Promise<Snapshot> {
  if (at.version !== undefined && at.timestampMs !== undefined) {
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { table: tablePath },
      "give a version or a timestamp to open a table at, not both",
    );
  }
  const version =
    at.timestampMs === undefined
      ? at.version
      : await versionAtTimestamp(engine, tablePath, at.timestampMs, { mode: "at-or-before" });
  let listing = await listLog(engine, tablePath);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await loadFromListing(engine, listing, version);
    } catch (cause) {
      // Another process may have cleaned the log between the listing and the reading.
      const fresh = await listLog(engine, tablePath);
      if (attempt === attemptsMax || !isCleaned(listing, fresh)) throw cause;
      listing = fresh;
    }
  }
}

/**
 * Brings a snapshot up to date by reading the commits that follow it: its cost does not grow with the table. Where nothing
 * is new, the same object comes back; where the table was replaced or the log cleaned beneath it, the table is opened anew.
 * @throws AlluviumError as `loadSnapshot`
 */
export async function refreshSnapshot(engine: Engine, snapshot: Snapshot): Promise<Snapshot> {
  if (!(snapshot instanceof LogSnapshot) || !(await canFollow(engine, snapshot)))
    return loadSnapshot(engine, snapshot.tablePath);
  return advanceSnapshot(engine, snapshot);
}

/**
 * The snapshot after a commit that this process has just published.
 * @param snapshot what the commit was made from
 * @throws AlluviumError as `loadSnapshot`
 */
export async function snapshotAfterOwn(engine: Engine, snapshot: Snapshot, own: OwnCommit): Promise<Snapshot> {
  return snapshot instanceof LogSnapshot ? snapshotAfter(engine, snapshot, own) : refreshSnapshot(engine, snapshot);
}

/** True when there is a Delta table at that path. */
export async function tableExists(engine: Engine, tablePath: string): Promise<boolean> {
  return (await listLog(engine, tablePath)).latestVersion !== null;
}

const attemptsMax = 3;

function isCleaned(before: LogListing, after: LogListing): boolean {
  const left = new Set(after.files.map((file) => file.path));
  return before.files.some((file) => !left.has(file.path));
}
