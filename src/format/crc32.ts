// format/crc32.ts: the checksum of zip and gzip (IEEE 802.3), which deletion vectors carry.

/** CRC-32 of some bytes, 0 to 2^32 - 1. */
export function crc32(bytes: Uint8Array): number {
  let rest = 0xffff_ffff;
  for (let index = 0; index < bytes.length; index += 1)
    rest = (rest >>> 8) ^ (byByte[(rest ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  return (rest ^ 0xffff_ffff) >>> 0;
}

const polynomial = 0xedb8_8320;

const byByte = new Uint32Array(256);
for (let byte = 0; byte < byByte.length; byte += 1) {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = (rest & 1) === 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
  byByte[byte] = rest;
}
