// format/text/spark-hash.ts: Spark's hash of a text, by which it deals rows out to partitions. PROTOCOL.md, "Multi-part checkpoint".

/**
 * Which of `partitionCount` partitions Spark's hash partitioning gives a text, from 0; null stands for no text.
 * @param partitionCount at least 1
 */
export function hashPartition(text: string | null, partitionCount: number): number {
  const rest = (text === null ? seed : hashBytes(new TextEncoder().encode(text))) % partitionCount;
  return rest < 0 ? rest + partitionCount : rest;
}

const seed = 42;

/** Murmur3 of 32 bits, but for its tail: Spark mixes each byte beyond the last whole word as a word of its own, with its sign. */
function hashBytes(bytes: Uint8Array): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wordsEnd = bytes.length - (bytes.length % 4);
  let hash = seed;
  for (let at = 0; at < wordsEnd; at += 4) hash = mixed(hash, words.getInt32(at, true));
  for (let at = wordsEnd; at < bytes.length; at += 1) hash = mixed(hash, words.getInt8(at));
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixed(hash: number, word: number): number {
  const scrambled = Math.imul(rotated(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotated(hash ^ scrambled, 13), 5) + 0xe6546b64) | 0;
}

const rotated = (word: number, bitCount: number): number => (word << bitCount) | (word >>> (32 - bitCount));
