// expression/tree/sort-key.ts: a column to sort by, and where its nulls stand.

/** One key of ORDER BY. */
export interface SortKey {
  /** Spark SQL. */
  readonly column: string;
  readonly direction: "ASC" | "DESC";
  /** Where nulls stand; without it first when ascending and last when descending, as in Spark. */
  readonly nulls?: "FIRST" | "LAST";
}

/** The key as a clause of ORDER BY. */
export function sortKeySql({ column, direction, nulls }: SortKey): string {
  return `${column} ${direction}${nulls === undefined ? "" : ` NULLS ${nulls}`}`;
}
