// format/property/table-property.ts: the settings in metaData.configuration, typed. PROTOCOL.md, "Table Properties" and where each is named.
import { parseColumnList } from "../schema/column-list.ts";
import {
  atLeast,
  parseBoolean,
  parseCodec,
  parseIsolationLevel,
  parseRetention,
  parseTargetSize,
} from "../text/property-value.ts";
import type { IsolationLevel } from "../text/property-value.ts";

export type { IsolationLevel } from "../text/property-value.ts";
export { knownPropertyNames, validateProperties } from "./validate-property.ts";

/** The settings this build acts on, with defaults filled in. */
export interface TableProperties {
  /** A checkpoint every so many commits, at least 1. `delta.checkpointInterval`, 10 */
  readonly checkpointInterval: number;
  /** `delta.checkpoint.writeStatsAsJson`, true */
  readonly checkpointWriteStatsAsJson: boolean;
  /** `delta.checkpoint.writeStatsAsStruct`, true as in the reference implementation; the protocol's text says false. */
  readonly checkpointWriteStatsAsStruct: boolean;
  /** `delta.logRetentionDuration`, 30 days */
  readonly logRetentionMs: number;
  /** `delta.enableExpiredLogCleanup`, true */
  readonly enableExpiredLogCleanup: boolean;
  /** How long tombstones and removed files are kept. `delta.deletedFileRetentionDuration`, 1 week */
  readonly deletedFileRetentionMs: number;
  /** Null: for ever. `delta.setTransactionRetentionDuration` */
  readonly setTransactionRetentionMs: number | null;
  /** `delta.appendOnly`, false */
  readonly appendOnly: boolean;
  /** How many leading leaf columns have statistics; -1 is all. `delta.dataSkippingNumIndexedCols`, 32 */
  readonly dataSkippingNumIndexedCols: number;
  /** Column paths that have statistics, instead of the leading ones. `delta.dataSkippingStatsColumns`, null */
  readonly dataSkippingStatsColumns: readonly (readonly string[])[] | null;
  /** Code points kept of text in statistics. `delta.dataSkippingStringPrefixLength`, 32 */
  readonly dataSkippingStringPrefixLength: number;
  /** `delta.isolationLevel`, WriteSerializable */
  readonly isolationLevel: IsolationLevel;
  /** Null: the writer's own choice. `delta.targetFileSize` */
  readonly targetFileSizeBytes: number | null;
  /** Data files go to folders of random names instead of partition folders. `delta.randomizeFilePrefixes`, false */
  readonly randomizeFilePrefixes: boolean;
  /** `delta.randomPrefixLength`, 2 */
  readonly randomPrefixLength: number;
  /** `delta.enableChangeDataFeed` (or its old name `delta.enableChangeDataCapture`), false */
  readonly enableChangeDataFeed: boolean;
  /** CHECK constraints: Spark's SQL by name. `delta.constraints.NAME` */
  readonly checkConstraints: ReadonlyMap<string, string>;
  /** Deletes mark rows instead of writing files anew. `delta.enableDeletionVectors`, false */
  readonly enableDeletionVectors: boolean;
  /** Rows keep their ids when they are written anew. `delta.enableRowTracking`, false */
  readonly enableRowTracking: boolean;
  /** Codec of new Parquet files in lower case; null: the writer's own choice. `delta.parquet.compression.codec` */
  readonly parquetCompressionCodec: string | null;
}

/** Reads the settings. A value that cannot be understood counts as absent, so that a table stays readable. */
export function tableProperties(configuration: ReadonlyMap<string, string>): TableProperties {
  const get = <T>(name: string, parse: (text: string) => T | null): T | null => {
    const text = configuration.get(`delta.${name}`);
    return text === undefined ? null : parse(text);
  };
  return {
    checkpointInterval: get("checkpointInterval", atLeast(1)) ?? 10,
    checkpointWriteStatsAsJson: get("checkpoint.writeStatsAsJson", parseBoolean) ?? true,
    checkpointWriteStatsAsStruct: get("checkpoint.writeStatsAsStruct", parseBoolean) ?? true,
    logRetentionMs: get("logRetentionDuration", parseRetention) ?? 30 * dayMs,
    enableExpiredLogCleanup: get("enableExpiredLogCleanup", parseBoolean) ?? true,
    deletedFileRetentionMs: get("deletedFileRetentionDuration", parseRetention) ?? 7 * dayMs,
    setTransactionRetentionMs: get("setTransactionRetentionDuration", parseRetention),
    appendOnly: get("appendOnly", parseBoolean) ?? false,
    dataSkippingNumIndexedCols: get("dataSkippingNumIndexedCols", atLeast(-1)) ?? 32,
    dataSkippingStatsColumns: get("dataSkippingStatsColumns", parseColumnList),
    dataSkippingStringPrefixLength: get("dataSkippingStringPrefixLength", atLeast(0)) ?? 32,
    isolationLevel: get("isolationLevel", parseIsolationLevel) ?? "WriteSerializable",
    targetFileSizeBytes: get("targetFileSize", parseTargetSize),
    randomizeFilePrefixes: get("randomizeFilePrefixes", parseBoolean) ?? false,
    randomPrefixLength: get("randomPrefixLength", atLeast(1)) ?? 2,
    enableChangeDataFeed:
      get("enableChangeDataFeed", parseBoolean) ?? get("enableChangeDataCapture", parseBoolean) ?? false,
    checkConstraints: checkConstraints(configuration),
    enableDeletionVectors: get("enableDeletionVectors", parseBoolean) ?? false,
    enableRowTracking: get("enableRowTracking", parseBoolean) ?? false,
    parquetCompressionCodec: get("parquet.compression.codec", parseCodec),
  };
}

const dayMs = 24 * 60 * 60 * 1000;

const constraintPrefix = "delta.constraints.";

function checkConstraints(configuration: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const found = [...configuration].filter(([key]) => key.toLowerCase().startsWith(constraintPrefix));
  return new Map(found.map(([key, expression]) => [key.slice(constraintPrefix.length), expression]));
}
