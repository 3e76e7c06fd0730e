// engine/duckdb/raw-vector.ts: the memory behind DuckDB's vectors. Its JavaScript classes hold it in fields that their types hide;
// the package is pinned to one version, and every look is checked here.
import type { DuckDBVector } from "@duckdb/node-api";
import { assert } from "../../format/text/error.ts";
import { duckdb } from "./duckdb-library.ts";

const { DuckDBBlobVector } = duckdb;

/** The rows of one column in one chunk; numbers lie as they do in Arrow. */
export interface RawVector {
  /** The values' bytes, one after another, null ones included; empty for nested vectors. */
  readonly bytes: Uint8Array;
  /** One bit a row, lowest first, 1 for a value; null when no row is null. Starts at row 0. */
  readonly validity: Uint8Array | null;
}

/** A list's or a map's rows: where each begins in `child`, and how many elements it has. */
export interface RawList extends RawVector {
  /** Offset and length in turns. */
  readonly entries: BigUint64Array;
  readonly child: DuckDBVector;
}

interface HiddenFields {
  readonly items?: unknown;
  readonly dataView?: unknown;
  readonly validity?: unknown;
  readonly listVector?: unknown;
  readonly entryData?: unknown;
  readonly entryVectors?: unknown;
}

/** The memory of a vector of numbers, text or bytes (the last two as DuckDB's 16-byte string heads). */
export function rawVector(vector: DuckDBVector): RawVector {
  const { items, dataView, validity } = hidden(vector);
  const view = items ?? dataView;
  assert(ArrayBuffer.isView(view), `DuckDB's ${vector.constructor.name} shows no data`);
  return { bytes: bytesOf(view), validity: validityOf(validity) };
}

/** The memory of a list or map vector. */
export function rawList(vector: DuckDBVector): RawList {
  const { listVector } = hidden(vector);
  const list = (listVector ?? vector) as DuckDBVector & { readonly childVector?: DuckDBVector };
  const { entryData, validity } = hidden(list);
  const child = list.childVector;
  assert(
    entryData instanceof BigUint64Array && child !== undefined,
    `DuckDB's ${vector.constructor.name} shows no entries`,
  );
  return { bytes: new Uint8Array(0), validity: validityOf(validity), entries: entryData, child };
}

/** The validity of a struct vector's rows, and its fields' vectors. */
export function rawStruct(vector: DuckDBVector): {
  readonly validity: Uint8Array | null;
  readonly fields: readonly DuckDBVector[];
} {
  const { entryVectors, validity } = hidden(vector);
  assert(Array.isArray(entryVectors), `DuckDB's ${vector.constructor.name} shows no fields`);
  return { validity: validityOf(validity), fields: entryVectors as readonly DuckDBVector[] };
}

/** Gives the bytes of a text or blob that is longer than its head holds. */
export function longStrings(vector: DuckDBVector): (index: number) => Uint8Array {
  if (vector instanceof DuckDBBlobVector) return (index) => present(vector.getItemBytes(index));
  const { dataView, validity } = hidden(vector);
  // Blobs and texts have one layout, but only a blob hands out its bytes undecoded.
  const blobs = new DuckDBBlobVector(
    dataView as DataView,
    validity as ValidityOfDuckDb,
    hiddenVector(vector),
    0,
    vector.itemCount,
  );
  return (index) => present(blobs.getItemBytes(index));
}

type ValidityOfDuckDb = ConstructorParameters<typeof DuckDBBlobVector>[1];
type VectorOfDuckDb = ConstructorParameters<typeof DuckDBBlobVector>[2];

function hidden(vector: DuckDBVector): HiddenFields {
  return vector as unknown as HiddenFields;
}

function hiddenVector(vector: DuckDBVector): VectorOfDuckDb {
  return (vector as unknown as { readonly vector: VectorOfDuckDb }).vector;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function validityOf(validity: unknown): Uint8Array | null {
  const { data, offset } = validity as { readonly data: unknown; readonly offset: unknown };
  assert(offset === 0, "DuckDB's validity does not start at row 0");
  if (data === null) return null;
  assert(data instanceof BigUint64Array, "DuckDB's validity is not an array of 64-bit words");
  return bytesOf(data);
}

function present(bytes: Uint8Array | null): Uint8Array {
  assert(bytes !== null, "DuckDB gave null for a value that is there");
  return bytes;
}
