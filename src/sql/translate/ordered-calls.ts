// sql/translate/ordered-calls.ts: functions of many rows that say the order of those behind their bracket: `… WITHIN GROUP (ORDER BY …)`.
import { closingIndex, indexWhere, isSymbol, wordOf } from "../words/query-words.ts";
import { type Range, type Walk, placeOf } from "../words/walk.ts";

/** Translates such a call where it begins; returns where it ends, or null for any other call. */
export function translateOrdered(walk: Walk, { start, end }: Range): number | null {
  const { tokens } = walk;
  const bracket = closingIndex(tokens, start + 1, end);
  if (wordOf(tokens[bracket + 1]) !== "within") return null;
  const name = wordOf(tokens[start]);
  if (listNames.has(name)) return translateOrderedList(walk, { start, end });
  if (name !== "percentile_disc") return null;
  return translatePercentile(walk, { start, end: closingIndex(tokens, bracket + 3, end) + 1 });
}

const listNames: ReadonlySet<string> = new Set(["listagg", "string_agg"]);

/** `listagg(text, separator) WITHIN GROUP (ORDER BY …)`; DuckDB says the order in the bracket of the call. */
function translateOrderedList(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const bracket = closingIndex(tokens, start + 1, end);
  const close = closingIndex(tokens, bracket + 3, end);
  const isDistinct = wordOf(tokens[start + 2]) === "distinct";
  const from = isDistinct ? start + 3 : start + 2;
  const comma = indexWhere(tokens, { start: from, end: bracket }, (at) => isSymbol(tokens[at], ","));
  out.push(`string_agg(${isDistinct ? "DISTINCT " : ""}CAST(`, placeOf(walk, start));
  walk.list({ start: from, end: comma });
  out.push(" AS VARCHAR),", placeOf(walk, comma));
  if (comma < bracket) walk.list({ start: comma + 1, end: bracket });
  else out.push("''", placeOf(walk, bracket));
  translateOrder(walk, { start: bracket + 4, end: close });
  out.push(")", placeOf(walk, close));
  return close + 1;
}

/** `percentile_disc(0.5) WITHIN GROUP (ORDER BY …)`: one of the values, as a double. */
function translatePercentile(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const bracket = closingIndex(tokens, start + 1, end);
  out.push("CAST(percentile_disc", placeOf(walk, start));
  out.push("(", placeOf(walk, start + 1));
  walk.list({ start: start + 2, end: bracket });
  out.push(")", placeOf(walk, bracket));
  out.push("WITHIN GROUP (", placeOf(walk, bracket + 1));
  translateOrder(walk, { start: bracket + 4, end: end - 1 });
  out.push(") AS DOUBLE)", placeOf(walk, end - 1));
  return end;
}

/** `ORDER BY …` inside of a bracket. */
function translateOrder(walk: Walk, { start, end }: Range): void {
  walk.out.push("ORDER BY", placeOf(walk, start));
  walk.list({ start: start + 2, end });
}
