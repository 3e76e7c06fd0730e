// log/checkpoint-columns.ts: the columns of the checkpoints that this engine writes. PROTOCOL.md, "Checkpoint Schema".
import { duckdbType } from "../engine/duckdb-type.ts";
import { sqlIdentifier, sqlLiteral } from "../engine/sql-quote.ts";
import { actionToJson } from "../format/action-json.ts";
import type { AddFile, RemoveFile } from "../format/action.ts";
import { formatJson } from "../format/json-int64.ts";
import type { StructField } from "../format/schema.ts";
import { statsShape } from "./checkpoint-stats.ts";
import type { Snapshot } from "./snapshot.ts";

/** Types as DuckDB's `from_json` takes them: a type's name, or an object for a struct, or a list of one for a list. */
export type ColumnShape = string | readonly [ColumnShape] | { readonly [name: string]: ColumnShape };

/** How actions become rows. */
export interface CheckpointColumns {
  /** The select list that makes one row of the action `name` out of a column `json`. */
  select(name: string): string;
  /** An add as the JSON that `select` reads. */
  addJson(add: AddFile): string;
  /** A remove as the JSON that `select` reads. */
  removeJson(remove: RemoveFile): string;
}

/** The columns of a snapshot's checkpoint: its properties say in which form statistics and partition values are kept. */
export function checkpointColumns(snapshot: Snapshot): CheckpointColumns {
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
  const shapes: Readonly<Record<string, ColumnShape>> = { ...plainShapes, add };
  return {
    select: (name) => Object.entries(shapes).map(([column, shape]) => columnSql(column, shape, column === name)).join(", "),
    addJson: (action) => {
      const parts = [formatJson(actionToJson({ ...action, dataChange: false })).slice(0, -1)];
      if (partitions !== null) parts.push(`"partitionValues_parsed":${partitionJson(action, snapshot)}`);
      const parsed = stats?.json(action.stats) ?? null;
      if (parsed !== null) parts.push(`"stats_parsed":${parsed}`);
      return `${parts.join(",")}}`;
    },
    removeJson: (action) => formatJson(actionToJson({ ...action, dataChange: false })),
  };
}

/** Name of a column in data files and statistics. PROTOCOL.md, "Column Mapping". */
export function physicalName(field: StructField): string {
  const name = field.metadata["delta.columnMapping.physicalName"];
  return typeof name === "string" ? name : field.name;
}

const textMap = "MAP(VARCHAR, VARCHAR)";
const vectorShape: ColumnShape = { storageType: "VARCHAR", pathOrInlineDv: "VARCHAR", offset: "INTEGER", sizeInBytes: "INTEGER", cardinality: "BIGINT" };

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
  protocol: { minReaderVersion: "INTEGER", minWriterVersion: "INTEGER", readerFeatures: ["VARCHAR"], writerFeatures: ["VARCHAR"] },
  domainMetadata: { domain: "VARCHAR", configuration: "VARCHAR", removed: "BOOLEAN" },
};

function columnSql(column: string, shape: ColumnShape, isFilled: boolean): string {
  return `from_json(${isFilled ? "json" : "NULL"}::JSON, ${sqlLiteral(JSON.stringify(shape))}) AS ${sqlIdentifier(column)}`;
}

function partitionShape({ schema, metadata }: Snapshot): ColumnShape | null {
  const fields = partitionFields(schema.fields, metadata.partitionColumns);
  return fields.length === 0 ? null : Object.fromEntries(fields.map((field) => [physicalName(field), duckdbType(field.type)]));
}

function partitionFields(fields: readonly StructField[], names: readonly string[]): readonly StructField[] {
  return names.flatMap((name) => fields.find((field) => field.name === name) ?? []);
}

function partitionJson({ partitionValues }: AddFile, { schema, metadata }: Snapshot): string {
  const values = partitionFields(schema.fields, metadata.partitionColumns).map((field) => {
    const name = physicalName(field);
    const text = partitionValues.get(name) ?? "";
    const isBinary = field.type.kind === "primitive" && field.type.name === "binary";
    const value = text === "" ? null : isBinary ? blobText(text) : text;
    return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  });
  return `{${values.join(",")}}`;
}

/** Bytes as DuckDB casts them from text. */
function blobText(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => `\\x${byte.toString(16).padStart(2, "0").toUpperCase()}`).join("");
}
