// sql/words/table-changes.ts: `table_changes('books', 3[, 5])` and `table_changes_by_path('/data/books', …)`: the change data feed as a
// table. Delta's functions of these names; an end is a version or a time in quotes.
import { syntaxError, tokenize } from "../../expression/parse/token.ts";
import type { Token } from "../../expression/parse/token.ts";
import { closingIndex, isSymbol, wordOf } from "./query-words.ts";
import type { ChangeSpan, NamedTable } from "./sql-output.ts";
import type { Walk } from "./walk.ts";

/** The parts of a name, in which points within backticks are none between parts. */
function nameParts(name: string): readonly string[] {
  return tokenize(name).flatMap(({ kind, value }) => (kind === "word" || kind === "quoted" ? [value] : []));
}

/**
 * Reads the call at `start`; null where none stands.
 * @throws AlluviumError `INVALID_PREDICATE` pointing at an argument that cannot be read
 */
export function readTableChanges(
  { tokens, text }: Walk,
  start: number,
): { readonly table: NamedTable; readonly next: number } | null {
  const word = wordOf(tokens[start]);
  const isByPath = word === "table_changes_by_path";
  if ((word !== "table_changes" && !isByPath) || !isSymbol(tokens[start + 1], "(")) return null;
  const close = closingIndex(tokens, start + 1, tokens.length);
  const args = tokens.slice(start + 2, close).filter((token) => !isSymbol(token, ","));
  const [name, from, to] = args;
  if (name?.kind !== "string" || from === undefined || args.length > 3) {
    const wanted = `${word} takes a name in quotes, a first version or time, and maybe a last one, not`;
    throw syntaxError(text, name?.at ?? tokens[close]?.at ?? text.length, wanted);
  }
  const end = (token: Token): number | string => {
    if (token.kind === "string") return token.value;
    if (/^\d{1,15}$/.test(token.value)) return Number(token.value);
    throw syntaxError(text, token.at, "changes begin and end with a version from 0 or a time in quotes, not");
  };
  const changes: ChangeSpan = { from: end(from), ...(to === undefined ? {} : { to: end(to) }) };
  const parts = isByPath ? ["delta", name.value] : nameParts(name.value);
  return { table: { parts, changes, isStream: false, options: new Map(), watermark: null }, next: close + 1 };
}
