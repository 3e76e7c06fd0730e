// writer/arrow-take.ts: some rows of Arrow memory, copied out. For memory in the layout of `toArrowSchema`.
import { DataType as ArrowType, makeData } from "apache-arrow";
import type { Data } from "apache-arrow";
import { AlluviumError } from "../format/text/error.ts";

/**
 * The values at these indices, in their order.
 * @throws AlluviumError `INTERNAL_ERROR` for a layout that the writer never makes
 */
export function takeData(data: Data, indices: Int32Array): Data {
  const { type } = data;
  const length = indices.length;
  const validity = takeValidity(data, indices);
  const common = { type: type as never, length, ...validity };
  if (ArrowType.isNull(type)) return makeData({ type, length, nullCount: length });
  if (ArrowType.isBool(type))
    return makeData({ ...common, data: takeBits(data.values as Uint8Array, data.offset, indices) as never });
  if (ArrowType.isUtf8(type) || ArrowType.isBinary(type)) return makeData({ ...common, ...takeBytes(data, indices) });
  if (ArrowType.isDecimal(type))
    return makeData({ ...common, data: takeWords(data.values as Uint32Array, indices) as never });
  if (ArrowType.isStruct(type))
    return makeData({ ...common, children: data.children.map((child) => takeData(child, indices)) as never });
  if (ArrowType.isList(type) || ArrowType.isMap(type)) return makeData({ ...common, ...takeLists(data, indices) });
  if (ArrowType.isInt(type) || ArrowType.isFloat(type) || ArrowType.isDate(type) || ArrowType.isTimestamp(type)) {
    return makeData({ ...common, data: takeNumbers(data.values as Numbers, indices) as never });
  }
  throw new AlluviumError(
    "INTERNAL_ERROR",
    { typeId: data.typeId },
    `rows of the Arrow type ${data.typeId} cannot be picked`,
  );
}

interface NumberArray<T> {
  [index: number]: T;
  readonly length: number;
  readonly constructor: unknown;
}

type Numbers = NumberArray<number> | NumberArray<bigint>;

function takeNumbers(values: Numbers, indices: Int32Array): Numbers {
  const taken = new (values.constructor as new (length: number) => NumberArray<number | bigint>)(indices.length);
  for (let at = 0; at < indices.length; at += 1) taken[at] = values[indices[at] as number] as number | bigint; // both within bounds
  return taken as Numbers;
}

function takeWords(words: Uint32Array, indices: Int32Array): Uint32Array {
  const taken = new Uint32Array(indices.length * 4);
  indices.forEach((index, at) => taken.set(words.subarray(index * 4, index * 4 + 4), at * 4));
  return taken;
}

function takeBits(bits: Uint8Array, offset: number, indices: Int32Array): Uint8Array {
  const taken = new Uint8Array((indices.length + 7) >> 3);
  indices.forEach((index, at) => {
    const bit = index + offset;
    if (((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1) taken[at >> 3] = (taken[at >> 3] ?? 0) | (1 << (at & 7));
  });
  return taken;
}

interface Validity {
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | null;
}

function takeValidity(data: Data, indices: Int32Array): Validity {
  if (data.nullCount === 0) return { nullCount: 0, nullBitmap: null };
  const nullBitmap = takeBits(data.nullBitmap, data.offset, indices);
  let nullCount = 0;
  for (let at = 0; at < indices.length; at += 1) if (!(((nullBitmap[at >> 3] ?? 0) >> (at & 7)) & 1)) nullCount += 1;
  return { nullCount, nullBitmap };
}

function takeBytes(data: Data, indices: Int32Array): { readonly valueOffsets: Int32Array; readonly data: never } {
  const from = data.valueOffsets as unknown as Int32Array;
  const values = data.values as Uint8Array;
  const valueOffsets = takeOffsets(from, indices);
  const taken = new Uint8Array(valueOffsets[indices.length] ?? 0);
  indices.forEach((index, at) => taken.set(values.subarray(from[index], from[index + 1]), valueOffsets[at]));
  return { valueOffsets, data: taken as never };
}

function takeLists(data: Data, indices: Int32Array): { readonly valueOffsets: Int32Array; readonly child: never } {
  const from = data.valueOffsets as unknown as Int32Array;
  const valueOffsets = takeOffsets(from, indices);
  const elements = new Int32Array(valueOffsets[indices.length] ?? 0);
  let at = 0;
  for (const index of indices)
    for (let element = from[index] ?? 0; element < (from[index + 1] ?? 0); element += 1) elements[at++] = element;
  return { valueOffsets, child: takeData(data.children[0] as Data, elements) as never }; // a list has one child
}

function takeOffsets(from: Int32Array, indices: Int32Array): Int32Array {
  const offsets = new Int32Array(indices.length + 1);
  indices.forEach((index, at) => {
    offsets[at + 1] = (offsets[at] ?? 0) + (from[index + 1] ?? 0) - (from[index] ?? 0);
  });
  return offsets;
}
