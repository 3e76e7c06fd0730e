// stream/source/schema-tracking-log.ts: the log that `schemaTrackingLocation` names: what a stream read its table with, change by change.
// Delta's `DeltaSourceMetadataTrackingLog`.
import { join } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import type { Action } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { version as makeVersion } from "../../format/text/ids.ts";
import { readCommit } from "../../log/listing/read-commit.ts";
import { MetadataLog } from "../checkpoint/metadata-log.ts";
import { damagedLog, readMetadataOf, trackedMetadataCodec } from "./tracked-metadata.ts";
import type { TrackedMetadata } from "./tracked-metadata.ts";

/** Which log of which table. */
export interface TrackingLocation {
  /** Absolute path of the folder that the option names. */
  readonly root: string;
  /** Tells the sources of one query that read one table apart. `streamingSourceTrackingId` */
  readonly trackingId: string | null;
  readonly tablePath: string;
  /** Id of the table that is there now. */
  readonly tableId: string;
}

/** The log of one source. */
export class SchemaTrackingLog {
  readonly #log: MetadataLog<TrackedMetadata>;
  readonly #location: TrackingLocation;
  #current: TrackedMetadata | null;

  private constructor(log: MetadataLog<TrackedMetadata>, location: TrackingLocation, current: TrackedMetadata | null) {
    this.#log = log;
    this.#location = location;
    this.#current = current;
  }

  /**
   * Opens a log; a folder that is not there is an empty one.
   * @throws AlluviumError `DELTA_STREAMING_SCHEMA_LOG_DESERIALIZE_FAILED`, `DELTA_STREAMING_SCHEMA_LOG_PARSE_SCHEMA_FAILED`,
   *   `DELTA_STREAMING_SCHEMA_LOG_INCOMPATIBLE_DELTA_TABLE_ID`
   */
  static async open(engine: Engine, location: TrackingLocation): Promise<SchemaTrackingLog> {
    const log = await MetadataLog.open(engine.files, trackingDirectory(location), trackedMetadataCodec);
    const current = log.latestId === null ? null : await readEntry(log, log.latestId);
    if (current !== null && current.tableId !== location.tableId) throw otherTable(location, current);
    return new SchemaTrackingLog(log, location, current);
  }

  /** The newest entry; null for an empty log. */
  get current(): TrackedMetadata | null {
    return this.#current;
  }

  /** The entry that the newest follows; null where there is none. @throws AlluviumError as `open` */
  async previous(): Promise<TrackedMetadata | null> {
    const id = this.#previousId();
    return id === null || id < 0 ? null : readEntry(this.#log, id);
  }

  /**
   * Writes an entry, durably.
   * @param replaces whether it takes the place of the newest, so that the one before that is what it follows
   * @throws AlluviumError `DELTA_STREAMING_SCHEMA_LOCATION_CONFLICT` when another stream has written one
   */
  async add(entry: Omit<TrackedMetadata, "previousId">, replaces: boolean): Promise<TrackedMetadata> {
    const tracked = { ...entry, previousId: replaces && this.#current !== null ? this.#previousId() : null };
    try {
      await this.#log.add((this.#log.latestId ?? -1) + 1, tracked);
    } catch (cause) {
      if (cause instanceof AlluviumError && cause.code === "CONCURRENT_STREAM_LOG_UPDATE")
        throw conflictingLocation(this.#location, cause);
      throw cause;
    }
    this.#current = tracked;
    return tracked;
  }

  #previousId(): number | null {
    return this.#log.latestId === null ? null : (this.#current?.previousId ?? this.#log.latestId - 1);
  }
}

/** The folder of a log. */
export function trackingDirectory({ root, tableId, trackingId }: TrackingLocation): string {
  return join(root, `_schema_log_${tableId}${trackingId === null ? "" : `_${trackingId}`}`);
}

/**
 * The entry into which the commits that follow an entry and say nothing but metadata and protocol can be drawn together, so that a
 * series of changes stops a stream once; null where there is but one change.
 * @throws AlluviumError `CORRUPT_LOG`
 */
export async function lookAhead(
  engine: Engine,
  tablePath: string,
  from: TrackedMetadata,
): Promise<TrackedMetadata | null> {
  let merged = from;
  for (let at = from.version; ; at = makeVersion(at + 1)) {
    const commit = await readCommit(engine, tablePath, at);
    const found = commit === null ? null : metadataAlone(commit.actions);
    if (found === null) return merged.version === from.version ? null : merged;
    const protocol = found.protocol ?? merged.protocol;
    const changed = found.metadata === undefined ? merged : readMetadataOf(found.metadata, protocol);
    merged = { ...merged, ...changed, protocol, version: at };
  }
}

type OfKind<K extends Action["kind"]> = Extract<Action, { kind: K }>;

function metadataAlone(actions: readonly Action[]): {
  readonly metadata: OfKind<"metaData"> | undefined;
  readonly protocol: OfKind<"protocol"> | undefined;
} | null {
  if (actions.some(({ kind }) => kind === "add" || kind === "remove" || kind === "cdc")) return null;
  const metadata = actions.findLast((action): action is OfKind<"metaData"> => action.kind === "metaData");
  const protocol = actions.findLast((action): action is OfKind<"protocol"> => action.kind === "protocol");
  return metadata === undefined && protocol === undefined ? null : { metadata, protocol };
}

async function readEntry(log: MetadataLog<TrackedMetadata>, id: number): Promise<TrackedMetadata | null> {
  try {
    return await log.read(id);
  } catch (cause) {
    const isDamage = cause instanceof AlluviumError && damageCodes.has(cause.code);
    throw isDamage ? damagedLog(log.pathOf(id), cause) : cause;
  }
}

const damageCodes: ReadonlySet<string> = new Set([
  "STREAMING_CHECKPOINT_CORRUPT",
  "MALFORMED_LOG_FILE",
  "FILE_NOT_FOUND",
]);

function otherTable(
  { root, tablePath, tableId }: TrackingLocation,
  { tableId: tracked }: TrackedMetadata,
): AlluviumError {
  const message = `the schema tracking log in ${root} is that of the table with id ${tracked}, and ${tablePath} has the id ${tableId}: give schemaTrackingLocation a folder of its own`;
  return new AlluviumError(
    "DELTA_STREAMING_SCHEMA_LOG_INCOMPATIBLE_DELTA_TABLE_ID",
    { root, tableId, tracked },
    message,
  );
}

/** Two sources have one log. */
export function conflictingLocation(location: TrackingLocation, cause?: unknown): AlluviumError {
  const { tablePath } = location;
  const directory = trackingDirectory(location);
  const message = `${directory} is the schema tracking log of more than one stream over ${tablePath}: give one of them another schemaTrackingLocation, or a streamingSourceTrackingId`;
  return new AlluviumError("DELTA_STREAMING_SCHEMA_LOCATION_CONFLICT", { table: tablePath, directory }, message, {
    cause,
  });
}
