// reader/row-bits.ts: sets of rows of several files as one string of bits.
import type { DeletedRows } from "../format/deletion-vector.ts";

/** Where the bits of a file stand. */
export interface FileBits {
  /** Row whose bit is the second one; the first and the last bit are empty. */
  readonly firstRow: number;
  readonly bitCount: number;
  /** Bits before those of this file. */
  readonly offset: number;
}

/** Bits of all files one behind the other; "" when no bit is set. */
export interface RowBits {
  readonly base64: string;
  readonly places: readonly FileBits[];
}

/** The bits; null where they would be too many, or too few of them set to be worth their length. */
export function rowBits(sets: readonly (DeletedRows | undefined)[]): RowBits | null {
  let offset = 0;
  let runCount = 0;
  const places = sets.map((set): FileBits => {
    let [firstRow, lastRow] = [-1, -1];
    set?.forEachRun((first, last) => {
      if (firstRow < 0) firstRow = first;
      lastRow = last;
      runCount += 1;
    });
    const place = { firstRow: Math.max(0, firstRow), bitCount: firstRow < 0 ? 2 : lastRow - firstRow + 3, offset };
    offset += place.bitCount;
    return place;
  });
  if (runCount === 0) return { base64: "", places };
  if (offset > bitCountMax || offset > freeBitCount + runCount * bitsPerRunMax) return null;
  const bytes = new Uint8Array(Math.ceil(offset / 8));
  for (const [index, set] of sets.entries()) {
    const place = places[index];
    if (place === undefined) continue;
    const start = place.offset + 1 - place.firstRow;
    set?.forEachRun((first, last) => setBits(bytes, start + first, start + last));
  }
  return { base64: Buffer.from(bytes.buffer).toString("base64"), places };
}

/** 32 MiB; DuckDB counts bits in 32-bit numbers. */
const bitCountMax = 2 ** 28;

/** So many bits cost less than a list does, however few are set. */
const freeBitCount = 2 ** 23;

/** What a run costs in a list, in bits of text. */
const bitsPerRunMax = 512;

/** The first bit of a byte is its highest. */
function setBits(bytes: Uint8Array, first: number, last: number): void {
  for (let bit = first; bit <= last; bit += 1) {
    if ((bit & 7) === 0 && last - bit >= 8) {
      bytes[bit >> 3] = 0xff;
      bit += 7;
    } else bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }
}
