// sql/translate/translate-from.ts: the FROM clause in Spark's spelling: joins, inline tables, tables of the past, LATERAL VIEW.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { syntaxError } from "../../expression/parse/token.ts";
import {
  closingIndex,
  clauseWords,
  endsTable,
  indexWhere,
  isSymbol,
  joinWords,
  listItems,
  startsQuery,
  wordOf,
} from "../words/query-words.ts";
import { generatedRows, namedRows, startsGenerator } from "./generators.ts";
import { translateValues, valueColumns } from "./inline-table.ts";
import { requireItem } from "../words/require-item.ts";
import { readSample } from "../words/read-sample.ts";
import type { NamedTable } from "../words/sql-output.ts";
import { nameAt, readTableClauses, readWatermark } from "../words/table-clauses.ts";
import { translateCondition, translateItem } from "./translate-expression.ts";
import type { Range, Walk } from "../words/walk.ts";

/** Translates one element of a FROM clause at `start`; returns where the next one begins. */
export function translateFrom(walk: Walk, range: Range): number {
  const { tokens, out } = walk;
  const { start, end } = range;
  const token = tokens[start];
  if (token === undefined) return end;
  const word = wordOf(token);
  if (isSymbol(token, "(")) return watermarkedQuery(walk, range) ?? alias(walk, { start: bracket(walk, range), end });
  if (word === "on") return condition(walk, range);
  if (word === "using") return using(walk, range);
  if (word === "lateral" && wordOf(tokens[start + 1]) === "view") return lateralView(walk, range);
  const free = word === "join" ? freeJoin(walk, range) : null;
  if (free !== null) return free;
  if (joinWords.has(word) && !isSymbol(tokens[start + 1], "(")) {
    const isSide = (word === "left" || word === "right") && ["semi", "anti"].includes(wordOf(tokens[start + 1]));
    if (!isSide && word !== "inner") out.push(word.toUpperCase(), token.at); // INNER is what JOIN is by itself
    return start + 1;
  }
  if (word === "unpivot" && ["include", "exclude"].includes(wordOf(tokens[start + 1]))) {
    const close = closingIndex(tokens, start + 3, end);
    out.push(`UNPIVOT ${wordOf(tokens[start + 1])} NULLS (`, token.at);
    walk.list({ start: start + 4, end: close });
    out.push(")", token.at);
    return alias(walk, { start: close + 1, end });
  }
  if (word === "lateral" || word === "join") {
    out.push(word.toUpperCase(), token.at);
    return start + 1;
  }
  if (token.kind === "word" || token.kind === "quoted") return table(walk, range);
  if (isSymbol(token, ",")) requireItem(walk, start);
  out.push(token.text, token.at);
  return start + 1;
}

/** `a JOIN b` without ON or USING behind it, which is all pairs in Spark; null for any other join. */
function freeJoin(walk: Walk, { start, end }: Range): number | null {
  const { tokens, out } = walk;
  const before = wordOf(tokens[start - 1]);
  const isNatural = [1, 2, 3].some((back) => wordOf(tokens[start - back]) === "natural");
  if (before === "cross" || isNatural) return null;
  const first = start + (wordOf(tokens[start + 1]) === "lateral" ? 2 : 1);
  // The rows of VALUES have commas between them too.
  const isValues = wordOf(tokens[first]) === "values";
  const stop = indexWhere(
    tokens,
    { start: first, end },
    (index) => endsTable(tokens, index) && !(isValues && (index === first || isSymbol(tokens[index], ","))),
  );
  if (["on", "using"].includes(wordOf(tokens[stop]))) return null;
  const isInner = !["left", "right", "full", "outer", "semi", "anti"].includes(before);
  out.push(isInner ? "CROSS JOIN" : "JOIN", tokens[start]?.at ?? 0);
  for (let index = start + 1; index < stop;) index = translateFrom(walk, { start: index, end: stop });
  if (!isInner) out.push("ON TRUE", tokens[start]?.at ?? 0);
  return stop;
}

/** `(SELECT …) WATERMARK ts DELAY OF INTERVAL 10 MINUTES`; null for any other bracket. */
function watermarkedQuery(walk: Walk, { start, end }: Range): number | null {
  const { tokens, text } = walk;
  if (!startsQuery(tokens, start + 1)) return null;
  const close = closingIndex(tokens, start, end);
  const found = readWatermark(walk, { start: close + 1, end });
  if (found === null) return null;
  const at = tokens[start + 1]?.at ?? 0;
  const query = text.slice(at, tokens[close]?.at);
  const table = { parts: [], query, isStream: false, options: new Map(), watermark: found.watermark };
  return namedTable(walk, { start: found.next, end }, { table, at });
}

/** A table by its placeholder, with an alias behind it or the last part of its name. */
function namedTable(
  walk: Walk,
  { start, end }: Range,
  { table: named, at }: { readonly table: NamedTable; readonly at: number },
): number {
  walk.out.push(sqlIdentifier(walk.out.name(named)), at);
  return alias(walk, { start, end }, named.parts.at(-1));
}

function bracket(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const close = closingIndex(tokens, start, end);
  const inside = { start: start + 1, end: close };
  out.push("(", tokens[start]?.at ?? 0);
  if (startsQuery(tokens, start + 1) || isQueryInBrackets(walk, inside)) walk.query(inside);
  else
    for (let index = inside.start; index < inside.end;) index = translateFrom(walk, { start: index, end: inside.end });
  out.push(")", tokens[close]?.at ?? 0);
  return close + 1;
}

/** `((SELECT …) UNION (SELECT …))` */
function isQueryInBrackets({ tokens }: Walk, { start, end }: Range): boolean {
  if (!isSymbol(tokens[start], "(")) return false;
  const after = tokens[closingIndex(tokens, start, end) + 1];
  return ["union", "except", "intersect", "minus"].includes(wordOf(after));
}

function condition(walk: Walk, { start, end }: Range): number {
  walk.out.push("ON", walk.tokens[start]?.at ?? 0);
  const stop = indexWhere(walk.tokens, { start: start + 1, end }, (index) => endsTable(walk.tokens, index));
  translateCondition(walk, { start: start + 1, end: stop }, "ON");
  return stop;
}

function using(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const close = closingIndex(tokens, start + 1, end);
  out.push("USING (", tokens[start]?.at ?? 0);
  walk.list({ start: start + 2, end: close });
  out.push(")", tokens[close]?.at ?? 0);
  return close + 1;
}

function table(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const at = tokens[start]?.at ?? 0;
  if (wordOf(tokens[start]) === "values") return inlineTable(walk, { start, end });
  const claused = readTableClauses(walk, { start, end });
  if (claused !== null) return namedTable(walk, { start: claused.next, end }, { table: claused.table, at });
  if (startsGenerator(walk, start)) return generatorTable(walk, { start, end });
  const { parts, next } = nameAt(walk, start);
  if (isSymbol(tokens[next], "(")) {
    const close = closingIndex(tokens, next, end);
    out.push(`${parts.join(".")}(`, at);
    const named = wordOf(tokens[start]) === "pivot" ? pivotCells(walk, { start: next + 1, end: close }) : next + 1;
    walk.list({ start: named, end: close });
    out.push(")", at);
    const isRange = parts.length === 1 && parts[0]?.toLowerCase() === "range";
    if (isRange) return rangeAlias(walk, { start: close + 1, end });
    return alias(walk, { start: close + 1, end });
  }
  out.push(parts.map(sqlIdentifier).join("."), at);
  return alias(walk, { start: next, end });
}

/** The aggregates of a PIVOT; each of several has a name of its own, which is Spark's where none is given. Returns where they end. */
function pivotCells(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const stop = indexWhere(tokens, { start, end }, (index) => wordOf(tokens[index]) === "for");
  const items = listItems(tokens, { start, end: stop });
  if (items.length < 2) return start;
  for (const [index, item] of items.entries()) {
    if (index > 0) out.push(",", tokens[item.start]?.at ?? 0);
    translateItem(walk, item);
  }
  return stop;
}

/** The name behind `range(…)`, whose column is called id where nothing else is said. */
function rangeAlias(walk: Walk, { start, end }: Range): number {
  const sample = readSample(walk, { start, end });
  const from = sample?.next ?? start;
  const at = walk.tokens[start]?.at ?? 0;
  const next = nameBehind(walk, { start: from, end }, "range");
  if (next === from || !isSymbol(walk.tokens[next - 1], ")")) walk.out.push('("id")', at);
  if (sample !== null) walk.out.push(sample.sql, at);
  return next;
}

/** `explode(list) [AS] t(a)` as a table. */
function generatorTable(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const close = closingIndex(tokens, start + 1, end);
  const at = wordOf(tokens[close + 1]) === "as" ? close + 2 : close + 1;
  const isNamed = !endsElement(walk, at, end);
  const open = isNamed ? at + 1 : at;
  const hasColumns = isNamed && isSymbol(tokens[open], "(");
  const stop = hasColumns ? closingIndex(tokens, open, end) : open - 1;
  const columns = hasColumns
    ? listItems(tokens, { start: open + 1, end: stop }).map((one) => tokens[one.start]?.value ?? "")
    : [];
  const call = { start, end: close + 1 };
  const rows = generatedRows(walk, { call, nameCount: columns.length, isOuter: false });
  const name = isNamed ? (tokens[at]?.value ?? "") : (tokens[start]?.value ?? "");
  out.push(namedRows(rows, name, columns), tokens[start]?.at ?? 0);
  return isNamed ? stop + 1 : close + 1;
}

/** `VALUES (1, 'a'), (2, 'b') [AS t(x, y)]`; columns are col1, col2, …; returns where it ends. */
export function inlineTable(walk: Walk, { start, end }: Range): number {
  const { tokens, out } = walk;
  const at = tokens[start]?.at ?? 0;
  const { columnCount, next } = translateValues(walk, { start, end });
  const named = wordOf(tokens[next]) === "as" ? next + 1 : next;
  const hasName = !endsElement(walk, named, end);
  const name = hasName ? (tokens[named]?.value ?? "") : "values";
  const after = hasName ? named + 1 : named;
  if (isSymbol(tokens[after], "(")) return alias(walk, { start: next, end });
  out.push(`AS ${sqlIdentifier(name)}(${valueColumns(columnCount)})`, at);
  return after;
}

/** `[TABLESAMPLE (…)] [[AS] name [(columns)]]`, if it is there. @param fallback the name where none is given */
function alias(walk: Walk, { start, end }: Range, fallback?: string): number {
  const sample = readSample(walk, { start, end });
  const next = nameBehind(walk, { start: sample?.next ?? start, end }, fallback);
  if (sample !== null) walk.out.push(sample.sql, walk.tokens[start]?.at ?? 0);
  return next;
}

function nameBehind(walk: Walk, { start, end }: Range, fallback: string | undefined): number {
  const { tokens, out } = walk;
  const isExplicit = wordOf(tokens[start]) === "as";
  const at = isExplicit ? start + 1 : start;
  const name = !isExplicit && endsElement(walk, start, end) ? undefined : tokens[at];
  if (name === undefined || at >= end || (name.kind !== "word" && name.kind !== "quoted")) {
    if (fallback !== undefined) out.push(`AS ${sqlIdentifier(fallback)}`, tokens[start]?.at ?? 0);
    return start;
  }
  out.push(`AS ${sqlIdentifier(name.value)}`, name.at);
  if (!isSymbol(tokens[at + 1], "(")) return at + 1;
  const close = closingIndex(tokens, at + 1, end);
  out.push("(", name.at);
  walk.list({ start: at + 2, end: close });
  out.push(")", name.at);
  return close + 1;
}

/** True when no alias can begin here. */
function endsElement({ tokens }: Walk, index: number, end: number): boolean {
  const token = tokens[index];
  if (index >= end || token === undefined || token.kind === "end") return true;
  if (token.kind === "quoted") return false;
  const word = wordOf(token);
  return (
    token.kind !== "word" ||
    joinWords.has(word) ||
    clauseWords.has(word) ||
    word === "tablesample" ||
    word === "pivot" ||
    word === "unpivot"
  );
}

/** `LATERAL VIEW [OUTER] explode(list) [t] [AS a, b]`: a row for each element. */
function lateralView(walk: Walk, { start, end }: Range): number {
  const { tokens, out, text } = walk;
  const at = tokens[start]?.at ?? 0;
  const isOuter = wordOf(tokens[start + 2]) === "outer";
  const name = start + (isOuter ? 3 : 2);
  const close = closingIndex(tokens, name + 1, end);
  let next = close + 1;
  const isNamed = !endsElement(walk, next, end) && wordOf(tokens[next]) !== "as";
  const view = isNamed ? (tokens[next]?.value ?? "") : "lateral_view";
  if (isNamed) next += 1;
  const columns: string[] = [];
  if (wordOf(tokens[next]) === "as") {
    do {
      columns.push(tokens[next + 1]?.value ?? "");
      next += 2;
    } while (isSymbol(tokens[next], ","));
  }
  const isGenerator = startsGenerator(walk, name);
  if (!isGenerator)
    throw syntaxError(
      text,
      tokens[name]?.at ?? 0,
      "LATERAL VIEW takes explode, posexplode, inline, stack or json_tuple here:",
    );
  const call = { start: name, end: close + 1 };
  const rows = generatedRows(walk, { call, nameCount: columns.length, isOuter });
  out.push(`CROSS JOIN LATERAL ${namedRows(rows, view, columns)}`, at);
  return next;
}
