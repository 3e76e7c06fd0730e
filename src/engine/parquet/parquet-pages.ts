// engine/parquet/parquet-pages.ts: the values of one column chunk that are few among many nulls, such as those of a checkpoint's columns that speak of
// the table. What is packed or encoded in another way than most writers choose is left to DuckDB. The Parquet format, "Data Pages".
import { gunzipSync } from "node:zlib";
import { unpackSnappy } from "./snappy.ts";
import { ThriftReader } from "./thrift-compact.ts";

/** The bytes of a chunk, and what the schema says of its column. */
export interface PackedChunk {
  readonly bytes: Uint8Array;
  readonly codec: number;
  readonly valueCount: number;
  readonly physicalType: string;
  readonly definitionMax: number;
  readonly repetitionMax: number;
}

/** A text, or a number; an INT64 that a double cannot hold is a bigint. */
export type LeafValue = string | number | bigint | boolean;

/** A chunk unpacked. A value is there where its definition level is the greatest one. */
export interface ChunkValues {
  readonly definitions: Uint8Array;
  readonly repetitions: Uint8Array;
  readonly values: readonly LeafValue[];
}

/**
 * Unpacks a chunk; null where it is encoded in a way that is not known here.
 * @throws RangeError when it is damaged
 */
export function readChunkValues(chunk: PackedChunk): ChunkValues | null {
  const { bytes, valueCount } = chunk;
  if (valueCount > valueCountMax || chunk.definitionMax > 100) return null;
  const definitions = new Uint8Array(valueCount);
  const repetitions = new Uint8Array(valueCount);
  const values: LeafValue[] = [];
  let dictionary: readonly LeafValue[] = [];
  let found = 0;
  for (let at = 0; at < bytes.length && found < valueCount;) {
    const header = readHeader(bytes, at);
    const end = header.end + header.packedSizeBytes;
    if (end > bytes.length) throw new RangeError("a page is cut off");
    at = end;
    if (header.kind === "other") continue;
    const page = unpackPage(chunk, header);
    if (page === null) return null;
    if (header.kind === "dictionary") {
      const plain = readPlain(page, chunk.physicalType, header.valueCount);
      if (plain === null) return null;
      dictionary = plain;
      continue;
    }
    if (found + header.valueCount > valueCount) throw new RangeError("a column has more values than its footer says");
    const levels = definitions.subarray(found, found + header.valueCount);
    const above = repetitions.subarray(found, found + header.valueCount);
    let offset = readLevels(page, 0, { bits: bitsOf(chunk.repetitionMax), into: above });
    offset = readLevels(page, offset, { bits: bitsOf(chunk.definitionMax), into: levels });
    found += header.valueCount;
    let count = 0;
    for (const level of levels) if (level === chunk.definitionMax) count += 1;
    const decoded = readValues(page.subarray(offset), { count, dictionary, chunk, encoding: header.encoding });
    if (decoded === null) return null;
    for (const value of decoded) values.push(value);
  }
  if (found !== valueCount) throw new RangeError(`a column has ${found} values, its footer says ${valueCount}`);
  return { definitions, repetitions, values };
}

interface PageHeader {
  readonly kind: "data" | "dictionary" | "other";
  readonly packedSizeBytes: number;
  readonly sizeBytes: number;
  readonly valueCount: number;
  readonly encoding: number;
  /** Where the page begins. */
  readonly end: number;
}

// Larger pages are not looked into; nobody needs them for a handful of values.
const pageSizeBytesMax = 64 * 2 ** 20;
const valueCountMax = 2 ** 22;

function readHeader(bytes: Uint8Array, at: number): PageHeader {
  const reader = new ThriftReader(bytes, at);
  let [type, sizeBytes, packedSizeBytes, valueCount, encoding] = [-1, 0, 0, 0, -1];
  let hasRuns = true;
  reader.eachField((id) => {
    if (id === 1) type = reader.integer();
    else if (id === 2) sizeBytes = reader.integer();
    else if (id === 3) packedSizeBytes = reader.integer();
    else if (id === 5 || id === 7)
      reader.eachField((field) => {
        if (field === 1) valueCount = reader.integer();
        else if (field === 2) encoding = reader.integer();
        else if (id === 5 && (field === 3 || field === 4)) hasRuns &&= reader.integer() === runEncoding;
        else return false;
        return true;
      });
    else return false;
    return true;
  });
  if (sizeBytes < 0 || packedSizeBytes < 0 || valueCount < 0) throw new RangeError("a page has a negative size");
  const kind = type === 0 ? "data" : type === 2 ? "dictionary" : type === 1 ? "other" : "unknown";
  // Pages of version 2 are rare in checkpoints, and levels without runs in all of today's files: these are left to DuckDB.
  const isKnown = kind !== "unknown" && hasRuns;
  const page = { packedSizeBytes, valueCount, encoding, end: reader.at };
  return isKnown ? { ...page, kind, sizeBytes } : { ...page, kind: "data", sizeBytes: -1 };
}

function unpackPage({ bytes, codec }: PackedChunk, header: PageHeader): Uint8Array | null {
  const { sizeBytes, packedSizeBytes, end } = header;
  if (sizeBytes < 0 || sizeBytes > pageSizeBytesMax) return null;
  const packed = bytes.subarray(end, end + packedSizeBytes);
  switch (codec) {
    case 0:
      return packed;
    case 1:
      return unpackSnappy(packed, sizeBytes);
    case 2:
      return gunzipSync(packed, { maxOutputLength: Math.max(1, sizeBytes) });
    default:
      return null;
  }
}

interface Levels {
  readonly bits: number;
  readonly into: Uint8Array;
}

/** @returns where the page goes on */
function readLevels(page: Uint8Array, offset: number, { bits, into }: Levels): number {
  if (bits === 0) return offset;
  const start = offset + 4;
  const length = new DataView(page.buffer, page.byteOffset, page.length).getUint32(offset, true);
  if (start + length > page.length) throw new RangeError("a page is cut off");
  readRuns(page.subarray(start, start + length), bits, into);
  return start + length;
}

const bitsOf = (max: number): number => (max === 0 ? 0 : 32 - Math.clz32(max));

/** Runs of one value, and of values packed bit by bit. The Parquet format, "RLE/Bit-Packing Hybrid". */
function readRuns(bytes: Uint8Array, bits: number, into: Uint8Array | Uint32Array): void {
  let at = 0;
  for (let filled = 0; filled < into.length;) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined || shift > 28) throw new RangeError("the runs of a page are cut off");
      at += 1;
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (header % 2 === 0) {
      const count = header / 2;
      let value = 0;
      for (let index = 0; index < Math.ceil(bits / 8); index += 1) value += (bytes[at + index] ?? 0) * 2 ** (8 * index);
      at += Math.ceil(bits / 8);
      if (count === 0) throw new RangeError("a run of a page is empty");
      into.fill(value, filled, Math.min(into.length, filled + count));
      filled += count;
      continue;
    }
    const groupCount = (header - 1) / 2;
    if (groupCount === 0) throw new RangeError("a run of a page is empty");
    for (let index = 0; index < groupCount * 8 && filled < into.length; index += 1, filled += 1)
      into[filled] = bitsAt(bytes, at * 8 + index * bits, bits);
    at += groupCount * bits;
  }
}

function bitsAt(bytes: Uint8Array, firstBit: number, count: number): number {
  let value = 0;
  for (let bit = 0; bit < count; bit += 1) {
    const at = firstBit + bit;
    value += (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) * 2 ** bit;
  }
  return value;
}

interface ValueRequest {
  readonly count: number;
  readonly dictionary: readonly LeafValue[];
  readonly chunk: PackedChunk;
  readonly encoding: number;
}

function readValues(
  bytes: Uint8Array,
  { count, dictionary, chunk, encoding }: ValueRequest,
): readonly LeafValue[] | null {
  if (count === 0) return [];
  if (encoding === plainEncoding) return readPlain(bytes, chunk.physicalType, count);
  if (!dictionaryEncodings.has(encoding)) return null;
  const indexes = new Uint32Array(count);
  const bits = bytes[0] ?? 0;
  if (bits > 32) throw new RangeError("a page has indexes that are too long");
  if (bits > 0) readRuns(bytes.subarray(1), bits, indexes);
  return Array.from(indexes, (index) => {
    const value = dictionary[index];
    if (value === undefined) throw new RangeError(`a page asks for entry ${index} of ${dictionary.length}`);
    return value;
  });
}

const plainEncoding = 0;
const runEncoding = 3;
const dictionaryEncodings: ReadonlySet<number> = new Set([2, 8]);

function readPlain(bytes: Uint8Array, physicalType: string, count: number): readonly LeafValue[] | null {
  if (count > bytes.length * 8) throw new RangeError("a page has fewer values than it says");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (physicalType) {
    case "BOOLEAN":
      return filled(count, (index) => bitsAt(bytes, index, 1) === 1);
    case "INT32":
      return filled(count, (index) => view.getInt32(index * 4, true));
    case "INT64":
      return filled(count, (index) => wholeNumber(view.getBigInt64(index * 8, true)));
    case "BYTE_ARRAY":
      return readTexts(bytes, view, count);
    default:
      return null;
  }
}

function filled<T>(count: number, valueAt: (index: number) => T): readonly T[] {
  const values: T[] = [];
  for (let index = 0; index < count; index += 1) values.push(valueAt(index));
  return values;
}

function readTexts(bytes: Uint8Array, view: DataView, count: number): readonly string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let at = 0;
  return filled(count, () => {
    const length = view.getUint32(at, true);
    at += 4 + length;
    if (at > bytes.length) throw new RangeError("a text is cut off");
    return decoder.decode(bytes.subarray(at - length, at));
  });
}

function wholeNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
