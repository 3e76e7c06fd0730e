// expression/parse/parse-call.ts: names and calls of Spark SQL.
import { textSyntax, wholeRow } from "../tree/syntax.ts";
import type { Syntax } from "../tree/syntax.ts";
import type { TokenCursor } from "./token-cursor.ts";

/** The rules above this one. */
export interface Grammar {
  /** A whole expression, AND and OR included. */
  readonly expression: (cursor: TokenCursor) => Syntax;
  /** A value: arithmetic and comparisons only. */
  readonly value: (cursor: TokenCursor) => Syntax;
  /** A minus sign stands before the number that comes next. */
  readonly isNegative: boolean;
}

/** Words that are part of the grammar here and therefore no names unless quoted. */
const reserved: ReadonlySet<string> = new Set(
  "and or not in is between like ilike rlike regexp then when else end from as select where union with distinct over".split(
    " ",
  ),
);

/** A name, a lambda of one parameter, or a call. @throws AlluviumError `INVALID_PREDICATE` for a word of the grammar */
export function nameOrCall(cursor: TokenCursor, grammar: Grammar): Syntax {
  const token = cursor.peek();
  if (reserved.has(token.text.toLowerCase())) throw cursor.fail("an operand is missing");
  cursor.next();
  if (cursor.takeSymbol("->"))
    return { kind: "lambda", parameters: [token.text], body: grammar.expression(cursor), at: token.at };
  if (!cursor.takeSymbol("(")) return { kind: "name", parts: [token.text], at: token.at };
  const moved = unitFirst.get(token.text.toLowerCase());
  if (moved !== undefined && isUnit(cursor, 0) && cursor.isSymbol(",", 1)) {
    const unit = textSyntax(cursor.next().text.toLowerCase(), token.at);
    cursor.expectSymbol(",");
    const first = grammar.expression(cursor);
    cursor.expectSymbol(",");
    const args = [unit, first, grammar.expression(cursor)];
    cursor.expectSymbol(")");
    return call(moved, args, token.at);
  }
  if (token.text.toLowerCase() === "struct") return structOf(cursor, grammar, token.at);
  const isDistinct = cursor.takeWord("distinct");
  const args = cursor.isSymbol(")") ? [] : [grammar.expression(cursor)];
  while (cursor.takeSymbol(",")) args.push(grammar.expression(cursor));
  cursor.expectSymbol(")");
  const filter = filterOf(cursor, grammar);
  const ignoresNulls = nullsIgnored(cursor);
  if (cursor.isWord("over")) throw cursor.fail("a window function is not possible here:");
  return { kind: "call", name: token.text, args, isDistinct, filter, ignoresNulls, at: token.at };
}

/** Functions whose first argument is the bare word of a unit. */
const unitFirst: ReadonlyMap<string, string> = new Map([
  ["dateadd", "timestampadd"],
  ["date_add", "timestampadd"],
  ["timestampadd", "timestampadd"],
  ["datediff", "timestampdiff"],
  ["date_diff", "timestampdiff"],
  ["timestampdiff", "timestampdiff"],
]);

/** `struct(a, b + 1 AS c)`: columns keep their names, other values are called col1, col2, … */
function structOf(cursor: TokenCursor, grammar: Grammar, at: number): Syntax {
  const row = rowOf(cursor, at);
  if (row !== null) return row;
  const args: Syntax[] = [];
  while (!cursor.isSymbol(")")) {
    if (args.length > 0) cursor.expectSymbol(",");
    const value = grammar.expression(cursor);
    const own = value.kind === "name" ? value.parts.at(-1) : value.kind === "field" ? value.name : undefined;
    const name = cursor.takeWord("as") ? cursor.expectName() : (own ?? `col${args.length / 2 + 1}`);
    args.push(textSyntax(name, value.at), value);
  }
  cursor.expectSymbol(")");
  return call("named_struct", args, at);
}

/** `struct(*)` and `struct(t.*)`; null for any other. */
function rowOf(cursor: TokenCursor, at: number): Syntax | null {
  const isOfTable = cursor.isSymbol(".", 1) && cursor.isSymbol("*", 2) && cursor.isSymbol(")", 3);
  if (!isOfTable && !(cursor.isSymbol("*") && cursor.isSymbol(")", 1))) return null;
  const args = isOfTable ? [textSyntax(cursor.expectName(), at)] : [];
  cursor.takeSymbol(".");
  cursor.takeSymbol("*");
  cursor.expectSymbol(")");
  return call(wholeRow, args, at);
}

function filterOf(cursor: TokenCursor, grammar: Grammar): Syntax | null {
  if (!cursor.isWord("filter") || !cursor.isSymbol("(", 1)) return null;
  cursor.next();
  cursor.next();
  cursor.expectWord("where");
  const filter = grammar.expression(cursor);
  cursor.expectSymbol(")");
  return filter;
}

/** `IGNORE NULLS`, or `RESPECT NULLS`, which is so without being said. */
function nullsIgnored(cursor: TokenCursor): boolean {
  if (!cursor.isWord("nulls", 1) || !cursor.isWord(["ignore", "respect"])) return false;
  const isIgnored = cursor.next().text.toLowerCase() === "ignore";
  cursor.next();
  return isIgnored;
}

/** Units of intervals. */
export const units: readonly string[] = [
  "year",
  "quarter",
  "month",
  "week",
  "day",
  "hour",
  "minute",
  "second",
  "millisecond",
  "microsecond",
];

/** True where a unit of time stands. */
export const isUnit = (cursor: TokenCursor, ahead: number): boolean =>
  cursor.isWord([...units, ...units.map((unit) => `${unit}s`)], ahead);

/** A call as the parser makes it of other words. */
export function call(name: string, args: readonly Syntax[], at: number): Syntax {
  return { kind: "call", name, args, isDistinct: false, filter: null, at };
}
