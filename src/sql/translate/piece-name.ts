// sql/translate/piece-name.ts: what Spark calls columns that are sub-queries or window functions: the frame of a window is told in full.
import { type NamedIn, expressionName } from "../../expression/bind/column-name.ts";
import { parseSelectList } from "../../expression/parse/parse-sql.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { overIndex } from "../words/query-pieces.ts";
import { closingIndex, indexWhere, isSymbol, listItems, startsQuery, wordOf } from "../words/query-words.ts";
import type { Range, Walk } from "../words/walk.ts";

/** What a range, or a text in its place in which pieces have names of their own, is named with. */
export interface NamedRange extends Range {
  readonly text?: string;
  /** Spark's names of sub-queries and window functions, by what stands for them in the text. */
  readonly names?: ReadonlyMap<string, string>;
}

/** What names in an expression stand for. */
export function namedIn(walk: Walk, range: NamedRange): NamedIn {
  const { scope } = walk;
  const { text = sourceOf(walk, range), names = noPieces } = range;
  const isColumn = (name: string): boolean => {
    try {
      return scope.resolve([name]).type !== null;
    } catch (error) {
      if (error instanceof AlluviumError) return false;
      throw error;
    }
  };
  return {
    text,
    pieces: names,
    isColumn,
    isTaken: (name) => isSelected(walk, range, name),
    functions: scope.functions,
  };
}

const noPieces: ReadonlyMap<string, string> = new Map();

/** True when the SELECT list around an item has a column of this name, or a star, beside it. */
function isSelected({ tokens }: Walk, range: Range, name: string): boolean {
  let start = range.start;
  for (let depth = 0; start > 0; start -= 1) {
    const before = tokens[start - 1];
    if (depth === 0 && (wordOf(before) === "select" || isSymbol(before, "("))) break;
    depth += isSymbol(before, ")") ? 1 : isSymbol(before, "(") ? -1 : 0;
  }
  const end = indexWhere(
    tokens,
    { start, end: tokens.length },
    (at) => wordOf(tokens[at]) === "from" || isSymbol(tokens[at], ")"),
  );
  return listItems(tokens, { start, end }).some((item) => {
    if (item.start <= range.start && range.start < item.end) return false;
    const last = tokens[item.end - 1];
    const isName = item.end - item.start === 1 || isSymbol(tokens[item.end - 2], ".");
    return isName && (isSymbol(last, "*") || last?.value.toLowerCase() === name.toLowerCase());
  });
}

/** Spark's name of a sub-query or a window function; what is neither, or not understood, is called by its text. */
export function pieceName(walk: Walk, range: Range): string {
  const { tokens } = walk;
  const { start, end } = range;
  const isExists = wordOf(tokens[start]) === "exists";
  const open = isExists ? start + 1 : start;
  const isWhole = isSymbol(tokens[open], "(") && closingIndex(tokens, open, end) === end - 1;
  if (isWhole && startsQuery(tokens, open + 1)) return isExists ? "exists()" : "scalarsubquery()";
  return windowName(walk, range) ?? memberName(walk, range) ?? plainName(sourceOf(walk, range));
}

/** `a IN (SELECT …)`, NOT or not; null for anything else. */
function memberName(walk: Walk, { start, end }: Range): string | null {
  const { tokens } = walk;
  const at = indexWhere(tokens, { start, end }, (index) => wordOf(tokens[index]) === "in");
  if (!isSymbol(tokens[at + 1], "(") || !startsQuery(tokens, at + 2) || closingIndex(tokens, at + 1, end) !== end - 1)
    return null;
  const isNegated = wordOf(tokens[at - 1]) === "not";
  const operand = nameOf(walk, { start, end: isNegated ? at - 1 : at });
  if (operand === null) return null;
  return isNegated ? `(NOT (${operand} IN (listquery())))` : `(${operand} IN (listquery()))`;
}

/** The text of a range, as written. */
export function sourceOf({ text, tokens }: Walk, { start, end }: Range): string {
  const last = tokens[end - 1];
  return text.slice(tokens[start]?.at ?? 0, last === undefined ? text.length : last.at + last.text.length);
}

const plainName = (text: string): string => text.replaceAll("`", "").replaceAll(/\s+/g, " ");

/** `f(…) OVER (PARTITION BY … ORDER BY … ROWS …)`; null where it is written in another way. */
function windowName(walk: Walk, { start, end }: Range): string | null {
  const { tokens } = walk;
  if (!isSymbol(tokens[start + 1], "(")) return null;
  const over = overIndex(tokens, { start: start + 1, end });
  const open = over === null ? null : isSymbol(tokens[over + 1], "(") ? over + 1 : namedWindow(walk, over + 1);
  if (over === null || open === null) return null;
  const close = closingIndex(tokens, open, tokens.length);
  if ((open === over + 1 ? close : over + 1) !== end - 1) return null;
  const call = nameOf(walk, { start, end: over });
  const passesNulls = /ignore\s+nulls\s*$/i.test(sourceOf(walk, { start, end: over }));
  const shown = passesNulls ? call?.replace(/^(first|last)_value\(/, "$1(") : call;
  const window = call === null ? null : windowParts(walk, { start: open + 1, end: close }, call);
  return window === null ? null : `${shown} OVER (${window.join(" ")})`;
}

/** Where the bracket opens of the window that a word names in the WINDOW clause; null where there is none. */
function namedWindow({ tokens }: Walk, at: number): number | null {
  const found = tokens.findIndex(
    (token, index) =>
      token.value.toLowerCase() === tokens[at]?.value.toLowerCase() &&
      (wordOf(tokens[index - 1]) === "window" || isSymbol(tokens[index - 1], ",")) &&
      wordOf(tokens[index + 1]) === "as" &&
      isSymbol(tokens[index + 2], "("),
  );
  return found < 0 ? null : found + 2;
}

function nameOf(walk: Walk, range: Range): string | null {
  const text = sourceOf(walk, range);
  try {
    const [item, ...more] = parseSelectList(text);
    if (item === undefined || item.alias !== null || more.length > 0) return null;
    return expressionName(item.expression, { ...namedIn(walk, range), parameters: new Set() });
  } catch (error) {
    if (error instanceof AlluviumError) return null;
    throw error;
  }
}

function windowParts(walk: Walk, { start, end }: Range, call: string): readonly string[] | null {
  const { tokens } = walk;
  const frameAt = indexWhere(tokens, { start, end }, (at) => ["rows", "range"].includes(wordOf(tokens[at])));
  const orderAt = indexWhere(tokens, { start, end: frameAt }, (at) => wordOf(tokens[at]) === "order");
  const parts: string[] = [];
  if (orderAt > start) {
    if (wordOf(tokens[start]) !== "partition") return null;
    const names = listItems(tokens, { start: start + 2, end: orderAt }).map((one) => nameOf(walk, one));
    if (names.includes(null)) return null;
    parts.push(`PARTITION BY ${names.join(", ")}`);
  }
  if (frameAt > orderAt) {
    const names = listItems(tokens, { start: orderAt + 2, end: frameAt }).map((one) => orderName(walk, one));
    if (names.includes(null)) return null;
    parts.push(`ORDER BY ${names.join(", ")}`);
  }
  const frame = frameAt < end ? frameName(walk, { start: frameAt, end }) : defaultFrame(call, frameAt > orderAt);
  return frame === null ? null : [...parts, frame];
}

/** `a DESC` as `a DESC NULLS LAST`. */
function orderName(walk: Walk, range: Range): string | null {
  const { tokens } = walk;
  let { end } = range;
  const hasNulls = wordOf(tokens[end - 2]) === "nulls";
  const given = hasNulls ? wordOf(tokens[end - 1]).toUpperCase() : null;
  if (hasNulls) end -= 2;
  const direction = wordOf(tokens[end - 1]);
  const hasDirection = direction === "asc" || direction === "desc";
  const name = nameOf(walk, { start: range.start, end: hasDirection ? end - 1 : end });
  const isDescending = direction === "desc";
  const nulls = given ?? (isDescending ? "LAST" : "FIRST");
  return name === null ? null : `${name} ${isDescending ? "DESC" : "ASC"} NULLS ${nulls}`;
}

function frameName(walk: Walk, { start, end }: Range): string | null {
  const { tokens } = walk;
  const kind = wordOf(tokens[start]).toUpperCase();
  const isBetween = wordOf(tokens[start + 1]) === "between";
  const from = isBetween ? start + 2 : start + 1;
  const and = isBetween ? indexWhere(tokens, { start: from, end }, (at) => wordOf(tokens[at]) === "and") : end;
  const low = boundName(walk, { start: from, end: and }, kind);
  const high = isBetween ? boundName(walk, { start: and + 1, end }, kind) : "CURRENT ROW";
  return low === null || high === null ? null : `${kind} BETWEEN ${low} AND ${high}`;
}

function boundName(walk: Walk, range: Range, kind: string): string | null {
  const side = wordOf(walk.tokens[range.end - 1]);
  if (side === "row") return "CURRENT ROW";
  if (wordOf(walk.tokens[range.start]) === "unbounded") return `UNBOUNDED ${side.toUpperCase()}`;
  const amount = nameOf(walk, { start: range.start, end: range.end - 1 });
  if (amount === null) return null;
  // A range reaches back by adding what is negative.
  const isSpan = wordOf(walk.tokens[range.start]) === "interval";
  return kind === "RANGE" && side === "preceding" && !isSpan
    ? `(- ${amount}) FOLLOWING`
    : `${amount} ${side.toUpperCase()}`;
}

/** The frame that a function has where none is given. */
function defaultFrame(call: string, isOrdered: boolean): string {
  const moved = /^(lag|lead)\(.*, (-?\d+), [^,]*\)$/.exec(call);
  if (moved !== null) {
    const rows = `${moved[1] === "lag" ? -Number(moved[2]) : moved[2]} FOLLOWING`;
    return `ROWS BETWEEN ${rows} AND ${rows}`;
  }
  if (/^(?:row_number|rank|dense_rank|percent_rank|ntile)\(/i.test(call))
    return "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
  return isOrdered
    ? "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    : "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";
}
