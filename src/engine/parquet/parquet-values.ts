// engine/parquet/parquet-values.ts: the values of a page behind its levels. The Parquet format, "Encodings".
import { isAscii } from "node:buffer";
import { bitsAt, readRuns } from "./parquet-runs.ts";

/** A text, or a number; an INT64 that a double cannot hold is a bigint. */
export type LeafValue = string | number | bigint | boolean;

/** Values as a page has them, nulls left out. */
export interface PackedValues {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly physicalType: string;
  readonly encoding: number;
  /** Of its chunk. */
  readonly dictionary: readonly LeafValue[];
}

/**
 * All values of a page; null where they are encoded in a way, or of a type, that is not known here.
 * @throws RangeError when the page is damaged
 */
export function readValues(page: PackedValues): readonly LeafValue[] | null {
  const { bytes, count, physicalType, encoding } = page;
  if (encoding === plainEncoding) return count === 0 ? [] : readPlain(bytes, physicalType, count);
  const valueAt = valuesAt(page);
  return valueAt && filled(count, valueAt);
}

/**
 * The value of a page at a place among them, from 0, made when it is asked for; null as above.
 * @throws RangeError, also when a value is asked for, when the page is damaged
 */
export function valuesAt(page: PackedValues): ((place: number) => LeafValue) | null {
  const { bytes, count, physicalType, encoding, dictionary } = page;
  if (encoding === plainEncoding) return plainAt(bytes, physicalType, count);
  const indexes = count === 0 ? noIndexes : readIndexes(bytes, count, encoding);
  return (
    indexes &&
    ((place) => {
      const value = dictionary[indexes[place] ?? dictionary.length];
      if (value === undefined) throw new RangeError(`a page asks for entry ${indexes[place]} of ${dictionary.length}`);
      return value;
    })
  );
}

const noIndexes = new Uint32Array(0);

/**
 * The places of a page's values in the dictionary of its chunk; null where they are not given as such.
 * @throws RangeError when the page is damaged
 */
export function readIndexes(bytes: Uint8Array, count: number, encoding: number): Uint32Array | null {
  if (!dictionaryEncodings.has(encoding)) return null;
  const indexes = new Uint32Array(count);
  const bits = bytes[0] ?? 0;
  if (bits > 32) throw new RangeError("a page has indexes that are too long");
  if (bits > 0) readRuns(bytes.subarray(1), bits, indexes);
  return indexes;
}

/** Values as they are, one behind the other. */
export const plainEncoding = 0;
const dictionaryEncodings: ReadonlySet<number> = new Set([2, 8]);

/** Values as they are; null of a type that is not known here. @throws RangeError when they are cut off */
export function readPlain(bytes: Uint8Array, physicalType: string, count: number): readonly LeafValue[] | null {
  if (physicalType === "BYTE_ARRAY") return readTexts(bytes, viewOf(bytes), count);
  const valueAt = plainAt(bytes, physicalType, count);
  return valueAt && filled(count, valueAt);
}

function plainAt(bytes: Uint8Array, physicalType: string, count: number): ((place: number) => LeafValue) | null {
  if (count > bytes.length * 8) throw new RangeError("a page has fewer values than it says");
  const view = viewOf(bytes);
  switch (physicalType) {
    case "BOOLEAN":
      return (place) => bitsAt(bytes, place, 1) === 1;
    case "INT32":
      return (place) => view.getInt32(place * 4, true);
    case "INT64":
      return (place) => wholeNumber(view.getBigInt64(place * 8, true));
    case "BYTE_ARRAY":
      return textsAt(bytes, view, count);
    default:
      return null;
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Texts have no fixed length: their places are found once, each text is made when it is asked for. */
function textsAt(bytes: Uint8Array, view: DataView, count: number): (place: number) => string {
  const ends = new Uint32Array(count);
  const starts = new Uint32Array(count);
  for (let place = 0, at = 0; place < count; place += 1) {
    starts[place] = at + 4;
    at += 4 + view.getUint32(at, true);
    if (at > bytes.length) throw new RangeError("a text is cut off");
    ends[place] = at;
  }
  const decode = utf8Decoder();
  return (place) => decode(bytes.subarray(starts[place], ends[place]));
}

function utf8Decoder(): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}

function filled<T>(count: number, valueAt: (index: number) => T): readonly T[] {
  const values: T[] = [];
  for (let index = 0; index < count; index += 1) values.push(valueAt(index));
  return values;
}

function readTexts(bytes: Uint8Array, view: DataView, count: number): readonly string[] {
  // Where every byte is a character, one call makes all of them.
  const ascii = isAscii(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1") : null;
  const decode = utf8Decoder();
  let at = 0;
  return filled(count, () => {
    const length = view.getUint32(at, true);
    at += 4 + length;
    if (at > bytes.length) throw new RangeError("a text is cut off");
    return ascii?.slice(at - length, at) ?? decode(bytes.subarray(at - length, at));
  });
}

function wholeNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
