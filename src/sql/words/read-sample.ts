// sql/words/read-sample.ts: TABLESAMPLE in Spark's spelling. SqlBaseParser, rule `sample`.
import { syntaxError } from "../../expression/parse/token.ts";
import { closingIndex, isSymbol, wordOf } from "./query-words.ts";
import type { Range, Walk } from "./walk.ts";

/** A sample in DuckDB's spelling, and the index behind it. */
export interface Sample {
  readonly sql: string;
  readonly next: number;
}

/**
 * `TABLESAMPLE (12.5 PERCENT | 10 ROWS | BUCKET 1 OUT OF 4) [REPEATABLE (seed)]`, or null where there is none.
 * @throws AlluviumError `INVALID_PREDICATE` for any other sample, and for a share outside of 0 to 100 percent
 */
export function readSample({ tokens, text }: Walk, { start, end }: Range): Sample | null {
  if (wordOf(tokens[start]) !== "tablesample") return null;
  const fail = (problem: string): Error => syntaxError(text, tokens[start]?.at ?? 0, problem);
  const close = closingIndex(tokens, start + 1, end);
  const inside = tokens.slice(start + 2, close).map((token) => token.text.toLowerCase());
  const method = methodOf(inside.join(" "));
  if (method === null) throw fail("TABLESAMPLE takes (n PERCENT), (n ROWS) or (BUCKET x OUT OF y):");
  if (method === "out") throw fail("TABLESAMPLE takes a share from 0 to 100 percent:");
  const isRepeatable = wordOf(tokens[close + 1]) === "repeatable" && isSymbol(tokens[close + 2], "(");
  if (!isRepeatable) return { sql: `TABLESAMPLE ${method}`, next: close + 1 };
  const seed = Number(tokens[close + 3]?.text);
  if (!Number.isSafeInteger(seed) || !isSymbol(tokens[close + 4], ")")) throw fail("REPEATABLE takes a whole number:");
  return { sql: `TABLESAMPLE ${method} REPEATABLE (${Math.abs(seed) % 2 ** 31})`, next: close + 5 };
}

/** Each row is drawn by itself, as in Spark; null for words that are no sample, `out` for a share that is none. */
function methodOf(words: string): string | null {
  const rows = /^(\d+)l? rows$/.exec(words);
  if (rows !== null) return `reservoir(${rows[1]} ROWS)`;
  const percent = /^(\d*\.?\d+|\d+\.)(?:bd|d|f)? percent$/.exec(words);
  const bucket = /^bucket (\d+) out of (\d+)$/.exec(words);
  if (percent === null && bucket === null) return null;
  const share = percent === null ? (Number(bucket?.[1]) / Number(bucket?.[2])) * 100 : Number(percent[1]);
  return share >= 0 && share <= 100 ? `bernoulli(${share}%)` : "out";
}
