// engine/parquet/parquet-records.ts: the few rows of a Parquet file in which some columns are not null, as JSON values: structs of texts, whole numbers
// and booleans, and lists and maps of these. The Parquet format, "Nested Encoding".
import type { JsonObject, JsonValue } from "../../format/text/json.ts";
import type { ParquetBytes } from "./parquet-bytes.ts";
import type { ParquetMetadata } from "./parquet-metadata.ts";
import type { ParquetNode } from "./parquet-tree.ts";
import { readChunkValues } from "./parquet-pages.ts";
import type { ChunkValues } from "./parquet-pages.ts";
import type { LeafValue } from "./parquet-values.ts";

/** A row in which a column is not null. */
export interface ParquetRecord {
  /** Of the top-level column. */
  readonly name: string;
  /** From 0, in the file. */
  readonly row: number;
  readonly value: JsonObject;
}

/** Which rows are wanted. */
export interface RecordQuery {
  readonly metadata: ParquetMetadata;
  /** Names of top-level columns. */
  readonly columns: readonly string[];
}

/**
 * Every row in which one of the columns, all of them structs, is not null, in the order of the file; null where their types or their encoding
 * are none of the usual ones. Row groups in which the footer says that a column is null throughout are not read.
 * @throws RangeError when the file is damaged
 */
export function readRecords(file: ParquetBytes, { metadata, columns }: RecordQuery): readonly ParquetRecord[] | null {
  const records: ParquetRecord[] = [];
  let firstRow = 0;
  for (const [group, { rowCount }] of metadata.rowGroups.entries()) {
    let leaf = 0;
    for (const column of metadata.tree) {
      const slice = { file, metadata, group, leaf };
      leaf += leafCount(column);
      if (!columns.includes(column.name) || isNullThroughout(slice, leaf)) continue;
      const struct = readStruct(new LeafReader(slice), column, { definition: 0, repetition: 0 });
      if (struct === null) return null;
      for (const row of struct.leaf.rowsFrom(struct.definition, rowCount)) {
        const value = struct.at(row);
        if (isObject(value)) records.push({ name: column.name, row: firstRow + row, value });
      }
    }
    firstRow += rowCount;
  }
  return records.sort((a, b) => a.row - b.row);
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const leafCount = ({ children }: ParquetNode): number =>
  children.length === 0 ? 1 : children.reduce((sum, child) => sum + leafCount(child), 0);

interface Slice {
  readonly file: ParquetBytes;
  readonly metadata: ParquetMetadata;
  readonly group: number;
  /** Index of the next leaf. */
  readonly leaf: number;
}

function isNullThroughout({ metadata, group, leaf }: Slice, end: number): boolean {
  const chunks = metadata.rowGroups[group]?.chunks.slice(leaf, end) ?? [];
  return chunks.every(({ nullCount, valueCount }) => nullCount === valueCount);
}

/** Reads leaves one after another. */
class LeafReader {
  readonly #slice: Slice;
  #next: number;

  constructor(slice: Slice) {
    this.#slice = slice;
    this.#next = slice.leaf;
  }

  /** Passes over the next leaf where the footer says that it has no value. */
  skipsNull(): boolean {
    const isNull = isNullThroughout({ ...this.#slice, leaf: this.#next }, this.#next + 1);
    if (isNull) this.#next += 1;
    return isNull;
  }

  read({ physicalType }: ParquetNode, { definition, repetition }: Levels): Leaf | null {
    const { file, metadata, group } = this.#slice;
    const chunk = metadata.rowGroups[group]?.chunks[this.#next];
    this.#next += 1;
    if (chunk === undefined || chunk.sizeBytes > chunkSizeBytesMax) return null;
    const { codec, valueCount, byteOffset, sizeBytes } = chunk;
    const bytes = file.range(byteOffset, sizeBytes);
    const levels = { definitionMax: definition, repetitionMax: repetition };
    const values = readChunkValues({ bytes, codec, valueCount, physicalType, ...levels });
    return values && new Leaf(values, definition);
  }
}

const chunkSizeBytesMax = 32 * 2 ** 20;

/** Levels at which a node is there. */
interface Levels {
  readonly definition: number;
  readonly repetition: number;
}

const levelsOf = ({ repetition }: ParquetNode, above: Levels): Levels => ({
  definition: above.definition + (repetition === "required" ? 0 : 1),
  repetition: above.repetition + (repetition === "repeated" ? 1 : 0),
});

/** A leaf's values by their place among values and nulls. */
class Leaf {
  readonly #definitions: Uint8Array;
  readonly #values = new Map<number, LeafValue>();
  /** Where each row begins; null where every row has one place. */
  readonly #starts: readonly number[] | null;

  constructor({ definitions, repetitions, values }: ChunkValues, definitionMax: number) {
    this.#definitions = definitions;
    let place = -1;
    for (const value of values) {
      place = definitions.indexOf(definitionMax, place + 1);
      this.#values.set(place, value);
    }
    this.#starts = repetitions.includes(1) ? startsOf(repetitions) : null;
  }

  /** The rows in which a node of this definition level is there. */
  rowsFrom(definition: number, rowCount: number): readonly number[] {
    const rows: number[] = [];
    const end = Math.min(rowCount, this.#starts?.length ?? this.#definitions.length);
    for (let row = 0; row < end; row += 1)
      if ((this.#definitions[this.#starts?.[row] ?? row] ?? 0) >= definition) rows.push(row);
    return rows;
  }

  isThere(row: number, definition: number): boolean {
    return this.isFilled(this.places(row)[0], definition);
  }

  /** A row's places: first, and the one after the last. */
  places(row: number): readonly [start: number, end: number] {
    if (this.#starts === null) return [row, row + 1];
    return [this.#starts[row] ?? 0, this.#starts[row + 1] ?? this.#definitions.length];
  }

  isFilled(place: number, definition: number): boolean {
    return (this.#definitions[place] ?? 0) >= definition;
  }

  value(place: number): LeafValue | null {
    return this.#values.get(place) ?? null;
  }
}

/** Where each row begins among all values of a column of lists. */
export function startsOf(repetitions: Uint8Array): readonly number[] {
  const starts: number[] = [];
  for (let place = 0; place < repetitions.length; place += 1) if (repetitions[place] === 0) starts.push(place);
  return starts;
}

/** A node's values by row. */
interface RowValues {
  /** Any leaf of it: in which rows the node is there, all of them know. */
  readonly leaf: Leaf;
  /** The level from which on it is there. */
  readonly definition: number;
  at(row: number): JsonValue;
}

function readNode(leaves: LeafReader, node: ParquetNode, above: Levels): RowValues | null {
  if (node.repetition === "repeated") return null;
  if (node.children.length === 0) return readLeaf(leaves, node, above);
  if (node.children[0]?.repetition === "repeated") return readRepeated(leaves, node, above);
  return readStruct(leaves, node, above);
}

function readLeaf(leaves: LeafReader, node: ParquetNode, above: Levels): RowValues | null {
  const levels = levelsOf(node, above);
  const leaf = isPlain(node) ? leaves.read(node, levels) : null;
  if (leaf === null) return null;
  return { leaf, definition: levels.definition, at: (row) => leaf.value(leaf.places(row)[0]) };
}

function readStruct(leaves: LeafReader, node: ParquetNode, above: Levels): RowValues | null {
  const levels = levelsOf(node, above);
  const fields: { readonly name: string; readonly values: RowValues }[] = [];
  for (const child of node.children) {
    // One that has values stands before: it tells in which rows the struct is there.
    if (child.children.length === 0 && fields.length > 0 && leaves.skipsNull()) continue;
    const values = readNode(leaves, child, levels);
    if (values === null) return null;
    fields.push({ name: child.name, values });
  }
  const [first] = fields;
  if (first === undefined) return null;
  return {
    leaf: first.values.leaf,
    definition: levels.definition,
    at: (row) => {
      const object = Object.create(null) as Record<string, JsonValue>;
      for (const { name, values } of fields)
        if (values.leaf.isThere(row, values.definition)) object[name] = values.at(row);
      return object;
    },
  };
}

/** A list, or a map with texts as keys. */
function readRepeated(leaves: LeafReader, node: ParquetNode, above: Levels): RowValues | null {
  const [repeated, ...others] = node.children;
  const levels = levelsOf(node, above);
  if (repeated === undefined || others.length > 0) return null;
  const inside = levelsOf(repeated, levels);
  const hasKeys = isMap(node);
  const nodes = repeated.children.length === 0 ? [repeated] : repeated.children;
  if (nodes.length !== (hasKeys ? 2 : 1) || !nodes.every(isPlain) || above.repetition > 0) return null;
  const read = nodes.map((leaf) => leaves.read(leaf, leaf === repeated ? inside : levelsOf(leaf, inside)));
  const [first, second = first] = read;
  if (!first || !second) return null;
  const placesOf = (row: number): readonly number[] => {
    const [start, end] = first.places(row);
    const count = first.isFilled(start, inside.definition) ? end - start : 0;
    return Array.from({ length: count }, (_, index) => start + index);
  };
  return {
    leaf: first,
    definition: levels.definition,
    at: (row) => {
      if (!hasKeys) return placesOf(row).map((place) => first.value(place));
      const map = Object.create(null) as Record<string, JsonValue>;
      for (const place of placesOf(row)) map[String(first.value(place))] = second.value(place);
      return map;
    },
  };
}

/** Whether a node is a map, by what its writer calls it. */
export const isMap = ({ annotation }: ParquetNode): boolean => /\bMAP|\bMapType/.test(annotation);

/** Text, a whole number with a sign, or a boolean. */
export function isPlain({ children, physicalType, annotation }: ParquetNode): boolean {
  if (children.length > 0) return false;
  if (physicalType === "BYTE_ARRAY") return /utf8|string/i.test(annotation);
  if (physicalType === "BOOLEAN") return true;
  const isWhole = physicalType === "INT32" || physicalType === "INT64";
  return isWhole && (annotation === "" || (/^int/i.test(annotation) && !annotation.includes("isSigned=false")));
}
