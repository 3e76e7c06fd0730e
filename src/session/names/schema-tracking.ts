// session/names/schema-tracking.ts: where the sources of a query keep their schema tracking logs, and what a frame over such a source looks like.
import { localPath } from "../../engine/files/local-path.ts";
import { sep } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { TrackingConfig } from "../../stream/source/metadata-tracker.ts";
import {
  SchemaTrackingLog,
  conflictingLocation,
  lookAhead,
  trackingDirectory,
} from "../../stream/source/schema-tracking-log.ts";
import type { DeltaSourceOptions } from "../../stream/source/source-options.ts";

/** A source of a query. */
export interface SourcePlace {
  readonly options: DeltaSourceOptions;
  readonly tablePath: string;
  /** Which one of the query's, from 0. */
  readonly index: number;
  /** Absolute. */
  readonly checkpointDirectory: string;
  readonly conf: ReadonlyMap<string, string>;
}

/**
 * How the metadata of a source is tracked; undefined where it is not.
 * @throws AlluviumError `DELTA_STREAMING_SCHEMA_LOCATION_NOT_UNDER_CHECKPOINT`
 */
export function trackingOf({ options, index, checkpointDirectory, conf }: SourcePlace): TrackingConfig | undefined {
  const { schemaTrackingLocation: location, streamingSourceTrackingId: trackingId } = options;
  if (location === null) return undefined;
  const root = localPath(location);
  const mayBeElsewhere = conf.get(elsewhereName)?.toLowerCase() === "true";
  if (!mayBeElsewhere && root !== checkpointDirectory && !root.startsWith(`${checkpointDirectory}${sep}`))
    throw notUnderCheckpoint(root, checkpointDirectory);
  const { allowSourceColumnRename, allowSourceColumnDrop, allowSourceColumnTypeChange } = options;
  const gates = { allowSourceColumnRename, allowSourceColumnDrop, allowSourceColumnTypeChange, conf };
  return { root, trackingId, sourcePath: `file:${checkpointDirectory}/sources/${index}`, gates };
}

/**
 * Checks that no two sources of a query have one log.
 * @throws AlluviumError `DELTA_STREAMING_SCHEMA_LOCATION_CONFLICT`
 */
export function checkDistinctLogs(sources: readonly Pick<SourcePlace, "options" | "tablePath">[]): void {
  const seen = new Set<string>();
  for (const { options, tablePath } of sources) {
    const { schemaTrackingLocation: location, streamingSourceTrackingId: trackingId } = options;
    if (location === null) continue;
    // The path stands for the id of the table, which tells no more.
    const place = { root: localPath(location), trackingId, tablePath, tableId: tablePath };
    const directory = trackingDirectory(place);
    if (seen.has(directory)) throw conflictingLocation(place);
    seen.add(directory);
  }
}

/**
 * The columns that a stream would read a table with: those of its log's newest entry where it has one.
 * @throws AlluviumError as `SchemaTrackingLog.open`
 */
export async function trackedSchema(
  engine: Engine,
  snapshot: Snapshot,
  options: DeltaSourceOptions,
): Promise<StructType> {
  const { schemaTrackingLocation: location, streamingSourceTrackingId: trackingId } = options;
  if (location === null) return snapshot.schema;
  const { tablePath, metadata } = snapshot;
  const place = { root: localPath(location), trackingId, tablePath, tableId: metadata.id };
  const { current } = await SchemaTrackingLog.open(engine, place);
  if (current === null) return snapshot.schema;
  return ((await lookAhead(engine, tablePath, current)) ?? current).schema;
}

const elsewhereName = "spark.databricks.delta.streaming.allowSchemaLocationOutsideCheckpointLocation";

function notUnderCheckpoint(root: string, checkpointDirectory: string): AlluviumError {
  const message = `schemaTrackingLocation ${root} must lie under the checkpoint location ${checkpointDirectory}, so that both live and go together: give a folder inside it, or the checkpoint location itself`;
  return new AlluviumError(
    "DELTA_STREAMING_SCHEMA_LOCATION_NOT_UNDER_CHECKPOINT",
    { schemaTrackingLocation: root, checkpointLocation: checkpointDirectory },
    message,
  );
}
