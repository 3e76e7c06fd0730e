// engine/parquet/parquet-runs.ts: small whole numbers, such as levels and places in a dictionary, out of the runs in which Parquet packs them.
// The Parquet format, "Run Length Encoding / Bit-Packing Hybrid".

/**
 * Fills an array from runs of one value, and of values packed bit by bit.
 * @param bits of a value
 * @throws RangeError when there are too few runs
 */
export function readRuns(bytes: Uint8Array, bits: number, into: Uint8Array | Uint32Array): void {
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
    const count = Math.min(groupCount * 8, into.length - filled);
    const unpack = bits <= shortBits ? unpackShort : unpackLong;
    unpack(bytes.subarray(at, at + groupCount * bits), bits, into.subarray(filled, filled + count));
    filled += count;
    at += groupCount * bits;
  }
}

const shortBits = 24;

/** Values of so few bits that those and the rest of a byte fit into 32. */
function unpackShort(bytes: Uint8Array, bits: number, into: Uint8Array | Uint32Array): void {
  const mask = 2 ** bits - 1;
  let [held, heldBits, at] = [0, 0, 0];
  for (let index = 0; index < into.length; index += 1) {
    for (; heldBits < bits; heldBits += 8, at += 1) held |= (bytes[at] ?? 0) << heldBits;
    into[index] = held & mask;
    held >>>= bits;
    heldBits -= bits;
  }
}

function unpackLong(bytes: Uint8Array, bits: number, into: Uint8Array | Uint32Array): void {
  for (let index = 0; index < into.length; index += 1) into[index] = bitsAt(bytes, index * bits, bits);
}

/** Bits as a number, the lowest first; those behind the end are 0. */
export function bitsAt(bytes: Uint8Array, firstBit: number, count: number): number {
  let value = 0;
  for (let bit = 0; bit < count; bit += 1) {
    const at = firstBit + bit;
    value += (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) * 2 ** bit;
  }
  return value;
}
