// sql/words/table-clauses.ts: what a query says of a table beside its name: a version or a time, that it is a stream, a watermark.
// Spark's grammar: temporalClause, streamRelationPrimary, watermarkClause.
import { syntaxError } from "../../expression/parse/token.ts";
import { closingIndex, indexWhere, isSymbol, joinWords, clauseWords, wordOf } from "./query-words.ts";
import type { NamedTable, TableWatermark } from "./sql-output.ts";
import { readTableChanges } from "./table-changes.ts";
import type { Range, Walk } from "./walk.ts";

/** A table with its clauses, and the index behind them. */
export interface ClausedTable {
  readonly table: NamedTable;
  readonly next: number;
}

/**
 * Reads the table at `start`, up to its alias; null where there is nothing but a name.
 * @throws AlluviumError `INVALID_PREDICATE` pointing at a clause that cannot be read
 */
export function readTableClauses(walk: Walk, { start, end }: Range): ClausedTable | null {
  const { tokens } = walk;
  if (wordOf(tokens[start]) === "stream" && namesStream(walk, start + 1)) {
    const isBracket = isSymbol(tokens[start + 1], "(");
    const name = nameAt(walk, isBracket ? start + 2 : start + 1);
    const options = optionsAt(walk, isBracket ? name.next + 1 : name.next);
    const watermark = readWatermark(walk, { start: options.next, end });
    const table = {
      parts: name.parts,
      isStream: true,
      options: options.options,
      watermark: watermark?.watermark ?? null,
    };
    return { table, next: watermark?.next ?? options.next };
  }
  const changes = readTableChanges(walk, start);
  if (changes !== null) return changes;
  const name = nameAt(walk, start);
  const travel = timeTravel(walk, name.next, name.parts);
  const next = travel?.next ?? name.next;
  const watermark = readWatermark(walk, { start: next, end });
  if (watermark === null) return travel;
  return {
    table: { ...(travel?.table ?? plainTable(name.parts)), watermark: watermark.watermark },
    next: watermark.next,
  };
}

/**
 * `WATERMARK ts DELAY OF INTERVAL 10 MINUTES`, or null where there is none.
 * @throws AlluviumError `INVALID_PREDICATE` where a part of it is missing
 */
export function readWatermark(
  walk: Walk,
  { start, end }: Range,
): { readonly watermark: TableWatermark; readonly next: number } | null {
  const { tokens, text } = walk;
  if (wordOf(tokens[start]) !== "watermark" || tokens[start + 1]?.kind === "symbol") return null;
  const isDelay = (index: number): boolean =>
    wordOf(tokens[index]) === "delay" && wordOf(tokens[index + 1]) === "of" && wordOf(tokens[index + 2]) === "interval";
  const delay = indexWhere(tokens, { start: start + 1, end }, isDelay);
  if (delay >= end) {
    // A word behind a table may be its alias: it is a clause only with the words that follow.
    if (indexWhere(tokens, { start: start + 1, end }, (index) => wordOf(tokens[index]) === "delay") >= end) return null;
    throw syntaxError(
      text,
      tokens[start]?.at ?? 0,
      "WATERMARK is followed by a column and DELAY OF INTERVAL 10 MINUTES:",
    );
  }
  const last = tokens[delay - 1];
  const column = text.slice(tokens[start + 1]?.at ?? 0, last === undefined ? 0 : last.at + last.text.length);
  const words: string[] = [];
  let next = delay + 3;
  while (next < end && isIntervalPart(walk, next)) {
    words.push(tokens[next]?.value ?? "");
    next += 1;
  }
  if (words.length === 0)
    throw syntaxError(
      text,
      tokens[next]?.at ?? text.length,
      "INTERVAL is followed by a number and a unit, such as 10 MINUTES,",
    );
  return { watermark: { column, delay: words.join(" "), at: tokens[start + 1]?.at ?? 0 }, next };
}

const units = /^(microsecond|millisecond|second|minute|hour|day|week|month|year)s?$/i;

function isIntervalPart({ tokens }: Walk, index: number): boolean {
  const token = tokens[index];
  if (token?.kind === "number" || token?.kind === "string") return true;
  return (
    token?.kind === "word" && units.test(token.text) && ["number", "string"].includes(tokens[index - 1]?.kind ?? "")
  );
}

/** STREAM is a name too: of a table, or of one with an alias that is a clause. */
function namesStream({ tokens }: Walk, index: number): boolean {
  const token = tokens[index];
  if (isSymbol(token, "(")) return tokens[index + 1]?.kind === "word" || tokens[index + 1]?.kind === "quoted";
  if (token?.kind === "quoted") return true;
  const word = wordOf(token);
  return (
    word !== "" &&
    !["as", "version", "timestamp", "for"].includes(word) &&
    !joinWords.has(word) &&
    !clauseWords.has(word)
  );
}

const plainTable = (parts: readonly string[]): NamedTable => ({
  parts,
  isStream: false,
  options: new Map(),
  watermark: null,
});

/** A name, part by part. */
export function nameAt({ tokens }: Walk, start: number): { readonly parts: readonly string[]; readonly next: number } {
  const parts = [tokens[start]?.value ?? ""];
  let next = start + 1;
  while (isSymbol(tokens[next], ".") && tokens[next + 1]?.kind !== "end") {
    parts.push(tokens[next + 1]?.value ?? "");
    next += 2;
  }
  return { parts, next };
}

/** `WITH ('key' = 'value', …)` */
function optionsAt(
  { tokens }: Walk,
  start: number,
): { readonly options: ReadonlyMap<string, string>; readonly next: number } {
  const options = new Map<string, string>();
  if (wordOf(tokens[start]) !== "with" || !isSymbol(tokens[start + 1], "(")) return { options, next: start };
  const close = closingIndex(tokens, start + 1, tokens.length);
  for (let index = start + 2; index < close; index += 1) {
    const key = tokens[index]?.value ?? "";
    if (isSymbol(tokens[index + 1], "=")) index += 1;
    options.set(key, tokens[index + 1]?.value ?? "");
    index += 2;
  }
  return { options, next: close + 1 };
}

/** `[FOR] VERSION AS OF n`, `[FOR] TIMESTAMP AS OF 'time'`. */
function timeTravel(walk: Walk, start: number, parts: readonly string[]): ClausedTable | null {
  const { tokens, text } = walk;
  const first = wordOf(tokens[start]) === "for" ? start + 1 : start;
  const word = wordOf(tokens[first]);
  const isTravel = ["version", "system_version", "timestamp", "system_time"].includes(word);
  if (!isTravel || wordOf(tokens[first + 1]) !== "as" || wordOf(tokens[first + 2]) !== "of") return null;
  const isTyped = wordOf(tokens[first + 3]) === "timestamp" || wordOf(tokens[first + 3]) === "date";
  const value = tokens[first + (isTyped ? 4 : 3)];
  const next = first + (isTyped ? 5 : 4);
  const isVersion = word === "version" || word === "system_version";
  if (isVersion && value !== undefined && /^\d{1,15}$/.test(value.value))
    return { table: { ...plainTable(parts), version: Number(value.value) }, next };
  if (!isVersion && value?.kind === "string") return { table: { ...plainTable(parts), timestamp: value.value }, next };
  const wanted = isVersion
    ? "VERSION AS OF takes a version from 0, not"
    : "TIMESTAMP AS OF takes a time in quotes, not";
  throw syntaxError(text, value?.at ?? text.length, wanted);
}
