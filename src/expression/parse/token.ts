// expression/parse/token.ts: Spark SQL text as tokens. Spark's SqlBaseLexer: literals, escapes, quoting, comments.
import { AlluviumError } from "../../format/text/error.ts";

/** One token; `text` is as written, `value` is what a quoted token means. `at` is its offset in the text. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "symbol" | "end";
  readonly text: string;
  readonly value: string;
  readonly at: number;
}

/**
 * Cuts text into tokens; the last one is `end`. Both kinds of quotation marks make strings, backticks make names.
 * @throws AlluviumError `INVALID_PREDICATE` for a quote or comment without an end and for a character of no meaning
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at = skipBlank(text, at);
    const token =
      at >= text.length ? { kind: "end" as const, text: "", value: "", at: text.length } : readToken(text, at);
    tokens.push(token);
    if (token.kind === "end") return tokens;
    at += token.text.length;
  }
}

/** An `INVALID_PREDICATE` that points at a place in the text. */
export function syntaxError(text: string, at: number, problem: string): AlluviumError {
  const near = text.slice(Math.max(0, at - 20), at + 20).replaceAll(/\s+/g, " ");
  const place = at >= text.length ? "at the end" : `at character ${at + 1}, near "${near}"`;
  return new AlluviumError(
    "INVALID_PREDICATE",
    { text, at },
    `the expression "${text}" cannot be read: ${problem} ${place}`,
  );
}

const blank = /(?:\s|--[^\n]*(?:\n|$))*/y;
const rawString = /[rR]('[^']*'|"[^"]*")/y;
const word = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:BD|[LSYDF])?(?![\p{L}\p{N}_])/iuy;
const symbol = /<=>|<=|>=|<>|!=|!<|!>|==|\|\||\|>|->|=>|::|<<|>>>|>>|[-+*/%=<>!~&|^(),.[\]:?;{}]/y;

function skipBlank(text: string, from: number): number {
  let at = from;
  for (;;) {
    at += matchAt(blank, text, at)?.[0].length ?? 0;
    if (!text.startsWith("/*", at)) return at;
    const end = text.indexOf("*/", at + 2);
    if (end < 0) throw syntaxError(text, at, "a comment has no end");
    at = end + 2;
  }
}

function readToken(text: string, at: number): Token {
  const raw = matchAt(rawString, text, at);
  if (raw !== null) return { kind: "string", text: raw[0], value: (raw[1] ?? "").slice(1, -1), at };
  const first = text[at];
  if (first === "'" || first === '"') return readString(text, at, first);
  if (first === "`") return readQuotedName(text, at);
  const found = matchAt(number, text, at);
  if (found !== null) return { kind: "number", text: found[0], value: found[0], at };
  const name = matchAt(word, text, at);
  if (name !== null) return { kind: "word", text: name[0], value: name[0], at };
  const mark = matchAt(symbol, text, at);
  if (mark !== null) return { kind: "symbol", text: mark[0], value: mark[0], at };
  throw syntaxError(text, at, `the character ${JSON.stringify(first)} has no meaning`);
}

function readQuotedName(text: string, at: number): Token {
  const found = matchAt(/`((?:[^`]|``)+)`/y, text, at);
  if (found === null) throw syntaxError(text, at, "a name in backticks is empty or has no end");
  return { kind: "quoted", text: found[0], value: (found[1] ?? "").replaceAll("``", "`"), at };
}

function readString(text: string, at: number, quote: string): Token {
  let value = "";
  let index = at + 1;
  for (;;) {
    const character = text[index];
    if (character === undefined) throw syntaxError(text, at, "a string has no end");
    if (character === "\\") {
      const escape = readEscape(text, index);
      value += escape.value;
      index += escape.length;
    } else if (character !== quote) {
      value += character;
      index += 1;
    } else if (text[index + 1] === quote) {
      value += quote; // A doubled quote is one quote, as in Spark 4.
      index += 2;
    } else {
      return { kind: "string", text: text.slice(at, index + 1), value, at };
    }
  }
}

const hexEscape = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;
const octalEscape = /\\([0-3][0-7]{2})/y;
const letters: Readonly<Record<string, string>> = {
  "0": "\0",
  b: "\b",
  n: "\n",
  r: "\r",
  t: "\t",
  Z: "\u001a",
  "%": "\\%",
  _: "\\_",
};

/** Spark's escapes; `\%` and `\_` keep their backslash, for LIKE. */
function readEscape(text: string, at: number): { readonly value: string; readonly length: number } {
  const hex = matchAt(hexEscape, text, at);
  if (hex !== null) {
    const point = Number.parseInt(hex[1] ?? hex[2] ?? "", 16);
    if (point > 0x10ffff) throw syntaxError(text, at, "a unicode escape is out of range");
    return { value: String.fromCodePoint(point), length: hex[0].length };
  }
  const octal = matchAt(octalEscape, text, at);
  if (octal !== null) return { value: String.fromCodePoint(Number.parseInt(octal[1] ?? "", 8)), length: 4 };
  const next = text[at + 1];
  if (next === undefined) throw syntaxError(text, at, "a string ends with a backslash");
  return { value: letters[next] ?? next, length: 2 };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
