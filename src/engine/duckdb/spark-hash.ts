// engine/duckdb/spark-hash.ts: the hashes behind Spark's hash and xxhash64, whose numbers people store: Murmur3 of 32 bits with a tail of
// single bytes, and XXH64. A value takes the hash of the one before it as its seed; null leaves the seed as it is.

/** How the bytes of a value come about: 4 of an int, 8 of a long, those of a text, of a decimal of more than 18 digits. */
export type HashedAs = "int" | "long" | "float" | "double" | "text" | "binary" | "wide";

/**
 * Spark's `hash` of one value, as a signed number of 32 bits.
 * @param value a number, bigint, text or bytes, as `how` wants it; a wide decimal as the digits of its unscaled value;
 *   an array of them hashes one by one
 */
export function murmur3(seed: number, how: HashedAs, value: unknown): number {
  if (value === null) return seed;
  if (Array.isArray(value)) return value.reduce((state: number, item: unknown) => murmur3(state, how, item), seed);
  const bits = bitsOf(how, value);
  if (bits instanceof Uint8Array) return murmur3Bytes(seed, bits);
  const low = mixState(seed, Number(bits.value & 0xffffffffn));
  if (bits.size === 4) return finish(low, 4);
  return finish(mixState(low, Number(bits.value >> 32n)), 8);
}

/** Spark's `xxhash64` of one value, as a signed number of 64 bits; arguments as those of `murmur3`. */
export function xxHash64(seed: bigint, how: HashedAs, value: unknown): bigint {
  if (value === null) return seed;
  if (Array.isArray(value)) return value.reduce((state: bigint, item: unknown) => xxHash64(state, how, item), seed);
  const bits = bitsOf(how, value);
  return BigInt.asIntN(64, bits instanceof Uint8Array ? xxBytes(seed, bits) : xxWord(seed, bits));
}

interface Word {
  /** Unsigned. */
  readonly value: bigint;
  readonly size: 4 | 8;
}

const scratch = new DataView(new ArrayBuffer(8));
const utf8 = new TextEncoder();

function bitsOf(how: HashedAs, value: unknown): Word | Uint8Array {
  switch (how) {
    case "int":
      return { value: BigInt.asUintN(32, BigInt(value as number)), size: 4 };
    case "long":
      return { value: BigInt.asUintN(64, value as bigint), size: 8 };
    case "float":
      // -0 and 0 are equal, and so is what they hash to.
      scratch.setFloat32(0, (value as number) + 0);
      return { value: BigInt(scratch.getUint32(0)), size: 4 };
    case "double":
      scratch.setFloat64(0, (value as number) + 0);
      return { value: scratch.getBigUint64(0), size: 8 };
    case "text":
      return utf8.encode(value as string);
    case "binary":
      return value as Uint8Array;
    case "wide":
      return wholeBytes(BigInt(value as string));
  }
}

/** Two's complement, most significant byte first, no more of them than the sign needs. */
function wholeBytes(value: bigint): Uint8Array {
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size += 1;
  return Uint8Array.from({ length: size }, (_, index) =>
    Number(BigInt.asUintN(8, value >> BigInt(8 * (size - 1 - index)))),
  );
}

const rotate32 = (value: number, count: number): number => (value << count) | (value >>> (32 - count));

function mixState(state: number, word: number): number {
  const mixed = Math.imul(rotate32(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotate32(state ^ mixed, 13), 5) + 0xe6546b64) | 0;
}

function finish(state: number, sizeBytes: number): number {
  let hash = state ^ sizeBytes;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function murmur3Bytes(seed: number, bytes: Uint8Array): number {
  const view = viewOf(bytes);
  const whole = bytes.length - (bytes.length % 4);
  let state = seed;
  for (let at = 0; at < whole; at += 4) state = mixState(state, view.getInt32(at, true));
  // Spark takes each byte of the tail as a signed word of its own, unlike the reference.
  for (let at = whole; at < bytes.length; at += 1) state = mixState(state, view.getInt8(at));
  return finish(state, bytes.length);
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const [p1, p2, p3, p4, p5] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate64 = (value: bigint, count: bigint): bigint => u64(value << count) | (value >> (64n - count));
const round = (state: bigint, word: bigint): bigint => u64(rotate64(u64(state + word * p2), 31n) * p1);
const merge = (hash: bigint, lane: bigint): bigint => u64((hash ^ round(0n, lane)) * p1 + p4);
const take8 = (hash: bigint, word: bigint): bigint => u64(rotate64(hash ^ round(0n, word), 27n) * p1 + p4);
const take4 = (hash: bigint, word: bigint): bigint => u64(rotate64(hash ^ u64(word * p1), 23n) * p2 + p3);
const take1 = (hash: bigint, byte: bigint): bigint => u64(rotate64(hash ^ u64(byte * p5), 11n) * p1);

function avalanche(start: bigint): bigint {
  let hash = u64((start ^ (start >> 33n)) * p2);
  hash = u64((hash ^ (hash >> 29n)) * p3);
  return hash ^ (hash >> 32n);
}

function xxWord(seed: bigint, { value, size }: Word): bigint {
  const start = u64(seed + p5 + BigInt(size));
  return avalanche(size === 4 ? take4(start, value) : take8(start, value));
}

function xxBytes(seed: bigint, bytes: Uint8Array): bigint {
  const view = viewOf(bytes);
  const size = bytes.length;
  let at = 0;
  let hash = u64(seed + p5);
  if (size >= 32) {
    let lanes = [u64(seed + p1 + p2), u64(seed + p2), u64(seed), u64(seed - p1)];
    for (; at + 32 <= size; at += 32) {
      const from = at;
      lanes = lanes.map((lane, index) => round(lane, view.getBigUint64(from + 8 * index, true)));
    }
    const turns = [1n, 7n, 12n, 18n];
    const sum = lanes.reduce((total, lane, index) => total + rotate64(lane, turns[index] ?? 0n), 0n);
    hash = lanes.reduce(merge, u64(sum));
  }
  hash = u64(hash + BigInt(size));
  for (; at + 8 <= size; at += 8) hash = take8(hash, view.getBigUint64(at, true));
  for (; at + 4 <= size; at += 4) hash = take4(hash, BigInt(view.getUint32(at, true)));
  for (; at < size; at += 1) hash = take1(hash, BigInt(view.getUint8(at)));
  return avalanche(hash);
}
