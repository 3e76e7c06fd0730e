// sql/current-time.ts: a batch that runs again sees the clock of its first run. Spark's batchTimestampMs.

const words =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\b(?:current_timestamp|now|localtimestamp|current_date|today)\b(\s*\(\s*\))?/gi;

/** Words that are the time even without parentheses. */
const bare = /^(current_timestamp|localtimestamp|current_date)$/i;

/**
 * Replaces calls of the current time and date in DuckDB SQL by the time given, leaving quoted text alone.
 * @param nowMs milliseconds since the Unix epoch
 */
export function pinCurrentTime(sql: string, nowMs: number): string {
  return sql.replace(words, (word: string, parentheses: string | undefined, offset: number) => {
    if (word.startsWith("'") || word.startsWith('"')) return word;
    const name = word.replace(/\s*\(\s*\)$/, "").toLowerCase();
    if (parentheses === undefined && (!bare.test(name) || isFieldOf(sql, offset))) return word;
    const instant = `make_timestamptz(${BigInt(Math.trunc(nowMs)) * 1000n})`;
    if (name === "current_date" || name === "today") return `CAST(${instant} AS DATE)`;
    return name === "localtimestamp" ? `CAST(${instant} AS TIMESTAMP)` : instant;
  });
}

const isFieldOf = (sql: string, offset: number): boolean => /\.\s*$/.test(sql.slice(0, offset));
