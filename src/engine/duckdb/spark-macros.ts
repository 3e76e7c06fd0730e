// engine/duckdb/spark-macros.ts: functions with Spark's meaning that are too long to be written out at each call, made once in an instance.

/** The text of a DOUBLE or FLOAT as Java prints it: `1.0E10`, `1.0E-4`, `NaN`. */
export const floatText = "alluvium_float_text";

// DuckDB prints the fewest digits that tell a number apart, as Java does; only where the point stands differs.
const text = "CAST(abs(value) AS VARCHAR)";
const [whole, rest] = [`split_part(${text}, '.', 1)`, `split_part(${text}, '.', 2)`];
const point = (first: string, more: string): string =>
  `${first} || '.' || (CASE WHEN rtrim(${more}, '0') = '' THEN '0' ELSE rtrim(${more}, '0') END)`;
const mantissa = `split_part(${text}, 'e', 1)`;
const scientific = `${mantissa} || (CASE WHEN contains(${mantissa}, '.') THEN '' ELSE '.0' END) || 'E' || CAST(CAST(split_part(${text}, 'e', 2) AS INTEGER) AS VARCHAR)`;
const large = `${point(`left(${whole}, 1)`, `(substring(${whole}, 2) || ${rest})`)} || 'E' || CAST(length(${whole}) - 1 AS VARCHAR)`;
const digits = `ltrim(${rest}, '0')`;
const small = `${point(`left(${digits}, 1)`, `substring(${digits}, 2)`)} || 'E-' || CAST(length(${rest}) - length(${digits}) + 1 AS VARCHAR)`;
const sign = "(CASE WHEN value < 0 THEN '-' ELSE '' END)";
const javaText = `CASE WHEN value IS NULL THEN NULL WHEN isnan(value) THEN 'NaN' WHEN isinf(value) THEN ${sign} || 'Infinity' WHEN value = 0 OR (abs(value) >= 1e-3 AND abs(value) < 1e7) THEN CAST(value AS VARCHAR) WHEN contains(${text}, 'e') THEN ${sign} || ${scientific} WHEN abs(value) >= 1 THEN ${sign} || ${large} ELSE ${sign} || ${small} END`;

/** The statements that make them. */
export const sparkMacros: readonly string[] = [`CREATE MACRO ${floatText}(value) AS ${javaText}`];
