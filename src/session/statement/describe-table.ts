// session/statement/describe-table.ts: DESCRIBE DETAIL and DESCRIBE HISTORY as rows, with Delta's names of columns.
import { clusteringColumns } from "../../format/protocol/clustering.ts";
import { pathText } from "../../format/schema/edit-schema.ts";
import type { Engine } from "../../engine/base/engine.ts";
import { formatJson } from "../../format/text/json-int64.ts";
import type { JsonObject } from "../../format/text/json.ts";
import type { DataType, PrimitiveName, StructType } from "../../format/schema/schema.ts";
import { readHistory } from "../../log/snapshot/history.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { historyRecord } from "../../table/whole/history-record.ts";
import { tableDetail } from "../../table/whole/table-detail.ts";
import type { RowObject } from "../../table/input/table-input.ts";

/** What is asked. */
export interface DescribeOptions {
  readonly what: "detail" | "history";
  /** Number of commits of the history, all when null. */
  readonly limit: number | null;
}

/** Rows and their columns. */
export interface TableFacts {
  readonly schema: StructType;
  readonly rows: readonly RowObject[];
}

/** Reads the facts; the history newest first. */
export async function describeTable(
  engine: Engine,
  snapshot: Snapshot,
  { what, limit }: DescribeOptions,
): Promise<TableFacts> {
  return what === "detail" ? detail(snapshot) : history(engine, snapshot, limit ?? Number.POSITIVE_INFINITY);
}

const primitive = (name: PrimitiveName): DataType => ({ kind: "primitive", name });
const pairs: DataType = {
  kind: "map",
  keyType: primitive("string"),
  valueType: primitive("string"),
  valueContainsNull: true,
};
// Of Databricks; null here, as in Spark.
const jobFields = ["jobId", "jobName", "jobRunId", "runId", "jobOwnerId", "triggerType"];
const texts: DataType = { kind: "array", elementType: primitive("string"), containsNull: false };

function structOf(columns: readonly (readonly [string, DataType])[]): StructType {
  return { kind: "struct", fields: columns.map(([name, type]) => ({ name, type, nullable: true, metadata: {} })) };
}

async function detail(snapshot: Snapshot): Promise<TableFacts> {
  const facts = await tableDetail(snapshot);
  const schema = structOf([
    ["format", primitive("string")],
    ["id", primitive("string")],
    ["name", primitive("string")],
    ["description", primitive("string")],
    ["location", primitive("string")],
    ["createdAt", primitive("timestamp")],
    ["lastModified", primitive("timestamp")],
    ["partitionColumns", texts],
    ["clusteringColumns", texts],
    ["numFiles", primitive("long")],
    ["sizeInBytes", primitive("long")],
    ["properties", pairs],
    ["minReaderVersion", primitive("integer")],
    ["minWriterVersion", primitive("integer")],
    ["tableFeatures", texts],
  ]);
  const row = {
    format: "delta",
    id: facts.id,
    name: facts.name,
    description: facts.description,
    location: facts.location,
    createdAt: facts.createdAt === null ? null : new Date(facts.createdAt),
    lastModified: new Date(facts.timestamp),
    partitionColumns: facts.partitionColumns,
    clusteringColumns: clusteringColumns(snapshot.domains, snapshot.schema).map(pathText),
    numFiles: BigInt(facts.numFiles),
    sizeInBytes: BigInt(facts.sizeInBytes),
    properties: pairsOf(facts.properties),
    minReaderVersion: facts.minReaderVersion,
    minWriterVersion: facts.minWriterVersion,
    tableFeatures: [...new Set([...facts.readerFeatures, ...facts.writerFeatures])],
  };
  return { schema, rows: [row] };
}

async function history(engine: Engine, snapshot: Snapshot, limit: number): Promise<TableFacts> {
  const schema = structOf([
    ["version", primitive("long")],
    ["timestamp", primitive("timestamp")],
    ["userId", primitive("string")],
    ["userName", primitive("string")],
    ["operation", primitive("string")],
    ["operationParameters", pairs],
    ["job", structOf(jobFields.map((name) => [name, primitive("string")]))],
    ["notebook", structOf([["notebookId", primitive("string")]])],
    ["clusterId", primitive("string")],
    ["readVersion", primitive("long")],
    ["isolationLevel", primitive("string")],
    ["isBlindAppend", primitive("boolean")],
    ["operationMetrics", pairs],
    ["userMetadata", primitive("string")],
    ["engineInfo", primitive("string")],
  ]);
  const rows: RowObject[] = [];
  for await (const entry of readHistory(engine, snapshot)) {
    if (rows.length >= limit) break;
    if (entry.version > snapshot.version) continue;
    const record = historyRecord(entry);
    rows.push({
      version: BigInt(record.version),
      timestamp: new Date(record.timestamp),
      operation: record.operation,
      operationParameters: pairsOf(record.operationParameters),
      readVersion: record.readVersion === null ? null : BigInt(record.readVersion),
      isolationLevel: record.isolationLevel,
      isBlindAppend: record.isBlindAppend,
      operationMetrics: pairsOf(record.operationMetrics),
      userMetadata: record.userMetadata,
      engineInfo: record.engineInfo,
    });
  }
  return { schema, rows };
}

/** Delta's map of texts; what is no text is given as JSON. */
function pairsOf(value: JsonObject | null): ReadonlyMap<string, string> | null {
  if (value === null) return null;
  return new Map(Object.entries(value).map(([key, one]) => [key, typeof one === "string" ? one : formatJson(one)]));
}
