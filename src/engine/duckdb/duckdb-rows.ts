// engine/duckdb/duckdb-rows.ts: small results of DuckDB as row objects.
import type { DuckDBMaterializedResult, DuckDBValue } from "@duckdb/node-api";
import type { SqlRow } from "../base/engine.ts";
import { setOwnValue } from "../base/own-value.ts";
import { duckdb } from "./duckdb-library.ts";

const {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} = duckdb;

/**
 * All rows of a result. Integers up to 32 bits are numbers, longer ones bigint; decimals are strings, dates days since the epoch,
 * timestamps microseconds since the epoch as bigint, blobs Uint8Array, lists arrays, structs objects, maps Map.
 */
export async function rowsOf(result: DuckDBMaterializedResult): Promise<readonly SqlRow[]> {
  const names = result.deduplicatedColumnNames();
  const rows: Record<string, unknown>[] = [];
  for (const chunk of await result.fetchAllChunks()) {
    const columns = names.map((_, index) => chunk.getColumnVector(index));
    for (let rowIndex = 0; rowIndex < chunk.rowCount; rowIndex += 1) {
      const row: Record<string, unknown> = {};
      for (let index = 0; index < names.length; index += 1) {
        setOwnValue(row, names[index] as string, valueOf(columns[index]?.getItem(rowIndex) ?? null)); // within both arrays
      }
      rows.push(row);
    }
  }
  return rows;
}

function valueOf(value: DuckDBValue): unknown {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(valueOf);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, entry]) => [name, valueOf(entry)]));
  if (value instanceof DuckDBMapValue)
    return new Map(value.entries.map(({ key, value: entry }) => [valueOf(key), valueOf(entry)]));
  if (value instanceof DuckDBBlobValue) return new Uint8Array(value.bytes);
  if (value instanceof DuckDBDateValue) return value.days;
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) return value.micros;
  if (value instanceof DuckDBDecimalValue) return value.toString();
  return value.toString();
}
