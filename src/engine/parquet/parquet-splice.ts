// engine/parquet/parquet-splice.ts: row groups of one Parquet file at the end of another with the same columns, as their bytes are: nothing is decoded.
// The Parquet format, "File Format" and "Metadata" (parquet.thrift).
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { errnoOf, fileNotFound, ioError } from "../base/io-error.ts";
import { footerBytes, footerRange, openedBytes } from "./parquet-bytes.ts";
import { magicSizeBytes } from "./parquet-footer.ts";
import type { ParquetMetadata } from "./parquet-metadata.ts";
import {
  decodeInteger,
  decodeList,
  decodeStruct,
  encodeInteger,
  encodeStruct,
  encodeStructList,
  thriftType,
} from "./thrift-compact.ts";
import type { ThriftField, ThriftStruct } from "./thrift-compact.ts";

/** Row groups of a file. */
export interface GroupSource {
  readonly path: string;
  /** What its footer said: the file is still the one that was looked at where it still says so. */
  readonly metadata: ParquetMetadata;
  /** Ascending. */
  readonly groups: readonly number[];
}

/**
 * Appends row groups to a file. A piece at a time is in memory.
 * @returns false, and the file as it was, where a source has other columns or other marks of its writer (the footer's key-value metadata), has
 *   changed, or is not laid out as most are
 * @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR`, `DISK_FULL`: the file is of no use then
 */
export async function appendGroups(path: string, sources: readonly GroupSource[]): Promise<boolean> {
  let target: FileHandle | undefined;
  const opened: FileHandle[] = [];
  try {
    target = await open(path, "r+");
    const file = openedBytes(target.fd);
    const footer = decodeStruct(footerBytes(file));
    const moves: GroupMove[] = [];
    let at = footerRange(file).byteOffset;
    for (const source of sources) {
      const handle = await openSource(source.path);
      opened.push(handle);
      const found = movesOf(handle, { source, footer, at });
      if (found === null) return false;
      moves.push(...found);
      at = moves.at(-1)?.end ?? at;
    }
    if (moves.length > 0) await append(target, moves, encodeFooter(footer, moves));
    return true;
  } catch (cause) {
    if (cause instanceof RangeError) return false;
    throw ioError("write", path, cause);
  } finally {
    for (const handle of opened) await handle.close();
    await target?.close();
  }
}

async function openSource(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw errnoOf(cause) === "ENOENT" ? fileNotFound(path, cause) : ioError("open", path, cause);
  }
}

/** One row group on its way. */
interface GroupMove {
  readonly from: FileHandle;
  readonly byteOffset: number;
  readonly sizeBytes: number;
  /** Where it lies then, and what follows it. */
  readonly start: number;
  readonly end: number;
  readonly rowCount: number;
  /** What the footer says of it then. */
  readonly element: Uint8Array;
}

interface Place {
  readonly source: GroupSource;
  /** Of the file that is written. */
  readonly footer: ThriftStruct;
  /** Where in it the first row group goes. */
  readonly at: number;
}

function movesOf(from: FileHandle, { source, footer, at }: Place): readonly GroupMove[] | null {
  const bytes = footerBytes(openedBytes(from.fd));
  if (Buffer.compare(bytes, source.metadata.footer) !== 0) return null;
  const fields = decodeStruct(bytes);
  if (![schemaField, marksField].every((id) => isSame(fields.get(id), footer.get(id)))) return null;
  const elements = decodeList(required(fields, groupsField));
  const moves: GroupMove[] = [];
  let start = at;
  for (const group of source.groups) {
    const element = elements[group];
    const moved = element === undefined ? null : movedGroup(element, start);
    if (moved === null) return null;
    moves.push({ ...moved, from, start, end: start + moved.sizeBytes });
    start += moved.sizeBytes;
  }
  return moves;
}

/** What the footer says of a row group that begins elsewhere; null where something else lies between its columns. */
function movedGroup(element: Uint8Array, start: number): Omit<GroupMove, "from" | "start" | "end"> | null {
  const group = decodeStruct(element);
  const chunks = decodeList(required(group, 1)).map((chunk) => decodeStruct(required(decodeStruct(chunk), 3).bytes));
  const starts = chunks.map(startOf);
  const sizes = chunks.map((chunk) => decodeInteger(required(chunk, 7)));
  const byteOffset = starts.reduce((least, next) => Math.min(least, next), Number.POSITIVE_INFINITY);
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
  const end = starts.reduce((greatest, next, index) => Math.max(greatest, next + (sizes[index] ?? 0)), 0);
  if (end - byteOffset !== sizeBytes || byteOffset < magicSizeBytes) return null;
  const columns = chunks.map((chunk) => movedChunk(chunk, start - byteOffset));
  const kept = new Map([...group].filter(([id]) => id !== ordinalField));
  const moved = new Map([...kept, [1, encodeStructList(columns)], [5, encodeInteger(start, "i64")]]);
  return { byteOffset, sizeBytes, rowCount: decodeInteger(required(group, 3)), element: encodeStruct(moved) };
}

const startOf = (chunk: ThriftStruct): number => {
  const [data, dictionary] = [decodeInteger(required(chunk, 9)), chunk.get(11)];
  const first = dictionary === undefined ? 0 : decodeInteger(dictionary);
  return first > 0 ? Math.min(first, data) : data;
};

/** Page index and Bloom filter, which lie elsewhere, stay behind. */
function movedChunk(chunk: ThriftStruct, shift: number): Uint8Array {
  const moved = new Map([...chunk].filter(([id]) => !leftBehind.has(id)));
  for (const id of [9, 11]) {
    const offset = chunk.get(id);
    if (offset !== undefined && decodeInteger(offset) > 0)
      moved.set(id, encodeInteger(decodeInteger(offset) + shift, "i64"));
  }
  const fields = new Map([[2, encodeInteger(0, "i64")]]);
  return encodeStruct(fields.set(3, { type: thriftType.struct, bytes: encodeStruct(moved) }));
}

function encodeFooter(footer: ThriftStruct, moves: readonly GroupMove[]): Uint8Array {
  const elements = [...decodeList(required(footer, groupsField)), ...moves.map(({ element }) => element)];
  const rowCount = moves.reduce((sum, move) => sum + move.rowCount, decodeInteger(required(footer, rowCountField)));
  const whole = new Map([
    ...footer,
    [groupsField, encodeStructList(elements)],
    [rowCountField, encodeInteger(rowCount, "i64")],
  ]);
  const bytes = encodeStruct(whole);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(bytes.length, 0);
  tail.write("PAR1", 4, "latin1");
  return Buffer.concat([bytes, tail]);
}

async function append(target: FileHandle, moves: readonly GroupMove[], footer: Uint8Array): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  for (const { from, byteOffset, sizeBytes, start } of moves) {
    for (let done = 0; done < sizeBytes;) {
      const { bytesRead } = await from.read(buffer, 0, Math.min(pieceBytes, sizeBytes - done), byteOffset + done);
      if (bytesRead === 0) throw new Error("a row group is cut off");
      await writeAll(target, buffer.subarray(0, bytesRead), start + done);
      done += bytesRead;
    }
  }
  const end = moves.at(-1)?.end ?? 0;
  await writeAll(target, footer, end);
  await target.truncate(end + footer.length);
}

async function writeAll(target: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await target.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

const pieceBytes = 2 ** 20;

const isSame = (a: ThriftField | undefined, b: ThriftField | undefined): boolean =>
  a === undefined ? b === undefined : b !== undefined && Buffer.compare(a.bytes, b.bytes) === 0;

function required(fields: ThriftStruct, id: number): ThriftField {
  const field = fields.get(id);
  if (field === undefined) throw new RangeError(`the footer lacks field ${id}`);
  return field;
}

// Fields of a file's footer, of a row group and of a chunk.
const schemaField = 2;
const rowCountField = 3;
const groupsField = 4;
const marksField = 5;
const ordinalField = 7;
const leftBehind: ReadonlySet<number> = new Set([10, 14, 15]);
