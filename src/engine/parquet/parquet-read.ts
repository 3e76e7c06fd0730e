// engine/parquet/parquet-read.ts: a Parquet file as Arrow batches, row group by row group, with the bytes of the wanted columns only.
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { RecordBatch, Schema, Struct, makeData, tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import { timestampsOfInt96 } from "./int96.ts";
import { errnoOf, fileNotFound, ioError } from "../base/io-error.ts";
import { footerBytes, openedBytes } from "./parquet-bytes.ts";
import { magicSizeBytes, parseFooter, sliceRowGroup } from "./parquet-footer.ts";
import type { RowGroupSlice } from "./parquet-footer.ts";

/**
 * Streams a file; see `ParquetEngine.read`.
 * @throws AlluviumError `FILE_NOT_FOUND`, `CORRUPT_FILE` or `IO_ERROR`, with the path
 */
export async function* readParquetFile(path: string, columns?: readonly string[]): AsyncGenerator<RecordBatch> {
  await using file = await openFile(path);
  try {
    const footed = openedBytes(file.fd);
    const { schema, rowGroups, columns: names } = parseFooter(footerBytes(footed), footed.sizeBytes);
    const wanted = names.flatMap((name, index) => (columns === undefined || columns.includes(name) ? [index] : []));
    for (const rowGroup of rowGroups) {
      if (rowGroup.rowCount === 0) continue;
      if (wanted.length === 0) yield* columnlessBatches(rowGroup.rowCount);
      else yield* decodeRowGroup(file, sliceRowGroup(schema, rowGroup, wanted), rowGroup.rowCount);
    }
  } catch (cause) {
    if (cause instanceof AlluviumError) throw cause;
    if (errnoOf(cause) !== undefined) throw ioError("read", path, cause);
    throw new AlluviumError("CORRUPT_FILE", { path }, `the Parquet file ${path} is damaged: ${messageOf(cause)}`, {
      cause,
    });
  }
}

const batchRowCountMax = 65_536;
/** The length of the footer and the magic number behind it. */
const tailSizeBytes = 8;
/** A row group that is larger than this, unpacked, is decoded in several goes. */
const decodeSizeBytesMax = 256 * 2 ** 20;

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") throw fileNotFound(path, cause);
    throw ioError("read", path, cause);
  }
}

async function* decodeRowGroup(file: FileHandle, slice: RowGroupSlice, rowCount: number): AsyncGenerator<RecordBatch> {
  const bytes = await composeFile(file, slice);
  const hasInt96 = slice.int96Leaves.includes(true);
  const passCount = Math.max(1, Math.ceil(slice.uncompressedSizeBytes / decodeSizeBytesMax));
  const passRowCount = Math.ceil(rowCount / passCount);
  for (let offset = 0; offset < rowCount; offset += passRowCount) {
    const limit = Math.min(passRowCount, rowCount - offset);
    for (const batch of decodePass(bytes, offset, limit))
      yield hasInt96 ? timestampsOfInt96(batch, slice.int96Leaves) : batch;
  }
}

/** Decodes some rows; what the library holds is freed as the batches are taken. */
function* decodePass(bytes: Uint8Array, offset: number, limit: number): Generator<RecordBatch> {
  const table = readParquet(bytes, { batchSize: batchRowCountMax, offset, limit });
  const batches = table.recordBatches();
  table.free();
  let rowCount = 0;
  for (const batch of batches) {
    for (const decoded of tableFromIPC(batch.intoIPCStream()).batches) {
      rowCount += decoded.numRows;
      if (decoded.numRows > 0) yield decoded;
    }
  }
  if (rowCount !== limit) throw new RangeError(`its columns have ${rowCount} rows where the footer says ${limit}`);
}

/** The wanted columns of one row group as a Parquet file in memory. Ranges that touch are read at once. */
async function composeFile(file: FileHandle, { ranges, footer }: RowGroupSlice): Promise<Uint8Array> {
  const dataSizeBytes = ranges.reduce((sum, range) => sum + range.sizeBytes, 0);
  const bytes = Buffer.allocUnsafe(magicSizeBytes + dataSizeBytes + footer.length + tailSizeBytes);
  bytes.write("PAR1", 0, "latin1");
  let at = magicSizeBytes;
  for (let index = 0; index < ranges.length;) {
    const start = ranges[index]?.byteOffset ?? 0;
    let end = start;
    for (; ranges[index]?.byteOffset === end; index += 1) end += ranges[index]?.sizeBytes ?? 0;
    await readInto(file, start, bytes.subarray(at, at + end - start));
    at += end - start;
  }
  bytes.set(footer, at);
  bytes.writeUInt32LE(footer.length, at + footer.length);
  bytes.write("PAR1", at + footer.length + 4, "latin1");
  return bytes;
}

async function readInto(file: FileHandle, start: number, target: Uint8Array): Promise<void> {
  for (let at = 0; at < target.length;) {
    const { bytesRead } = await file.read(target, at, target.length - at, start + at);
    if (bytesRead === 0) throw new RangeError("it became shorter while it was read");
    at += bytesRead;
  }
}

/** Rows of which no column is wanted: they count all the same. */
function* columnlessBatches(rowCount: number): Generator<RecordBatch> {
  const schema = new Schema([]);
  for (let rest = rowCount; rest > 0; rest -= batchRowCountMax) {
    const length = Math.min(rest, batchRowCountMax);
    yield new RecordBatch(schema, makeData({ type: new Struct([]), length, nullCount: 0, children: [] }));
  }
}
