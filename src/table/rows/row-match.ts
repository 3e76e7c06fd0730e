// table/rows/row-match.ts: which rows of a table an operation takes out, as SQL over any relation of them.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { Predicate } from "../../expression/tree/expression.ts";

/** Some rows. Each function takes a SELECT of live rows and gives one of the same columns. */
export interface RowMatch {
  /** Top-level columns that it reads; all when absent. */
  readonly columns?: readonly string[];
  /** It tells rows by file and number: `positionColumns` must be there. */
  readonly needsPositions?: boolean;
  /** The rows that match. */
  matching(rows: string): string;
  /** All others. */
  others(rows: string): string;
}

/** The rows for which a predicate is true; null counts as false. All rows without one. */
export function predicateMatch(where: Predicate | undefined): RowMatch {
  if (where === undefined) {
    return { columns: [], matching: (rows) => rows, others: (rows) => `SELECT * FROM (${rows}) WHERE FALSE` };
  }
  return {
    columns: where.columns,
    matching: (rows) => `SELECT * FROM (${rows}) WHERE ${where.sql}`,
    others: (rows) => `SELECT * FROM (${rows}) WHERE (${where.sql}) IS NOT TRUE`,
  };
}

/**
 * Columns that tell where a row lies: the absolute path of its file, and its number there. No column of a table has such names:
 * the control character is one that they may not have. To be quoted in SQL.
 */
export const positionColumns = { fileNameColumn: "\u0001file", rowNumberColumn: "\u0001row" } as const;

/** The rows at the places that a SELECT of `positionColumns` gives. */
export function positionMatch(places: string): RowMatch {
  const file = sqlIdentifier(positionColumns.fileNameColumn);
  const row = sqlIdentifier(positionColumns.rowNumberColumn);
  const join = (kind: "SEMI" | "ANTI", rows: string): string =>
    `SELECT held.* FROM (${rows}) AS held ${kind} JOIN (${places}) AS place ON held.${file} = place.${file} AND held.${row} = place.${row}`;
  return {
    columns: [],
    needsPositions: true,
    matching: (rows) => join("SEMI", rows),
    others: (rows) => join("ANTI", rows),
  };
}
