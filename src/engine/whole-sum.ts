// engine/whole-sum.ts: sums of whole numbers whose type only DuckDB knows, as Spark gives them.

/** The function that makes a sum of whole numbers, which DuckDB has in 128 bits, a BIGINT, and leaves every other sum as it is. */
export const wholeSum = "alluvium_whole_sum";

/** Makes it, once in an instance; too large a sum is an error when it runs, as in Spark. */
export const wholeSumMacro: string = `CREATE MACRO ${wholeSum}(total HUGEINT) AS CAST(total AS BIGINT), (total) AS total`;
