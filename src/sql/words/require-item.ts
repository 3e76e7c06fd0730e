// sql/words/require-item.ts: a comma has something behind it, which DuckDB does not ask for.
import { syntaxError } from "../../expression/parse/token.ts";
import { beginsClause, isSymbol } from "./query-words.ts";
import type { Walk } from "./walk.ts";

/** @throws AlluviumError `INVALID_PREDICATE` where the list ends behind the comma at `index` */
export function requireItem({ tokens, text }: Pick<Walk, "tokens" | "text">, index: number): void {
  const next = tokens[index + 1];
  const isEnd = next === undefined || next.kind === "end" || isSymbol(next, ")") || isSymbol(next, ";");
  if (isEnd || (beginsClause(tokens, index + 1) && !isSymbol(tokens[index + 2], "(")))
    throw syntaxError(text, tokens[index]?.at ?? 0, "a list ends with a comma; remove it:");
}
