// stream/source/open-delta-source.ts: a Delta table opened as the source of a stream, checked against what the query was made for.
import type { Engine } from "../../engine/base/engine.ts";
import { columnMappingMode } from "../../format/protocol/column-mapping.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { loadSnapshot, refreshSnapshot } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { keepsChanges } from "../../reader/change-range.ts";
import { changesNotKept } from "./commit-guard.ts";
import { DeltaSource } from "./delta-source.ts";
import { LogTail } from "./log-tail.ts";
import { MetadataTracker } from "./metadata-tracker.ts";
import type { TrackingConfig } from "./metadata-tracker.ts";
import { differentTable } from "../checkpoint/offset.ts";
import { checkAnalysedSchema } from "./schema-guard.ts";
import type { DeltaSourceOptions } from "./source-options.ts";
import type { Source } from "../plan/source.ts";

/** What a source is opened with. */
export interface DeltaSourceConfig {
  /** Absolute. */
  readonly tablePath: string;
  readonly options: DeltaSourceOptions;
  /** The schema that the query was analysed with, without the columns of changes; the table's own when absent. */
  readonly schema?: StructType;
  /** The table's id as the query was analysed. */
  readonly tableId?: string;
  /** A snapshot that is at hand already; it is brought up to date. */
  readonly snapshot?: Snapshot;
  /** Where `schemaTrackingLocation` is given: rows are read with what the log there says, and changes are put down in it. */
  readonly tracking?: TrackingConfig;
}

/**
 * Opens a table as a source. The table's version at this moment is the initial snapshot of a stream that is new.
 * @throws AlluviumError what `loadSnapshot` throws; `DELTA_SCHEMA_NOT_SET` for a table without columns;
 *   `DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE` and `DELTA_STREAMING_SCHEMA_MISMATCH_ON_RESTART` when the table is
 *   no longer the one that was analysed; what `MetadataTracker.open` throws
 */
export async function openDeltaSource(engine: Engine, config: DeltaSourceConfig): Promise<Source> {
  const { tablePath, options } = config;
  const snapshot = await (config.snapshot === undefined
    ? loadSnapshot(engine, tablePath)
    : refreshSnapshot(engine, config.snapshot));
  const { id } = snapshot.metadata;
  if (config.tableId !== undefined && config.tableId !== id) throw differentTable(id, config.tableId);
  if (snapshot.schema.fields.length === 0) {
    const message = `${tablePath} has no columns yet, so there is nothing to stream; write to it or give it a schema first`;
    throw new AlluviumError("DELTA_SCHEMA_NOT_SET", { table: tablePath }, message);
  }
  if (options.readChangeFeed && !keepsChanges(snapshot.metadata)) throw changesNotKept(tablePath, snapshot.version);
  const { tracking } = config;
  const tracker = tracking === undefined ? null : await MetadataTracker.open(engine, snapshot, tracking);
  const { metadata, protocol } =
    tracker === null ? snapshot : { metadata: trackedMetadata(snapshot, tracker), ...tracker.read };
  const schema = config.schema ?? tracker?.read.schema ?? snapshot.schema;
  checkAnalysedSchema(schema, { path: tablePath, schema: tracker?.read.schema ?? snapshot.schema, metadata });
  const hasStartingOption = options.startingVersion !== null || options.startingTimestampMs !== null;
  const analysed = {
    tablePath,
    tableId: id,
    version: snapshot.version,
    schema,
    partitionColumns: metadata.partitionColumns,
    columnMapping: columnMappingMode(protocol, metadata),
    hasStartingOption,
  };
  const tail = await LogTail.open(engine, snapshot, options.failOnDataLoss);
  return new DeltaSource(engine, { snapshot, options, analysed, tail, tracker });
}

/** The table's metadata as rows are read with it. */
function trackedMetadata({ metadata }: Snapshot, { read }: MetadataTracker): Snapshot["metadata"] {
  const { partitionColumns, configuration } = read;
  return { ...metadata, partitionColumns, configuration };
}
