// stream/source/start-position.ts: where a stream begins that has no offset yet.
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { version } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import { versionAtTimestamp } from "../../log/snapshot/history.ts";
import { listLog } from "../../log/listing/list-log.ts";
import { commitPath } from "../../log/listing/read-commit.ts";
import type { DeltaSourceOptions } from "./source-options.ts";

/** Before the first file of `version`: of the table as it is then, or of that one commit. */
export interface StartPosition {
  readonly version: Version;
  readonly isInitialSnapshot: boolean;
}

/** What the start depends on. */
export interface StartRequest {
  readonly engine: Engine;
  readonly tablePath: string;
  readonly options: DeltaSourceOptions;
  /** Version of the table when the source was opened: the initial snapshot. */
  readonly pinnedVersion: Version;
  findHead(): Promise<Version>;
}

/**
 * Resolves the starting options. Without any, the stream begins with the table as it was when the source was opened, or
 * as of `endingVersion` if that is older.
 * @throws AlluviumError `DELTA_VERSION_NOT_FOUND`, `DELTA_TIMESTAMP_GREATER_THAN_COMMIT`, `INVALID_RANGE`
 */
export async function resolveStart(request: StartRequest): Promise<StartPosition> {
  const { options, pinnedVersion } = request;
  const ending = options.endingVersion;
  const first = await firstCommit(request);
  if (first === null) {
    return { version: ending !== null && ending < pinnedVersion ? ending : pinnedVersion, isInitialSnapshot: true };
  }
  // A start right after the last version is an empty stream, which is what "latest" may well mean.
  if (ending !== null && first > ending + 1) {
    const message = `the stream would start at version ${first} of ${request.tablePath}, which is after endingVersion ${ending}`;
    throw new AlluviumError(
      "INVALID_RANGE",
      { table: request.tablePath, startingVersion: first, endingVersion: ending },
      message,
    );
  }
  return { version: first, isInitialSnapshot: false };
}

async function firstCommit(request: StartRequest): Promise<Version | null> {
  const { startingVersion, startingTimestampMs } = request.options;
  if (startingVersion === "latest") return version((await request.findHead()) + 1);
  if (startingVersion !== null) {
    await checkAvailable(request, startingVersion);
    return startingVersion;
  }
  return startingTimestampMs === null ? null : commitAtOrAfter(request, startingTimestampMs);
}

async function checkAvailable({ engine, tablePath }: StartRequest, wanted: Version): Promise<void> {
  if ((await engine.files.stat(commitPath(tablePath, wanted))) !== null) return;
  const { commits } = await listLog(engine, tablePath);
  const earliest = commits[0] ?? null;
  const latest = commits.at(-1) ?? null;
  const available =
    earliest === null ? "no commits are left" : `the commits that are there are ${earliest} to ${latest ?? earliest}`;
  const message = `startingVersion ${wanted} of ${tablePath} is not there: ${available}`;
  const context = { table: tablePath, version: wanted, earliestVersion: earliest, latestVersion: latest };
  throw new AlluviumError("DELTA_VERSION_NOT_FOUND", context, message);
}

async function commitAtOrAfter({ engine, tablePath }: StartRequest, timestampMs: number): Promise<Version> {
  try {
    return await versionAtTimestamp(engine, tablePath, timestampMs, { mode: "at-or-after" });
  } catch (cause) {
    if (!(cause instanceof AlluviumError) || cause.code !== "TIMESTAMP_OUT_OF_RANGE") throw cause;
    const shown = new Date(timestampMs).toISOString();
    const message = `startingTimestamp ${shown} is after the last commit of ${tablePath} (${cause.message}); use startingVersion=latest to read only what is still to come`;
    throw new AlluviumError("DELTA_TIMESTAMP_GREATER_THAN_COMMIT", { table: tablePath, timestampMs }, message, {
      cause,
    });
  }
}
