// format/action/action.ts: the actions of a commit. PROTOCOL.md, "Actions".
import type { JsonObject, JsonValue } from "../text/json.ts";
import type { Version } from "../text/ids.ts";

/** Fields that this build does not know, kept so that they are written back without loss. */
export type UnknownFields = JsonObject;

/** Values of the partition columns as the log spells them: text, or null; `""` also reads as null. */
export type PartitionValues = ReadonlyMap<string, string | null>;

/** PROTOCOL.md, "Deletion Vector Descriptor Schema". */
export interface DeletionVectorDescriptor {
  readonly storageType: string;
  readonly pathOrInlineDv: string;
  readonly offset?: number;
  readonly sizeInBytes: number;
  readonly cardinality: number;
  readonly unknown?: UnknownFields;
}

/** PROTOCOL.md, "Add File and Remove File". `path` is as the log spells it: percent-encoded, relative or absolute. */
export interface AddFile {
  readonly kind: "add";
  readonly path: string;
  readonly partitionValues: PartitionValues;
  readonly sizeBytes: number;
  readonly modificationTimeMs: number;
  readonly dataChange: boolean;
  /** Statistics as the JSON text of the log; see `file-stats.ts`. */
  readonly stats?: string;
  readonly tags?: ReadonlyMap<string, string | null>;
  readonly deletionVector?: DeletionVectorDescriptor;
  readonly baseRowId?: bigint;
  readonly defaultRowCommitVersion?: bigint;
  readonly clusteringProvider?: string;
  readonly unknown?: UnknownFields;
}

/** PROTOCOL.md, "Add File and Remove File": a tombstone. */
export interface RemoveFile {
  readonly kind: "remove";
  readonly path: string;
  readonly deletionTimestampMs?: number;
  readonly dataChange: boolean;
  readonly extendedFileMetadata?: boolean;
  readonly partitionValues?: PartitionValues;
  readonly sizeBytes?: number;
  readonly stats?: string;
  readonly tags?: ReadonlyMap<string, string | null>;
  readonly deletionVector?: DeletionVectorDescriptor;
  readonly baseRowId?: bigint;
  readonly defaultRowCommitVersion?: bigint;
  readonly unknown?: UnknownFields;
}

/** PROTOCOL.md, "Add CDC File". */
export interface AddCdcFile {
  readonly kind: "cdc";
  readonly path: string;
  readonly partitionValues: PartitionValues;
  readonly sizeBytes: number;
  readonly dataChange: boolean;
  readonly tags?: ReadonlyMap<string, string | null>;
  readonly unknown?: UnknownFields;
}

/** PROTOCOL.md, "Change Metadata". `schemaString` is the text of the log, "" where it has none; `schema-json.ts` parses it. */
export interface Metadata {
  readonly kind: "metaData";
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly format: { readonly provider: string; readonly options: ReadonlyMap<string, string> };
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: ReadonlyMap<string, string>;
  readonly createdTimeMs?: number;
  readonly unknown?: UnknownFields;
}

/** PROTOCOL.md, "Protocol Evolution". Feature lists are present only at reader version 3 / writer version 7. */
export interface Protocol {
  readonly kind: "protocol";
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly readerFeatures?: readonly string[];
  readonly writerFeatures?: readonly string[];
  readonly unknown?: UnknownFields;
}

/** PROTOCOL.md, "Transaction Identifiers". */
export interface SetTransaction {
  readonly kind: "txn";
  readonly appId: string;
  readonly version: bigint;
  readonly lastUpdatedMs?: number;
  readonly unknown?: UnknownFields;
}

/** PROTOCOL.md, "Domain Metadata". */
export interface DomainMetadata {
  readonly kind: "domainMetadata";
  readonly domain: string;
  readonly configuration: string;
  readonly removed: boolean;
  readonly unknown?: UnknownFields;
}

/** PROTOCOL.md, "Commit Provenance Information": free-form; the fields used by this engine are typed, the rest is `unknown`. */
export interface CommitInfo {
  readonly kind: "commitInfo";
  readonly timestampMs?: number;
  readonly inCommitTimestampMs?: number;
  readonly operation?: string;
  /** Values as the log holds them; Spark writes them all as strings. */
  readonly operationParameters?: JsonObject;
  readonly operationMetrics?: JsonObject;
  readonly readVersion?: Version;
  readonly isolationLevel?: string;
  readonly isBlindAppend?: boolean;
  readonly engineInfo?: string;
  readonly userMetadata?: string;
  readonly txnId?: string;
  readonly unknown?: UnknownFields;
}

/** An action this build does not know: ignored when read (PROTOCOL.md, "Actions"). `name` is the key of the line. */
export interface UnknownAction {
  readonly kind: "unknown";
  readonly name: string;
  readonly value: JsonValue;
}

/** One line of a commit. Checkpoint-only actions (checkpointMetadata, sidecar) belong to the checkpoint reader. */
export type Action =
  | AddFile
  | RemoveFile
  | AddCdcFile
  | Metadata
  | Protocol
  | SetTransaction
  | DomainMetadata
  | CommitInfo
  | UnknownAction;
