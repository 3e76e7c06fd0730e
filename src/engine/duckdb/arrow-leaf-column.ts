// engine/duckdb/arrow-leaf-column.ts: Arrow columns without children, gathered from DuckDB's chunks by copying memory wherever both agree on its layout.
import { makeData } from "apache-arrow";
import type { Data, DataType as ArrowType } from "apache-arrow";
import type { DuckDBVector } from "@duckdb/node-api";
import { GrowingBits, GrowingBytes } from "../base/growing-buffer.ts";
import { longStrings, rawVector } from "./raw-vector.ts";

/** Gathers rows of one column, then gives them as Arrow. */
export interface ArrowColumn {
  /** Appends `count` rows of a vector, from row `from` on. */
  append(vector: DuckDBVector, from: number, count: number): void;
  /** Bytes gathered so far, roughly. */
  readonly sizeBytes: number;
  /** The rows gathered since the last call; the column is empty afterwards. */
  take(): Data;
}

/** A column of nothing but null, whatever DuckDB has in its place. */
export class NullColumn implements ArrowColumn {
  readonly sizeBytes = 0;
  readonly #type: ArrowType;
  #rowCount = 0;

  constructor(type: ArrowType) {
    this.#type = type;
  }

  append(_vector: DuckDBVector, _from: number, count: number): void {
    this.#rowCount += count;
  }

  take(): Data {
    const length = this.#rowCount;
    this.#rowCount = 0;
    return makeData({ type: this.#type as never, length, nullCount: length });
  }
}

/** What all columns with a validity bitmap share. */
export abstract class NullableColumn implements ArrowColumn {
  protected readonly type: ArrowType;
  readonly #validity: GrowingBits;
  #rowCount = 0;

  constructor(type: ArrowType, capacity: number) {
    this.type = type;
    this.#validity = new GrowingBits(capacity);
  }

  abstract append(vector: DuckDBVector, from: number, count: number): void;
  abstract get sizeBytes(): number;
  abstract take(): Data;

  protected appendValidity(validity: Uint8Array | null, from: number, count: number): void {
    this.#validity.append(validity, from, count);
    this.#rowCount += count;
  }

  protected takeRows(): { length: number; nullCount: number; nullBitmap: Uint8Array | null } {
    const length = this.#rowCount;
    const nullCount = this.#validity.zeroCount;
    const bits = this.#validity.take();
    this.#rowCount = 0;
    return { length, nullCount, nullBitmap: nullCount === 0 ? null : bits };
  }
}

/** Numbers of `width` bytes. */
export class NumberColumn extends NullableColumn {
  readonly #values: GrowingBytes;
  readonly #width: number;

  constructor(type: ArrowType, width: number, capacity: number) {
    super(type, capacity);
    this.#width = width;
    this.#values = new GrowingBytes(capacity * width);
  }

  get sizeBytes(): number {
    return this.#values.length;
  }

  append(vector: DuckDBVector, from: number, count: number): void {
    const { bytes, validity } = rawVector(vector);
    this.#values.append(bytes.subarray(from * this.#width, (from + count) * this.#width));
    this.appendValidity(validity, from, count);
  }

  take(): Data {
    const bytes = this.#values.take();
    const { ArrayType } = this.type as unknown as { ArrayType: TypedArrayConstructor };
    const data = new ArrayType(bytes.buffer, bytes.byteOffset, bytes.byteLength / ArrayType.BYTES_PER_ELEMENT);
    return makeData({ type: this.type as never, ...this.takeRows(), data: data as never });
  }
}

interface TypedArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView;
}

/** Booleans: a byte each in DuckDB, a bit each in Arrow. */
export class BooleanColumn extends NullableColumn {
  readonly #values: GrowingBits;
  #byteCount = 0;

  constructor(type: ArrowType, capacity: number) {
    super(type, capacity);
    this.#values = new GrowingBits(capacity);
  }

  get sizeBytes(): number {
    return this.#byteCount;
  }

  append(vector: DuckDBVector, from: number, count: number): void {
    const { bytes, validity } = rawVector(vector);
    const bits = new Uint8Array((count + 7) >> 3);
    for (let index = 0; index < count; index += 1) {
      if (bytes[from + index] === 1) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
    }
    this.#values.append(bits, 0, count);
    this.#byteCount += bits.length;
    this.appendValidity(validity, from, count);
  }

  take(): Data {
    this.#byteCount = 0;
    return makeData({ type: this.type as never, ...this.takeRows(), data: this.#values.take() as never });
  }
}

/** DuckDB keeps decimals in 2, 4, 8 or 16 bytes by their precision; Arrow here always in 16. */
export class DecimalColumn extends NullableColumn {
  readonly #values: GrowingBytes;
  readonly #width: number;

  constructor(precision: number, type: ArrowType, capacity: number) {
    super(type, capacity);
    this.#width = precision <= 4 ? 2 : precision <= 9 ? 4 : precision <= 18 ? 8 : 16;
    this.#values = new GrowingBytes(capacity * 16);
  }

  get sizeBytes(): number {
    return this.#values.length;
  }

  append(vector: DuckDBVector, from: number, count: number): void {
    const { bytes, validity } = rawVector(vector);
    const width = this.#width;
    const source = bytes.subarray(from * width, (from + count) * width);
    if (width === 16) this.#values.append(source);
    else this.#widen(source, count);
    this.appendValidity(validity, from, count);
  }

  #widen(source: Uint8Array, count: number): void {
    const width = this.#width;
    const start = this.#values.length;
    const target = this.#values.grow(count * 16);
    for (let index = 0; index < count; index += 1) {
      const at = start + index * 16;
      const from = index * width;
      for (let byte = 0; byte < width; byte += 1) target[at + byte] = source[from + byte] ?? 0;
      const sign = ((source[from + width - 1] ?? 0) & 0x80) === 0 ? 0 : 0xff;
      target.fill(sign, at + width, at + 16);
    }
  }

  take(): Data {
    const bytes = this.#values.take();
    const data = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    return makeData({ type: this.type as never, ...this.takeRows(), data: data as never });
  }
}

const inlineLengthMax = 12;

/** Text and bytes: heads of 16 bytes, of which the first 4 are the length and the next 12 the value itself if it fits. */
export class TextColumn extends NullableColumn {
  readonly #values: GrowingBytes;
  readonly #offsets: Offsets;

  constructor(type: ArrowType, capacity: number) {
    super(type, capacity);
    this.#values = new GrowingBytes(capacity * 12);
    this.#offsets = new Offsets(capacity);
  }

  get sizeBytes(): number {
    return this.#values.length;
  }

  append(vector: DuckDBVector, from: number, count: number): void {
    const { bytes, validity } = rawVector(vector);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    const { ends, at: firstEnd } = this.#offsets.grow(count);
    let end = ends[firstEnd - 1] ?? 0;
    let hasLong = false;
    for (let row = 0; row < count; row += 1) {
      const index = from + row;
      const isValid = validity === null || (((validity[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
      const length = isValid ? (words[index * 4] ?? 0) : 0;
      hasLong ||= length > inlineLengthMax;
      end += length;
      ends[firstEnd + row] = end;
    }
    const at = this.#values.length;
    const target = this.#values.grow(end - at, inlineLengthMax);
    const place = { from, count, ends, firstEnd };
    copyInline(words, target, place);
    if (hasLong) copyLong(longStrings(vector), target, place);
    this.appendValidity(validity, from, count);
  }

  take(): Data {
    return makeData({
      type: this.type as never,
      ...this.takeRows(),
      valueOffsets: this.#offsets.take(),
      data: this.#values.take() as never,
    });
  }
}

/** Rows of a vector, and where their values end in the column. */
interface TextPlace {
  readonly from: number;
  readonly count: number;
  readonly ends: Int32Array;
  readonly firstEnd: number;
}

/** Copies values that lie in their heads: always all that a head can hold, for to look at the length costs more. What is too much is overwritten by the next. */
function copyInline(words: Uint32Array, target: Uint8Array, { from, count, ends, firstEnd }: TextPlace): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (let row = 0; row < count; row += 1) {
    const at = ends[firstEnd + row - 1] ?? 0;
    const length = (ends[firstEnd + row] ?? 0) - at;
    if (length === 0 || length > inlineLengthMax) continue;
    const head = (from + row) * 4;
    view.setUint32(at, words[head + 1] ?? 0, true);
    if (length <= 4) continue;
    view.setUint32(at + 4, words[head + 2] ?? 0, true);
    view.setUint32(at + 8, words[head + 3] ?? 0, true);
  }
}

/** After the short ones, which write beyond their ends. */
function copyLong(longAt: (index: number) => Uint8Array, target: Uint8Array, place: TextPlace): void {
  for (let row = 0; row < place.count; row += 1) {
    const at = place.ends[place.firstEnd + row - 1] ?? 0;
    if ((place.ends[place.firstEnd + row] ?? 0) - at > inlineLengthMax) target.set(longAt(place.from + row), at);
  }
}

/** Where each value of a column of varying length ends. */
export class Offsets {
  #ends: Int32Array;
  #count = 0;

  constructor(capacity: number) {
    this.#ends = new Int32Array(capacity + 1);
  }

  push(length: number): void {
    const { ends, at } = this.grow(1);
    ends[at] = (ends[at - 1] ?? 0) + length;
  }

  /** Room for so many more ends, from index `at` on, which the caller fills; the one before is where the next value begins. */
  grow(count: number): { readonly ends: Int32Array; readonly at: number } {
    const at = this.#count + 1;
    if (at + count > this.#ends.length) {
      const larger = new Int32Array(Math.max(at + count, this.#ends.length * 2));
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#count += count;
    return { ends: this.#ends, at };
  }

  take(): Int32Array {
    const taken = this.#ends.subarray(0, this.#count + 1);
    this.#ends = new Int32Array(this.#ends.length);
    this.#count = 0;
    return taken;
  }
}
