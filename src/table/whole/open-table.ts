// table/whole/open-table.ts: a table at the version that a person names.
import { localPath } from "../../engine/files/local-path.ts";
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type Version, version } from "../../format/text/ids.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { parseTimestamp } from "./time-travel.ts";

/** Which version of a table to open; the latest when neither is given. */
export interface OpenOptions {
  readonly version?: number | undefined;
  /** The newest version committed at or before this time; ISO 8601 text is UTC unless it names a zone. */
  readonly timestamp?: string | Date | undefined;
}

/** Loads the snapshot that the options name. */
export async function openSnapshot(engine: Engine, path: string, options: OpenOptions): Promise<Snapshot> {
  const tablePath = localPath(path);
  const { version: n, timestamp } = options;
  if (n !== undefined) return loadSnapshot(engine, tablePath, { version: requestedVersion(n) });
  if (timestamp === undefined) return loadSnapshot(engine, tablePath);
  return loadSnapshot(engine, tablePath, { timestampMs: parseTimestamp(timestamp) });
}

/** @throws AlluviumError `INVALID_ARGUMENT` for what cannot be a version */
function requestedVersion(n: number): Version {
  if (Number.isSafeInteger(n) && n >= 0) return version(n);
  throw new AlluviumError("INVALID_ARGUMENT", { version: n }, `a version is a whole number from 0, not ${n}`);
}
