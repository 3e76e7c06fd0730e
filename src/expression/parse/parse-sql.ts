// expression/parse/parse-sql.ts: expressions of Spark SQL. Precedence as in Spark's SqlBaseParser, rules `booleanExpression`,
// `predicate` and `valueExpression`.
import type { Comparison } from "../tree/expression.ts";
import { parsePrimary } from "./parse-primary.ts";
import type { Grammar } from "./parse-call.ts";
import { parseText } from "./parse-literal.ts";
import type { ArithmeticOperator, LikeOperator, SelectItem, Syntax } from "../tree/syntax.ts";
import { TokenCursor } from "./token-cursor.ts";

/**
 * Parses one expression.
 * @throws AlluviumError `INVALID_PREDICATE` pointing at the place that cannot be read
 */
export function parseExpression(text: string): Syntax {
  const cursor = new TokenCursor(text);
  const node = expression(cursor);
  if (!cursor.isAtEnd) throw cursor.fail("this does not belong here:");
  return node;
}

/**
 * Reads an expression in the midst of other words.
 * @returns its text
 * @throws AlluviumError `INVALID_PREDICATE` pointing at the place that cannot be read
 */
export function readExpressionText(cursor: TokenCursor): string {
  const from = cursor.peek().at;
  expression(cursor);
  return cursor.text.slice(from, cursor.peek().at).trim();
}

/**
 * Parses a SELECT list: expressions, each with an alias or without.
 * @throws AlluviumError `INVALID_PREDICATE` pointing at the place that cannot be read
 */
export function parseSelectList(text: string): readonly SelectItem[] {
  const cursor = new TokenCursor(text);
  const items: SelectItem[] = [];
  do {
    const item = expression(cursor);
    const isNamed = cursor.takeWord("as") || ["word", "quoted"].includes(cursor.peek().kind);
    items.push({ expression: item, alias: isNamed ? cursor.expectName() : null });
  } while (cursor.takeSymbol(","));
  if (!cursor.isAtEnd) throw cursor.fail("this does not belong here:");
  return items;
}

function expression(cursor: TokenCursor): Syntax {
  return cursor.nested(() => joined(cursor, "or", () => joined(cursor, "and", () => negation(cursor))));
}

function joined(cursor: TokenCursor, word: "and" | "or", operand: () => Syntax): Syntax {
  const at = cursor.peek().at;
  const operands = [operand()];
  while (cursor.takeWord(word)) operands.push(operand());
  return operands.length === 1 && operands[0] !== undefined ? operands[0] : { kind: word, operands, at };
}

function negation(cursor: TokenCursor): Syntax {
  const at = cursor.peek().at;
  if (!cursor.takeWord("not") && !cursor.takeSymbol("!")) return predicate(cursor);
  return { kind: "not", operand: cursor.nested(() => negation(cursor)), at };
}

/** A value and the tests that may follow it: IS, IN, BETWEEN, LIKE. */
function predicate(cursor: TokenCursor): Syntax {
  let node = value(cursor);
  for (;;) {
    const next = test(cursor, node);
    if (next === null) return node;
    node = next;
  }
}

const tests: readonly string[] = ["between", "in", "like", "ilike", "rlike", "regexp"];

function test(cursor: TokenCursor, operand: Syntax): Syntax | null {
  const at = cursor.peek().at;
  if (cursor.takeWord("is")) return isTest(cursor, operand);
  const isNegated = (cursor.isWord("not") || cursor.isSymbol("!")) && cursor.isWord(tests, 1);
  if (isNegated) cursor.next();
  if (!cursor.isWord(tests)) return null;
  if (cursor.isWord(["like", "ilike"]) && cursor.isWord(["all", "any", "some"], 1) && cursor.isSymbol("(", 2))
    return likeList(cursor, operand, isNegated);
  const node = positiveTest(cursor, operand);
  return isNegated ? { kind: "not", operand: node, at } : node;
}

function isTest(cursor: TokenCursor, operand: Syntax): Syntax {
  const at = cursor.peek().at;
  const isNegated = cursor.takeWord("not");
  const node = isTestBody(cursor, operand);
  return isNegated ? { kind: "not", operand: node, at } : node;
}

function isTestBody(cursor: TokenCursor, operand: Syntax): Syntax {
  const at = cursor.peek().at;
  if (cursor.takeWord("null")) return { kind: "isNull", operand, at };
  if (cursor.takeWord("true")) return { kind: "isTruth", operand, truth: true, at };
  if (cursor.takeWord("false")) return { kind: "isTruth", operand, truth: false, at };
  if (cursor.takeWord("unknown")) return { kind: "isTruth", operand, truth: null, at };
  cursor.expectWord("distinct");
  cursor.expectWord("from");
  return { kind: "not", operand: { kind: "compare", op: "<=>", left: operand, right: value(cursor), at }, at };
}

function positiveTest(cursor: TokenCursor, operand: Syntax): Syntax {
  const at = cursor.peek().at;
  if (cursor.takeWord("between")) {
    const low = value(cursor);
    cursor.expectWord("and");
    return { kind: "between", operand, low, high: value(cursor), at };
  }
  if (cursor.takeWord("in")) return inList(cursor, operand);
  const word = cursor.next().text.toLowerCase();
  const op: LikeOperator = word === "regexp" ? "rlike" : (word as LikeOperator); // one of `tests`
  const pattern = value(cursor);
  return { kind: "like", op, operand, pattern, escape: op === "rlike" ? "" : likeEscape(cursor), at };
}

function inList(cursor: TokenCursor, operand: Syntax): Syntax {
  const at = cursor.peek().at;
  cursor.expectSymbol("(");
  if (cursor.isWord(["select", "with"])) throw cursor.fail("a subquery is not possible here:");
  const values = [expression(cursor)];
  while (cursor.takeSymbol(",")) values.push(expression(cursor));
  cursor.expectSymbol(")");
  return { kind: "in", operand, values, at };
}

/** `LIKE ANY (…)`; with NOT each pattern is refused by itself: NOT LIKE ANY is true where one of them does not match. */
function likeList(cursor: TokenCursor, operand: Syntax, isNegated: boolean): Syntax {
  const at = cursor.peek().at;
  const op = cursor.next().text.toLowerCase() === "ilike" ? "ilike" : "like";
  const kind = cursor.next().text.toLowerCase() === "all" ? "and" : "or";
  cursor.expectSymbol("(");
  const operands: Syntax[] = [];
  do {
    const like: Syntax = { kind: "like", op, operand, pattern: expression(cursor), escape: "\\", at };
    operands.push(isNegated ? { kind: "not", operand: like, at } : like);
  } while (cursor.takeSymbol(","));
  cursor.expectSymbol(")");
  return { kind, operands, isLikeList: true, at };
}

function likeEscape(cursor: TokenCursor): string {
  if (!cursor.takeWord("escape")) return "\\";
  if (cursor.peek().kind !== "string") throw cursor.fail("ESCAPE takes one character in quotes:");
  const text = parseText(cursor);
  const escape = text.kind === "literal" && text.literal.type === "string" ? text.literal.value : "";
  if (escape.length !== 1) throw cursor.fail("ESCAPE takes one character in quotes:");
  return escape;
}

const comparisons: Readonly<Record<string, Comparison>> = {
  "=": "=",
  "==": "=",
  "<=>": "<=>",
  "<>": "<>",
  "!=": "<>",
  "<": "<",
  "!>": "<=",
  "<=": "<=",
  ">": ">",
  "!<": ">=",
  ">=": ">=",
};

/** Loosest first. */
const arithmetic: readonly (readonly ArithmeticOperator[])[] = [
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>", ">>>"],
  ["+", "-", "||"],
  ["*", "/", "%", "div"],
];

function value(cursor: TokenCursor): Syntax {
  let left = operation(cursor, 0);
  for (;;) {
    const token = cursor.peek();
    const op = token.kind === "symbol" ? comparisons[token.text] : undefined;
    if (op === undefined) return left;
    cursor.next();
    left = { kind: "compare", op, left, right: operation(cursor, 0), at: token.at };
  }
}

function operation(cursor: TokenCursor, level: number): Syntax {
  const operators = arithmetic[level];
  if (operators === undefined) return signed(cursor);
  let left = operation(cursor, level + 1);
  for (;;) {
    const token = cursor.peek();
    const op = operators.find((o) => (o === "div" ? cursor.isWord("div") : cursor.isSymbol(o)));
    if (op === undefined) return left;
    cursor.next();
    left = { kind: "arithmetic", op, left, right: operation(cursor, level + 1), at: token.at };
  }
}

function signed(cursor: TokenCursor): Syntax {
  const token = cursor.peek();
  const op = (["-", "+", "~"] as const).find((sign) => cursor.isSymbol(sign));
  if (op === undefined) return parsePrimary(cursor, grammar);
  cursor.next();
  if (op === "-" && cursor.peek().kind === "number") return parsePrimary(cursor, { ...grammar, isNegative: true });
  return { kind: "sign", op, operand: cursor.nested(() => signed(cursor)), at: token.at };
}

const grammar: Grammar = { expression, value, isNegative: false };
