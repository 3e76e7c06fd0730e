// reader/change-range.ts: which commits a question for changes means, and whether they kept their changes.
// PROTOCOL.md, "Add CDC File"; ranges of times as the reference implementation has them.
import type { Engine } from "../engine/base/engine.ts";
import type { Metadata } from "../format/action/action.ts";
import { AlluviumError } from "../format/text/error.ts";
import { version as makeVersion } from "../format/text/ids.ts";
import type { Version } from "../format/text/ids.ts";
import { parseBoolean } from "../format/text/property-value.ts";
import { versionAtTimestamp } from "../log/snapshot/history.ts";
import type { Snapshot } from "../log/state/snapshot.ts";

/** One end of a range: a version, or a time in milliseconds since the Unix epoch. */
export type ChangePoint =
  | { readonly kind: "version"; readonly version: Version }
  | { readonly kind: "timestamp"; readonly timestampMs: number };

/** A range, both ends inclusive; it ends with the snapshot's version when `to` is absent. */
export interface ChangeQuery {
  readonly from: ChangePoint;
  readonly to?: ChangePoint | undefined;
}

/** Versions, both ends inclusive. */
export interface ChangeRange {
  readonly from: Version;
  readonly to: Version;
}

/**
 * The versions that a query means: from the first commit at or after a time, to the last one at or before it. What lies
 * beyond the snapshot is left out. Null when both ends are times between two neighbouring commits.
 * @throws AlluviumError `VERSION_NOT_FOUND` for a start after the snapshot's version, `INVALID_RANGE` for an end before the
 *   start, `TIMESTAMP_OUT_OF_RANGE`
 */
export async function resolveChangeRange(
  engine: Engine,
  snapshot: Snapshot,
  { from, to }: ChangeQuery,
): Promise<ChangeRange | null> {
  const { tablePath } = snapshot;
  const first = await resolvePoint(engine, tablePath, { point: from, isStart: true });
  const last = to === undefined ? null : await resolvePoint(engine, tablePath, { point: to, isStart: false });
  if (first > snapshot.version) throw startNotThere(snapshot, first);
  if (last !== null && from.kind === "timestamp" && to?.kind === "timestamp") {
    if (from.timestampMs > to.timestampMs) throw endBeforeStart(tablePath, first, last);
    if (last === first - 1) return null;
  }
  if (last !== null && last < first) throw endBeforeStart(tablePath, first, last);
  return { from: first, to: last === null || last > snapshot.version ? snapshot.version : last };
}

/** True when a table with this metadata keeps its changes. */
export function keepsChanges({ configuration }: Metadata): boolean {
  return ["delta.enableChangeDataFeed", "delta.enableChangeDataCapture"].some(
    (name) => parseBoolean(configuration.get(name) ?? "false") === true,
  );
}

/** The table did not keep its changes at `version`. */
export function changesNotKept(tablePath: string, version: Version, { from, to }: ChangeRange): AlluviumError {
  const message = `version ${version} of ${tablePath} keeps no changes: delta.enableChangeDataFeed is not true there, so the changes of versions ${from} to ${to} cannot be given; ask for versions from the one that turned it on`;
  return new AlluviumError("CHANGE_DATA_NOT_ENABLED", { table: tablePath, version, from, to }, message);
}

interface Point {
  readonly point: ChangePoint;
  readonly isStart: boolean;
}

async function resolvePoint(engine: Engine, tablePath: string, { point, isStart }: Point): Promise<Version> {
  if (point.kind === "version") return point.version;
  const mode = isStart ? "at-or-after" : "at-or-before";
  return makeVersion(await versionAtTimestamp(engine, tablePath, point.timestampMs, { mode }));
}

function startNotThere({ tablePath, version }: Snapshot, from: Version): AlluviumError {
  const message = `the changes of ${tablePath} cannot begin at version ${from}: its latest version is ${version}`;
  return new AlluviumError("VERSION_NOT_FOUND", { table: tablePath, version: from, latestVersion: version }, message);
}

function endBeforeStart(tablePath: string, from: Version, to: Version): AlluviumError {
  const message = `a range of changes of ${tablePath} cannot end (version ${to}) before it begins (version ${from})`;
  return new AlluviumError("INVALID_RANGE", { table: tablePath, from, to }, message);
}
