// sql/tree/current-time.ts: a batch that runs again sees the clock of its first run. Spark's batchTimestampMs.

// Calls only: the words without parentheses are columns or names of columns once Spark's SQL is translated.
const calls =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\b((?:get_)?current_timestamp|now|(?:current_)?localtimestamp|current_date|today)\s*\(\s*\)/gi;

/**
 * Replaces calls of the current time and date in DuckDB SQL by the time given, leaving quoted text alone.
 * @param nowMs milliseconds since the Unix epoch
 */
export function pinCurrentTime(sql: string, nowMs: number): string {
  return sql.replace(calls, (text: string, name: string | undefined) => {
    if (name === undefined) return text;
    const instant = `make_timestamptz(${BigInt(Math.trunc(nowMs)) * 1000n})`;
    if (/date|today/i.test(name)) return `CAST(${instant} AS DATE)`;
    return /localtimestamp/i.test(name) ? `CAST(${instant} AS TIMESTAMP)` : instant;
  });
}
