// engine/parquet/parquet-footer.ts: the footer of a Parquet file, and a smaller one for some of its columns. The Parquet format, "Metadata"
// (parquet.thrift). With it, one row group of the wanted columns becomes a small Parquet file of its own: parquet-wasm decodes that in one
// synchronous call, whose failure on damaged bytes can be caught, which its asynchronous reader's cannot.
import {
  decodeInteger,
  decodeList,
  decodeStruct,
  decodeText,
  encodeInteger,
  encodeStruct,
  encodeStructList,
} from "./thrift-compact.ts";
import type { ThriftField, ThriftStruct } from "./thrift-compact.ts";

/** What a file holds. */
export interface ParquetFooter {
  /** Names of the top-level columns, in the order of the file. */
  readonly columns: readonly string[];
  readonly rowGroups: readonly RowGroup[];
}

/** One row group; its bytes are the chunks' ranges. */
export interface RowGroup {
  readonly rowCount: number;
  /** The chunks of each top-level column, one for each leaf, in the order of the file; none at all when there are no rows. */
  readonly chunks: readonly (readonly ColumnChunk[])[];
  readonly fields: ThriftStruct;
}

/** The pages of one leaf column in one row group. */
export interface ColumnChunk {
  readonly byteOffset: number;
  readonly sizeBytes: number;
  readonly uncompressedSizeBytes: number;
  readonly fields: ThriftStruct;
  readonly metadata: ThriftStruct;
}

/**
 * Parses a footer.
 * @param sizeBytes the size of the file, within which every chunk must lie
 * @throws RangeError when it is damaged; the message says how
 */
export function parseFooter(bytes: Uint8Array, sizeBytes: number): ParquetFooter & { readonly schema: SchemaTree } {
  const file = decodeStruct(bytes);
  const schema = parseSchema(decodeList(required(file, 2, "schema")));
  const rowGroups = decodeList(required(file, 4, "row groups")).map((element) =>
    parseRowGroup(element, schema, sizeBytes),
  );
  return { columns: schema.columns.map((column) => column.name), rowGroups, schema };
}

/** The schema as the footer lists it: depth first. */
export interface SchemaTree {
  readonly root: ThriftStruct;
  readonly columns: readonly SchemaColumn[];
}

/** A top-level column with all elements below it. */
interface SchemaColumn {
  readonly name: string;
  readonly elements: readonly Uint8Array[];
  /** For each leaf, whether it is an INT96; such elements are plain 12 bytes in `elements`. */
  readonly leaves: readonly boolean[];
}

/** One row group of some columns: where its bytes lie in the file, and how to make a file of them. */
export interface RowGroupSlice {
  readonly ranges: readonly { readonly byteOffset: number; readonly sizeBytes: number }[];
  readonly uncompressedSizeBytes: number;
  /** The footer of a file that has the ranges one behind the other, after the magic number. */
  readonly footer: Uint8Array;
  /** For each leaf, whether its 12 bytes are an INT96; see `int96.ts`. */
  readonly int96Leaves: readonly boolean[];
}

/** Cuts the columns at `columnIndexes` (ascending) out of a row group. Arrow's own schema in the footer is left out: Parquet's decides. */
export function sliceRowGroup(schema: SchemaTree, rowGroup: RowGroup, columnIndexes: readonly number[]): RowGroupSlice {
  const columns = columnIndexes.map((index) => at(schema.columns, index));
  const chunks = columnIndexes.flatMap((index) => at(rowGroup.chunks, index));
  let byteOffset = magicSizeBytes;
  const moved = chunks.map((chunk) => {
    const element = moveChunk(chunk, byteOffset);
    byteOffset += chunk.sizeBytes;
    return element;
  });
  const root = encodeStruct(new Map([...schema.root, [5, encodeInteger(columns.length, "i32")]]));
  const group = new Map<number, ThriftField>([
    [1, encodeStructList(moved)],
    [2, rowGroup.fields.get(2) ?? encodeInteger(0, "i64")],
    [3, encodeInteger(rowGroup.rowCount, "i64")],
  ]);
  const footer = new Map<number, ThriftField>([
    [1, encodeInteger(1, "i32")],
    [2, encodeStructList([root, ...columns.flatMap((column) => column.elements)])],
    [3, encodeInteger(rowGroup.rowCount, "i64")],
    [4, encodeStructList([encodeStruct(group)])],
  ]);
  return {
    ranges: chunks.map((chunk) => ({ byteOffset: chunk.byteOffset, sizeBytes: chunk.sizeBytes })),
    uncompressedSizeBytes: chunks.reduce((sum, chunk) => sum + chunk.uncompressedSizeBytes, 0),
    footer: encodeStruct(footer),
    int96Leaves: columns.flatMap((column) => column.leaves),
  };
}

/** Size of the `PAR1` at either end of a file. */
export const magicSizeBytes = 4;

function parseSchema(elements: readonly Uint8Array[]): SchemaTree {
  const [first, ...rest] = elements;
  if (first === undefined) throw new RangeError("the schema is empty");
  const root = decodeStruct(first);
  const columns: SchemaColumn[] = [];
  let next = 0;
  for (let index = 0; index < childCount(root); index += 1) {
    const { end, leaves } = subtree(rest, next, 0);
    const name = decodeText(required(decodeStruct(at(rest, next)), 4, "name of a column").bytes);
    columns.push({ name, elements: rest.slice(next, end).map(withoutInt96), leaves });
    next = end;
  }
  if (next !== rest.length) throw new RangeError("the schema has columns outside of its root");
  return { root, columns };
}

function subtree(
  elements: readonly Uint8Array[],
  start: number,
  depth: number,
): { readonly end: number; readonly leaves: readonly boolean[] } {
  if (depth > depthMax) throw new RangeError("the schema is nested too deeply");
  const element = decodeStruct(at(elements, start));
  const count = childCount(element);
  if (count === 0) return { end: start + 1, leaves: [isInt96(element)] };
  let end = start + 1;
  const leaves: boolean[] = [];
  for (let index = 0; index < count; index += 1) {
    const child = subtree(elements, end, depth + 1);
    end = child.end;
    leaves.push(...child.leaves);
  }
  return { end, leaves };
}

/** An INT96 leaf as 12 bytes of fixed length: parquet-wasm would make nanoseconds of it, which end in the year 2262. */
function withoutInt96(bytes: Uint8Array): Uint8Array {
  const element = decodeStruct(bytes);
  if (!isInt96(element)) return bytes;
  return encodeStruct(
    new Map([...element, [1, encodeInteger(fixedLengthType, "i32")], [2, encodeInteger(int96SizeBytes, "i32")]]),
  );
}

function isInt96(fields: ThriftStruct): boolean {
  const type = fields.get(1);
  return type !== undefined && decodeInteger(type) === int96Type;
}

// Physical types of the format.
const int96Type = 3;
const fixedLengthType = 7;
const int96SizeBytes = 12;

const depthMax = 100;

function childCount(element: ThriftStruct): number {
  const field = element.get(5);
  return field === undefined ? 0 : decodeInteger(field);
}

function parseRowGroup(bytes: Uint8Array, schema: SchemaTree, sizeBytes: number): RowGroup {
  const fields = decodeStruct(bytes);
  const rowCount = decodeInteger(required(fields, 3, "row count"));
  if (rowCount < 0) throw new RangeError(`a row group has ${rowCount} rows`);
  // Writers put anything into the chunks of a row group without rows; nobody reads them.
  if (rowCount === 0) return { rowCount, chunks: [], fields };
  const all = decodeList(required(fields, 1, "columns of a row group")).map((element) =>
    parseChunk(element, sizeBytes),
  );
  const leafCount = schema.columns.reduce((sum, column) => sum + column.leaves.length, 0);
  if (all.length !== leafCount) throw new RangeError(`a row group has ${all.length} columns, the schema ${leafCount}`);
  let next = 0;
  const chunks = schema.columns.map((column) => all.slice(next, (next += column.leaves.length)));
  return { rowCount, chunks, fields };
}

function parseChunk(bytes: Uint8Array, fileSizeBytes: number): ColumnChunk {
  const fields = decodeStruct(bytes);
  if (fields.has(8) || fields.has(9)) throw new RangeError("the file is encrypted");
  const metadata = decodeStruct(required(fields, 3, "metadata of a column").bytes);
  const dataOffset = decodeInteger(required(metadata, 9, "offset of a column"));
  const dictionary = metadata.get(11);
  const dictionaryOffset = dictionary === undefined ? 0 : decodeInteger(dictionary);
  // Some writers put zero where there is no dictionary.
  const byteOffset = dictionaryOffset > 0 ? Math.min(dictionaryOffset, dataOffset) : dataOffset;
  const sizeBytes = decodeInteger(required(metadata, 7, "size of a column"));
  const uncompressedSizeBytes = decodeInteger(required(metadata, 6, "size of a column"));
  const isInside = byteOffset >= magicSizeBytes && sizeBytes >= 0 && byteOffset + sizeBytes <= fileSizeBytes;
  if (!isInside)
    throw new RangeError(
      `a column lies at ${byteOffset} to ${byteOffset + sizeBytes}, outside of the file's ${fileSizeBytes} bytes`,
    );
  return { byteOffset, sizeBytes, uncompressedSizeBytes, fields, metadata };
}

/** The chunk as an element of a row group, its pages at `byteOffset`; page index and Bloom filter stay behind. */
function moveChunk(chunk: ColumnChunk, byteOffset: number): Uint8Array {
  const shift = byteOffset - chunk.byteOffset;
  const metadata = new Map(chunk.metadata);
  for (const id of [10, 14, 15]) metadata.delete(id);
  if (isInt96(chunk.metadata)) metadata.set(1, encodeInteger(fixedLengthType, "i32")).delete(12);
  for (const id of [9, 11]) {
    const field = chunk.metadata.get(id);
    const offset = field === undefined ? 0 : decodeInteger(field);
    if (offset > 0) metadata.set(id, encodeInteger(offset + shift, "i64"));
    else metadata.delete(id);
  }
  const meta = encodeStruct(metadata);
  return encodeStruct(
    new Map([
      [2, encodeInteger(0, "i64")],
      [3, { type: structType, bytes: meta }],
    ]),
  );
}

const structType = 12;

function required(fields: ThriftStruct, id: number, what: string): ThriftField {
  const field = fields.get(id);
  if (field === undefined) throw new RangeError(`the footer lacks the ${what}`);
  return field;
}

function at<T>(list: readonly T[], index: number): T {
  const element = list[index];
  if (element === undefined) throw new RangeError("the schema ends too soon");
  return element;
}
