// engine/duckdb/arrow-bridge.ts: DuckDB's results as Arrow record batches.
import { RecordBatch, Struct, makeData } from "apache-arrow";
import type { Schema } from "apache-arrow";
import type { DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import { assert } from "../../format/text/error.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";
import { arrowColumn } from "./arrow-column.ts";
import type { ArrowColumn } from "./arrow-leaf-column.ts";
import { toArrowSchema } from "../arrow/arrow-schema.ts";
import { duckdbType } from "./duckdb-type.ts";

/** A result that is fetched chunk by chunk. */
export interface ChunkSource {
  readonly result: DuckDBResult;
  /** As the result's own; must not be called before the last call is settled. */
  readonly fetch: () => Promise<DuckDBDataChunk | null>;
}

/**
 * Streams a result. A batch has at most `rowCountMax` rows, fewer when they grow beyond `sizeBytesMax`; it is never empty.
 * @throws AlluviumError `INTERNAL_ERROR` when the columns are not of the types that `schema` says
 */
export async function* arrowBatches({ result, fetch }: ChunkSource, schema: StructType): AsyncGenerator<RecordBatch> {
  assertTypes(result, schema);
  const arrowSchema = toArrowSchema(schema);
  const columns = schema.fields.map((field) => arrowColumn(field.type, firstCapacity));
  let rowCount = 0;
  let next = fetch();
  try {
    for (;;) {
      const chunk = await next;
      if (chunk === null || chunk.rowCount === 0) break;
      // DuckDB makes the next chunk while this one is copied.
      next = fetch();
      next.catch(() => undefined); // whoever awaits it hears of it
      columns.forEach((column, index) => column.append(chunk.getColumnVector(index), 0, chunk.rowCount));
      rowCount += chunk.rowCount;
      if (rowCount + chunkRowCountMax <= rowCountMax && sizeOf(columns) < sizeBytesMax) continue;
      yield takeBatch(arrowSchema, columns, rowCount);
      rowCount = 0;
    }
    if (rowCount > 0) yield takeBatch(arrowSchema, columns, rowCount);
  } finally {
    await next.catch(() => undefined); // a connection must not go while it is used
  }
}

const rowCountMax = 32_768;
const chunkRowCountMax = 2048; // DuckDB's vector size
const firstCapacity = 4096;
const sizeBytesMax = 16 * 2 ** 20;

function sizeOf(columns: readonly ArrowColumn[]): number {
  return columns.reduce((sum, column) => sum + column.sizeBytes, 0);
}

function takeBatch(schema: Schema, columns: readonly ArrowColumn[], length: number): RecordBatch {
  const children = columns.map((column) => column.take());
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

function assertTypes(result: DuckDBResult, schema: StructType): void {
  if (schema.fields.length === 0) return; // rows without columns: DuckDB has to be asked for one
  assert(
    result.columnCount === schema.fields.length,
    `the query gives ${result.columnCount} columns, the schema has ${schema.fields.length}`,
  );
  for (const [index, field] of schema.fields.entries()) {
    const expected = comparable(typeText(field.type));
    const actual = comparable(result.columnType(index).toString());
    const isVoid = field.type.kind === "primitive" && field.type.name === "void";
    assert(
      isVoid || expected === actual,
      `the query gives ${actual} for column ${field.name}, which is ${expected}; cast it`,
    );
  }
}

/** The type as DuckDB prints it. */
function typeText(type: DataType): string {
  return duckdbType(type);
}

/** Spaces and the two spellings of one type name do not matter, nor does letter case outside of quotes matter much. */
function comparable(text: string): string {
  return text.replaceAll("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ").replaceAll(/[\s"]/g, "").toUpperCase();
}
