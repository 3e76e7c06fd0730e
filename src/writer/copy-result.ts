// writer/copy-result.ts: what DuckDB's `COPY … (RETURN_STATS)` tells of the files it made.
import { parseDate, parseTimestamp } from "../format/text/calendar.ts";
import { parseFloatingPoint } from "../format/text/java-number.ts";
import type { PartitionScalar } from "../format/value/partition-value.ts";
import type { DataType } from "../format/schema/schema.ts";
import type { SqlRow } from "../engine/base/engine.ts";
import { AlluviumError } from "../format/text/error.ts";
import { isFloatingPoint } from "./column-stats.ts";
import type { LeafSummary, StatsLeaf } from "./column-stats.ts";

/** One file as DuckDB reports it. */
export interface CopiedFile {
  /** Absolute. */
  readonly path: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
  /** By `leafKey`. */
  readonly columns: ReadonlyMap<string, ColumnReport>;
  /** Text of each partition column's value; empty without partition columns. */
  readonly partitionTexts: ReadonlyMap<string, string | null>;
}

type ColumnReport = ReadonlyMap<string, string>;

/** Reads one row of the statement's result. */
export function parseCopiedFile(row: SqlRow): CopiedFile {
  return {
    path: String(row["filename"]),
    rowCount: Number(row["count"]),
    sizeBytes: Number(row["file_size_bytes"]),
    columns: (row["column_statistics"] ?? new Map()) as CopiedFile["columns"],
    partitionTexts: (row["partition_keys"] ?? new Map()) as CopiedFile["partitionTexts"],
  };
}

/** A column's path as DuckDB spells it. */
export function leafKey(path: readonly string[]): string {
  return path.map((name) => `"${name.replaceAll('"', '""')}"`).join(".");
}

/**
 * What the report says of a leaf. Of a floating-point column it tells only whether the last row group has NaN: with
 * `mayHideNaN` its upper bound is not believed.
 */
export function leafSummary(file: CopiedFile, leaf: StatsLeaf, mayHideNaN: boolean): LeafSummary {
  const report = file.columns.get(leafKey(leaf.path));
  if (report === undefined) return { nullCount: null, min: null, max: null };
  const count = report.get("null_count");
  const hasNaN = isFloatingPoint(leaf.type) && (mayHideNaN || report.get("has_nan") !== "false");
  return {
    nullCount: count === undefined ? null : Number(count),
    min: leaf.hasBounds ? parseScalar(report.get("min"), leaf.type) : null,
    // NaN is above all numbers: a file that has it has no upper bound that every reader understands.
    max: leaf.hasBounds && !hasNaN ? parseScalar(report.get("max"), leaf.type) : null,
  };
}

/**
 * A partition value from DuckDB's text for it; binary comes as hexadecimal digits.
 * @throws AlluviumError `INVALID_ARGUMENT` for a value that Delta cannot hold, such as an infinite date
 */
export function parsePartitionText(text: string | null, type: DataType, column: string): PartitionScalar {
  if (text === null) return null;
  if (type.kind === "primitive" && type.name === "binary")
    return Uint8Array.from(text.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16));
  const value = parseScalar(text, type);
  if (value !== null) return value;
  throw new AlluviumError(
    "INVALID_ARGUMENT",
    { column, value: text },
    `column ${column}: ${text} cannot be a partition value`,
  );
}

function parseScalar(text: string | undefined, type: DataType): PartitionScalar {
  if (text === undefined) return null;
  if (type.kind === "decimal") return text;
  if (type.kind !== "primitive") return null;
  switch (type.name) {
    case "boolean":
      return text === "true" || text === "1";
    case "byte":
    case "short":
    case "integer":
      return Number(text);
    case "long":
      return BigInt(text);
    case "float":
    case "double":
      return parseFloatingPoint(text);
    case "string":
      return text;
    case "date":
      return parseDate(withSignedYear(text) ?? "");
    case "timestamp":
    case "timestamp_ntz":
      return parseTimestamp(withSignedYear(text) ?? "");
    case "binary":
    case "void":
    case "variant":
      return null;
  }
}

// DuckDB writes the year 0 as `0001-… (BC)`; ISO, and so the rest of this package, counts on.
function withSignedYear(text: string): string | null {
  const match = /^(\d+)(-\d+-\d+) \(BC\)(.*)$/.exec(text);
  if (match === null) return text.includes("BC") ? null : text;
  const year = Number(match[1]) - 1;
  return `${year === 0 ? "" : "-"}${String(year).padStart(4, "0")}${match[2]}${match[3]}`;
}
