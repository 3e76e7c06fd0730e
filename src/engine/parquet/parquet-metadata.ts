// engine/parquet/parquet-metadata.ts: what the footer of a Parquet file says of its columns and row groups, without any of its rows: enough to tell
// where something lies, and that it does not. The Parquet format, "Metadata" (parquet.thrift).
import { readElement, treeOf } from "./parquet-tree.ts";
import type { ParquetNode, SchemaElement } from "./parquet-tree.ts";
import { ThriftReader } from "./thrift-compact.ts";

/** The pages of one leaf column in one row group. */
export interface ParquetChunk {
  readonly codec: number;
  /** Values and nulls. */
  readonly valueCount: number;
  readonly byteOffset: number;
  readonly sizeBytes: number;
  /** Null when the writer left it out. */
  readonly nullCount: number | null;
  /** Where in the footer its least and its greatest value are written; 0 when they are not. */
  readonly leastAt: number;
  readonly greatestAt: number;
}

/** Rows that follow one another in a file. */
export interface ParquetRowGroup {
  readonly rowCount: number;
  /** One for each leaf, in the order of `leaves`. */
  readonly chunks: readonly ParquetChunk[];
}

/** A file's footer. */
export interface ParquetMetadata {
  /** The top-level columns. */
  readonly tree: readonly ParquetNode[];
  /** Paths of the leaf columns, in the order of the file. */
  readonly leaves: readonly (readonly string[])[];
  readonly rowGroups: readonly ParquetRowGroup[];
  /** The bytes that say all this. */
  readonly footer: Uint8Array;
}

/**
 * Parses a footer.
 * @param sizeBytes the size of the file, within which every chunk must lie
 * @throws RangeError when it is damaged; the message says how
 */
export function parseMetadata(footer: Uint8Array, sizeBytes: number): ParquetMetadata {
  const reader = new ThriftReader(footer);
  const elements: SchemaElement[] = [];
  const rowGroups: ParquetRowGroup[] = [];
  reader.eachField((id) => {
    if (id === 2) reader.eachElement(() => void elements.push(readElement(reader)));
    else if (id === 4) reader.eachElement(() => void rowGroups.push(readRowGroup(reader, sizeBytes)));
    return id === 2 || id === 4;
  });
  const children = treeOf(elements);
  const leaves = leafPaths(children);
  for (const { rowCount, chunks } of rowGroups)
    if (rowCount < 0 || (rowCount > 0 && chunks.length !== leaves.length))
      throw new RangeError(`a row group of ${rowCount} rows has ${chunks.length} columns, the schema ${leaves.length}`);
  return { tree: children, leaves, rowGroups, footer };
}

/** What a file's writer has put into the footer under a key; null where there is nothing. */
export function footerValue({ footer }: ParquetMetadata, key: string): string | null {
  const reader = new ThriftReader(footer);
  let found: string | null = null;
  const readPair = (): void => {
    const pair: string[] = [];
    reader.eachField((id) => {
      if (id === 1 || id === 2) pair[id - 1] = reader.text();
      return id === 1 || id === 2;
    });
    if (pair[0] === key) found = pair[1] ?? null;
  };
  reader.eachField((id) => {
    if (id === 5) reader.eachElement(readPair);
    return id === 5;
  });
  return found;
}

/** The place of a leaf among `leaves`, by the names that lead to it; -1 where there is none. */
export function leafIndex({ leaves }: ParquetMetadata, column: readonly string[]): number {
  return leaves.findIndex((path) => path.length === column.length && path.every((name, at) => name === column[at]));
}

function readRowGroup(reader: ThriftReader, sizeBytes: number): ParquetRowGroup {
  const chunks: ParquetChunk[] = [];
  let rowCount = -1;
  reader.eachField((id) => {
    if (id === 1) reader.eachElement(() => void chunks.push(readChunk(reader, sizeBytes)));
    else if (id === 3) rowCount = reader.integer();
    return id === 1 || id === 3;
  });
  return { rowCount, chunks };
}

function readChunk(reader: ThriftReader, fileSizeBytes: number): ParquetChunk {
  let [codec, valueCount, sizeBytes, dataOffset, dictionaryOffset] = [0, 0, 0, 0, 0];
  let [nullCount, leastAt, greatestAt]: [number | null, number, number] = [null, 0, 0];
  const readValue = (id: number): boolean => {
    if (id === 4) codec = reader.integer();
    else if (id === 5) valueCount = reader.integer();
    else if (id === 7) sizeBytes = reader.integer();
    else if (id === 9) dataOffset = reader.integer();
    else if (id === 11) dictionaryOffset = reader.integer();
    else if (id === 12)
      reader.eachField((field) => {
        if (field === 3) nullCount = reader.integer();
        // The older pair, 1 and 2, is not ordered as text is.
        else if (field === 5) greatestAt = reader.at;
        else if (field === 6) leastAt = reader.at;
        return field === 3;
      });
    else return false;
    return true;
  };
  reader.eachField((id) => {
    if (id === 8 || id === 9) throw new RangeError("the file is encrypted");
    if (id === 3) reader.eachField(readValue);
    return id === 3;
  });
  // Some writers put zero where there is no dictionary.
  const byteOffset = dictionaryOffset > 0 ? Math.min(dictionaryOffset, dataOffset) : dataOffset;
  if (byteOffset < 0 || sizeBytes < 0 || byteOffset + sizeBytes > fileSizeBytes)
    throw new RangeError(`a column lies at ${byteOffset} to ${byteOffset + sizeBytes} of ${fileSizeBytes} bytes`);
  return { codec, valueCount, byteOffset, sizeBytes, nullCount, leastAt, greatestAt };
}

function leafPaths(nodes: readonly ParquetNode[], above: readonly string[] = []): readonly (readonly string[])[] {
  return nodes.flatMap(({ name, children }) =>
    children.length === 0 ? [[...above, name]] : leafPaths(children, [...above, name]),
  );
}
