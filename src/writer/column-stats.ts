// writer/column-stats.ts: what was seen of each column, as the statistics of a file. PROTOCOL.md, "Per-file Statistics".
import {
  formatStats,
  hasBounds,
  nullCounts,
  statTree,
  statsColumns,
  toStatValue,
  truncateMax,
  truncateMin,
} from "../format/value/file-stats.ts";
import type { StatValue } from "../format/value/file-stats.ts";
import type { PartitionScalar } from "../format/value/partition-value.ts";
import { remembered } from "../format/text/remembered.ts";
import type { DataType } from "../format/schema/schema.ts";
import { typeAt } from "../format/schema/schema-type.ts";
import { assert } from "../format/text/error.ts";
import type { WriteTarget } from "./write-target.ts";

/** A leaf column that has statistics. */
export interface StatsLeaf {
  readonly path: readonly string[];
  readonly type: DataType;
  /** Smallest and largest value are wanted, too. */
  readonly hasBounds: boolean;
}

/** What was seen of one leaf in one file; null is "not known". */
export interface LeafSummary {
  readonly nullCount: number | null;
  readonly min: PartitionScalar;
  readonly max: PartitionScalar;
}

/** The leaves that have statistics by the table's properties, in schema order. */
export const statsLeaves: (target: WriteTarget) => readonly StatsLeaf[] = remembered((target) => {
  const { schema, hiddenColumns } = target;
  const fields = schema.fields.filter(({ name }) => hiddenColumns?.has(name) !== true);
  const shown = { kind: "struct" as const, fields };
  return statsColumns(shown, target.partitionColumns, target.properties).map((path) => {
    const type = typeAt(target.schema, path);
    assert(type !== undefined, `no column ${path.join(".")} in the schema it was taken from`);
    return { path, type, hasBounds: hasBounds(type) };
  });
});

/** The statistics of a file as the log's text. `summaries` has an entry for each leaf. */
export function formatFileStats(
  rowCount: number,
  columns: readonly (readonly [StatsLeaf, LeafSummary])[],
  prefixLength: number,
): string {
  return formatStats({
    numRecords: rowCount,
    minValues: statTree(
      columns.map(([leaf, { min }]) => [leaf.path, leaf.hasBounds ? lowerBound(min, leaf.type, prefixLength) : null]),
    ),
    maxValues: statTree(
      columns.map(([leaf, { max }]) => [leaf.path, leaf.hasBounds ? upperBound(max, leaf.type, prefixLength) : null]),
    ),
    nullCount: nullCounts(
      columns.flatMap(([leaf, { nullCount }]) => (nullCount === null ? [] : [[leaf.path, nullCount] as const])),
    ),
  });
}

// JSON has no infinities, and readers differ in what they make of them: a bound that is not a number is left out, which only
// skips less. -0.0 and 0.0 are equal in SQL and not in every reader, so that a zero bound takes the sign that includes both.
function lowerBound(value: PartitionScalar, type: DataType, prefixLength: number): StatValue | null {
  if (typeof value === "string" && isText(type)) return truncateMin(value, prefixLength);
  if (isFloatingPoint(type) && typeof value === "number")
    return Number.isFinite(value) ? toStatValue(value === 0 ? -0 : value, type) : null;
  return toStatValue(value, type);
}

function upperBound(value: PartitionScalar, type: DataType, prefixLength: number): StatValue | null {
  if (typeof value === "string" && isText(type)) return truncateMax(value, prefixLength);
  if (isFloatingPoint(type) && typeof value === "number")
    return Number.isFinite(value) ? toStatValue(value === 0 ? 0 : value, type) : null;
  return toStatValue(value, type);
}

const isText = (type: DataType): boolean => type.kind === "primitive" && type.name === "string";

/** True for float and double, whose NaN is above every number and in no bound. */
export function isFloatingPoint(type: DataType): boolean {
  return type.kind === "primitive" && (type.name === "float" || type.name === "double");
}
