// log/snapshot/log-snapshot.ts: a snapshot over a shared table of files. Snapshots of one lineage share everything but their version.
import type {
  AddFile,
  DomainMetadata,
  Metadata,
  Protocol,
  RemoveFile,
  SetTransaction,
} from "../../format/action/action.ts";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";
import { corruptLog } from "../../format/text/expect.ts";
import { quoteName } from "../../format/schema/schema-check.ts";
import { parseSchema } from "../../format/schema/schema-json.ts";
import { findField } from "../../format/schema/schema-type.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { isFeatureSupported, requireReadable } from "../../format/protocol/table-feature.ts";
import { requireKnownTypeChanges } from "../../format/protocol/type-change.ts";
import { tableProperties } from "../../format/property/table-property.ts";
import type { TableProperties } from "../../format/property/table-property.ts";
import type { CheckpointBase } from "../checkpoint/checkpoint-base.ts";
import { inCommitTimestamps, requiredOwnTime } from "../listing/commit-time.ts";
import { fileKey } from "../state/file-key.ts";
import type { FileTable, FileTotals, TouchedKey } from "../state/file-table.ts";
import type { HiddenFiles } from "./hidden-files.ts";
import { once } from "../state/once.ts";
import type { TableState } from "../state/replay.ts";
import type { ActiveFiles, Snapshot } from "../state/snapshot.ts";

/** What tells one commit file from another that took its name: a table that was made anew. */
export interface CommitIdentity {
  readonly modificationTimeMs: number;
  readonly sizeBytes: number;
}

/** What the snapshots that grew out of one load have in common. */
export interface Lineage {
  readonly base: CheckpointBase | null;
  /** What actions after the base hide of it; null without one. */
  readonly hidden: HiddenFiles | null;
  readonly table: FileTable;
  /** The newest snapshot so far. */
  head: LogSnapshot | null;
  /** The end of the last step: steps follow one another. */
  busy: Promise<unknown>;
  /** What must turn out well before files are handed out. */
  check: () => Promise<void>;
}

/** Nothing must. */
export const unchecked = (): Promise<void> => Promise.resolve();

/** Lets nobody have files before work turned out well; it is done once then, and what it holds is let go. */
export function checkFirst(lineage: Lineage, work: () => Promise<void>): void {
  lineage.check = once(async () => {
    await work();
    lineage.check = unchecked;
  });
}

/** What a snapshot is made of. */
export interface SnapshotParts {
  readonly tablePath: string;
  readonly version: Version;
  /** Modification time of the commit's file, or of the checkpoint where the commit is gone. */
  readonly fileTimestampMs: number;
  /** When the snapshot was taken: transactions expire by it. */
  readonly takenAtMs: number;
  readonly commitFile: CommitIdentity | null;
  readonly state: TableState;
  /** Of the files that came after the lineage's base. */
  readonly tailTotals: FileTotals;
  readonly lineage: Lineage;
}

/** What a table's protocol and metadata mean. */
interface TableShape {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: StructType;
  readonly properties: TableProperties;
}

/** A snapshot as this room makes it. */
export class LogSnapshot implements Snapshot {
  readonly tablePath: string;
  readonly version: Version;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: StructType;
  readonly properties: TableProperties;
  readonly transactions: ReadonlyMap<string, SetTransaction>;
  readonly domains: ReadonlyMap<string, DomainMetadata>;
  readonly files: ActiveFiles;
  /** What it was made of, for the snapshot that follows. */
  readonly parts: SnapshotParts;

  constructor(parts: SnapshotParts, shape: TableShape) {
    this.parts = parts;
    this.tablePath = parts.tablePath;
    this.version = parts.version;
    this.protocol = shape.protocol;
    this.metadata = shape.metadata;
    this.schema = shape.schema;
    this.properties = shape.properties;
    this.transactions = unexpiredTransactions(parts.state.transactions, shape.properties, parts.takenAtMs);
    this.domains = parts.state.domains;
    this.files = activeFiles(parts);
  }

  get timestampMs(): number {
    const { tablePath, version, commitFile, fileTimestampMs, state } = this.parts;
    const ownTimes = inCommitTimestamps(this.metadata.configuration);
    if (ownTimes === null || version < ownTimes.sinceVersion) return fileTimestampMs;
    const { commitInfo } = state;
    // Where the commit was cleaned away, its checkpoint tells the time as well as it can.
    if (commitFile === null && commitInfo === null) return fileTimestampMs;
    return requiredOwnTime({ tablePath, version, commitInfo });
  }

  async *tombstones(): AsyncGenerator<readonly RemoveFile[]> {
    const { base, table, check } = this.parts.lineage;
    await check();
    if (base !== null) for await (const chunk of base.removes()) yield untouched(table, this.version, chunk);
    yield* chunked(table.removes(this.version));
  }
}

/** The state of one version of a table. */
type StateOfVersion = Pick<SnapshotParts, "tablePath" | "version" | "state">;

/**
 * Makes out what the state of a table means, and that it can be read.
 * @param before shape of the snapshot before, taken over where nothing changed
 * @throws AlluviumError `CORRUPT_LOG` without protocol or metadata, or with a schema that cannot be parsed; `UNSUPPORTED_FEATURE`;
 *   `DELTA_UNSUPPORTED_TYPE_CHANGE_IN_SCHEMA`
 */
export function tableShape({ tablePath, version, state }: StateOfVersion, before: TableShape | null): TableShape {
  const { protocol, metadata } = state;
  if (protocol === null) throw incomplete(tablePath, version, "protocol");
  if (before !== null && before.protocol === protocol && before.metadata === metadata) return before;
  if (metadata === null) throw incomplete(tablePath, version, "metaData");
  requireReadable(protocol, metadata);
  const schema = schemaOf(tablePath, version, metadata);
  if (["typeWidening", "typeWidening-preview"].some((name) => isFeatureSupported(protocol, name)))
    requireKnownTypeChanges(schema);
  return {
    protocol,
    metadata,
    schema,
    properties: tableProperties(metadata.configuration),
  };
}

/**
 * The transactions that have not expired. One that does not say when it was counts as expired as soon as anything may
 * expire, as in the reference implementation.
 */
export function unexpiredTransactions(
  transactions: ReadonlyMap<string, SetTransaction>,
  { setTransactionRetentionMs: retentionMs }: TableProperties,
  nowMs: number,
): ReadonlyMap<string, SetTransaction> {
  if (retentionMs === null) return transactions;
  return new Map(
    [...transactions].filter(
      ([, { lastUpdatedMs }]) => lastUpdatedMs !== undefined && lastUpdatedMs > nowMs - retentionMs,
    ),
  );
}

/** The newest transaction of an application that the log tells of, whether it has expired or not. */
export function knownTransaction(snapshot: Snapshot, appId: string): SetTransaction | undefined {
  const known = snapshot instanceof LogSnapshot ? snapshot.parts.state.transactions : snapshot.transactions;
  return known.get(appId);
}

/** The files that came after one snapshot and are live in a later one; null where the two did not grow out of one load. */
export function addsAfter(before: Snapshot, after: Snapshot): readonly AddFile[] | null {
  if (!(before instanceof LogSnapshot) || !(after instanceof LogSnapshot)) return null;
  const { lineage } = after.parts;
  return before.parts.lineage === lineage ? lineage.table.addsBetween(before.version, after.version) : null;
}

/** A large checkpoint that a snapshot rests on, and what came after it. */
export interface SnapshotTail {
  readonly base: CheckpointBase;
  /** What of the base does not hold any more. */
  readonly touched: readonly TouchedKey[];
  /** What came after the base and holds. */
  readonly adds: Iterable<AddFile>;
  readonly removes: Iterable<RemoveFile>;
}

/** Null where a snapshot rests on no checkpoint, or on a small one. */
export function tailOf(snapshot: Snapshot): SnapshotTail | null {
  if (!(snapshot instanceof LogSnapshot)) return null;
  const { version, parts } = snapshot;
  const { base, table } = parts.lineage;
  if (base === null || base.isSmall) return null;
  return {
    base,
    touched: table.touchedBetween(-1, version),
    adds: table.adds(version),
    removes: table.removes(version),
  };
}

/** Hands out what an iterator gives in chunks of bounded size. */
export function* chunked<T>(items: Iterable<T>): Generator<readonly T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < chunkLengthMax) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

const chunkLengthMax = 2048;

/**
 * How many files live at a version, whether the lineage's check has passed or not.
 * @param isListed counts a file as often as the lineage's base lists it, which costs less
 */
export async function uncheckedTotals(
  { lineage, version, tailTotals }: SnapshotParts,
  isListed: boolean = false,
): Promise<FileTotals> {
  const { base, hidden } = lineage;
  if (base === null || hidden === null) return tailTotals;
  const inBase = await (isListed ? base.listedTotals() : base.totals());
  const away = await hidden.upTo(version);
  return {
    count: inBase.count - away.count + tailTotals.count,
    sizeBytes: inBase.sizeBytes - away.sizeBytes + tailTotals.sizeBytes,
  };
}

function activeFiles(parts: SnapshotParts): ActiveFiles {
  const { lineage, version } = parts;
  const { base, table } = lineage;
  return {
    totals: once(async () => {
      await lineage.check();
      return uncheckedTotals(parts);
    }),
    async *chunks(query) {
      await lineage.check();
      if (base !== null) for await (const chunk of base.adds(query)) yield untouched(table, version, chunk);
      yield* chunked(table.adds(version));
    },
    async lookup(paths) {
      await lineage.check();
      const found: AddFile[] = [];
      if (base !== null) {
        const inBase = await base.find([...paths].map((path) => ({ path })));
        found.push(...untouched(table, version, [...inBase.values()]));
      }
      for (const add of table.adds(version)) found.push(add);
      return found.filter((add) => paths.has(add.path));
    },
  };
}

function untouched<T extends AddFile | RemoveFile>(
  table: FileTable,
  version: Version,
  actions: readonly T[],
): readonly T[] {
  return actions.filter((action) => !table.isTouched(fileKey(action), version));
}

function schemaOf(tablePath: string, version: Version, metadata: Metadata): StructType {
  if (metadata.schemaString === "") return { kind: "struct", fields: [] };
  try {
    const schema = parseSchema(metadata.schemaString);
    const missing = metadata.partitionColumns.find((name) => findField(schema, name) === undefined);
    if (missing === undefined) return schema;
    throw corruptLog({ path: "metaData.partitionColumns" }, `the schema has no column ${quoteName(missing)}`);
  } catch (cause) {
    if (cause instanceof AlluviumError && cause.code === "UNSUPPORTED_FEATURE") throw cause;
    const reason = messageOf(cause);
    const message = `version ${version} of ${tablePath} has a schema that cannot be understood: ${reason}`;
    throw new AlluviumError("CORRUPT_LOG", { table: tablePath, version }, message, { cause });
  }
}

function incomplete(tablePath: string, version: Version, lacking: string): AlluviumError {
  const message = `no ${lacking} action makes up version ${version} of ${tablePath}: there is none in its checkpoint or in the commits after that, or in any commit where it has no checkpoint; restore the log from a copy, or remove the checkpoint if all commits before it are there`;
  return new AlluviumError("CORRUPT_LOG", { table: tablePath, version, action: lacking }, message);
}
