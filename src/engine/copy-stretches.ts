// engine/copy-stretches.ts: rows of fixed width, copied with gaps.

/** From so many bytes on, copying in one piece is worth the call. */
const pieceBytesMin = 512;

/** Rows of fixed width on their way. */
export interface Stretches {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Where in `to` the first stretch goes. */
  readonly start: number;
  /** Bytes of a row. */
  readonly width: number;
}

/**
 * Copies rows stretch by stretch; short stretches word by word, for a call costs more than they do.
 * @param bounds where each stretch begins and where it ends (exclusive), in turns
 */
export function copyStretches({ from, to, start, width }: Stretches, bounds: Uint32Array): void {
  const wordBytes = width >= 4 ? 4 : width;
  const source = wordsOf(from, wordBytes);
  const target = wordsOf(to, wordBytes);
  const wordsPerRow = width / wordBytes;
  let at = start / wordBytes;
  for (let index = 0; index < bounds.length; index += 2) {
    const first = (bounds[index] ?? 0) * wordsPerRow;
    const end = (bounds[index + 1] ?? 0) * wordsPerRow;
    if ((end - first) * wordBytes >= pieceBytesMin) target.set(source.subarray(first, end), at);
    else for (let word = first; word < end; word += 1) target[at + word - first] = source[word] ?? 0;
    at += end - first;
  }
}

/** Numbers as words, whose bits a copy never touches. DuckDB's vectors and our buffers are aligned. */
function wordsOf(
  { buffer, byteOffset, byteLength }: Uint8Array,
  wordBytes: number,
): Uint8Array | Uint16Array | Uint32Array {
  if (wordBytes === 1) return new Uint8Array(buffer, byteOffset, byteLength);
  const count = Math.floor(byteLength / wordBytes);
  return wordBytes === 2 ? new Uint16Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count);
}
