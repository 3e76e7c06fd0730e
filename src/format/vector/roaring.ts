// format/vector/roaring.ts: sets of numbers as compressed bitmaps, the portable serialization for 64 bits.
// RoaringFormatSpec, "Extension for 64-bit implementations".
import { containerLength, countBits, listCardinalityMax } from "./roaring-container.ts";
import type { Container, Members } from "./roaring-container.ts";
import { RoaringSet } from "./roaring-set.ts";

/**
 * Decodes a set; every byte must belong to it.
 * @throws RangeError saying what is wrong: bytes missing or left over, counts that contradict the content, numbers that are
 *   not in order or not below 2^53
 */
export function decodeRoaring64(bytes: Uint8Array): RoaringSet {
  const reader = new Reader(bytes);
  const bucketCount = reader.uint64();
  const containers: Container[] = [];
  let keyBefore = -1;
  for (let index = 0; index < bucketCount; index += 1) {
    const key = reader.uint32();
    if (key <= keyBefore) throw new RangeError("the parts of the bitmap are not in order");
    // Above this a row number is no longer an exact number, and no file has so many rows.
    if (key >= keyEnd) throw new RangeError(`a row number beyond 2^53 (part ${key})`);
    keyBefore = key;
    readBucket(reader, key * 2 ** 32, containers);
  }
  return setOf(reader, containers);
}

/**
 * Decodes the form that came before the portable one: a count, then for each part its size in bytes and its bitmap. Part
 * `i` holds the numbers from `i * 2^32` on. The byte order is that of counts and sizes; bitmaps are always little-endian.
 * @throws RangeError as `decodeRoaring64`
 */
export function decodeRoaringParts(bytes: Uint8Array, isLittleEndian: boolean): RoaringSet {
  const reader = new Reader(bytes);
  const number = (): number => reader.view(4).getUint32(0, isLittleEndian);
  const partCount = number();
  const containers: Container[] = [];
  for (let index = 0; index < partCount; index += 1) {
    const part = new Reader(reader.bytes(number()));
    readBucket(part, index * 2 ** 32, containers);
    if (!part.isAtEnd) throw new RangeError(`${part.leftCount} bytes are left over behind part ${index} of the bitmap`);
  }
  return setOf(reader, containers);
}

function setOf(reader: Reader, containers: readonly Container[]): RoaringSet {
  if (!reader.isAtEnd) throw new RangeError(`${reader.leftCount} bytes are left over behind the bitmap`);
  return new RoaringSet(containers);
}

const keyEnd = 2 ** 21;
const noRunsCookie = 12_346;
const runsCookie = 12_347;
const bitmapSizeBytes = 8192;
const containerCountMax = 65_536;
/** With runs, smaller bitmaps have no table of offsets. */
const offsetsFrom = 4;

interface Header {
  readonly containerCount: number;
  readonly runFlags: Uint8Array | null;
}

function readBucket(reader: Reader, base: number, containers: Container[]): void {
  const { containerCount, runFlags } = readHeader(reader);
  if (containerCount > containerCountMax) throw new RangeError(`a bitmap of ${containerCount} containers`);
  const keys = reader.view(containerCount * 4);
  if (runFlags === null || containerCount >= offsetsFrom) reader.skip(containerCount * 4);
  let keyBefore = -1;
  for (let index = 0; index < containerCount; index += 1) {
    const key = keys.getUint16(index * 4, true);
    if (key <= keyBefore) throw new RangeError("the containers of the bitmap are not in order");
    keyBefore = key;
    const cardinality = keys.getUint16(index * 4 + 2, true) + 1;
    const isRuns = runFlags !== null && ((runFlags[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
    containers.push(readContainer(reader, { base: base + key * containerLength, cardinality, isRuns }));
  }
}

function readHeader(reader: Reader): Header {
  const cookie = reader.uint32();
  if (cookie === noRunsCookie) return { containerCount: reader.uint32(), runFlags: null };
  if ((cookie & 0xffff) !== runsCookie)
    throw new RangeError(`the bitmap begins with ${cookie}, which is no known format`);
  const containerCount = (cookie >>> 16) + 1;
  return { containerCount, runFlags: reader.bytes(Math.ceil(containerCount / 8)) };
}

interface ContainerHeader {
  readonly base: number;
  readonly cardinality: number;
  readonly isRuns: boolean;
}

function readContainer(reader: Reader, { base, cardinality, isRuns }: ContainerHeader): Container {
  const members = readMembers(reader, cardinality, isRuns);
  const count = countMembers(members);
  if (count !== cardinality) throw new RangeError(`a container holds ${count} numbers instead of ${cardinality}`);
  return { base, cardinality, members };
}

function readMembers(reader: Reader, cardinality: number, isRuns: boolean): Members {
  if (isRuns) return { kind: "runs", pairs: reader.uint16s(reader.uint16() * 2) };
  if (cardinality <= listCardinalityMax) return { kind: "list", values: reader.uint16s(cardinality) };
  return { kind: "bitmap", words: new Uint32Array(reader.aligned(bitmapSizeBytes)) };
}

function countMembers(members: Members): number {
  switch (members.kind) {
    case "bitmap":
      return countBits(members.words);
    case "list": {
      const { values } = members;
      for (let index = 1; index < values.length; index += 1)
        if ((values[index] ?? 0) <= (values[index - 1] ?? 0)) throw notInOrder();
      return values.length;
    }
    case "runs": {
      let [before, count] = [-1, 0];
      for (let at = 0; at < members.pairs.length; at += 2) {
        const first = members.pairs[at] ?? 0;
        const last = first + (members.pairs[at + 1] ?? 0);
        if (first <= before) throw notInOrder();
        if (last >= containerLength) throw new RangeError("a run leads out of its container");
        count += last - first + 1;
        before = last;
      }
      return count;
    }
  }
}

const notInOrder = (): RangeError => new RangeError("the numbers of a container are not in order");

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.leftCount === 0;
  }

  get leftCount(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(sizeBytes: number): Uint8Array {
    if (sizeBytes > this.leftCount) throw new RangeError("the bitmap ends too soon");
    this.#at += sizeBytes;
    return this.#bytes.subarray(this.#at - sizeBytes, this.#at);
  }

  view(sizeBytes: number): DataView {
    const { buffer, byteOffset } = this.bytes(sizeBytes);
    return new DataView(buffer, byteOffset, sizeBytes);
  }

  skip(sizeBytes: number): void {
    this.bytes(sizeBytes);
  }

  uint16(): number {
    return this.view(2).getUint16(0, true);
  }

  /** A copy, so that numbers of any width lie as they must. */
  aligned(sizeBytes: number): ArrayBuffer {
    return new Uint8Array(this.bytes(sizeBytes)).buffer;
  }

  /** In the byte order of the machine, which is the format's own. */
  uint16s(count: number): Uint16Array {
    return new Uint16Array(this.aligned(count * 2));
  }

  uint32(): number {
    return this.view(4).getUint32(0, true);
  }

  /** A count: what does not fit into the bytes that are left is found out as soon as they end. */
  uint64(): number {
    return Number(this.view(8).getBigUint64(0, true));
  }
}
