// log/state/snapshot.ts: a table at one version. PROTOCOL.md, "Action Reconciliation".
import type {
  AddFile,
  DomainMetadata,
  Metadata,
  Protocol,
  RemoveFile,
  SetTransaction,
} from "../../format/action/action.ts";
import type { Version } from "../../format/text/ids.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { TableProperties } from "../../format/property/table-property.ts";
import type { FileQuery } from "../checkpoint/candidate-files.ts";
import type { FileTotals } from "./file-table.ts";

/** The live files of a snapshot: a question to ask, not an array to hold. */
export interface ActiveFiles {
  /** How many there are, and their bytes; counted when it is first asked. */
  totals(): Promise<FileTotals>;
  /**
   * Every live file, in chunks of bounded size; the order is stable for one snapshot.
   * @param query what need not be read from a checkpoint
   */
  chunks(query?: FileQuery): AsyncIterable<readonly AddFile[]>;
  /** The live files of these log paths (as the log spells them). */
  lookup(paths: ReadonlySet<string>): Promise<readonly AddFile[]>;
}

/** Immutable. `tablePath` is absolute. */
export interface Snapshot {
  readonly tablePath: string;
  readonly version: Version;
  /**
   * When `version` was committed, milliseconds since the Unix epoch: the modification time of its file as it is, or the
   * commit's own time where the table has in-commit timestamps. Adjusted times are in `history.ts`.
   */
  readonly timestampMs: number;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: StructType;
  readonly properties: TableProperties;
  /** Latest transaction by `appId`, without those that `delta.setTransactionRetentionDuration` has let expire. */
  readonly transactions: ReadonlyMap<string, SetTransaction>;
  readonly domains: ReadonlyMap<string, DomainMetadata>;
  readonly files: ActiveFiles;
  /** Removed files whose tombstones are still kept, in chunks. */
  tombstones(): AsyncIterable<readonly RemoveFile[]>;
}
