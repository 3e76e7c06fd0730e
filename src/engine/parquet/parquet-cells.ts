// engine/parquet/parquet-cells.ts: single values of some columns in a few rows of one row group, where to plan a statement for them takes
// longer than to unpack the pages in which they lie. The Parquet format, "Nested Encoding" and "Data Pages".
import type { ParquetBytes } from "./parquet-bytes.ts";
import { leafIndex } from "./parquet-metadata.ts";
import type { ParquetMetadata } from "./parquet-metadata.ts";
import { nodesTo } from "./parquet-tree.ts";
import type { ParquetNode } from "./parquet-tree.ts";
import { eachPage, pagesOf, readFlatPage } from "./parquet-pages.ts";
import type { PackedChunk, Page } from "./parquet-pages.ts";
import { isMap, isPlain, startsOf } from "./parquet-records.ts";
import { readPlain, valuesAt } from "./parquet-values.ts";
import type { LeafValue } from "./parquet-values.ts";

/** A value of a leaf, or a map of texts. */
export type Cell = LeafValue | ReadonlyMap<string, LeafValue | null> | null;

/** Which cells. */
export interface CellQuery {
  readonly metadata: ParquetMetadata;
  readonly group: number;
  /** Numbers of rows in the group, ascending. */
  readonly rows: readonly number[];
  /** Leaves, and maps with texts as keys, that lie in structs alone: the names that lead to each. */
  readonly columns: readonly (readonly string[])[];
}

/**
 * The cells column by column, each in the order of the rows; null where one of the columns is another than asked for, is not stored as most
 * are, or is so long that DuckDB reads it faster.
 * @throws RangeError when the file is damaged
 */
export function readCells(file: ParquetBytes, query: CellQuery): readonly (readonly Cell[])[] | null {
  const found: (readonly Cell[])[] = [];
  for (const column of query.columns) {
    const nodes = nodesTo(query.metadata.tree, column);
    const node = nodes?.at(-1);
    if (!nodes || !node || nodes.some(({ repetition }) => repetition === "repeated")) return null;
    const definition = nodes.filter(({ repetition }) => repetition === "optional").length;
    const cells = isPlain(node)
      ? leafCells(file, query, { node, column, definition })
      : mapCells(file, query, { node, column, definition });
    if (cells === null) return null;
    found.push(cells);
  }
  return found;
}

interface Column {
  readonly node: ParquetNode;
  readonly column: readonly string[];
  /** The level from which on the node is there. */
  readonly definition: number;
}

function packedChunk(
  file: ParquetBytes,
  { metadata, group }: CellQuery,
  { node: { physicalType }, column, definition, repetitionMax }: Column & { readonly repetitionMax: number },
): PackedChunk | null {
  const chunk = metadata.rowGroups[group]?.chunks[leafIndex(metadata, column)];
  if (chunk === undefined || chunk.sizeBytes > chunkSizeBytesMax || chunk.valueCount > valueCountMax) return null;
  const { codec, valueCount, byteOffset, sizeBytes } = chunk;
  const bytes = file.range(byteOffset, sizeBytes);
  return { bytes, codec, valueCount, physicalType, definitionMax: definition, repetitionMax };
}

const chunkSizeBytesMax = 2 ** 20;
const valueCountMax = 2 ** 17;

/** Pages without any of the rows are not unpacked. */
function leafCells(file: ParquetBytes, query: CellQuery, column: Column): readonly Cell[] | null {
  const chunk = packedChunk(file, query, { ...column, repetitionMax: 0 });
  if (chunk === null) return null;
  const { rows } = query;
  const cells: Cell[] = [];
  let dictionary: readonly LeafValue[] = [];
  let start = 0;
  for (const packed of pagesOf(chunk)) {
    if (packed.kind === "dictionary") {
      const values = dictionaryOf(chunk, packed.unpack()?.(packed.sizeBytes), packed.valueCount);
      if (values === null) return null;
      dictionary = values;
      continue;
    }
    const end = start + packed.valueCount;
    if ((rows[cells.length] ?? Number.POSITIVE_INFINITY) < end) {
      const last = rows.findLast((row) => row < end) ?? start;
      const page = readFlatPage(chunk, packed, last - start + 1);
      const read = page && placesIn(chunk, page, dictionary);
      if (!read) return null;
      for (let row = rows[cells.length]; row !== undefined && row < end; row = rows[cells.length])
        cells.push(read(row - start));
    }
    start = end;
  }
  return cells.length === rows.length ? cells : null;
}

const dictionaryOf = (
  { physicalType }: PackedChunk,
  bytes: Uint8Array | undefined,
  count: number,
): readonly LeafValue[] | null => (bytes === undefined ? null : readPlain(bytes, physicalType, count));

/** The cell at a place of a page: places are asked for in ascending order. */
function placesIn(
  { definitionMax, physicalType }: PackedChunk,
  { bytes, count, encoding, definitions }: Pick<Page, "bytes" | "count" | "encoding" | "definitions">,
  dictionary: readonly LeafValue[],
): ((place: number) => LeafValue | null) | null {
  const valueAt = valuesAt({ bytes, count, physicalType, encoding, dictionary });
  if (valueAt === null) return null;
  if (count === definitions.length) return valueAt;
  let [next, value] = [0, 0];
  return (place) => {
    for (; next < place; next += 1) if (definitions[next] === definitionMax) value += 1;
    return definitions[place] === definitionMax ? valueAt(value) : null;
  };
}

function mapCells(file: ParquetBytes, query: CellQuery, { node, column, definition }: Column): readonly Cell[] | null {
  const [repeated] = node.children;
  const [key, value] = repeated?.children ?? [];
  if (!isMap(node) || repeated?.repetition !== "repeated" || !key || !value || repeated.children.length !== 2)
    return null;
  if (!isPlain(key) || !isPlain(value) || key.physicalType !== "BYTE_ARRAY") return null;
  const [keys, values] = [key, value].map((leaf) =>
    entries(file, query, {
      node: leaf,
      column: [...column, repeated.name, leaf.name],
      definition: definition + 1 + (leaf.repetition === "optional" ? 1 : 0),
    }),
  );
  if (!keys || !values || keys.definitions.length !== values.definitions.length) return null;
  const { definitions, repetitions } = keys;
  // Mostly each row has one entry or none.
  const starts = repetitions.includes(1) ? startsOf(repetitions) : null;
  if ((starts ?? definitions).length !== query.metadata.rowGroups[query.group]?.rowCount) return null;
  return query.rows.map((row) => {
    const start = starts?.[row] ?? row;
    const end = starts === null ? row + 1 : (starts[row + 1] ?? definitions.length);
    if ((definitions[start] ?? 0) < definition) return null;
    const map = new Map<string, LeafValue | null>();
    for (let place = start; place < end; place += 1)
      if ((definitions[place] ?? 0) > definition) map.set(String(keys.at(place)), values.at(place));
    return map;
  });
}

/** A column of lists, by place among all their values. */
interface Entries {
  readonly definitions: Uint8Array;
  /** 0 where a row begins. */
  readonly repetitions: Uint8Array;
  /** Places are asked for in ascending order. */
  at(place: number): LeafValue | null;
}

function entries(file: ParquetBytes, query: CellQuery, column: Column): Entries | null {
  const chunk = packedChunk(file, query, { ...column, repetitionMax: 1 });
  if (chunk === null) return null;
  const pages: { readonly start: number; readonly end: number; readonly at: (place: number) => LeafValue | null }[] =
    [];
  let dictionary: readonly LeafValue[] = [];
  const levels = eachPage(chunk, (page) => {
    if (page.kind === "dictionary") {
      const values = dictionaryOf(chunk, page.bytes, page.count);
      dictionary = values ?? [];
      return values !== null;
    }
    const at = placesIn(chunk, page, dictionary);
    const start = pages.at(-1)?.end ?? 0;
    if (at !== null) pages.push({ start, end: start + page.definitions.length, at });
    return at !== null;
  });
  if (levels === null) return null;
  return {
    ...levels,
    at: (place) => {
      const page = pages.find(({ end }) => place < end);
      return page?.at(place - page.start) ?? null;
    },
  };
}
