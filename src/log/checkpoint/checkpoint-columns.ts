// log/checkpoint/checkpoint-columns.ts: the columns of the checkpoints that this engine writes. PROTOCOL.md, "Checkpoint Schema".
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { formatAction } from "../../format/action/action-json.ts";
import type { Action, AddFile } from "../../format/action/action.ts";
import { physicalName } from "../../format/protocol/column-mapping.ts";
import type { StructField } from "../../format/schema/schema.ts";
import { statsShape } from "./checkpoint-stats.ts";
import type { StatsShape } from "./checkpoint-stats.ts";
import type { Snapshot } from "../state/snapshot.ts";

/** Types as DuckDB's `from_json` takes them: a type's name, or an object for a struct, or a list of one for a list. */
export type ColumnShape = string | readonly [ColumnShape] | { readonly [name: string]: ColumnShape };

// The actions of a classic checkpoint.
const classicKinds: readonly string[] = ["txn", "add", "remove", "metaData", "protocol", "domainMetadata"];

/** The actions of a sidecar. */
export const sidecarKinds: readonly string[] = ["add", "remove"];

/** The actions of the Parquet file that names sidecars; its file actions are all null. */
export const topLevelKinds: readonly string[] = [...classicKinds, "checkpointMetadata", "sidecar"];

/** How actions become rows. */
export interface CheckpointColumns {
  /** SELECT that makes rows of the statement's first parameter: lines of JSON, one action each. */
  readonly select: string;
  /** An action as such a line. */
  line(action: Action): string;
  /** By name of the action. */
  readonly shapes: { readonly [kind: string]: ColumnShape };
  /** Whether decimals are among the typed statistics. */
  readonly hasDecimalStats: boolean;
}

/**
 * The columns of a snapshot's checkpoint: its properties say in which form statistics and partition values are kept.
 * @param kinds names of the actions that it holds, in the order of the columns; those of a classic checkpoint when absent
 */
export function checkpointColumns(snapshot: Snapshot, kinds: readonly string[] = classicKinds): CheckpointColumns {
  const { properties } = snapshot;
  const isStruct = properties.checkpointWriteStatsAsStruct;
  const partitions = isStruct ? partitionShape(snapshot) : null;
  const stats = isStruct ? statsShape(snapshot) : null;
  const add = {
    ...addShape,
    ...(properties.checkpointWriteStatsAsJson && { stats: "VARCHAR" }),
    ...(partitions && { partitionValues_parsed: partitions }),
    ...(stats && { stats_parsed: stats.shape }),
  };
  const all: Readonly<Record<string, ColumnShape>> = { ...plainShapes, add };
  const shapes = Object.fromEntries(kinds.map((kind) => [kind, all[kind] ?? addShape]));
  const partitionText = partitions === null ? null : (action: AddFile): string => partitionJson(action, snapshot);
  return {
    shapes,
    hasDecimalStats: stats?.hasDecimals === true,
    select: selectRows(shapes),
    line: (action) => {
      if (action.kind === "add") return addLine(action, partitionText, stats);
      return formatAction(action.kind === "remove" ? { ...action, dataChange: false } : action);
    },
  };
}

// One long text, cut apart by DuckDB, is parsed in half the time that a list of texts takes. JSON has no line breaks.
function selectRows(shapes: ColumnShape): string {
  const line = "SELECT unnest(string_split($1, chr(10))) AS line";
  const row = `from_json(line, ${sqlLiteral(JSON.stringify(shapes))}) AS row`;
  return `SELECT row.* FROM (SELECT ${row} FROM (${line}) WHERE line <> '')`;
}

function addLine(
  action: AddFile,
  partitionText: ((action: AddFile) => string) | null,
  stats: StatsShape | null,
): string {
  const parts = [
    hasRareFields(action) ? formatAction({ ...action, dataChange: false }).slice(0, -2) : plainText(action),
  ];
  if (partitionText !== null) parts.push(`"partitionValues_parsed":${partitionText(action)}`);
  const parsed = stats?.json(action.stats) ?? null;
  if (parsed !== null) parts.push(`"stats_parsed":${parsed}`);
  return `${parts.join(",")}}}`;
}

const hasRareFields = ({ tags, deletionVector, clusteringProvider }: AddFile): boolean =>
  tags !== undefined || deletionVector !== undefined || clusteringProvider !== undefined;

/** What `formatAction` makes of what nearly all files have, in a fraction of the time. */
function plainText(action: AddFile): string {
  let values = "";
  for (const [name, value] of action.partitionValues)
    values += `${values === "" ? "" : ","}${JSON.stringify(name)}:${value === null ? "null" : JSON.stringify(value)}`;
  const { path, sizeBytes, modificationTimeMs, stats, baseRowId, defaultRowCommitVersion } = action;
  let text = `{"add":{"path":${JSON.stringify(path)},"partitionValues":{${values}},"size":${sizeBytes},"modificationTime":${modificationTimeMs},"dataChange":false`;
  if (stats !== undefined) text += `,"stats":${JSON.stringify(stats)}`;
  if (baseRowId !== undefined) text += `,"baseRowId":${baseRowId}`;
  if (defaultRowCommitVersion !== undefined) text += `,"defaultRowCommitVersion":${defaultRowCommitVersion}`;
  return text;
}

const textMap = "MAP(VARCHAR, VARCHAR)";
const vectorShape: ColumnShape = {
  storageType: "VARCHAR",
  pathOrInlineDv: "VARCHAR",
  offset: "INTEGER",
  sizeInBytes: "INTEGER",
  cardinality: "BIGINT",
};

const addShape = {
  path: "VARCHAR",
  partitionValues: textMap,
  size: "BIGINT",
  modificationTime: "BIGINT",
  dataChange: "BOOLEAN",
  tags: textMap,
  deletionVector: vectorShape,
  baseRowId: "BIGINT",
  defaultRowCommitVersion: "BIGINT",
  clusteringProvider: "VARCHAR",
} as const;

// A tombstone serves VACUUM alone: it keeps neither statistics nor tags.
const plainShapes: Readonly<Record<string, ColumnShape>> = {
  txn: { appId: "VARCHAR", version: "BIGINT", lastUpdated: "BIGINT" },
  add: addShape,
  remove: {
    path: "VARCHAR",
    deletionTimestamp: "BIGINT",
    dataChange: "BOOLEAN",
    extendedFileMetadata: "BOOLEAN",
    partitionValues: textMap,
    size: "BIGINT",
    deletionVector: vectorShape,
    baseRowId: "BIGINT",
    defaultRowCommitVersion: "BIGINT",
  },
  metaData: {
    id: "VARCHAR",
    name: "VARCHAR",
    description: "VARCHAR",
    format: { provider: "VARCHAR", options: textMap },
    schemaString: "VARCHAR",
    partitionColumns: ["VARCHAR"],
    configuration: textMap,
    createdTime: "BIGINT",
  },
  protocol: {
    minReaderVersion: "INTEGER",
    minWriterVersion: "INTEGER",
    readerFeatures: ["VARCHAR"],
    writerFeatures: ["VARCHAR"],
  },
  domainMetadata: { domain: "VARCHAR", configuration: "VARCHAR", removed: "BOOLEAN" },
  checkpointMetadata: { version: "BIGINT", tags: textMap },
  sidecar: { path: "VARCHAR", sizeInBytes: "BIGINT", modificationTime: "BIGINT", tags: textMap },
};

function partitionShape({ schema, metadata }: Snapshot): ColumnShape | null {
  const fields = partitionFields(schema.fields, metadata.partitionColumns);
  return fields.length === 0
    ? null
    : Object.fromEntries(fields.map((field) => [physicalName(field), duckdbType(field.type)]));
}

function partitionFields(fields: readonly StructField[], names: readonly string[]): readonly StructField[] {
  return names.flatMap((name) => fields.find((field) => field.name === name) ?? []);
}

function partitionJson({ partitionValues }: AddFile, { schema, metadata }: Snapshot): string {
  const values = partitionFields(schema.fields, metadata.partitionColumns).map((field) => {
    const name = physicalName(field);
    return `${JSON.stringify(name)}:${JSON.stringify(partitionValues.get(name) || null)}`;
  });
  return `{${values.join(",")}}`;
}
