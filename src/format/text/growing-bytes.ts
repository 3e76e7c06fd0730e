// format/text/growing-bytes.ts: bytes that are put together piece by piece, little-endian.

/** Numbers and bytes, one behind the other. */
export class GrowingBytes {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** @param value 0 to 2^16 - 1 */
  uint16(value: number): void {
    const at = this.#take(2); // it may replace the view
    this.#view.setUint16(at, value, true);
  }

  /** @param value 0 to 2^32 - 1; a negative number stands for its 32 bits */
  uint32(value: number): void {
    const at = this.#take(4); // it may replace the view
    this.#view.setUint32(at, value, true);
  }

  /** @param value 0 to 2^53 - 1 */
  uint64(value: number): void {
    const at = this.#take(8); // it may replace the view
    this.#view.setBigUint64(at, BigInt(value), true);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room and answers where it begins. */
  #take(sizeBytes: number): number {
    const at = this.#length;
    this.#length += sizeBytes;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
