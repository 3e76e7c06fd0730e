// expression/parse/parse-primary.ts: the operands of Spark SQL: literals, names, calls, CASE, CAST and what follows them.
import { type Grammar, call, isUnit, nameOrCall, units } from "./parse-call.ts";
import { parseNumber, parseText, parseTypedLiteral } from "./parse-literal.ts";
import { parseType } from "./parse-type.ts";
import { booleanSyntax, nullSyntax, textSyntax } from "../tree/syntax.ts";
import type { CaseBranch, Syntax } from "../tree/syntax.ts";
import type { TokenCursor } from "./token-cursor.ts";

/**
 * Reads one operand with the `.field`, `[index]` and `::type` after it.
 * @throws AlluviumError `INVALID_PREDICATE` when there is none
 */
export function parsePrimary(cursor: TokenCursor, grammar: Grammar): Syntax {
  let node = base(cursor, grammar);
  for (;;) {
    const at = cursor.peek().at;
    if (cursor.takeSymbol(".")) {
      if (cursor.takeSymbol("*")) throw cursor.fail("a star behind a name is not possible here:");
      const name = cursor.expectName();
      node =
        node.kind === "name" ? { ...node, parts: [...node.parts, name] } : { kind: "field", operand: node, name, at };
    } else if (cursor.takeSymbol("[")) {
      node = { kind: "index", operand: node, index: grammar.value(cursor), at };
      cursor.expectSymbol("]");
    } else if (cursor.takeSymbol("::")) {
      node = { kind: "cast", operand: node, type: parseType(cursor), isTry: false, at };
    } else {
      return node;
    }
  }
}

function base(cursor: TokenCursor, grammar: Grammar): Syntax {
  const token = cursor.peek();
  switch (token.kind) {
    case "number":
      return parseNumber(cursor, grammar.isNegative);
    case "string":
      return parseText(cursor);
    case "quoted":
      cursor.next();
      return { kind: "name", parts: [token.value], at: token.at };
    case "word":
      return parseTypedLiteral(cursor) ?? special(cursor, grammar) ?? nameOrCall(cursor, grammar);
    case "symbol":
      return parenthesized(cursor, grammar);
    case "end":
      throw cursor.fail("an operand is missing");
  }
}

function parenthesized(cursor: TokenCursor, grammar: Grammar): Syntax {
  const at = cursor.peek().at;
  if (cursor.takeSymbol("*")) return { kind: "star", at };
  if (!cursor.takeSymbol("(")) throw cursor.fail("an operand is missing");
  if (cursor.isWord(["select", "with"])) throw cursor.fail("a subquery is not possible here:");
  const names = lambdaNames(cursor);
  if (names !== null) return { kind: "lambda", parameters: names, body: grammar.expression(cursor), at };
  const items = [grammar.expression(cursor)];
  while (cursor.takeSymbol(",")) items.push(grammar.expression(cursor));
  cursor.expectSymbol(")");
  const [only] = items;
  if (items.length === 1 && only !== undefined) return only;
  return { kind: "call", name: "row", args: items, isDistinct: false, filter: null, at };
}

/** `(x, y) ->` behind the opening bracket, taken if it is there. */
function lambdaNames(cursor: TokenCursor): readonly string[] | null {
  let ahead = 0;
  while (cursor.peek(ahead).kind === "word" && cursor.isSymbol(",", ahead + 1)) ahead += 2;
  const isLambda =
    cursor.peek(ahead).kind === "word" && cursor.isSymbol(")", ahead + 1) && cursor.isSymbol("->", ahead + 2);
  if (!isLambda) return null;
  const names = [cursor.expectName()];
  while (cursor.takeSymbol(",")) names.push(cursor.expectName());
  cursor.expectSymbol(")");
  cursor.expectSymbol("->");
  return names;
}

function special(cursor: TokenCursor, grammar: Grammar): Syntax | null {
  const { at, text } = cursor.peek();
  const isCall = cursor.isSymbol("(", 1);
  switch (text.toLowerCase()) {
    case "null":
      cursor.next();
      return nullSyntax(at);
    case "true":
    case "false":
      cursor.next();
      return booleanSyntax(text.toLowerCase() === "true", at);
    case "case":
      return caseOf(cursor, grammar);
    case "interval":
      return cursor.peek(1).kind === "string" || cursor.peek(1).kind === "number" || cursor.isSymbol("-", 1)
        ? interval(cursor)
        : null;
    case "cast":
    case "try_cast":
      return isCall ? castOf(cursor, grammar) : null;
    case "extract":
    case "position":
    case "trim":
    case "overlay":
    case "substring":
    case "substr":
      return isCall ? wordyCall(cursor, grammar) : null;
    case "exists":
      if (isCall && cursor.isWord(["select", "with"], 2)) throw cursor.fail("a subquery is not possible here:");
      return null;
    case "current_date":
    case "current_timestamp":
    case "localtimestamp":
      if (isCall) return null;
      cursor.next();
      return { kind: "call", name: text, args: [], isDistinct: false, filter: null, isBare: true, at };
    default:
      return null;
  }
}

function caseOf(cursor: TokenCursor, grammar: Grammar): Syntax {
  const { at } = cursor.next();
  const operand = cursor.isWord("when") ? null : grammar.expression(cursor);
  const branches: CaseBranch[] = [];
  while (cursor.takeWord("when")) {
    const when = grammar.expression(cursor);
    cursor.expectWord("then");
    branches.push({ when, result: grammar.expression(cursor) });
  }
  if (branches.length === 0) throw cursor.fail("WHEN is missing");
  const otherwise = cursor.takeWord("else") ? grammar.expression(cursor) : null;
  cursor.expectWord("end");
  return { kind: "case", operand, branches, otherwise, at };
}

function castOf(cursor: TokenCursor, grammar: Grammar): Syntax {
  const { at, text } = cursor.next();
  cursor.expectSymbol("(");
  const operand = grammar.expression(cursor);
  cursor.expectWord("as");
  const type = parseType(cursor);
  cursor.expectSymbol(")");
  return { kind: "cast", operand, type, isTry: text.toLowerCase() === "try_cast", at };
}

function interval(cursor: TokenCursor): Syntax {
  const { at } = cursor.next();
  if (isUnit(cursor, 1) && cursor.isWord("to", 2)) return { kind: "interval", parts: intervalRange(cursor), at };
  const parts: { amount: string; unit: string }[] = [];
  const whole = cursor.peek().kind === "string" && !isUnit(cursor, 1);
  if (whole) {
    const words = cursor
      .next()
      .value.trim()
      .replace(/^interval\s+/i, "");
    for (const [, amount = "", unit = ""] of words.matchAll(/([+-]?\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
      parts.push({ amount, unit: unit.toLowerCase().replace(/s$/, "") });
    }
  } else {
    do {
      const sign = cursor.takeSymbol("-") ? "-" : "";
      if (!isUnit(cursor, 1)) throw cursor.fail("an interval wants a number and a unit:");
      parts.push({
        amount: sign + cursor.next().value.trim(),
        unit: cursor.next().text.toLowerCase().replace(/s$/, ""),
      });
    } while (["number", "string"].includes(cursor.peek().kind) && isUnit(cursor, 1));
  }
  const isGood = parts.every(({ amount, unit }) => /^[+-]?\d+(\.\d+)?$/.test(amount) && units.includes(unit));
  if (parts.length === 0 || !isGood) throw cursor.fail("this interval is not understood:");
  return { kind: "interval", parts, at };
}

/** `'1-2' YEAR TO MONTH`, `'1 02:03:04.5' DAY TO SECOND`, and what lies between. */
function intervalRange(cursor: TokenCursor): readonly { readonly amount: string; readonly unit: string }[] {
  const isNegated = cursor.takeSymbol("-");
  const text = cursor.next().value.trim();
  const from = rangeUnits.indexOf(cursor.next().text.toLowerCase().replace(/s$/, ""));
  cursor.next();
  const to = rangeUnits.indexOf(cursor.next().text.toLowerCase().replace(/s$/, ""));
  const isMonths = from === 0 && to === 1;
  if (!isMonths && !(from >= 2 && to > from))
    throw cursor.fail("an interval goes from YEAR TO MONTH, or from DAY down to SECOND:");
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/.exec(text) ?? [];
  const shape = isMonths ? /^\d+-\d+$/ : /^\d+(?:[ :]\d+)*(?:\.\d+)?$/;
  const amounts = rest.split(isMonths ? "-" : /[ :]+/);
  if (!shape.test(rest) || amounts.length !== to - from + 1) throw cursor.fail("this interval is not understood:");
  const minus = (sign === "-") !== isNegated ? "-" : "";
  return amounts.map((amount, index) => ({ amount: minus + amount, unit: rangeUnits[from + index] ?? "" }));
}

const rangeUnits: readonly string[] = ["year", "month", "day", "hour", "minute", "second"];

/** Calls that may be written with words between their arguments. */
function wordyCall(cursor: TokenCursor, grammar: Grammar): Syntax {
  const { at, text } = cursor.next();
  const name = text.toLowerCase();
  cursor.expectSymbol("(");
  let node: Syntax;
  if (name === "extract") {
    const field = textSyntax(cursor.expectName(), at);
    cursor.expectWord("from");
    node = call("date_part", [field, grammar.expression(cursor)], at);
  } else if (name === "trim") {
    node = trimOf(cursor, grammar, at);
  } else {
    const args = [name === "position" ? grammar.value(cursor) : grammar.expression(cursor)];
    const isIn = name === "position" && cursor.takeWord("in");
    if (isIn) args.push(grammar.value(cursor));
    while (cursor.takeSymbol(",") || cursor.takeWord(["placing", "from", "for"])) args.push(grammar.expression(cursor));
    node = call(isIn ? "locate" : name, args, at);
  }
  cursor.expectSymbol(")");
  return node;
}

function trimOf(cursor: TokenCursor, grammar: Grammar, at: number): Syntax {
  const side =
    cursor.isWord(["both", "leading", "trailing"]) && !cursor.isSymbol(")", 1)
      ? cursor.next().text.toLowerCase()
      : "both";
  const name = side === "leading" ? "ltrim" : side === "trailing" ? "rtrim" : "btrim";
  if (cursor.takeWord("from")) return call(name, [grammar.expression(cursor)], at);
  const first = grammar.expression(cursor);
  const isList = cursor.takeSymbol(",");
  if (!isList && !cursor.takeWord("from")) return call(name, [first], at);
  const text = grammar.expression(cursor);
  // The characters come first here, as those of ltrim and rtrim do, and last in btrim.
  return call(name, name === "btrim" ? [text, first] : [first, text], at);
}
