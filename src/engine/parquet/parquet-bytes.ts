// engine/parquet/parquet-bytes.ts: a Parquet file open for a look at its footer and at some of its pages. What is read is small and mostly in the
// page cache, so that to read it at once takes less than to hand it to another thread.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import { magicSizeBytes } from "./parquet-footer.ts";
import { errnoOf, fileNotFound, ioError } from "../base/io-error.ts";

/** An open file. */
export interface ParquetBytes {
  readonly sizeBytes: number;
  /** @throws RangeError when the file is shorter */
  range(byteOffset: number, sizeBytes: number): Uint8Array;
}

/**
 * Opens a file, works with it and closes it.
 * @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR`; `CORRUPT_FILE` for a RangeError
 */
export function withParquetBytes<T>(path: string, work: (file: ParquetBytes) => T): T {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    return work(openedBytes(descriptor));
  } catch (cause) {
    if (cause instanceof AlluviumError) throw cause;
    if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") throw fileNotFound(path, cause);
    if (errnoOf(cause) !== undefined) throw ioError("read", path, cause);
    throw new AlluviumError("CORRUPT_FILE", { path }, `the Parquet file ${path} is damaged: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** A file that was opened already. @param descriptor of the system */
export function openedBytes(descriptor: number): ParquetBytes {
  const sizeBytes = fstatSync(descriptor).size;
  return {
    sizeBytes,
    range: (byteOffset, length) => {
      if (byteOffset < 0 || length < 0 || byteOffset + length > sizeBytes)
        throw new RangeError(`${length} bytes at ${byteOffset} are beyond its ${sizeBytes}`);
      const bytes = Buffer.allocUnsafeSlow(length);
      for (let at = 0; at < length;) {
        const count = readSync(descriptor, bytes, at, length - at, byteOffset + at);
        if (count === 0) throw new RangeError("it became shorter while it was read");
        at += count;
      }
      return bytes;
    },
  };
}

/**
 * The footer of a Parquet file.
 * @throws RangeError when the file does not end as one
 */
export function footerBytes(file: ParquetBytes): Uint8Array {
  const { byteOffset, sizeBytes } = footerRange(file);
  return file.range(byteOffset, sizeBytes);
}

/**
 * Where the footer of a Parquet file lies.
 * @throws RangeError when the file does not end as one
 */
export function footerRange(file: ParquetBytes): { readonly byteOffset: number; readonly sizeBytes: number } {
  if (file.sizeBytes < magicSizeBytes + tailSizeBytes) throw new RangeError(`it has only ${file.sizeBytes} bytes`);
  const bytes = file.range(file.sizeBytes - tailSizeBytes, tailSizeBytes);
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = tail.toString("latin1", tailSizeBytes - magicSizeBytes);
  if (magic === "PARE") throw new RangeError("its footer is encrypted");
  if (magic !== "PAR1") throw new RangeError("it does not end as a Parquet file does");
  const sizeBytes = tail.readUInt32LE(0);
  const byteOffset = file.sizeBytes - tailSizeBytes - sizeBytes;
  if (byteOffset < magicSizeBytes) throw new RangeError(`its footer would have ${sizeBytes} bytes`);
  return { byteOffset, sizeBytes };
}

/** The length of the footer and the magic number behind it. */
const tailSizeBytes = 8;
