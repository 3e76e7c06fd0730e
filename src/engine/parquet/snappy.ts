// engine/parquet/snappy.ts: bytes out of Snappy's raw format, in which most Parquet pages are packed. Snappy, "format_description.txt".

/** Unpacks until so many bytes are there, or all; what was unpacked before stays where it is. @throws RangeError when the input is damaged */
export type Unpacker = (endBytes: number) => Uint8Array;

/**
 * Unpacks as far as is asked: who needs the first of many texts has no use for the others.
 * @param sizeBytes how many bytes there are in all
 * @throws RangeError when the input has another length
 */
export function snappyUnpacker(packed: Uint8Array, sizeBytes: number): Unpacker {
  const [length, start] = readLength(packed);
  if (length !== sizeBytes) throw new RangeError(`a page unpacks to ${length} bytes, its header says ${sizeBytes}`);
  const out = new Uint8Array(sizeBytes);
  const place: Place = { from: start, to: 0 };
  return (endBytes) => {
    if (place.to < endBytes) unpackOn(packed, out, { place, end: Math.min(endBytes + strideBytes, sizeBytes) });
    return out;
  };
}

/** To begin takes longer than to unpack some bytes more. */
const strideBytes = 2 ** 14;

/** Where unpacking has come to in what is packed, and in what comes out. */
interface Place {
  from: number;
  to: number;
}

function unpackOn(
  packed: Uint8Array,
  out: Uint8Array,
  { place, end }: { readonly place: Place; readonly end: number },
): void {
  const words = new DataView(out.buffer);
  const packedWords = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let { from, to } = place;
  while (to < end && from < packed.length) {
    const tag = packed[from] ?? 0;
    from += 1;
    const kind = tag & 3;
    if (kind === 0) {
      const short = (tag >> 2) + 1;
      const extra = short > 60 ? short - 60 : 0;
      const count = extra === 0 ? short : littleEndian(packed, from, extra) + 1;
      from += extra;
      if (from + count > packed.length || to + count > out.length) throw new RangeError("a page is cut off");
      // Most pieces are so short that a call takes longer than to copy their bytes, four at a time.
      if (count > fewBytes) out.set(packed.subarray(from, from + count), to);
      else {
        let index = 0;
        for (; index + 4 <= count; index += 4) words.setInt32(to + index, packedWords.getInt32(from + index));
        for (; index < count; index += 1) out[to + index] = packed[from + index] ?? 0;
      }
      from += count;
      to += count;
      continue;
    }
    const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const low = packed[from] ?? 0;
    const offset =
      kind === 1
        ? ((tag >> 5) << 8) | low
        : kind === 2
          ? ((packed[from + 1] ?? 0) << 8) | low
          : littleEndian(packed, from, 4);
    from += kind === 3 ? 4 : kind;
    if (offset === 0 || offset > to || to + count > out.length)
      throw new RangeError("a page repeats what is not there");
    // A copy may reach into what it writes itself: that repeats the bytes, of which four are there if it begins so far back.
    let index = 0;
    if (offset >= 4)
      for (; index + 4 <= count; index += 4) words.setInt32(to + index, words.getInt32(to + index - offset));
    for (; index < count; index += 1) out[to + index] = out[to + index - offset] ?? 0;
    to += count;
  }
  if (to < end || (to === out.length && from < packed.length)) throw new RangeError("a page is cut off");
  place.from = from;
  place.to = to;
}

const fewBytes = 96;

/** The length that the bytes begin with, and where they go on. */
function readLength(packed: Uint8Array): readonly [length: number, next: number] {
  let length = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = packed[index] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return [length, index + 1];
  }
  throw new RangeError("a page has no length");
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = 0; index < count; index += 1) value += (bytes[at + index] ?? 0) * 2 ** (8 * index);
  return value;
}
