// test/format/roaring-bytes.ts: makes deletion vectors. Written from RoaringFormatSpec, apart from the decoder.
import { crc32 } from "node:zlib";
import { encodeZ85 } from "../../src/format/text/z85.ts";

/** In which form containers are written: runs where the choice says so, else list or bitmap by their size. */
export type RunChoice = (containerKey: number) => boolean;

/** A bitmap in the portable 64-bit form. */
export function roaring64(numbers: Iterable<number>, hasRuns: RunChoice = () => false): Uint8Array {
  const buckets = grouped(numbers, 2 ** 32);
  const parts: Uint8Array[] = [uint64(buckets.size)];
  for (const [key, low] of buckets) parts.push(uint32(key), roaring32(low, hasRuns));
  return concat(parts);
}

function roaring32(numbers: readonly number[], hasRuns: RunChoice): Uint8Array {
  const containers = [...grouped(numbers, 65_536)];
  const asRuns = containers.map(([key]) => hasRuns(key));
  const bodies = containers.map(([, low], index) => (asRuns[index] === true ? runBody(low) : plainBody(low)));
  const keys = containers.flatMap(([key, low]) => [uint16(key), uint16(low.length - 1)]);
  const isWithRuns = asRuns.includes(true);
  const header = isWithRuns
    ? [uint32(12_347 + (containers.length - 1) * 65_536), flags(asRuns)]
    : [uint32(12_346), uint32(containers.length)];
  const hasOffsets = !isWithRuns || containers.length >= 4;
  let offset = concat([...header, ...keys]).length + (hasOffsets ? containers.length * 4 : 0);
  const offsets = bodies.map((body) => {
    offset += body.length;
    return uint32(offset - body.length);
  });
  return concat([...header, ...keys, ...(hasOffsets ? offsets : []), ...bodies]);
}

function plainBody(numbers: readonly number[]): Uint8Array {
  if (numbers.length <= 4096) return concat(numbers.map(uint16));
  const bits = new Uint8Array(8192);
  for (const number of numbers) bits[number >> 3] = (bits[number >> 3] ?? 0) | (1 << (number & 7));
  return bits;
}

function runBody(numbers: readonly number[]): Uint8Array {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] + 1 === number) last[1] += 1;
    else runs.push([number, 0]);
  }
  return concat([uint16(runs.length), ...runs.flatMap(([start, more]) => [uint16(start), uint16(more)])]);
}

/** The serialized vector: magic number and bitmap. */
export function vectorBytes(numbers: Iterable<number>, hasRuns?: RunChoice): Uint8Array {
  return concat([uint32(1_681_511_377), roaring64(numbers, hasRuns)]);
}

/** A file of vectors, and where each begins. */
export function vectorFile(vectors: readonly Uint8Array[]): { bytes: Uint8Array; offsets: readonly number[] } {
  const parts: Uint8Array[] = [Uint8Array.of(1)];
  let offset = 1;
  const offsets = vectors.map((vector) => {
    parts.push(bigEndian(vector.length), vector, bigEndian(crc32(vector)));
    offset += vector.length + 8;
    return offset - vector.length - 8;
  });
  return { bytes: concat(parts), offsets };
}

/** The descriptor of an inline vector, as the log has it. */
export function inlineVector(numbers: readonly number[], hasRuns?: RunChoice): InlineDescriptor {
  const bytes = vectorBytes(numbers, hasRuns);
  return {
    storageType: "i",
    pathOrInlineDv: encodeZ85(bytes),
    sizeInBytes: bytes.length,
    cardinality: new Set(numbers).size,
  };
}

export interface InlineDescriptor {
  readonly storageType: string;
  readonly pathOrInlineDv: string;
  readonly sizeInBytes: number;
  readonly cardinality: number;
}

function grouped(numbers: Iterable<number>, size: number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const number of [...new Set(numbers)].toSorted((a, b) => a - b)) {
    const key = Math.floor(number / size);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(number % size);
  }
  return groups;
}

function flags(values: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  for (const [index, value] of values.entries())
    if (value) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  return bytes;
}

const uint16 = (value: number): Uint8Array => Uint8Array.of(value & 255, value >> 8);

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
