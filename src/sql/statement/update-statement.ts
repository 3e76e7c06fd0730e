// sql/statement/update-statement.ts: UPDATE table [AS alias] SET column = expression, … [WHERE condition], in Spark's grammar.
import { readExpressionText } from "../../expression/parse/parse-sql.ts";
import { tokenize } from "../../expression/parse/token.ts";
import type { TokenCursor } from "../../expression/parse/token-cursor.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { assignmentKey } from "../../table/rows/assigned-columns.ts";
import type { NameParts } from "../words/statement-words.ts";

/** UPDATE; expressions are text still. */
export interface UpdateStatement {
  readonly kind: "update";
  readonly name: NameParts;
  /** Expressions by column name, DEFAULT among them. */
  readonly set: Readonly<Record<string, string>>;
  readonly where: string | null;
}

/**
 * Reads what stands behind the table's name.
 * @throws AlluviumError `INVALID_PREDICATE` pointing at the place that cannot be read
 */
export function readUpdate(cursor: TokenCursor, name: NameParts): UpdateStatement {
  const alias = readAlias(cursor, ["set"]) ?? name.at(-1) ?? "";
  cursor.expectWord("set");
  const set = readAssignments(cursor, alias);
  const where = cursor.takeWord("where") ? unqualified(readExpressionText(cursor), alias) : null;
  return { kind: "update", name, set, where };
}

/** `[AS] alias`; null where one of the words comes next that may follow a table. */
export function readAlias(cursor: TokenCursor, next: readonly string[]): string | null {
  const isNamed = cursor.takeWord("as");
  return isNamed || (!cursor.isWord(next) && ["word", "quoted"].includes(cursor.peek().kind))
    ? cursor.expectName()
    : null;
}

/** `column = expression, …`; columns may be qualified by the table's alias. */
function readAssignments(cursor: TokenCursor, alias: string): Readonly<Record<string, string>> {
  const set = new Map<string, string>();
  do {
    const column = readTarget(cursor, alias);
    if (set.has(column)) throw setTwice(column);
    cursor.expectSymbol("=");
    set.set(column, unqualified(readExpressionText(cursor), alias));
  } while (cursor.takeSymbol(","));
  return Object.fromEntries(set);
}

/** What SET names: a column or a field of one, with or without the table's alias. */
export function readTarget(cursor: TokenCursor, alias: string): string {
  const parts = [cursor.expectName()];
  while (cursor.takeSymbol(".")) parts.push(cursor.expectName());
  const isQualified = parts.length > 1 && parts[0]?.toLowerCase() === alias.toLowerCase();
  return assignmentKey(isQualified ? parts.slice(1) : parts);
}

/** One thing that SET names twice. */
export function setTwice(column: string): AlluviumError {
  return new AlluviumError("DELTA_CONFLICT_SET_COLUMN", { column }, `${column} is set twice; name each column once`);
}

/** The text without `alias.` before names. */
function unqualified(text: string, alias: string): string {
  const tokens = [...tokenize(text)];
  const parts: string[] = [];
  let from = 0;
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    const before = tokens[index - 1];
    const isName = token.kind === "word" || token.kind === "quoted";
    const isQualifier = isName && next?.kind === "symbol" && next.text === "." && before?.text !== ".";
    if (!isQualifier || token.value.toLowerCase() !== alias.toLowerCase()) continue;
    parts.push(text.slice(from, token.at));
    from = next.at + 1;
  }
  return [...parts, text.slice(from)].join("");
}
