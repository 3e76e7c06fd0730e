// format/roaring.ts: sets of numbers as compressed bitmaps, the portable serialization for 64 bits.
// RoaringFormatSpec, "Extension for 64-bit implementations".

/** A run of consecutive numbers, both ends inside. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

/** Numbers of a set, in ascending order. */
export interface RoaringSet {
  readonly cardinality: number;
  /** Runs that do not touch one another, ascending. */
  runs(): Generator<Run>;
  /** The same, told one by one: several times as fast where there are millions. */
  forEachRun(visit: RunVisitor): void;
}

/** Takes a run, both ends inside. */
export type RunVisitor = (first: number, last: number) => void;

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
  const cardinality = containers.reduce((sum, container) => sum + container.cardinality, 0);
  return {
    cardinality,
    runs: () => mergedRuns(containers),
    forEachRun: (visit) => visitMerged(containers, visit),
  };
}

/** Up to 65536 neighbouring numbers from `base` on: a list of them, a bitmap of 8192 bytes, or pairs of start and length - 1. */
interface Container {
  readonly base: number;
  readonly cardinality: number;
  readonly kind: "list" | "bitmap" | "runs";
  readonly bytes: Uint8Array;
}

const keyEnd = 2 ** 21;
const noRunsCookie = 12_346;
const runsCookie = 12_347;
const listCardinalityMax = 4096;
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
    containers.push(readContainer(reader, { base: base + key * 65_536, cardinality, isRuns }));
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
  const kind = isRuns ? "runs" : cardinality <= listCardinalityMax ? "list" : "bitmap";
  const sizeBytes = isRuns ? reader.uint16() * 4 : kind === "list" ? cardinality * 2 : bitmapSizeBytes;
  const container: Container = { base, cardinality, kind, bytes: reader.bytes(sizeBytes) };
  let count = 0;
  let before = -1;
  visitContainer(container, (first, last) => {
    if (first <= before) throw new RangeError("the numbers of a container are not in order");
    if (last > base + 65_535) throw new RangeError("a run leads out of its container");
    before = last;
    count += last - first + 1;
  });
  if (count !== cardinality) throw new RangeError(`a container holds ${count} numbers instead of ${cardinality}`);
  return container;
}

/** The runs of a container as it spells them: those of a list are single numbers. */
function visitContainer({ base, kind, bytes }: Container, visit: RunVisitor): void {
  if (kind === "bitmap") {
    visitBitmap(base, bytes, visit);
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const step = kind === "list" ? 2 : 4;
  for (let offset = 0; offset < bytes.length; offset += step) {
    const first = base + view.getUint16(offset, true);
    visit(first, kind === "list" ? first : first + view.getUint16(offset + 2, true));
  }
}

function visitBitmap(base: number, bytes: Uint8Array, visit: RunVisitor): void {
  let first = -1;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    // Whole bytes that change nothing are passed over.
    if ((first < 0 && byte === 0) || (first >= 0 && byte === 0xff)) continue;
    for (let bit = 0; bit < 8; bit += 1) {
      const isSet = (byte & (1 << bit)) !== 0;
      const number = base + index * 8 + bit;
      if (isSet && first < 0) first = number;
      if (!isSet && first >= 0) {
        visit(first, number - 1);
        first = -1;
      }
    }
  }
  if (first >= 0) visit(first, base + bytes.length * 8 - 1);
}

function visitMerged(containers: readonly Container[], visit: RunVisitor): void {
  let openFirst = -1;
  let openLast = -1;
  for (const container of containers) {
    visitContainer(container, (first, last) => {
      if (openFirst >= 0 && first === openLast + 1) {
        openLast = last;
        return;
      }
      if (openFirst >= 0) visit(openFirst, openLast);
      openFirst = first;
      openLast = last;
    });
  }
  if (openFirst >= 0) visit(openFirst, openLast);
}

function* mergedRuns(containers: readonly Container[]): Generator<Run> {
  let open: { first: number; last: number } | null = null;
  for (const container of containers) {
    const runs: Run[] = [];
    visitContainer(container, (first, last) => void runs.push({ first, last }));
    for (const { first, last } of runs) {
      if (open !== null && first === open.last + 1) {
        open.last = last;
        continue;
      }
      if (open !== null) yield open;
      open = { first, last };
    }
  }
  if (open !== null) yield open;
}

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

  uint32(): number {
    return this.view(4).getUint32(0, true);
  }

  /** A count: what does not fit into the bytes that are left is found out as soon as they end. */
  uint64(): number {
    return Number(this.view(8).getBigUint64(0, true));
  }
}
