// engine/thrift-compact.ts: Thrift's compact protocol, as far as a Parquet footer needs it. A struct is taken apart only one level deep:
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
  const reader = new Reader(bytes);
  const fields = new Map<number, ThriftField>();
  reader.eachField(0, (id, type, range) => fields.set(id, { type, bytes: bytes.subarray(range.start, range.end) }));
  return fields;
}

/** The elements of a list field, each as its bytes. */
export function decodeList(field: ThriftField): readonly Uint8Array[] {
  if (field.type !== thriftType.list) throw new RangeError(`expected a list, found type ${field.type}`);
  const reader = new Reader(field.bytes);
  const { count, elementType } = reader.listHeader();
  const elements: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = reader.at;
    reader.skip(elementType, 0, true);
    elements.push(field.bytes.subarray(start, reader.at));
  }
  return elements;
}

/** The number in a field of any whole-number type. */
export function decodeInteger(field: ThriftField): number {
  const { type } = field;
  if (type !== thriftType.i16 && type !== thriftType.i32 && type !== thriftType.i64)
    throw new RangeError(`expected a number, found type ${type}`);
  const encoded = new Reader(field.bytes).varint();
  const value = Number((encoded >> 1n) ^ -(encoded & 1n));
  if (!Number.isSafeInteger(value)) throw new RangeError(`number out of range: ${value}`);
  return value;
}

/** The text in a binary field, or in a list's element of that type. */
export function decodeText(bytes: Uint8Array): string {
  const reader = new Reader(bytes);
  const length = Number(reader.varint());
  reader.advance(length);
  return Buffer.from(bytes.buffer, bytes.byteOffset + reader.at - length, length).toString("utf8");
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

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new RangeError("the footer ends too soon");
    this.at += 1;
    return byte;
  }

  advance(count: number): void {
    this.at += count;
    if (this.at > this.#bytes.length) throw new RangeError("the footer ends too soon");
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError("a number in the footer is too long");
  }

  skipVarint(): void {
    for (let length = 0; length < 10; length += 1) if (this.byte() < 0x80) return;
    throw new RangeError("a number in the footer is too long");
  }

  listHeader(): { readonly count: number; readonly elementType: number } {
    const header = this.byte();
    const count = header >> 4 === 15 ? Number(this.varint()) : header >> 4;
    return { count, elementType: header & 0x0f };
  }

  eachField(depth: number, use: (id: number, type: number, range: { start: number; end: number }) => void): void {
    for (let id = 0; ;) {
      const header = this.byte();
      if (header === 0) return;
      const type = header & 0x0f;
      const long = header >> 4 === 0 ? this.varint() : 0n;
      id = header >> 4 === 0 ? Number((long >> 1n) ^ -(long & 1n)) : id + (header >> 4);
      const start = this.at;
      this.skip(type, depth + 1, false);
      use(id, type, { start, end: this.at });
    }
  }

  skip(type: number, depth: number, isElement: boolean): void {
    if (depth > depthMax) throw new RangeError("the footer is nested too deeply");
    switch (type) {
      case thriftType.true:
      case thriftType.false:
        return isElement ? this.advance(1) : undefined;
      case thriftType.byte:
        return this.advance(1);
      case thriftType.i16:
      case thriftType.i32:
      case thriftType.i64:
        return this.skipVarint();
      case thriftType.double:
        return this.advance(8);
      case thriftType.uuid:
        return this.advance(16);
      case thriftType.binary:
        return this.advance(Number(this.varint()));
      case thriftType.list:
      case thriftType.set:
        return this.#skipList(depth);
      case thriftType.map:
        return this.#skipMap(depth);
      case thriftType.struct:
        return this.eachField(depth, () => undefined);
      default:
        throw new RangeError(`unknown type ${type} in the footer`);
    }
  }

  #skipList(depth: number): void {
    const { count, elementType } = this.listHeader();
    for (let index = 0; index < count; index += 1) this.skip(elementType, depth + 1, true);
  }

  #skipMap(depth: number): void {
    const count = Number(this.varint());
    if (count === 0) return;
    const types = this.byte();
    for (let index = 0; index < count; index += 1) {
      this.skip(types >> 4, depth + 1, true);
      this.skip(types & 0x0f, depth + 1, true);
    }
  }
}
