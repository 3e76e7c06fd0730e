// engine/base/growing-buffer.ts: bytes and bits that are appended to, then handed over whole.

/** Bytes at the end of which more can be put; capacity doubles as needed. */
export class GrowingBytes {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /**
   * Room for `sizeBytes` more at the end, which then belong to the content, and for `spareBytes` behind, which do not; the
   * returned view is of the whole buffer.
   */
  grow(sizeBytes: number, spareBytes = 0): Uint8Array {
    this.reserve(sizeBytes + spareBytes);
    this.#length += sizeBytes;
    return this.#bytes;
  }

  reserve(sizeBytes: number): void {
    const needed = this.#length + sizeBytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2, 64));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  /** The content; later appends do not touch it. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(this.#bytes.length);
    this.#length = 0;
    return taken;
  }
}

/** Bits, lowest first in each byte, with a count of the zeros: Arrow's validity bitmap. */
export class GrowingBits {
  readonly #bytes: GrowingBytes;
  #count = 0;
  #zeroCount = 0;

  constructor(capacity: number) {
    this.#bytes = new GrowingBytes((capacity >> 3) + 1);
  }

  get zeroCount(): number {
    return this.#zeroCount;
  }

  /** Appends bits `from` to `from + count` of `source`; ones when it is null. */
  append(source: Uint8Array | null, from: number, count: number): void {
    const bytes = this.#bytes.grow(((this.#count + count + 7) >> 3) - this.#bytes.length);
    if (source === null) this.#appendOnes(bytes, count);
    else this.#appendBits(bytes, source, { from, count });
    this.#count += count;
  }

  take(): Uint8Array {
    this.#count = 0;
    this.#zeroCount = 0;
    return this.#bytes.take();
  }

  #appendOnes(bytes: Uint8Array, count: number): void {
    let at = this.#count;
    const end = at + count;
    for (; at < end && (at & 7) !== 0; at += 1) setBit(bytes, at);
    const wholeEnd = end & ~7;
    if (wholeEnd > at) {
      bytes.fill(0xff, at >> 3, wholeEnd >> 3);
      at = wholeEnd;
    }
    for (; at < end; at += 1) setBit(bytes, at);
  }

  #appendBits(
    bytes: Uint8Array,
    source: Uint8Array,
    { from, count }: { readonly from: number; readonly count: number },
  ): void {
    for (let index = 0; index < count; index += 1) {
      const at = from + index;
      if ((((source[at >> 3] ?? 0) >> (at & 7)) & 1) === 1) setBit(bytes, this.#count + index);
      else this.#zeroCount += 1;
    }
  }
}

function setBit(bytes: Uint8Array, at: number): void {
  bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
}
