// reader/row-bits.ts: sets of rows of several files as strings of bits, short enough to be handed around with every chunk of rows.
import type { DeletedRows } from "../format/deletion-vector.ts";

/** Bits of neighbouring files from their first rows on, or of some rows of one file. */
export interface RowBits {
  /** Index of the first file. */
  readonly firstFile: number;
  /** First row; 0 where whole files begin. The rows before it, and those of files before it, are in the bits before these. */
  readonly firstRow: number;
  /** Bits of each file. The last one is empty: that is where rows behind the last one set look. */
  readonly stride: number;
  /** "" when no bit is set. */
  readonly base64: string;
}

/** The bits, in order of files and rows; none when all sets are empty; null where they would be too many for what they say. */
export function rowBits(sets: readonly (DeletedRows | undefined)[]): readonly RowBits[] | null {
  let runCount = 0;
  let bitCount = 0;
  const spans = sets.map((set) => {
    let rowCount = 0;
    set?.forEachRun((_, last) => {
      rowCount = last + 1;
      runCount += 1;
    });
    bitCount += rowCount + 1;
    return rowCount + 1;
  });
  if (runCount === 0) return [];
  const bitCountMax = Math.min(bitCountLimit, freeBitCount + runCount * bitsPerRunMax);
  if (bitCount > bitCountMax) return null;
  let stretches: readonly Stretch[];
  let sizeMax = stretchBitCount;
  do {
    stretches = stretchesOf(spans, sizeMax);
    sizeMax *= 2;
  } while (stretches.length > stretchCountMax);
  const allBits = stretches.reduce((sum, { fileCount, stride }) => sum + fileCount * stride, 0);
  return allBits > bitCountMax ? null : stretches.map((stretch) => bitsOf(stretch, sets));
}

/** 32 MiB; DuckDB counts bits in 32-bit numbers. */
const bitCountLimit = 2 ** 28;

/** So many bits cost less than a list does, however few are set. */
const freeBitCount = 2 ** 24;

/** What a run costs in a list, in bits of text. */
const bitsPerRunMax = 512;

/** 64 KiB: DuckDB copies a constant for every chunk of 2048 rows; so many bytes cost less than what is done with the rows. */
const stretchBitCount = 2 ** 19;

/** Each costs some memory in every thread, and a comparison of whole chunks. */
const stretchCountMax = 128;

interface Stretch {
  readonly firstFile: number;
  readonly fileCount: number;
  readonly firstRow: number;
  readonly stride: number;
}

/** Files together as long as their bits stay below a size; a file of more is cut. */
function stretchesOf(spans: readonly number[], sizeMax: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let [firstFile, stride] = [0, 0];
  const close = (end: number): void => {
    if (end > firstFile) stretches.push({ firstFile, fileCount: end - firstFile, firstRow: 0, stride });
  };
  for (const [index, span] of spans.entries()) {
    const together = (index + 1 - firstFile) * Math.max(stride, span);
    if (together <= sizeMax) {
      stride = Math.max(stride, span);
      continue;
    }
    close(index);
    [firstFile, stride] = [index, span];
    if (span <= sizeMax) continue;
    for (let firstRow = 0; firstRow < span; firstRow += sizeMax)
      stretches.push({ firstFile: index, fileCount: 1, firstRow, stride: Math.min(sizeMax, span - firstRow) + 1 });
    [firstFile, stride] = [index + 1, 0];
  }
  close(spans.length);
  return stretches;
}

function bitsOf(
  { firstFile, fileCount, firstRow, stride }: Stretch,
  sets: readonly (DeletedRows | undefined)[],
): RowBits {
  const bytes = new Uint8Array(Math.ceil((fileCount * stride) / 8));
  let isEmpty = true;
  for (let file = 0; file < fileCount; file += 1) {
    const start = file * stride - firstRow;
    sets[firstFile + file]?.forEachRun((first, last) => {
      const from = Math.max(first, firstRow);
      const to = Math.min(last, firstRow + stride - 2);
      if (from > to) return;
      isEmpty = false;
      setBits(bytes, start + from, start + to);
    });
  }
  return { firstFile, firstRow, stride, base64: isEmpty ? "" : Buffer.from(bytes.buffer).toString("base64") };
}

/** The first bit of a byte is its highest. */
function setBits(bytes: Uint8Array, first: number, last: number): void {
  for (let bit = first; bit <= last; bit += 1) {
    if ((bit & 7) === 0 && last - bit >= 8) {
      bytes[bit >> 3] = 0xff;
      bit += 7;
    } else bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }
}
