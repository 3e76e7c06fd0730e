// engine/parquet/parquet-codes.ts: a column with few different values as numbers that stand for them, as files keep it: where a value lies
// is found without making a value for each row. The Parquet format, "Dictionary Encoding".
import type { ParquetBytes } from "./parquet-bytes.ts";
import { leafIndex } from "./parquet-metadata.ts";
import type { ParquetMetadata } from "./parquet-metadata.ts";
import { nodesTo } from "./parquet-tree.ts";
import { eachPage } from "./parquet-pages.ts";
import { readIndexes, readPlain } from "./parquet-values.ts";
import type { LeafValue } from "./parquet-values.ts";

/** A column in one row group. */
export interface CodedGroup {
  /** The different values; one may stand in it twice. */
  readonly values: readonly LeafValue[];
  /** For each row the place of its value in `values`, from 1; 0 for null. */
  readonly codes: Uint16Array;
}

/** Which column: a leaf in structs, by the names that lead to it; and of which row groups. */
export interface CodeQuery {
  readonly metadata: ParquetMetadata;
  readonly column: readonly string[];
  readonly groups: readonly number[];
}

/**
 * A column's values in each of the row groups; null where there is no such leaf, it lies in a list or a map, or it is not stored by a
 * dictionary of values that are text or whole numbers.
 * @throws RangeError when the file is damaged
 */
export function readCodes(file: ParquetBytes, { metadata, column, groups }: CodeQuery): readonly CodedGroup[] | null {
  const leaf = leafIndex(metadata, column);
  const nodes = nodesTo(metadata.tree, column);
  const node = nodes?.at(-1);
  if (leaf < 0 || !nodes || !node || !types.has(node.physicalType)) return null;
  if (nodes.some(({ repetition }) => repetition === "repeated")) return null;
  const definitionMax = nodes.filter(({ repetition }) => repetition === "optional").length;
  const found: CodedGroup[] = [];
  for (const index of groups) {
    const { chunks, rowCount } = metadata.rowGroups[index] ?? noRows;
    const chunk = chunks[leaf];
    if (chunk === undefined || chunk.valueCount !== rowCount || chunk.sizeBytes > chunkSizeBytesMax) return null;
    const { codec, valueCount } = chunk;
    const bytes = file.range(chunk.byteOffset, chunk.sizeBytes);
    const { physicalType } = node;
    const group = readGroup({ bytes, codec, valueCount, physicalType, definitionMax, repetitionMax: 0 });
    if (group === null) return null;
    found.push(group);
  }
  return found;
}

const noRows = { chunks: [], rowCount: 0 };
const types: ReadonlySet<string> = new Set(["BYTE_ARRAY", "INT32", "INT64"]);
const chunkSizeBytesMax = 4 * 2 ** 20;
const valueCountMax = 2 ** 16 - 1;

function readGroup(chunk: Parameters<typeof eachPage>[0]): CodedGroup | null {
  const codes = new Uint16Array(chunk.valueCount);
  let values: readonly LeafValue[] = [];
  let start = 0;
  const levels = eachPage(chunk, ({ kind, bytes, count, encoding, definitions }) => {
    if (kind === "dictionary") {
      const plain = count > valueCountMax ? null : readPlain(bytes, chunk.physicalType, count);
      values = plain ?? [];
      return plain !== null;
    }
    const indexes = count === 0 ? noIndexes : readIndexes(bytes, count, encoding);
    if (indexes === null) return false;
    for (let row = 0, next = 0; next < count; row += 1) {
      if (definitions[row] !== chunk.definitionMax) continue;
      const index = indexes[next] ?? 0;
      if (index >= values.length) throw new RangeError(`a page asks for entry ${index} of ${values.length}`);
      codes[start + row] = index + 1;
      next += 1;
    }
    start += definitions.length;
    return true;
  });
  return levels && { values, codes };
}

const noIndexes = new Uint32Array(0);
