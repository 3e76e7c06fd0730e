// sql/translate/translate-query.ts: a query in Spark's spelling as DuckDB reads it. Only the frame of the query is walked here, token by
// token; its shape is for DuckDB's parser to tell. Expressions go through the Spark parser where it can read them.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { castCalls } from "../../expression/bind/column-name.ts";
import type { NameScope } from "../../expression/bind/name-scope.ts";
import { type Token, syntaxError, tokenize } from "../../expression/parse/token.ts";
import {
  beginsClause,
  closingIndex,
  indexWhere,
  isDistinctFrom,
  listItems,
  isSymbol,
  isTableQuery,
  startsQuery,
  tailWords,
  wordOf,
} from "../words/query-words.ts";
import { type GeneratorItem, generatedName, generatorItem, namedRows, startsGenerator } from "./generators.ts";
import { requireItem } from "../words/require-item.ts";
import { SqlOutput, type TranslatedQuery } from "../words/sql-output.ts";
import { translateCondition, translateExpression, translateItem } from "./translate-expression.ts";
import { inlineTable, translateFrom } from "./translate-from.ts";
import type { Range, Walk } from "../words/walk.ts";

/**
 * Translates the text of a query.
 * @param scope what is known of the names in it
 * @throws AlluviumError `INVALID_PREDICATE` when the text has no tokens to it
 */
export function translateQuery(text: string, scope: NameScope): TranslatedQuery {
  const tokens = tokenize(text);
  const out = new SqlOutput();
  let end = tokens.length - 1;
  while (end > 0 && isSymbol(tokens[end - 1], ";")) end -= 1;
  const into = (place: SqlOutput): Walk => {
    const walk: Walk = {
      text,
      tokens,
      out: place,
      scope,
      query: (range) => walkClauses(walk, range, ""),
      list: (range) => walkClauses(walk, range, "list"),
      into,
    };
    return walk;
  };
  into(out).query({ start: 0, end });
  return out.finish();
}

/** Names that a query gives with AS, or to columns by casting them inside of another query, in lower case. */
export function aliasesIn(text: string): ReadonlySet<string> {
  const tokens = tokenize(text);
  const isNested = tokens.filter((token) => wordOf(token) === "select").length > 1;
  return new Set(
    tokens.flatMap((token, index) => {
      const isAlias = wordOf(tokens[index - 1]) === "as" && token.kind !== "symbol";
      const isCast = isNested && (isSymbol(tokens[index + 1], "::") || endsCastOperand(tokens, index));
      return isAlias || isCast ? [token.value.toLowerCase()] : [];
    }),
  );
}

/** The last part of a name that is all of the first argument of a call: that of a cast is what the result is called. */
function endsCastOperand(tokens: readonly Token[], index: number): boolean {
  let start = index;
  while (isSymbol(tokens[start - 1], ".")) start -= 2;
  return isSymbol(tokens[start - 1], "(") && castWords.has(wordOf(tokens[start - 2]));
}

const castWords: ReadonlySet<string> = new Set(["cast", "try_cast", ...castCalls]);

function walkClauses(walk: Walk, { start, end }: Range, first: string): void {
  let index = start;
  let clause = first;
  let generator: GeneratorItem | null = null;
  while (index < end) {
    const token = walk.tokens[index];
    const word = wordOf(token);
    if (token !== undefined && beginsClause(walk.tokens, index) && !(word === "values" && clause === "from")) {
      if (generator !== null && (clause === "from" || (clause === "select" && word !== "from"))) {
        joinGenerated(walk, generator, clause);
        generator = null;
      }
      clause = word;
      if (word === "select") generator = generatorIn(walk, { start: index + 1, end });
      index = word === "values" ? walkValues(walk, { start: index, end }) : walkClauseWord(walk, index, word);
      continue;
    }
    if (looseClauses.has(clause) && isTableQuery(walk.tokens, index)) {
      walk.out.push("SELECT * FROM", token?.at ?? 0);
      [clause, index] = ["from", index + 1];
    }
    const rest = { start: index, end };
    if (clause === "from") index = translateFrom(walk, rest);
    else if (clause === "group") index = translateGroups(walk, rest);
    else if (looseClauses.has(clause)) index = walkLoose(walk, rest);
    else index = walkList(walk, rest, clause);
  }
  if (generator !== null) joinGenerated(walk, generator, clause);
}

/** The generator of a SELECT list whose rows have more than one column; Spark has at most one generator in a list. */
function generatorIn(walk: Walk, { start, end }: Range): GeneratorItem | null {
  const { tokens } = walk;
  const stop = indexWhere(tokens, { start, end }, (at) => beginsClause(tokens, at));
  const [item, another] = listItems(tokens, { start, end: stop }).filter((one) => startsGenerator(walk, one.start));
  if (another !== undefined) {
    const message = "a SELECT list takes one function that makes rows; put the others into LATERAL VIEW";
    throw syntaxError(walk.text, tokens[another.start]?.at ?? 0, message);
  }
  return item === undefined ? null : generatorItem(walk, item);
}

function joinGenerated({ out, tokens }: Walk, { rows, names }: GeneratorItem, clause: string): void {
  const at = tokens.at(-1)?.at ?? 0;
  if (clause === "select") out.push("FROM (SELECT 1) AS alluvium_one", at);
  out.push(`CROSS JOIN LATERAL ${namedRows(rows, generatedName, names)}`, at);
}

const looseClauses: ReadonlySet<string> = new Set([
  "",
  "with",
  "window",
  "union",
  "except",
  "intersect",
  "minus",
  "values",
]);

function walkClauseWord(walk: Walk, index: number, word: string): number {
  const { tokens, out } = walk;
  const at = tokens[index]?.at ?? 0;
  const next = wordOf(tokens[index + 1]);
  // How rows are spread over tasks is nobody's business here; one task's order is that of all.
  if (word === "distribute")
    return indexWhere(
      tokens,
      { start: index + 1, end: tokens.length - 1 },
      (at) => beginsClause(tokens, at) || isSymbol(tokens[at], ")"),
    );
  const shown = word === "minus" ? "EXCEPT" : word === "sort" || word === "cluster" ? "ORDER" : word.toUpperCase();
  out.push(shown, at);
  if (word === "select" && next === "all") return index + 2;
  if (word === "select" && next === "distinct") out.push("DISTINCT", at);
  else if (["group", "order", "sort", "cluster"].includes(word) && next === "by") out.push("BY", at);
  else if (["union", "except", "intersect", "minus"].includes(word) && (next === "all" || next === "distinct")) {
    if (next === "all") out.push("ALL", at);
  } else return index + 1;
  return index + 2;
}

/** WITH a AS (…), brackets around queries, and what else is no expression. */
function walkLoose(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const token = tokens[start];
  if (token === undefined) return end;
  if (!isSymbol(token, "(")) {
    out.push(token.kind === "quoted" ? sqlIdentifier(token.value) : token.text, token.at);
    return start + 1;
  }
  const close = closingIndex(tokens, start, end);
  out.push("(", token.at);
  const inside = { start: start + 1, end: close };
  if (startsQuery(tokens, start + 1) || isSymbol(tokens[start + 1], "(")) walk.query(inside);
  else walk.list(inside);
  out.push(")", tokens[close]?.at ?? token.at);
  return close + 1;
}

/** VALUES as a query of its own: its columns are named as those of an inline table. */
function walkValues(walk: Walk, range: Range): number {
  walk.out.push("SELECT * FROM", walk.tokens[range.start]?.at ?? 0);
  return inlineTable(walk, range);
}

/** What is grouped by; `WITH ROLLUP`, `WITH CUBE` and `GROUPING SETS` may stand behind the list. */
function translateGroups(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const stop = indexWhere(tokens, { start, end }, (at) => beginsClause(tokens, at));
  const tail = indexWhere(tokens, { start, end: stop }, (at) => at > start && setsBehind(tokens, at));
  if (tail === stop) return walkList(walk, { start, end: stop }, "group");
  const at = tokens[tail]?.at ?? 0;
  if (wordOf(tokens[tail]) === "grouping") return walkList(walk, { start: tail, end: stop }, "group");
  out.push(`${wordOf(tokens[tail + 1]).toUpperCase()} (`, at);
  walkList(walk, { start, end: tail }, "group");
  out.push(")", at);
  return tail + 2;
}

/** True where words for sets of groups stand behind a list, and not as an item of it. */
function setsBehind(tokens: readonly Token[], at: number): boolean {
  const [word, next] = [wordOf(tokens[at]), wordOf(tokens[at + 1])];
  if (word === "with") return next === "rollup" || next === "cube";
  return word === "grouping" && next === "sets" && !isSymbol(tokens[at - 1], ",");
}

/** A list of expressions up to the next clause; returns where it stopped. */
function walkList(walk: Walk, { start, end }: Range, clause: string): number {
  const { tokens } = walk;
  const isSelect = clause === "select";
  const isCondition = ["where", "having", "qualify"].includes(clause);
  let index = start;
  while (index < end) {
    const stop = indexWhere(tokens, { start: index, end }, (at) => endsExpression(tokens, at));
    if (stop > index) {
      const range = { start: index, end: stop };
      if (isSelect && generatorItem(walk, range) !== null) walk.out.push(`${generatedName}.*`, tokens[index]?.at ?? 0);
      else if (isSelect) translateItem(walk, range);
      else if (isCondition) translateCondition(walk, range, clause.toUpperCase());
      else translateExpression(walk, range);
      index = stop;
      continue;
    }
    const token = tokens[index];
    if (token === undefined || beginsClause(tokens, index)) return index;
    index = walkTail(walk, index);
  }
  return index;
}

/** A comma, ASC, NULLS LAST, ROWS BETWEEN … and their kin. */
function walkTail(walk: Walk, index: number): number {
  const { tokens, out } = walk;
  const token = tokens[index];
  if (isSymbol(token, ",")) requireItem(walk, index);
  const word = wordOf(token);
  out.push(token?.text ?? "", token?.at ?? 0);
  if (word === "nulls") out.push(tokens[index + 1]?.text ?? "", token?.at ?? 0);
  if (word !== "rows" && word !== "range" && word !== "groups") return word === "nulls" ? index + 2 : index + 1;
  let next = index + 1;
  while (next < tokens.length && !isSymbol(tokens[next], ")") && tokens[next]?.kind !== "end") {
    out.push(tokens[next]?.text ?? "", tokens[next]?.at ?? 0);
    next += 1;
  }
  return next;
}

function endsExpression(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  if (isSymbol(token, ",") || isSymbol(token, ";")) return true;
  const word = wordOf(token);
  if (word === "" || isSymbol(tokens[index - 1], ".") || isSymbol(tokens[index + 1], ".")) return false;
  if (word === "from" || word === "distinct") return !isDistinctFrom(tokens, index);
  if (beginsClause(tokens, index)) return true;
  if (!tailWords.has(word)) return false;
  // Behind a call they belong to it.
  if (word === "nulls" && !["first", "last"].includes(wordOf(tokens[index + 1]))) return false;
  // `rows` and `range` are names too; they are words of a frame only before BETWEEN, UNBOUNDED, CURRENT or a number.
  if (["rows", "range", "groups"].includes(word)) {
    const next = tokens[index + 1];
    return next?.kind === "number" || ["between", "unbounded", "current"].includes(wordOf(next));
  }
  return !(word === "all" && isSymbol(tokens[index + 1], "("));
}
