// engine/parquet/parquet-pages.ts: the values of one column chunk that are few among many nulls, such as those of a checkpoint's columns that speak of
// the table. What is packed or encoded in another way than most writers choose is left to DuckDB. The Parquet format, "Data Pages".
import { gunzipSync } from "node:zlib";
import { readRuns } from "./parquet-runs.ts";
import { plainEncoding, readPlain, readValues } from "./parquet-values.ts";
import type { LeafValue } from "./parquet-values.ts";
import { type Unpacker, snappyUnpacker } from "./snappy.ts";
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
  const values: LeafValue[] = [];
  let dictionary: readonly LeafValue[] = [];
  const levels = eachPage(chunk, ({ kind, bytes, count, encoding }) => {
    const decoded =
      kind === "dictionary"
        ? readPlain(bytes, chunk.physicalType, count)
        : readValues({ bytes, count, dictionary, encoding, physicalType: chunk.physicalType });
    if (decoded === null) return false;
    if (kind === "dictionary") dictionary = decoded;
    else for (const value of decoded) values.push(value);
    return true;
  });
  return levels && { ...levels, values };
}

/** A page unpacked, without its levels. */
export interface Page {
  readonly kind: "data" | "dictionary";
  readonly bytes: Uint8Array;
  /** How many values it has, nulls left out. */
  readonly count: number;
  readonly encoding: number;
  /** Of each place that it fills: values and nulls. */
  readonly definitions: Uint8Array;
}

/**
 * Unpacks the pages of a chunk one after another.
 * @param visit false where a page is encoded in a way that is not known
 * @returns the levels of all places; null where a page is not known
 * @throws RangeError when it is damaged
 */
export function eachPage(
  chunk: PackedChunk,
  visit: (page: Page) => boolean,
): Pick<ChunkValues, "definitions" | "repetitions"> | null {
  const { valueCount, definitionMax, repetitionMax } = chunk;
  if (valueCount > valueCountMax || definitionMax > 100) return null;
  const definitions = new Uint8Array(valueCount);
  const repetitions = repetitionMax === 0 ? noLevels : new Uint8Array(valueCount);
  let found = 0;
  for (const page of pagesOf(chunk)) {
    const { kind, encoding } = page;
    const unpacked = kind === "unknown" ? undefined : page.unpack()?.(page.sizeBytes);
    if (unpacked === undefined) return null;
    if (kind === "dictionary") {
      if (!visit({ kind, bytes: unpacked, count: page.valueCount, encoding, definitions: noLevels })) return null;
      continue;
    }
    const levels = definitions.subarray(found, found + page.valueCount);
    const above = repetitions.subarray(found, found + page.valueCount);
    found += page.valueCount;
    if (!visit(readDataPage(chunk, unpacked, { encoding, levels, above }))) return null;
  }
  return { definitions, repetitions };
}

interface LevelsToFill {
  readonly encoding: number;
  readonly levels: Uint8Array;
  readonly above: Uint8Array;
}

function readDataPage(chunk: PackedChunk, page: Uint8Array, { encoding, levels, above }: LevelsToFill): Page {
  const { definitionMax, repetitionMax } = chunk;
  let offset = readLevels(page, 0, { bits: bitsOf(repetitionMax), into: above });
  offset = readLevels(page, offset, { bits: bitsOf(definitionMax), into: levels });
  const count = countOf(levels, definitionMax);
  return { kind: "data", bytes: page.subarray(offset), count, encoding, definitions: levels };
}

/** A page as it lies in the file. */
export interface PackedPage {
  readonly kind: "data" | "dictionary" | "unknown";
  /** Values and nulls. */
  readonly valueCount: number;
  readonly encoding: number;
  readonly sizeBytes: number;
  /** Its bytes, levels among them; null where it is packed in a way that is not known. @throws RangeError when it is damaged */
  unpack(): Unpacker | null;
}

/**
 * The pages of a chunk, none unpacked.
 * @throws RangeError when it is damaged
 */
export function* pagesOf(chunk: PackedChunk): Generator<PackedPage> {
  const { bytes, valueCount } = chunk;
  let found = 0;
  for (let at = 0; at < bytes.length && found < valueCount;) {
    const header = readHeader(bytes, at);
    at = header.end + header.packedSizeBytes;
    if (at > bytes.length) throw new RangeError("a page is cut off");
    const { kind, encoding } = header;
    if (kind === "other") continue;
    if (kind !== "dictionary") found += header.valueCount;
    if (found > valueCount) throw new RangeError("a column has more values than its footer says");
    yield { ...header, kind, encoding, unpack: () => unpackPage(chunk, header) };
  }
  if (found !== valueCount) throw new RangeError(`a column has ${found} values, its footer says ${valueCount}`);
}

/**
 * The first places of one page without repeated values, unpacked; texts no further than these reach. Null where the page is packed or encoded
 * in a way that is not known.
 * @throws RangeError when it is damaged
 */
export function readFlatPage(chunk: PackedChunk, packed: PackedPage, placeCount: number): Page | null {
  const unpack = packed.kind === "unknown" ? null : packed.unpack();
  if (unpack === null) return null;
  const { encoding, valueCount, sizeBytes } = packed;
  const isTexts = chunk.physicalType === "BYTE_ARRAY" && encoding === plainEncoding;
  const unpacked = isTexts ? unpack(levelsEnd(chunk, unpack)) : unpack(sizeBytes);
  const page = readDataPage(chunk, unpacked, { encoding, levels: new Uint8Array(valueCount), above: noLevels });
  const definitions = page.definitions.subarray(0, placeCount);
  const count = placeCount === valueCount ? page.count : countOf(definitions, chunk.definitionMax);
  if (isTexts) unpackTexts(unpack, unpacked.length - page.bytes.length, count);
  return { ...page, count, definitions };
}

const levelsEnd = ({ definitionMax }: PackedChunk, unpack: Unpacker): number =>
  definitionMax === 0 ? 0 : 4 + uint32(unpack(4), 0);

/** Texts lie one behind the other, each behind its length. @param offset of the first */
function unpackTexts(unpack: Unpacker, offset: number, count: number): void {
  let end = offset;
  for (let index = 0; index < count; index += 1) end += 4 + uint32(unpack(end + 4), end);
  unpack(end);
}

function uint32(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) throw new RangeError("a page is cut off");
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, true);
}

const noLevels = new Uint8Array(0);

/** Mostly all or none, which the library looks for faster than a loop that is not compiled yet. */
function countOf(levels: Uint8Array, wanted: number): number {
  let count = 0;
  for (let at = levels.indexOf(wanted); at >= 0; at = levels.indexOf(wanted, at)) {
    for (; at < levels.length && levels[at] === wanted; at += 1) count += 1;
  }
  return count;
}

interface PageHeader {
  readonly kind: "data" | "dictionary" | "other" | "unknown";
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
  return { ...page, kind: isKnown ? kind : "unknown", sizeBytes };
}

function unpackPage({ bytes, codec }: PackedChunk, header: PageHeader): Unpacker | null {
  const { sizeBytes, packedSizeBytes, end } = header;
  if (sizeBytes > pageSizeBytesMax) return null;
  const packed = bytes.subarray(end, end + packedSizeBytes);
  switch (codec) {
    case 0:
      return () => packed;
    case 1:
      return snappyUnpacker(packed, sizeBytes);
    case 2: {
      const unpacked = gunzipSync(packed, { maxOutputLength: Math.max(1, sizeBytes) });
      return () => unpacked;
    }
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
  const length = uint32(page, offset);
  if (start + length > page.length) throw new RangeError("a page is cut off");
  readRuns(page.subarray(start, start + length), bits, into);
  return start + length;
}

const bitsOf = (max: number): number => (max === 0 ? 0 : 32 - Math.clz32(max));

const runEncoding = 3;
