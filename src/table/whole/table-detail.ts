// table/whole/table-detail.ts: everything the log says about a table, as plain data. Delta's DESCRIBE DETAIL.
import { parseJson } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";

/** Facts about one version of a table. */
export interface TableDetail {
  /** The table's own id, from its metadata. */
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  /** Absolute path of its folder. */
  readonly location: string;
  readonly version: number;
  /** When this version was committed; milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** When the table was created; milliseconds since the Unix epoch. */
  readonly createdAt: number | null;
  readonly numFiles: number;
  readonly sizeInBytes: number;
  readonly partitionColumns: readonly string[];
  /** Delta's schema JSON; null for a table that has no schema yet. */
  readonly schema: JsonValue;
  readonly properties: Readonly<Record<string, string>>;
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly readerFeatures: readonly string[];
  readonly writerFeatures: readonly string[];
  /** Last version of each application that writes idempotently. */
  readonly txns: Readonly<Record<string, bigint>>;
  /** Configuration of each metadata domain. */
  readonly domainMetadata: Readonly<Record<string, string>>;
}

/** Reads the facts off a snapshot. */
export async function tableDetail(snapshot: Snapshot): Promise<TableDetail> {
  const { metadata, protocol } = snapshot;
  const { count, sizeBytes } = await snapshot.files.totals();
  return {
    id: metadata.id,
    name: metadata.name ?? null,
    description: metadata.description ?? null,
    location: snapshot.tablePath,
    version: snapshot.version,
    timestamp: snapshot.timestampMs,
    createdAt: metadata.createdTimeMs ?? null,
    numFiles: count,
    sizeInBytes: sizeBytes,
    partitionColumns: metadata.partitionColumns,
    schema: metadata.schemaString === "" ? null : parseJson(metadata.schemaString),
    properties: Object.fromEntries(metadata.configuration),
    minReaderVersion: protocol.minReaderVersion,
    minWriterVersion: protocol.minWriterVersion,
    readerFeatures: protocol.readerFeatures ?? [],
    writerFeatures: protocol.writerFeatures ?? [],
    txns: Object.fromEntries([...snapshot.transactions].map(([appId, txn]) => [appId, txn.version])),
    domainMetadata: Object.fromEntries(
      [...snapshot.domains]
        .filter(([, domain]) => !domain.removed)
        .map(([name, domain]) => [name, domain.configuration]),
    ),
  };
}
