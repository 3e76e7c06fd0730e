// format/text/crc32.ts: the checksum of zip and gzip (IEEE 802.3), which deletion vectors carry.

/** CRC-32 of some bytes, 0 to 2^32 - 1. */
export function crc32(bytes: Uint8Array): number {
  let rest = 0xffff_ffff;
  const wordsEnd = bytes.length & ~3;
  for (let index = 0; index < wordsEnd; index += 4) {
    rest ^=
      (bytes[index] ?? 0) |
      ((bytes[index + 1] ?? 0) << 8) |
      ((bytes[index + 2] ?? 0) << 16) |
      ((bytes[index + 3] ?? 0) << 24);
    rest =
      (byDistance[768 + (rest & 0xff)] ?? 0) ^
      (byDistance[512 + ((rest >>> 8) & 0xff)] ?? 0) ^
      (byDistance[256 + ((rest >>> 16) & 0xff)] ?? 0) ^
      (byDistance[rest >>> 24] ?? 0);
  }
  for (let index = wordsEnd; index < bytes.length; index += 1)
    rest = (rest >>> 8) ^ (byDistance[(rest ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  return (rest ^ 0xffff_ffff) >>> 0;
}

const polynomial = 0xedb8_8320;

/** What a byte does to the checksum when 0, 1, 2 and 3 bytes follow it: four bytes are taken at once. */
const byDistance = new Uint32Array(1024);
for (let byte = 0; byte < 256; byte += 1) {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = (rest & 1) === 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
  byDistance[byte] = rest;
}
for (let at = 256; at < byDistance.length; at += 1) {
  const nearer = byDistance[at - 256] ?? 0;
  byDistance[at] = (nearer >>> 8) ^ (byDistance[nearer & 0xff] ?? 0);
}
