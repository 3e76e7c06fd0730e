// engine/parquet/thrift-compact.ts: Thrift's compact protocol, as far as a Parquet footer needs it. A struct is taken apart only one level deep:
// the bytes of each field stay as they are, so that fields which nobody asks for cost nothing and are written back unchanged.

/** A field's value as its bytes; booleans have none, their type is their value. */
export interface ThriftField {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** The fields of a struct by id. */
export type ThriftStruct = ReadonlyMap<number, ThriftField>;

/** Type codes of the protocol. */
export const thriftType = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
  uuid: 13,
} as const;

/**
 * Takes a struct apart.
 * @throws RangeError when the bytes end too soon or make no sense
 */
export function decodeStruct(bytes: Uint8Array): ThriftStruct {
  const reader = new ThriftReader(bytes);
  const fields = new Map<number, ThriftField>();
  reader.eachField((id, type) => {
    const start = reader.at;
    reader.skip(type);
    fields.set(id, { type, bytes: bytes.subarray(start, reader.at) });
    return true;
  });
  return fields;
}

/** The elements of a list field, each as its bytes. */
export function decodeList(field: ThriftField): readonly Uint8Array[] {
  if (field.type !== thriftType.list) throw new RangeError(`expected a list, found type ${field.type}`);
  const reader = new ThriftReader(field.bytes);
  const { count, elementType } = reader.listHeader();
  const elements: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = reader.at;
    reader.skipElement(elementType);
    elements.push(field.bytes.subarray(start, reader.at));
  }
  return elements;
}

/** The number in a field of any whole-number type. */
export function decodeInteger(field: ThriftField): number {
  const { type } = field;
  if (type !== thriftType.i16 && type !== thriftType.i32 && type !== thriftType.i64)
    throw new RangeError(`expected a number, found type ${type}`);
  return new ThriftReader(field.bytes).integer();
}

/** The text in a binary field, or in a list's element of that type. */
export function decodeText(bytes: Uint8Array): string {
  return new ThriftReader(bytes).text();
}

/** The bytes of a struct. */
export function encodeStruct(fields: ThriftStruct): Uint8Array {
  const parts: Uint8Array[] = [];
  let last = 0;
  for (const [id, { type, bytes }] of [...fields].sort(([a], [b]) => a - b)) {
    const delta = id - last;
    parts.push(
      delta > 0 && delta < 16 ? Uint8Array.of((delta << 4) | type) : Buffer.concat([Uint8Array.of(type), zigzag(id)]),
      bytes,
    );
    last = id;
  }
  return Buffer.concat([...parts, Uint8Array.of(0)]);
}

/** A list of structs. */
export function encodeStructList(elements: readonly Uint8Array[]): ThriftField {
  const { struct, list } = thriftType;
  const header =
    elements.length < 15
      ? Uint8Array.of((elements.length << 4) | struct)
      : Buffer.concat([Uint8Array.of(0xf0 | struct), varint(BigInt(elements.length))]);
  return { type: list, bytes: Buffer.concat([header, ...elements]) };
}

/** A number in a field of type i32 or i64. */
export function encodeInteger(value: number, type: "i32" | "i64"): ThriftField {
  return { type: thriftType[type], bytes: zigzag(value) };
}

function zigzag(value: number): Uint8Array {
  return varint(BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n)));
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

const depthMax = 32;

/**
 * Goes through bytes from left to right.
 * @throws RangeError, from every method, when the bytes end too soon or make no sense
 */
export class ThriftReader {
  /** Where the next byte is. */
  at: number;
  readonly #bytes: Uint8Array;
  #depth = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** A whole number within what a double holds exactly. */
  integer(): number {
    const encoded = this.#varint();
    const half = encoded / 2;
    const value = Number.isInteger(half) ? half : -(half + 0.5);
    if (encoded > Number.MAX_SAFE_INTEGER) throw new RangeError("a number in the footer is out of range");
    return value;
  }

  /** The bytes of a binary, which are not copied. */
  binary(): Uint8Array {
    const length = this.#varint();
    this.#advance(length);
    return this.#bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    const bytes = this.binary();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  }

  listHeader(): { readonly count: number; readonly elementType: number } {
    const header = this.#byte();
    const count = header >> 4 === 15 ? this.#varint() : header >> 4;
    // An element takes a byte at least.
    if (count > this.#bytes.length - this.at) throw new RangeError("the footer ends too soon");
    return { count, elementType: header & 0x0f };
  }

  /** The elements of a list of structs or texts, one by one. @param use reads the element to its end */
  eachElement(use: (index: number) => void): void {
    const { count } = this.listHeader();
    for (let index = 0; index < count; index += 1) use(index);
  }

  /** The fields of a struct. @param use reads the field to its end and says so by true; others are passed over */
  eachField(use: (id: number, type: number) => boolean): void {
    this.#depth += 1;
    if (this.#depth > depthMax) throw new RangeError("the footer is nested too deeply");
    for (let id = 0; ;) {
      const header = this.#byte();
      if (header === 0) break;
      const type = header & 0x0f;
      id = header >> 4 === 0 ? this.integer() : id + (header >> 4);
      if (!use(id, type)) this.skip(type);
    }
    this.#depth -= 1;
  }

  /** Passes over the value of a field. */
  skip(type: number): void {
    // The value of a boolean field is its type.
    if (type !== thriftType.true && type !== thriftType.false) this.skipElement(type);
  }

  /** Passes over an element of a list, a set or a map. */
  skipElement(type: number): void {
    switch (type) {
      case thriftType.true:
      case thriftType.false:
      case thriftType.byte:
        return this.#advance(1);
      case thriftType.i16:
      case thriftType.i32:
      case thriftType.i64:
        return this.#skipVarint();
      case thriftType.double:
        return this.#advance(8);
      case thriftType.uuid:
        return this.#advance(16);
      case thriftType.binary:
        return this.#advance(this.#varint());
      case thriftType.list:
      case thriftType.set:
        return this.#nested(() => this.#skipList());
      case thriftType.map:
        return this.#nested(() => this.#skipMap());
      case thriftType.struct:
        return this.eachField(() => false);
      default:
        throw new RangeError(`unknown type ${type} in the footer`);
    }
  }

  #nested(skip: () => void): void {
    this.#depth += 1;
    if (this.#depth > depthMax) throw new RangeError("the footer is nested too deeply");
    skip();
    this.#depth -= 1;
  }

  #skipList(): void {
    const { count, elementType } = this.listHeader();
    for (let index = 0; index < count; index += 1) this.skipElement(elementType);
  }

  #skipMap(): void {
    const count = this.#varint();
    if (count === 0) return;
    const types = this.#byte();
    for (let index = 0; index < count; index += 1) {
      this.skipElement(types >> 4);
      this.skipElement(types & 0x0f);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new RangeError("the footer ends too soon");
    this.at += 1;
    return byte;
  }

  #advance(count: number): void {
    this.at += count;
    if (this.at > this.#bytes.length) throw new RangeError("the footer ends too soon");
  }

  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let length = 0; length < 10; length += 1) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new RangeError("a number in the footer is too long");
  }

  #skipVarint(): void {
    for (let length = 0; length < 10; length += 1) if (this.#byte() < 0x80) return;
    throw new RangeError("a number in the footer is too long");
  }
}
