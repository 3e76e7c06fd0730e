// format/vector/deletion-vector.ts: which rows of a data file are deleted: where a vector lies, and what it holds.
// PROTOCOL.md, "Deletion Vectors" and "Deletion Vector Format".
import type { DeletionVectorDescriptor } from "../action/action.ts";
import { crc32 } from "../text/crc32.ts";
import { AlluviumError } from "../text/error.ts";
import { corruptLog } from "../text/expect.ts";
import { resolveDataPath } from "../value/partition-path.ts";
import { decodeRoaring64, decodeRoaringParts } from "./roaring.ts";
import type { RoaringSet } from "./roaring-set.ts";
import { decodeZ85 } from "../text/z85.ts";

/** Row numbers, from 0 in the order of the file, that are deleted. */
export type DeletedRows = RoaringSet;

/** Where a vector lies: in the log, or in a file of its own, from a byte on (absolute path). */
export type VectorPlace =
  | { readonly kind: "inline"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly path: string; readonly byteOffset: number };

/**
 * Finds a vector.
 * @param tablePath absolute
 * @throws AlluviumError `CORRUPT_LOG` for a descriptor that makes no sense; `UNSUPPORTED_FEATURE` for another file system
 */
export function vectorPlace(tablePath: string, vector: DeletionVectorDescriptor): VectorPlace {
  const { storageType, pathOrInlineDv, offset } = vector;
  // Byte 0 is the version of the file: what begins there begins behind it.
  const byteOffset = Math.max(1, offset ?? 0);
  switch (storageType) {
    case "i": {
      const bytes = decodeZ85(pathOrInlineDv);
      const isWhole = bytes !== null && vector.sizeInBytes >= 0 && bytes.length - vector.sizeInBytes < 4;
      if (!isWhole || bytes.length < vector.sizeInBytes)
        throw wrongDescriptor(tablePath, `the inline vector is not ${vector.sizeInBytes} bytes of Z85 text`);
      return { kind: "inline", bytes: bytes.subarray(0, vector.sizeInBytes) };
    }
    case "u":
      return { kind: "file", path: resolveDataPath(tablePath, relativePath(tablePath, pathOrInlineDv)), byteOffset };
    case "p":
      if (!/^(?:\/|[A-Za-z][A-Za-z0-9+.-]*:\/)/.test(pathOrInlineDv))
        throw wrongDescriptor(tablePath, `the path ${JSON.stringify(pathOrInlineDv)} is not absolute`);
      return { kind: "file", path: resolveDataPath(tablePath, pathOrInlineDv), byteOffset };
    default:
      throw wrongDescriptor(tablePath, `there is no storage type ${JSON.stringify(storageType)}`);
  }
}

/**
 * Cuts a vector out of its file and checks size and checksum.
 * @throws AlluviumError `CORRUPT_FILE` naming the file
 */
export function vectorOfFile(
  file: Uint8Array,
  { path, byteOffset }: { readonly path: string; readonly byteOffset: number },
  { sizeInBytes }: DeletionVectorDescriptor,
): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length === 0 || view.getUint8(0) !== fileVersion)
    throw damaged(path, file.length === 0 ? "it is empty" : `it has version ${view.getUint8(0)} instead of 1`);
  const start = byteOffset + sizeFieldBytes;
  if (sizeInBytes < 0 || start + sizeInBytes + checksumBytes > file.length)
    throw damaged(path, `a vector of ${sizeInBytes} bytes at ${byteOffset} does not fit into its ${file.length} bytes`);
  const sizeBytes = view.getInt32(byteOffset);
  if (sizeBytes !== sizeInBytes)
    throw damaged(path, `the vector at ${byteOffset} has ${sizeBytes} bytes, the log says ${sizeInBytes}`);
  const bytes = file.subarray(start, start + sizeInBytes);
  if (view.getUint32(start + sizeInBytes) !== crc32(bytes))
    throw damaged(path, `the checksum of the vector at ${byteOffset} is wrong`);
  return bytes;
}

/**
 * Decodes a vector.
 * @param place `path` of the vector's file, or of the table for an inline one
 * @throws AlluviumError `CORRUPT_FILE`, or `CORRUPT_LOG` for an inline one, when it is damaged or holds another number of
 *   rows than the log says
 */
export function decodeDeletedRows(
  bytes: Uint8Array,
  vector: DeletionVectorDescriptor,
  place: { readonly path: string; readonly kind: VectorPlace["kind"] },
): DeletedRows {
  const fail = (problem: string, cause?: unknown): AlluviumError =>
    place.kind === "file" ? damaged(place.path, problem, cause) : wrongDescriptor(place.path, problem, cause);
  if (bytes.length < magicBytes) throw fail("the vector ends too soon");
  let rows: DeletedRows | null;
  try {
    rows = decodeByMagic(bytes);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw fail(cause.message, cause);
  }
  if (rows === null)
    throw fail(`the vector begins with ${bytes.subarray(0, magicBytes).join()}, which is no known format`);
  if (rows.cardinality !== vector.cardinality)
    throw fail(`the vector deletes ${rows.cardinality} rows, the log says ${vector.cardinality}`);
  return rows;
}

/** The portable form, or the one before it, which the protocol's example of an inline vector has. Null for any other. */
function decodeByMagic(bytes: Uint8Array): DeletedRows | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const content = bytes.subarray(magicBytes);
  if (view.getInt32(0, true) === portableMagic) return decodeRoaring64(content);
  if (view.getInt32(0, true) === nativeMagic) return decodeRoaringParts(content, true);
  return view.getInt32(0, false) === nativeMagic ? decodeRoaringParts(content, false) : null;
}

const fileVersion = 1;
const sizeFieldBytes = 4;
const checksumBytes = 4;
const magicBytes = 4;
const portableMagic = 1_681_511_377;
const nativeMagic = 1_681_511_376;
const idLength = 20;

/** `<prefix>/deletion_vector_<uuid>.bin`: the last 20 characters are the UUID, what stands before them is a folder. */
function relativePath(tablePath: string, text: string): string {
  const bytes = text.length < idLength ? null : decodeZ85(text.slice(-idLength));
  if (bytes === null) throw wrongDescriptor(tablePath, `${JSON.stringify(text)} does not end in a UUID as Z85 text`);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const prefix = text.slice(0, -idLength);
  // The prefix is no part of a URI: nothing in it is an escape.
  return `${prefix === "" ? "" : `${encodeURIComponent(prefix)}/`}deletion_vector_${uuid}.bin`;
}

function wrongDescriptor(tablePath: string, problem: string, cause?: unknown): AlluviumError {
  return corruptLog({ path: tablePath, field: "deletionVector" }, problem, cause);
}

function damaged(path: string, problem: string, cause?: unknown): AlluviumError {
  const message = `the deletion vector file ${path} is damaged: ${problem}; restore it from a copy`;
  return new AlluviumError("CORRUPT_FILE", { path }, message, cause === undefined ? undefined : { cause });
}
