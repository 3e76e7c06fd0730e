// engine/duckdb/late-macros.ts: calls whose meaning depends on types that are not known when an expression is read. Where they become known
// before it runs, they are bound then; else these macros stand, which fail rather than answer what Spark would not.

/** `(a, b)`: a / b. */
export const lateDivide = "alluvium_late_divide";

/** `(a, b)`: the whole part of a / b. */
export const lateWhole = "alluvium_late_div";

const isDecimal = (name: string): string => `typeof(${name}) LIKE 'DECIMAL%'`;
const isReal = (name: string): string => `typeof(${name}) IN ('DOUBLE', 'FLOAT')`;
const unknown =
  "error('DATATYPE_MISMATCH: the type of this decimal quotient is not known before it runs; cast one side')";
const divided = (sql: string): string =>
  `CASE WHEN b = 0 AND a IS NOT NULL THEN error('DIVIDE_BY_ZERO: division by zero') WHEN (${isDecimal("a")} AND NOT ${isReal("b")}) OR (${isDecimal("b")} AND NOT ${isReal("a")}) THEN ${unknown} ELSE ${sql} END`;

/** The statements that make them. */
export const lateMacros: readonly string[] = [
  `CREATE MACRO ${lateDivide}(a, b) AS ${divided("a / b")}`,
  `CREATE MACRO ${lateWhole}(a, b) AS ${divided("CAST(trunc(a / b) AS BIGINT)")}`,
];
