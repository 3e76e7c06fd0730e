// stream/source/metadata-tracker.ts: what a source with a schema tracking log reads with, and where it must stop for a change. A change is a
// barrier: a batch ends before its rows, then it goes on record, and the query fails, for only a restart reads with other columns.
import type { Engine } from "../../engine/base/engine.ts";
import type { Metadata, Protocol } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { version as makeVersion } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import { canRead, keepsColumns } from "../../format/protocol/schema-compatibility.ts";
import { formatType } from "../../format/schema/schema-type.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { LogTail } from "./log-tail.ts";
import { checkEvolution } from "./schema-evolution.ts";
import type { EvolutionGates } from "./schema-evolution.ts";
import { SchemaTrackingLog, lookAhead } from "./schema-tracking-log.ts";
import { readMetadataOf, readsAlike } from "./tracked-metadata.ts";
import type { ReadMetadata } from "./tracked-metadata.ts";

/** How a source's metadata is tracked. */
export interface TrackingConfig {
  /** Absolute path of `schemaTrackingLocation`. */
  readonly root: string;
  readonly trackingId: string | null;
  /** Folder of the source inside the checkpoint, as a URI, such as `file:/data/checkpoint/sources/0`. */
  readonly sourcePath: string;
  readonly gates: EvolutionGates;
}

/** What a commit, or a snapshot, says of how its table is read. */
export interface MetadataChange {
  readonly version: Version;
  readonly metadata: readonly Metadata[];
  readonly protocols: readonly Protocol[];
}

/** Follows the metadata of one source. */
export class MetadataTracker {
  /** What rows are read with for as long as the source lives. */
  readonly read: ReadMetadata;
  readonly #engine: Engine;
  readonly #snapshot: Snapshot;
  readonly #config: TrackingConfig;
  readonly #log: SchemaTrackingLog;
  /** Version of the entry that the source was opened with; null for an empty log. */
  readonly #sinceVersion: Version | null;

  private constructor(engine: Engine, parts: { snapshot: Snapshot; config: TrackingConfig; log: SchemaTrackingLog }) {
    const { metadata, protocol } = parts.snapshot;
    this.#engine = engine;
    this.#snapshot = parts.snapshot;
    this.#config = parts.config;
    this.#log = parts.log;
    this.#sinceVersion = parts.log.current?.version ?? null;
    this.read = parts.log.current ?? readMetadataOf(metadata, protocol);
  }

  /**
   * Opens the log of a source, draws a series of changes together, and checks that the last one may pass.
   * @param snapshot the table as it is now
   * @throws AlluviumError what `SchemaTrackingLog.open` and `checkEvolution` throw; `DELTA_STREAMING_SCHEMA_LOCATION_CONFLICT` for the log
   *   of another source
   */
  static async open(engine: Engine, snapshot: Snapshot, config: TrackingConfig): Promise<MetadataTracker> {
    const { root, trackingId, sourcePath, gates } = config;
    const { tablePath, metadata } = snapshot;
    const log = await SchemaTrackingLog.open(engine, { root, trackingId, tablePath, tableId: metadata.id });
    const { current } = log;
    if (current !== null && current.sourcePath !== sourcePath) throw otherSource(config, current.sourcePath);
    const merged = current === null ? null : await lookAhead(engine, tablePath, current);
    if (merged !== null) await log.add(merged, true);
    const previous = await log.previous();
    if (previous !== null && log.current !== null) checkEvolution(previous, log.current, gates);
    return new MetadataTracker(engine, { snapshot, config, log });
  }

  /** True where rows from this version on are read with something else. */
  isChange({ version, metadata, protocols }: MetadataChange): boolean {
    if (this.#sinceVersion !== null && this.#sinceVersion >= version) return false;
    const [changed, protocol] = [metadata.at(-1), protocols.at(-1)];
    if (changed === undefined && protocol === undefined) return false;
    return !readsAlike(this.#after(changed, protocol), this.read);
  }

  /**
   * Puts a change on record, which ends the query; nothing happens for what is no change.
   * @param replaces whether nothing was read with what the newest entry says
   * @throws AlluviumError `DELTA_STREAMING_METADATA_EVOLUTION`
   */
  async evolve(change: MetadataChange, replaces = false): Promise<void> {
    if (!this.isChange(change)) return;
    const read = this.#after(change.metadata.at(-1), change.protocols.at(-1));
    await this.#put(change.version, read, replaces);
    throw evolved(this.#snapshot.tablePath, change.version, read);
  }

  /**
   * Begins an empty log with what the table is read with at the version at which reading begins.
   * @throws AlluviumError `DELTA_STREAMING_METADATA_EVOLUTION` where that is not what the source was opened with
   */
  async begin(at: number): Promise<void> {
    if (this.#log.current !== null) return;
    const snapshot = await this.#snapshotAt(Math.max(0, at));
    await this.#beginWith(snapshot.version, readMetadataOf(snapshot.metadata, snapshot.protocol));
  }

  /**
   * Begins an empty log for a batch that was promised without one: its range can no longer be cut at a change.
   * @param from first version of the batch
   * @param to last version of the batch
   * @throws AlluviumError `DELTA_STREAMING_SCHEMA_LOG_INIT_FAILED_INCOMPATIBLE_METADATA` where no one schema reads all of it; as `begin`
   */
  async beginWithin(tail: LogTail, from: number, to: number): Promise<void> {
    if (this.#log.current !== null) return;
    const first = await this.#snapshotAt(from);
    const seen = [readMetadataOf(first.metadata, first.protocol)];
    for await (const commit of tail.walk({ from: makeVersion(from), before: to + 1 })) {
      const [metadata, protocol] = [commit.metadata.at(-1), commit.protocols.at(-1)];
      const before = seen.at(-1) ?? this.read;
      if (metadata !== undefined || protocol !== undefined) seen.push(this.#after(metadata, protocol, before));
    }
    const last = seen.at(-1) ?? this.read;
    const isReadable = ({ schema }: ReadMetadata): boolean =>
      keepsColumns({ data: schema, read: last.schema }) && canRead({ data: schema, read: last.schema });
    if (!seen.every(isReadable)) throw beginFailed(this.#snapshot.tablePath, from, to);
    await this.#beginWith(makeVersion(Math.max(from, to)), last);
  }

  async #beginWith(version: Version, read: ReadMetadata): Promise<void> {
    await this.#put(version, read, false);
    if (!readsAlike(read, this.read)) throw evolved(this.#snapshot.tablePath, version, read);
  }

  async #put(version: Version, read: ReadMetadata, replaces: boolean): Promise<void> {
    const { sourcePath } = this.#config;
    await this.#log.add({ ...read, tableId: this.#snapshot.metadata.id, version, sourcePath }, replaces);
  }

  #after(
    metadata: Metadata | undefined,
    protocol: Protocol | undefined,
    before: ReadMetadata = this.read,
  ): ReadMetadata {
    const changed = protocol ?? before.protocol;
    return metadata === undefined ? { ...before, protocol: changed } : readMetadataOf(metadata, changed);
  }

  async #snapshotAt(at: number): Promise<Snapshot> {
    if (at >= this.#snapshot.version) return this.#snapshot;
    return loadSnapshot(this.#engine, this.#snapshot.tablePath, { version: makeVersion(at) });
  }
}

function evolved(tablePath: string, version: Version, { schema }: ReadMetadata): AlluviumError {
  const columns = schema.fields.map((field) => `${field.name} ${formatType(field.type)}`).join(", ");
  const message = `schema, settings or protocol of ${tablePath} changed at version ${version}, and the change is now on record in the schema tracking log: restart the query to go on with the columns ${columns}`;
  return new AlluviumError("DELTA_STREAMING_METADATA_EVOLUTION", { table: tablePath, version }, message);
}

function beginFailed(tablePath: string, from: number, to: number): AlluviumError {
  const message = `the checkpoint has a batch over versions ${from} to ${to} of ${tablePath}, and no one schema reads both ends of it, so that a schema tracking log cannot begin there: start with a new checkpoint location`;
  return new AlluviumError(
    "DELTA_STREAMING_SCHEMA_LOG_INIT_FAILED_INCOMPATIBLE_METADATA",
    { table: tablePath, fromVersion: from, toVersion: to },
    message,
  );
}

function otherSource({ root, sourcePath }: TrackingConfig, found: string): AlluviumError {
  const message = `the schema tracking log in ${root} is that of ${found}, not of ${sourcePath}: give this source another schemaTrackingLocation, or a streamingSourceTrackingId`;
  return new AlluviumError("DELTA_STREAMING_SCHEMA_LOCATION_CONFLICT", { root, sourcePath, found }, message);
}
