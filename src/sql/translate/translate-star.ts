// sql/translate/translate-star.ts: `*` in a SELECT list, with what it leaves out.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { isSymbol, wordOf } from "../words/query-words.ts";
import type { Range, Walk } from "../words/walk.ts";

/** True for `t.*`, however many parts the name has. */
export function isStarOf({ tokens }: Walk, { start, end }: Range): boolean {
  let index = start + 1;
  while (index + 1 < end && isSymbol(tokens[index], ".") && !isSymbol(tokens[index + 1], "*")) index += 2;
  return isSymbol(tokens[index], ".") && isSymbol(tokens[index + 1], "*");
}

/** `*`, `t.*`, `* EXCEPT (a, b)`. */
export function translateStar({ tokens, out }: Walk, { start, end }: Range): void {
  // `t.s.*`: the fields of a struct in a column of t; DuckDB has stars of tables and of columns only.
  if (end - start === 5 && isSymbol(tokens[end - 1], "*")) {
    const [table, column] = [tokens[start]?.value ?? "", tokens[start + 2]?.value ?? ""];
    return out.push(`unnest(${sqlIdentifier(table)}.${sqlIdentifier(column)})`, tokens[start]?.at ?? 0);
  }
  for (let index = start; index < end; index += 1) {
    const token = tokens[index];
    if (token === undefined) continue;
    const isWord = token.kind === "word" && !isSymbol(tokens[index + 1], ".");
    const text =
      wordOf(token) === "except"
        ? "EXCLUDE"
        : isWord || token.kind === "symbol"
          ? token.text
          : sqlIdentifier(token.value);
    out.push(text, token.at);
  }
}
