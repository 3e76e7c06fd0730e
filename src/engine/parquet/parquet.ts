// engine/parquet/parquet.ts: Parquet files to and from Arrow, by parquet-wasm. Nothing is loaded before the first file.
import { writeFileSync } from "node:fs";
import { unlink, writeFile } from "node:fs/promises";
import type { RecordBatch } from "apache-arrow";
import type { StructType } from "../../format/schema/schema.ts";
import type { ParquetEngine, ParquetFileInfo } from "../base/engine.ts";
import { errnoOf, ioError } from "../base/io-error.ts";
import { readCells } from "./parquet-cells.ts";
import type { Cell, CellQuery } from "./parquet-cells.ts";
import { readCodes } from "./parquet-codes.ts";
import type { CodeQuery, CodedGroup } from "./parquet-codes.ts";
import { footerBytes, withParquetBytes } from "./parquet-bytes.ts";
import { columnsReader } from "./parquet-columns.ts";
import { parseMetadata } from "./parquet-metadata.ts";
import type { ParquetMetadata } from "./parquet-metadata.ts";
import { readRecords } from "./parquet-records.ts";
import type { ParquetRecord, RecordQuery } from "./parquet-records.ts";
import { appendGroups } from "./parquet-splice.ts";

/** Parquet files of the local disk. */
export function parquetEngine(): ParquetEngine {
  return { write, read, metadata, columns: columnsReader(), records, codes, cells, append: appendGroups };
}

async function write(path: string, schema: StructType, batches: readonly RecordBatch[]): Promise<ParquetFileInfo> {
  const { encodeParquet } = await import("./parquet-encode.ts");
  const bytes = encodeParquet(schema, batches);
  try {
    // A small file is written in the time that handing it to another thread takes.
    if (bytes.length <= atOnceSizeBytesMax) writeFileSync(path, bytes, { flag: "wx" });
    else await writeFile(path, bytes, { flag: "wx" });
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") await unlink(path).catch(() => undefined);
    throw ioError("write", path, cause);
  }
  return { sizeBytes: bytes.length, rowCount: batches.reduce((sum, batch) => sum + batch.numRows, 0) };
}

const atOnceSizeBytesMax = 256 * 1024;

async function metadata(path: string): Promise<ParquetMetadata> {
  return withParquetBytes(path, (file) => parseMetadata(footerBytes(file), file.sizeBytes));
}

async function records(path: string, query: RecordQuery): Promise<readonly ParquetRecord[] | null> {
  return withParquetBytes(path, (file) => nullIfDamaged(() => readRecords(file, query)));
}

async function codes(path: string, query: CodeQuery): Promise<readonly CodedGroup[] | null> {
  return withParquetBytes(path, (file) => nullIfDamaged(() => readCodes(file, query)));
}

async function cells(path: string, query: CellQuery): Promise<readonly (readonly Cell[])[] | null> {
  return withParquetBytes(path, (file) => nullIfDamaged(() => readCells(file, query)));
}

function nullIfDamaged<T>(read: () => T): T | null {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof TypeError || errnoOf(cause)?.startsWith("Z_")) return null;
    throw cause;
  }
}

async function* read(path: string, columns?: readonly string[]): AsyncGenerator<RecordBatch> {
  const { readParquetFile } = await import("./parquet-read.ts");
  yield* readParquetFile(path, columns);
}
