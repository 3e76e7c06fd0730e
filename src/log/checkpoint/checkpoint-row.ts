// log/checkpoint/checkpoint-row.ts: one row of a checkpoint, as checkpoint-sql.ts asks for it, to an action.
import type { SqlRow } from "../../engine/base/engine.ts";
import type { ParquetRecord } from "../../engine/parquet/parquet-records.ts";
import { parseAction } from "../../format/action/action-json.ts";
import type { Action, PartitionValues } from "../../format/action/action.ts";
import { corruptLog, optionalTextMap } from "../../format/text/expect.ts";
import { isJsonObject, parseJson } from "../../format/text/json-int64.ts";
import type { JsonObject, JsonValue } from "../../format/text/json.ts";
import { actionMarkers } from "./checkpoint-sql.ts";

/**
 * Parses a row; null for a row without an action.
 * @param path the checkpoint file, for messages
 * @throws AlluviumError `CORRUPT_LOG` when a field has the wrong type
 */
export function parseCheckpointRow(row: SqlRow, path: string): Action | null {
  const { name, json, stats, partition_values: partitionValues } = row;
  if (typeof name !== "string" || typeof json !== "string") return null;
  const content = withoutNulls(parseColumn(json, path));
  if (typeof stats === "string" && content["stats"] === undefined) content["stats"] = stats;
  if (typeof partitionValues === "string" && content["partitionValues"] === undefined)
    content["partitionValues"] = parseColumn(partitionValues, path);
  return parseAction(name, content, { path });
}

/**
 * The same of a row that was read without DuckDB.
 * @throws AlluviumError as `parseCheckpointRow`
 */
export function parseCheckpointRecord({ name, value }: ParquetRecord, path: string): Action | null {
  const marker = actionMarkers.get(name);
  return marker === undefined || (value[marker] ?? null) === null
    ? null
    : parseAction(name, withoutNulls(value), { path });
}

/**
 * Parses the partition values of a file, as JSON text.
 * @throws AlluviumError `CORRUPT_LOG` when they are no texts
 */
export function parsePartitionValues(json: string, path: string): PartitionValues {
  return optionalTextMap({ partitionValues: parseColumn(json, path) }, "partitionValues", { path }) ?? new Map();
}

function parseColumn(json: string, path: string): JsonObject {
  const value = parseJson(json);
  if (!isJsonObject(value)) throw corruptLog({ path }, "a row of the checkpoint is not a struct");
  return value;
}

/** An absent field and a null column are one and the same; inside maps a null is a value. */
function withoutNulls(object: JsonObject): Record<string, JsonValue> {
  const kept = Object.create(null) as Record<string, JsonValue>;
  for (const [name, value] of Object.entries(object)) {
    if (value === null) continue;
    kept[name] = structFields.has(name) && isJsonObject(value) ? withoutNulls(value) : value;
  }
  return kept;
}

const structFields: ReadonlySet<string> = new Set(["deletionVector", "format"]);
