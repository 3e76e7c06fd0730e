// sql/words/query-pieces.ts: what the Spark parser of expressions does not read inside of one: sub-queries and window functions.
import type { Token } from "../../expression/parse/token.ts";
import { closingIndex, isSymbol, startsQuery, wordOf } from "./query-words.ts";
import type { Range } from "./walk.ts";

/**
 * Sub-queries that are values, and window functions, in their order; none when the whole range is one.
 * @returns null where a sub-query is more than a value
 */
export function piecesIn(tokens: readonly Token[], { start, end }: Range): readonly Range[] | null {
  const pieces: Range[] = [];
  for (let index = start; index < end; index += 1) {
    const isOpen = isSymbol(tokens[index], "(");
    if (isOpen && startsQuery(tokens, index + 1)) {
      const before = wordOf(tokens[index - 1]);
      if (["in", "any", "some", "all"].includes(before)) return null;
      const piece = { start: before === "exists" ? index - 1 : index, end: closingIndex(tokens, index, end) + 1 };
      pieces.push(piece);
      index = piece.end - 1;
    } else if (tokens[index]?.kind === "word" && isSymbol(tokens[index + 1], "(")) {
      const over = overIndex(tokens, { start: index + 1, end });
      if (over === null) continue;
      const stop = isSymbol(tokens[over + 1], "(") ? closingIndex(tokens, over + 1, end) + 1 : over + 2;
      pieces.push({ start: index, end: Math.min(stop, end) });
      index = stop - 1;
    }
  }
  const [only] = pieces;
  return only !== undefined && only.start === start && only.end === end ? [] : pieces;
}

/** How many words IGNORE NULLS or RESPECT NULLS are at this place: 2, or 0 where they are not. */
export function nullsLength(tokens: readonly Token[], index: number): 0 | 2 {
  const isSaid = ["ignore", "respect"].includes(wordOf(tokens[index])) && wordOf(tokens[index + 1]) === "nulls";
  return isSaid ? 2 : 0;
}

/** Where OVER stands behind the bracket of a call, at which the range starts, and its FILTER; null where it does not. */
export function overIndex(tokens: readonly Token[], { start, end }: Range): number | null {
  const bracket = closingIndex(tokens, start, end);
  const isFiltered = wordOf(tokens[bracket + 1]) === "filter" && isSymbol(tokens[bracket + 2], "(");
  const filtered = isFiltered ? closingIndex(tokens, bracket + 2, end) : bracket;
  const close = filtered + nullsLength(tokens, filtered + 1);
  return wordOf(tokens[close + 1]) === "over" && close + 2 < end ? close + 1 : null;
}
