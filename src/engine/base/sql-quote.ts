// engine/base/sql-quote.ts: values and names as DuckDB's SQL spells them.

/** A value that can be written into a statement. A string becomes text, a Uint8Array a blob. */
export type SqlLiteralValue = string | number | bigint | boolean | Uint8Array | null;

/** `value` as a literal. Numbers are written so that DuckDB reads back the same double or integer. */
export function sqlLiteral(value: SqlLiteralValue): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return sqlText(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "bigint") return bigintLiteral(value);
  if (typeof value === "number") return numberLiteral(value);
  return `'${Array.from(value, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'::BLOB`;
}

/** A name in double quotes, so that any character may stand in it. */
export function sqlIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A path as a text literal for `read_parquet` and its kin, where `*`, `?` and `[` of the path mean themselves. */
export function sqlFilePath(path: string): string {
  return sqlText(path.replace(/[*?[]/g, "[$&]"));
}

/** A list literal of paths for `read_parquet` and its kin; see `sqlFilePath`. */
export function sqlFilePaths(paths: readonly string[]): string {
  return `[${paths.map(sqlFilePath).join(", ")}]`;
}

/** The rows of Parquet files: only what lies in the files, whatever the folders above are called (DuckDB makes a column of `day=1`). */
export function sqlParquetFiles(paths: readonly string[], options: readonly string[] = []): string {
  return `read_parquet(${[sqlFilePaths(paths), "hive_partitioning = false", ...options].join(", ")})`;
}

function sqlText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  if (!text.includes("\0")) return quoted;
  // The parser ends its text at a zero character, so each one is put in by a function.
  return `(${text
    .split("\0")
    .map((part) => `'${part.replaceAll("'", "''")}'`)
    .join(" || chr(0) || ")})`;
}

function bigintLiteral(value: bigint): string {
  // The minus sign binds later than the cast to the smallest fitting type: brackets keep -2^63 an integer of 64 bits.
  return value < 0n ? `('${value}'::${value < -(2n ** 63n) ? "HUGEINT" : "BIGINT"})` : `${value}`;
}

function numberLiteral(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value < 0 ? `(${value})` : `${value}`;
  return `'${doubleText(value)}'::DOUBLE`;
}

/** A double as text that DuckDB casts back to the same number, with the sign of zero, infinities and NaN. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? "-0.0" : `${value}`; // JavaScript and DuckDB spell "NaN" and "Infinity" alike
}
