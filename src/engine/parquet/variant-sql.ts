// engine/parquet/variant-sql.ts: shredded variants put together again by DuckDB. The Parquet format, "Variant Shredding".
// A file is read twice, row beside row: `whole` gives variants as values, `parts` says where there is no variant at all,
// which a value of DuckDB does not tell from a variant that is null.
import { sqlIdentifier, sqlLiteral } from "../base/sql-quote.ts";
import type { FooterColumn } from "./variant-footer.ts";

/** How to write the file anew. */
export interface ReassembledFile {
  /** The columns, from `whole` and `parts`. */
  readonly select: string;
  /** For DuckDB's `FIELD_IDS`; null when the file has none. */
  readonly fieldIds: string | null;
}

/**
 * SQL for all columns of a file with every variant as a struct of two binaries.
 */
export function reassembledFile(columns: readonly FooterColumn[]): ReassembledFile {
  const select = columns.map((column) => {
    const name = sqlIdentifier(column.name);
    return `${valueSql(column, { whole: `whole.${name}`, parts: `parts.${name}`, depth: 0 })} AS ${name}`;
  });
  const hasIds = columns.some((column) => column.fieldId !== null);
  return { select: select.join(", "), fieldIds: hasIds ? fieldIdsSql(columns) : null };
}

interface Pair {
  readonly whole: string;
  readonly parts: string;
  /** Lists and maps around it; names of lambda parameters differ by it. */
  readonly depth: number;
}

function valueSql(column: FooterColumn, pair: Pair): string {
  const { whole, parts, depth } = pair;
  if (!isShreddedWithin(column)) return parts;
  if (column.variant === "shredded") {
    const bytes = `CAST(variant_to_parquet_variant(${whole}) AS STRUCT(metadata BLOB, "value" BLOB))`;
    return `CASE WHEN ${parts} IS NOT NULL THEN ${bytes} END`;
  }
  const repeated = column.children.find((child) => child.isRepeated);
  if (repeated !== undefined) return collectionSql(repeated, pair);
  const fields = column.children.map((child) => {
    const name = sqlIdentifier(child.name);
    const place = sqlLiteral(child.name);
    const inner = { whole: `struct_extract(${whole}, ${place})`, parts: `struct_extract(${parts}, ${place})`, depth };
    return `${name} := ${valueSql(child, inner)}`;
  });
  return `CASE WHEN ${parts} IS NOT NULL THEN struct_pack(${fields.join(", ")}) END`;
}

/** A list or a map, element beside element. */
function collectionSql(repeated: FooterColumn, { whole, parts, depth }: Pair): string {
  const [item, index] = [`x${depth}`, `i${depth}`];
  const [key, value] = repeated.children;
  if (repeated.children.length === 2 && key?.name === "key" && value?.name === "value") {
    const other = `list_extract(map_entries(${parts}), ${index})`;
    const inner = { whole: `${item}."value"`, parts: `${other}."value"`, depth: depth + 1 };
    const entry = `struct_pack(k := ${other}."key", v := ${valueSql(value, inner)})`;
    return `map_from_entries(list_transform(map_entries(${whole}), lambda ${item}, ${index}: ${entry}))`;
  }
  // The repeated group holds the element, or is the element itself in files of old writers.
  const [only] = repeated.children;
  const element = repeated.children.length === 1 && only !== undefined && repeated.variant === "none" ? only : repeated;
  const inner = { whole: item, parts: `list_extract(${parts}, ${index})`, depth: depth + 1 };
  return `list_transform(${whole}, lambda ${item}, ${index}: ${valueSql(element, inner)})`;
}

const isShreddedWithin = (column: FooterColumn): boolean =>
  column.variant === "shredded" || (column.variant === "none" && column.children.some(isShreddedWithin));

function fieldIdsSql(columns: readonly FooterColumn[]): string {
  const entries = columns.flatMap((column) => {
    const name = sqlIdentifier(column.name);
    const isStruct =
      column.variant === "none" && column.children.length > 0 && !column.children.some((child) => child.isRepeated);
    if (!isStruct) return column.fieldId === null ? [] : [`${name}: ${column.fieldId}`];
    const inner = fieldIdsSql(column.children).slice(1, -1);
    const own = column.fieldId === null ? [] : [`__duckdb_field_id: ${column.fieldId}`];
    const parts = [...own, ...(inner === "" ? [] : [inner])];
    return parts.length === 0 ? [] : [`${name}: {${parts.join(", ")}}`];
  });
  return `{${entries.join(", ")}}`;
}
