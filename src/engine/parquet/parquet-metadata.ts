// engine/parquet/parquet-metadata.ts: what the footer of a Parquet file says of its columns and row groups, without any of its rows: enough to tell
// where something lies, and that it does not. The Parquet format, "Metadata" (parquet.thrift).
import { ThriftReader } from "./thrift-compact.ts";

/** A column, or a field in one. */
export interface ParquetNode {
  readonly name: string;
  /** "" for a node with children. */
  readonly physicalType: string;
  /** Logical and converted type, as `StringType() UTF8`; "" when the writer gave none. */
  readonly annotation: string;
  readonly repetition: "required" | "optional" | "repeated";
  readonly children: readonly ParquetNode[];
}

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
  const { children } = treeOf(elements);
  const leaves = leafPaths(children);
  for (const { rowCount, chunks } of rowGroups)
    if (rowCount < 0 || (rowCount > 0 && chunks.length !== leaves.length))
      throw new RangeError(`a row group of ${rowCount} rows has ${chunks.length} columns, the schema ${leaves.length}`);
  return { tree: children, leaves, rowGroups, footer };
}

/** The child of that name, compared as DuckDB does: without regard to case. */
export function childNamed(nodes: readonly ParquetNode[], name: string): ParquetNode | undefined {
  return (
    nodes.find((node) => node.name === name) ?? nodes.find((node) => node.name.toLowerCase() === name.toLowerCase())
  );
}

/** The nodes that some names lead through, the last one theirs; null where there is none. Names are compared as they are. */
export function nodesTo(tree: readonly ParquetNode[], path: readonly string[]): readonly ParquetNode[] | null {
  const nodes: ParquetNode[] = [];
  for (const name of path) {
    const node = (nodes.at(-1)?.children ?? tree).find((child) => child.name === name);
    if (node === undefined) return null;
    nodes.push(node);
  }
  return nodes;
}

/** The place of a leaf among `leaves`, by the names that lead to it; -1 where there is none. */
export function leafIndex({ leaves }: ParquetMetadata, column: readonly string[]): number {
  return leaves.findIndex((path) => path.length === column.length && path.every((name, at) => name === column[at]));
}

type SchemaElement = Omit<ParquetNode, "children"> & { readonly childCount: number };

const repetitions = ["required", "optional", "repeated"] as const;

function readElement(reader: ThriftReader): SchemaElement {
  let [physicalType, logical, converted, name, childCount] = ["", "", "", "", 0];
  let repetition: ParquetNode["repetition"] = "required";
  reader.eachField((id) => {
    if (id === 1) physicalType = physicalTypes[reader.integer()] ?? "UNKNOWN";
    else if (id === 3) repetition = repetitions[reader.integer()] ?? "required";
    else if (id === 4) name = reader.text();
    else if (id === 5) childCount = reader.integer();
    else if (id === 6) converted = convertedTypes[reader.integer()] ?? "UNKNOWN";
    else if (id === 10) logical = readLogicalType(reader);
    return id === 1 || (id >= 3 && id <= 6) || id === 10;
  });
  if (childCount > 0) physicalType = "";
  return { name, physicalType, annotation: `${logical} ${converted}`.trim(), repetition, childCount };
}

function readLogicalType(reader: ThriftReader): string {
  let text = "";
  reader.eachField((id) => {
    const flags: string[] = [];
    // A time's first field says whether it is an instant, an integer's second whether it has a sign: booleans are their type.
    reader.eachField((field, type) => {
      if ((id === 7 || id === 8) && field === 1) flags.push(`isAdjustedToUTC=${type === 1}`);
      if (id === 10 && field === 2) flags.push(`isSigned=${type === 1}`);
      return false;
    });
    text = `${logicalTypes[id] ?? "UnknownType"}(${flags.join(", ")})`;
    return true;
  });
  return text;
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

function treeOf(elements: readonly SchemaElement[]): ParquetNode {
  let next = 0;
  const take = (depth: number): ParquetNode => {
    const element = elements[next];
    if (element === undefined || depth > depthMax)
      throw new RangeError("the schema ends too soon or is nested too deeply");
    next += 1;
    const { childCount, ...node } = element;
    const children: ParquetNode[] = [];
    for (let index = 0; index < childCount; index += 1) children.push(take(depth + 1));
    return { ...node, children };
  };
  const root = take(0);
  if (next !== elements.length) throw new RangeError("the schema has columns outside of its root");
  return root;
}

function leafPaths(nodes: readonly ParquetNode[], above: readonly string[] = []): readonly (readonly string[])[] {
  return nodes.flatMap(({ name, children }) =>
    children.length === 0 ? [[...above, name]] : leafPaths(children, [...above, name]),
  );
}

const depthMax = 100;

const physicalTypes = ["BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"];

const convertedTypes =
  "UTF8 MAP MAP_KEY_VALUE LIST ENUM DECIMAL DATE TIME_MILLIS TIME_MICROS TIMESTAMP_MILLIS TIMESTAMP_MICROS UINT_8 UINT_16 UINT_32 UINT_64 INT_8 INT_16 INT_32 INT_64 JSON BSON INTERVAL".split(
    " ",
  );

const logicalTypes: Readonly<Record<number, string>> = {
  1: "StringType",
  2: "MapType",
  3: "ListType",
  4: "EnumType",
  5: "DecimalType",
  6: "DateType",
  7: "TimeType",
  8: "TimestampType",
  10: "IntType",
  11: "NullType",
  12: "JsonType",
  13: "BsonType",
  14: "UUIDType",
};
