// engine/variant-sql.ts: shredded variants put together again by DuckDB. The Parquet format, "Variant Shredding".
// A file is read twice, row beside row: `whole` gives variants as values, `parts` says where there is no variant at all,
// which a value of DuckDB does not tell from a variant that is null.
import { AlluviumError } from "../format/error.ts";
import { sqlIdentifier, sqlLiteral } from "./sql-quote.ts";
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
 * @param path for messages
 * @throws AlluviumError `UNSUPPORTED_FEATURE` for shredded variants inside lists and maps
 */
export function reassembledFile(columns: readonly FooterColumn[], path: string): ReassembledFile {
  const select = columns.map((column) => {
    const name = sqlIdentifier(column.name);
    return `${valueSql(column, { whole: `whole.${name}`, parts: `parts.${name}` }, path)} AS ${name}`;
  });
  const hasIds = columns.some((column) => column.fieldId !== null);
  return { select: select.join(", "), fieldIds: hasIds ? fieldIdsSql(columns) : null };
}

interface Pair {
  readonly whole: string;
  readonly parts: string;
}

function valueSql(column: FooterColumn, { whole, parts }: Pair, path: string): string {
  if (!isShreddedWithin(column)) return parts;
  if (column.variant === "shredded") {
    const bytes = `CAST(variant_to_parquet_variant(${whole}) AS STRUCT(metadata BLOB, "value" BLOB))`;
    return `CASE WHEN ${parts} IS NOT NULL THEN ${bytes} END`;
  }
  if (column.children.some((child) => child.isRepeated)) throw inCollection(column.name, path);
  const fields = column.children.map((child) => {
    const name = sqlIdentifier(child.name);
    const place = sqlLiteral(child.name);
    const pair = { whole: `struct_extract(${whole}, ${place})`, parts: `struct_extract(${parts}, ${place})` };
    return `${name} := ${valueSql(child, pair, path)}`;
  });
  return `CASE WHEN ${parts} IS NOT NULL THEN struct_pack(${fields.join(", ")}) END`;
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

function inCollection(name: string, path: string): AlluviumError {
  const message = `the data file ${path} has shredded variants inside the list or map ${name}, which this build does not read (variantShredding)`;
  return new AlluviumError("UNSUPPORTED_FEATURE", { path, column: name, features: "variantShredding" }, message);
}
