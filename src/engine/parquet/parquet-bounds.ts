// engine/parquet/parquet-bounds.ts: between which values a column of a row group lies, as the footer says. The Parquet format, "Statistics".
import type { ParquetMetadata } from "./parquet-metadata.ts";
import type { ParquetNode } from "./parquet-tree.ts";
import type { LeafValue } from "./parquet-values.ts";
import { ThriftReader } from "./thrift-compact.ts";

/** What no value of a column is below or above; values themselves, or texts cut short. */
export interface ColumnBounds {
  /** Negative, zero or positive as the least value is below, is, or is above another. */
  compareLeast(value: LeafValue): number;
  /** The same of the greatest. */
  compareGreatest(value: LeafValue): number;
}

/** Which column of which row group. */
export interface BoundsQuery {
  readonly group: number;
  /** Among the leaves. */
  readonly leaf: number;
  readonly node: Pick<ParquetNode, "physicalType">;
}

/** The bounds of a column of texts or whole numbers; null where the footer has none. */
export function columnBounds(metadata: ParquetMetadata, { group, leaf, node }: BoundsQuery): ColumnBounds | null {
  const chunk = metadata.rowGroups[group]?.chunks[leaf];
  if (chunk === undefined || chunk.leastAt === 0 || chunk.greatestAt === 0) return null;
  const [least, greatest] = [chunk.leastAt, chunk.greatestAt].map((at) =>
    new ThriftReader(metadata.footer, at).binary(),
  );
  const compare = comparisons[node.physicalType];
  if (least === undefined || greatest === undefined || compare === undefined) return null;
  return {
    compareLeast: (value) => compare(least, value),
    compareGreatest: (value) => compare(greatest, value),
  };
}

/** Values of another type than the column's do not compare: neither comes first. */
const comparisons: Readonly<Record<string, (bound: Uint8Array, value: LeafValue) => number>> = {
  BYTE_ARRAY: (bound, value) => (typeof value === "string" ? Buffer.compare(bound, Buffer.from(value)) : 0),
  INT32: (bound, value) => (bound.length === 4 ? compareNumbers(viewOf(bound).getInt32(0, true), value) : 0),
  INT64: (bound, value) => (bound.length === 8 ? compareNumbers(viewOf(bound).getBigInt64(0, true), value) : 0),
};

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView => new DataView(buffer, byteOffset, length);

function compareNumbers(a: number | bigint, b: LeafValue): number {
  if (typeof b !== "number" && typeof b !== "bigint") return 0;
  return a < b ? -1 : a > b ? 1 : 0;
}
