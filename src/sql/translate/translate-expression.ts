// sql/translate/translate-expression.ts: an expression inside a query. What the Spark parser reads is bound by it; what holds queries or
// window functions is walked token by token, piece by piece.
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { bindExpression } from "../../expression/bind/bind-expression.ts";
import { type Bound, asCondition, opaque } from "../../expression/tree/bound.ts";
import { columnName } from "../../expression/bind/column-name.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { lateCall } from "../../expression/bind/late-binding.ts";
import { formatType } from "../../format/schema/schema-type.ts";
import type { NameScope } from "../../expression/bind/name-scope.ts";
import { parseSelectList } from "../../expression/parse/parse-sql.ts";
import { type Token, syntaxError } from "../../expression/parse/token.ts";
import { type Syntax, primitive, textSyntax } from "../../expression/tree/syntax.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { translateOrdered } from "./ordered-calls.ts";
import { type NamedRange, namedIn, pieceName, sourceOf } from "./piece-name.ts";
import { nullsLength, piecesIn } from "../words/query-pieces.ts";
import { closingIndex, indexWhere, isSymbol, startsQuery, wordOf } from "../words/query-words.ts";
import { SqlOutput } from "../words/sql-output.ts";
import { isStarOf, translateStar } from "./translate-star.ts";
import { type Range, type Walk, placeOf } from "../words/walk.ts";

/** Translates one expression, however it is written. */
export function translateExpression(walk: Walk, range: Range): void {
  if (range.start >= range.end) return;
  const bound = tryBind(walk, range) ?? bindAround(walk, range);
  if (bound !== null && bound.alias === null) walk.out.push(bound.sql, placeOf(walk, range.start));
  else translatePieces(walk, range);
}

/**
 * As `translateExpression`, of what is to be true for a row.
 * @param clause where it stands, for the message
 * @throws AlluviumError `INVALID_PREDICATE` for a value of another type, which DuckDB would cast
 */
export function translateCondition(walk: Walk, range: Range, clause: string): void {
  const found = range.start < range.end ? (tryBind(walk, range) ?? bindAround(walk, range)) : null;
  const { late } = walk.scope;
  if (found === null || found.alias !== null) return translateExpression(walk, range);
  const how = { type: primitive("boolean") };
  const test = late?.bind([found.bound], ([value = found.bound]) => asCondition(value, clause), how) ?? found;
  walk.out.push(test.sql, placeOf(walk, range.start));
}

/** Translates an item of a SELECT list; one without a name is called as Spark calls it. */
export function translateItem(walk: Walk, range: Range): void {
  const { out } = walk;
  const at = placeOf(walk, range.start);
  const bound = tryBind(walk, range, true) ?? bindAround(walk, range);
  if (bound !== null) {
    const name = bound.alias ?? (bound.name === "" ? sourceOf(walk, range) : bound.name); // no column has an empty name
    out.push(name === null ? bound.sql : `${nullOfType(bound)} AS ${sqlIdentifier(name)}`, at);
    return;
  }
  const alias = aliasOf(walk, range);
  const isStar = isSymbol(walk.tokens[range.start], "*") || isStarOf(walk, range);
  if (isStar) return translateStar(walk, range);
  translatePieces(walk, { start: range.start, end: alias === null ? range.end : alias.start });
  out.push(`AS ${sqlIdentifier(alias?.name ?? pieceName(walk, range))}`, at);
}

/** DuckDB takes a call of a null for a null of no type, where more than one type is possible. */
function nullOfType({ sql, bound: { type } }: BoundItem): string {
  const isNull = /\bNULL\b/.test(sql) && !sql.includes(lateCall);
  return isNull && type !== null && !formatType(type).includes("void") ? `CAST(${sql} AS ${duckdbType(type)})` : sql;
}

/** A value bound by the Spark parser, with its type; null where that cannot read it. */
export function bindValue(walk: Walk, range: Range): Bound | null {
  const found = range.start < range.end ? tryBind(walk, range, true) : null;
  return found === null || found.alias !== null ? null : found.bound;
}

interface BoundItem {
  readonly bound: Bound;
  readonly sql: string;
  readonly alias: string | null;
  /** Spark's name of it; null for a column and a star, which have names. */
  readonly name: string | null;
  readonly over: ((window: string) => string) | undefined;
}

function tryBind(walk: Walk, range: NamedRange, isItem = false): BoundItem | null {
  try {
    const [item, ...more] = parseSelectList(range.text ?? sourceOf(walk, range));
    if (item === undefined || more.length > 0) return null;
    const expression = isItem ? namedRow(item.expression) : item.expression;
    const isOwn =
      expression.kind === "call" && expression.isBare === true && walk.scope.has?.(expression.name) === true;
    const isColumn = isOwn || (expression.kind === "name" && expression.parts.length === 1);
    const hasName = expression.kind === "star" || isColumn;
    const bound = bindExpression(expression, walk.scope);
    const { sql, over } = bound;
    const isSpelt = expression.kind !== "name" || walk.scope.spells?.(expression.parts[0] ?? "") !== false;
    const name = hasName && isSpelt ? null : columnName(expression, namedIn(walk, range));
    return { bound, sql, alias: item.alias, name, over };
  } catch (error) {
    if (error instanceof AlluviumError && error.context["sqlCode"] === undefined) return null;
    throw error;
  }
}

/** `(a, b)` as a value is a struct; in a comparison it has no names, which DuckDB would compare. */
function namedRow(node: Syntax): Syntax {
  if (node.kind !== "call" || node.name !== "row") return node;
  const args = node.args.flatMap((arg, index) => {
    const own = arg.kind === "name" ? arg.parts.at(-1) : undefined;
    return [textSyntax(own ?? `col${index + 1}`, arg.at), namedRow(arg)];
  });
  return { ...node, name: "named_struct", args };
}

/** An expression around sub-queries and window functions: those have names while the Spark parser reads what is around them. */
function bindAround(walk: Walk, range: Range): BoundItem | null {
  const pieces = piecesIn(walk.tokens, range);
  if (pieces === null || pieces.length === 0) return null;
  const known = new Map<string, string>();
  const names = new Map<string, string>();
  let text = "";
  let index = range.start;
  for (const piece of pieces) {
    if (piece.start > index) text += sourceOf(walk, { start: index, end: piece.start });
    const name = `alluvium_piece_${known.size}`;
    text += ` ${name} `;
    index = piece.end;
    const out = new SqlOutput(walk.out.named);
    translateTokens(walk.into(out), piece);
    known.set(name, `(${out.finish().sql})`);
    names.set(name, pieceName(walk, piece));
  }
  if (index < range.end) text += sourceOf(walk, { start: index, end: range.end });
  const { scope } = walk;
  const resolve: NameScope["resolve"] = (parts) => {
    const sql = parts.length === 1 ? known.get(parts[0] ?? "") : undefined;
    return sql === undefined ? scope.resolve(parts) : opaque(sql, null, []);
  };
  return tryBind({ ...walk, scope: { ...scope, resolve } }, { ...range, text, names });
}

function aliasOf({ tokens }: Walk, { start, end }: Range): { readonly start: number; readonly name: string } | null {
  const last = tokens[end - 1];
  if (last === undefined || end - start < 2 || (last.kind !== "word" && last.kind !== "quoted")) return null;
  const before = tokens[end - 2];
  if (wordOf(before) === "as") return { start: end - 2, name: last.value };
  const isAlias =
    wordOf(last) !== "end" && (isSymbol(before, ")") || isSymbol(before, "]") || wordOf(before) === "end");
  return isAlias ? { start: end - 1, name: last.value } : null;
}

/** Operands of AND, OR and NOT one by one. */
function translatePieces(walk: Walk, { start, end }: Range): void {
  const { tokens, out } = walk;
  let index = start;
  while (index < end) {
    const stop = indexWhere(tokens, { start: index, end }, (at) => {
      const word = wordOf(tokens[at]);
      return word === "and" || word === "or" || (word === "not" && at === index);
    });
    const range = { start: index, end: stop };
    if (stop > index) {
      const bound = index === start && stop === end ? null : tryBind(walk, range);
      if (bound !== null && bound.alias === null) out.push(bound.sql, placeOf(walk, index));
      else translateTokens(walk, range);
    }
    if (stop < end) out.push(tokens[stop]?.text.toUpperCase() ?? "", placeOf(walk, stop));
    index = stop + 1;
  }
}

const symbols: Readonly<Record<string, string>> = {
  "<=>": "IS NOT DISTINCT FROM",
  "==": "=",
  "!": "NOT",
  "!<": ">=",
  "!>": "<=",
};

function translateTokens(walk: Walk, { start, end }: Range): void {
  let index = start;
  while (index < end) index = translateToken(walk, { start: index, end });
}

function translateToken(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const token = tokens[start];
  if (token === undefined) return end;
  const word = wordOf(token);
  if (isSymbol(token, "(") || isSymbol(token, "[")) return translateBracket(walk, { start, end });
  const isNegated = word === "not" && matchWords.has(wordOf(tokens[start + 1]));
  if (isNegated || matchWords.has(word))
    return translateMatch(walk, { start: start + (isNegated ? 2 : 1), end }, isNegated);
  if (["any", "some", "all"].includes(word) && isSymbol(tokens[start + 1], "(") && startsQuery(tokens, start + 2))
    throw syntaxError(
      walk.text,
      token.at,
      `${word.toUpperCase()} takes no sub-query in Spark; compare with its min() or max(), or use IN or EXISTS:`,
    );
  if (token.kind === "word" && isSymbol(tokens[start + 1], "(") && !notCalls.has(word))
    return translateCall(walk, { start, end });
  const piece = translatePiece(walk, { start, end });
  if (piece !== null) return piece;
  const isKeyword = word === "div" ? "//" : word === "window" ? '"window"' : token.text;
  out.push(token.kind === "symbol" ? (symbols[token.text] ?? token.text) : isKeyword, token.at);
  return start + 1;
}

const matchWords: ReadonlySet<string> = new Set(["rlike", "regexp"]);

const notCalls: ReadonlySet<string> = new Set(
  "in exists over filter and or not any all some when then else case as".split(" "),
);

const currentTimeWords: ReadonlySet<string> = new Set(["current_date", "current_timestamp", "localtimestamp"]);

/** A literal, typed or not, or a name with its parts. */
function translatePiece(walk: Walk, { start, end }: Range): number | null {
  const { tokens, out } = walk;
  const token = tokens[start];
  if (token?.kind === "string") {
    out.push(sqlLiteral(token.value), token.at);
    return start + 1;
  }
  const isTyped = token?.kind === "word" && tokens[start + 1]?.kind === "string" && start + 1 < end;
  const names = nameEnd(tokens, { start, end });
  const stop = isTyped ? start + 2 : names;
  const isTold = token?.kind === "quoted" || token?.kind === "number" || currentTimeWords.has(wordOf(token));
  if (!isTold && !isTyped && stop === start + 1) return null;
  const bound = tryBind(walk, { start, end: stop });
  if (bound === null || bound.alias !== null) return null;
  out.push(bound.sql, token?.at ?? 0);
  return stop;
}

function nameEnd(tokens: readonly Token[], { start, end }: Range): number {
  let index = start + 1;
  while (index + 1 < end && isSymbol(tokens[index], ".") && tokens[index + 1]?.kind !== "symbol") index += 2;
  return index;
}

function translateBracket(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const close = closingIndex(tokens, start, end);
  const inside = { start: start + 1, end: close };
  const isIndex = isSymbol(tokens[start], "[");
  out.push(tokens[start]?.text ?? "", placeOf(walk, start));
  if (startsQuery(tokens, start + 1)) walk.query(inside);
  else walk.list(inside);
  // Spark counts the elements of a list from 0.
  if (isIndex && close === start + 2 && tokens[start + 1]?.kind === "number") out.push("+ 1", placeOf(walk, start));
  out.push(tokens[close]?.text ?? "", placeOf(walk, close));
  return close + 1;
}

function translateCall(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const bracket = closingIndex(tokens, start + 1, end);
  const isFiltered = wordOf(tokens[bracket + 1]) === "filter" && isSymbol(tokens[bracket + 2], "(");
  const filtered = isFiltered ? closingIndex(tokens, bracket + 2, end) : bracket;
  const close = filtered + nullsLength(tokens, filtered + 1);
  const ordered = translateOrdered(walk, { start, end });
  if (ordered !== null) return ordered;
  const bound = tryBind(walk, { start, end: Math.min(close + 1, end) });
  if (bound !== null && bound.alias === null) {
    if (wordOf(tokens[close + 1]) === "over" && close + 2 < end && bound.over !== undefined)
      return translateOver(walk, { start: close + 2, end }, { over: bound.over, at: placeOf(walk, start) });
    out.push(bound.sql, placeOf(walk, start));
    return close + 1;
  }
  const own = walk.scope.functions?.get(wordOf(tokens[start]));
  out.push(own?.sqlName ?? tokens[start]?.text ?? "", placeOf(walk, start));
  return translateBracket(walk, { start: start + 1, end });
}

interface WindowCall {
  readonly over: (window: string) => string;
  readonly at: number;
}

/** The window behind OVER: a bracket or a name; it belongs inside of what the call is cast to. */
function translateOver(walk: Walk, { start, end }: Range, { over, at }: WindowCall): number {
  const inside = new SqlOutput(walk.out.named);
  const fork = walk.into(inside);
  const next = isSymbol(walk.tokens[start], "(")
    ? translateBracket(fork, { start, end })
    : translateToken(fork, { start, end });
  walk.out.push(over(` OVER ${inside.finish().sql}`), at);
  return next;
}

/** `a RLIKE pattern`: a part of the text matches; DuckDB's operator wants the whole to match. */
function translateMatch(walk: Walk, { start, end }: Range, isNegated: boolean): number {
  const { tokens, out } = walk;
  const at = placeOf(walk, start);
  const open = isSymbol(tokens[start], "(") ? start : isSymbol(tokens[start + 1], "(") ? start + 1 : null;
  const stop = open === null ? nameEnd(tokens, { start, end }) : closingIndex(tokens, open, end) + 1;
  out.push(`${isNegated ? "!~" : "~"} ('(?s:.*)(?:' || (`, at);
  translateExpression(walk, { start, end: stop });
  out.push(") || ')(?s:.*)')", at);
  return stop;
}
