// sql/words/query-words.ts: the words of a query's frame, and how to find where things end among tokens.
import type { Token } from "../../expression/parse/token.ts";

/** Words that begin a clause, outside brackets. */
export const clauseWords: ReadonlySet<string> = new Set(
  "select from where group having order sort distribute cluster limit offset union except intersect minus window qualify with values".split(
    " ",
  ),
);

/** Words that begin or belong to a join. */
export const joinWords: ReadonlySet<string> = new Set(
  "join left right full inner cross outer semi anti natural lateral on using".split(" "),
);

/** Words that end an expression besides: the tail of a sort key, the inside of OVER (…). */
export const tailWords: ReadonlySet<string> = new Set(
  "asc desc nulls partition rows range groups by all distinct".split(" "),
);

/** The word of a token in lower case, "" for anything but an unquoted word. */
export function wordOf(token: Token | undefined): string {
  return token?.kind === "word" ? token.text.toLowerCase() : "";
}

/** True for this symbol. */
export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === "symbol" && token.text === symbol;
}

/** Index of the bracket that closes the one at `open`, or `end` when there is none. */
export function closingIndex(tokens: readonly Token[], open: number, end: number): number {
  let depth = 0;
  for (let index = open; index < end; index += 1) {
    const token = tokens[index];
    if (isSymbol(token, "(") || isSymbol(token, "[") || isSymbol(token, "{")) depth += 1;
    if (isSymbol(token, ")") || isSymbol(token, "]") || isSymbol(token, "}")) depth -= 1;
    if (depth === 0) return index;
  }
  return end;
}

/** First index from `start` outside brackets for which `stops` is true, or `end`. */
export function indexWhere(
  tokens: readonly Token[],
  { start, end }: { readonly start: number; readonly end: number },
  stops: (index: number) => boolean,
): number {
  for (let index = start; index < end; index += 1) {
    if (stops(index)) return index;
    const token = tokens[index];
    if (isSymbol(token, "(") || isSymbol(token, "[") || isSymbol(token, "{")) index = closingIndex(tokens, index, end);
  }
  return end;
}

/** True where a query begins. */
export function startsQuery(tokens: readonly Token[], index: number): boolean {
  return ["select", "with", "values", "from"].includes(wordOf(tokens[index])) || isTableQuery(tokens, index);
}

/** `TABLE name`: all rows of it. */
export function isTableQuery(tokens: readonly Token[], index: number): boolean {
  const next = tokens[index + 1];
  return (
    wordOf(tokens[index]) === "table" && (next?.kind === "quoted" || (wordOf(next) !== "" && wordOf(next) !== "as"))
  );
}

/** IS [NOT] DISTINCT FROM. */
export function isDistinctFrom(tokens: readonly Token[], index: number): boolean {
  const distinct = wordOf(tokens[index]) === "from" ? index - 1 : index;
  const before = wordOf(tokens[distinct - 1]);
  return wordOf(tokens[distinct]) === "distinct" && (before === "is" || before === "not");
}

/** True where a table reference or the condition of a join ends. */
export function endsTable(tokens: readonly Token[], index: number): boolean {
  const word = wordOf(tokens[index]);
  if (isSymbol(tokens[index], ",")) return true;
  if (joinWords.has(word))
    return !isSymbol(tokens[index + 1], "(") || word === "on" || word === "using" || word === "lateral";
  if (word === "from" || word === "distinct") return !isDistinctFrom(tokens, index);
  return beginsClause(tokens, index);
}

/** True where a word begins a clause rather than being a name. */
export function beginsClause(tokens: readonly Token[], index: number): boolean {
  const word = wordOf(tokens[index]);
  if (!clauseWords.has(word) || isSymbol(tokens[index - 1], ".") || isSymbol(tokens[index + 1], ".")) return false;
  if (word === "window") return wordOf(tokens[index + 2]) === "as" && isSymbol(tokens[index + 3], "(");
  if (word === "from") return !isDistinctFrom(tokens, index);
  if (word === "with" && ["rollup", "cube"].includes(wordOf(tokens[index + 1]))) return false;
  if (["group", "order", "sort", "distribute", "cluster"].includes(word)) return wordOf(tokens[index + 1]) === "by";
  if (word === "except") return !isSymbol(tokens[index - 1], "*");
  if (word === "values")
    return isSymbol(tokens[index + 1], "(") || ["number", "string"].includes(tokens[index + 1]?.kind ?? "");
  return word !== "with" || tokens[index + 1]?.kind !== "end";
}

/** The items of a list, between its commas. */
export function listItems(
  tokens: readonly Token[],
  { start, end }: { readonly start: number; readonly end: number },
): readonly { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  let index = start;
  while (index < end) {
    const stop = indexWhere(tokens, { start: index, end }, (at) => isSymbol(tokens[at], ","));
    found.push({ start: index, end: stop });
    index = stop + 1;
  }
  return found;
}
