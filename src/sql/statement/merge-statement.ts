// sql/statement/merge-statement.ts: MERGE INTO table USING source ON condition WHEN …, in Spark's grammar.
import { readExpressionText } from "../../expression/parse/parse-sql.ts";
import type { TokenCursor } from "../../expression/parse/token-cursor.ts";
import { type NameParts, nameOf, takeWords } from "../words/statement-words.ts";
import { readAlias, readTarget, setTwice } from "./update-statement.ts";

/** A WHEN clause; expressions are text still. */
export type MergeClauseText =
  | {
      readonly kind: "update";
      readonly rows: "matched" | "notMatchedBySource";
      readonly condition?: string;
      readonly set: Readonly<Record<string, string>> | "all";
    }
  | { readonly kind: "delete"; readonly rows: "matched" | "notMatchedBySource"; readonly condition?: string }
  | {
      readonly kind: "insert";
      readonly rows: "notMatched";
      readonly condition?: string;
      readonly values: Readonly<Record<string, string>> | "all";
    };

/** MERGE INTO. */
export interface MergeStatement {
  readonly kind: "merge";
  readonly name: NameParts;
  readonly targetAlias: string;
  readonly sourceAlias: string;
  /** A query that gives the source. */
  readonly query: string;
  readonly on: string;
  readonly clauses: readonly MergeClauseText[];
  readonly withSchemaEvolution: boolean;
}

/**
 * Reads what stands behind MERGE: [WITH SCHEMA EVOLUTION] INTO table …
 * @throws AlluviumError `INVALID_PREDICATE` pointing at the place that cannot be read
 */
export function readMerge(cursor: TokenCursor): MergeStatement {
  const withSchemaEvolution = takeWords(cursor, ["with", "schema", "evolution"]);
  cursor.expectWord("into");
  const name = nameOf(cursor);
  const targetAlias = readAlias(cursor, ["using"]) ?? name.at(-1) ?? "target";
  cursor.expectWord("using");
  const source = readSource(cursor);
  const sourceAlias = readAlias(cursor, ["on"]) ?? source.name;
  cursor.expectWord("on");
  const on = readExpressionText(cursor);
  const clauses: MergeClauseText[] = [];
  while (cursor.takeWord("when")) clauses.push(readClause(cursor, targetAlias));
  return { kind: "merge", name, targetAlias, sourceAlias, query: source.query, on, clauses, withSchemaEvolution };
}

interface SourceText {
  readonly query: string;
  readonly name: string;
}

/** A query in brackets, or a table's name. */
function readSource(cursor: TokenCursor): SourceText {
  const start = cursor.peek().at;
  if (!cursor.takeSymbol("(")) {
    let name = cursor.expectName();
    while (cursor.takeSymbol(".")) name = cursor.expectName();
    return { query: `SELECT * FROM ${cursor.text.slice(start, cursor.peek().at)}`, name };
  }
  const from = cursor.peek().at;
  for (let depth = 1; !cursor.isAtEnd;) {
    const token = cursor.next();
    if (token.kind !== "symbol") continue;
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    if (depth === 0) return { query: cursor.text.slice(from, token.at), name: "source" };
  }
  throw cursor.fail(") is missing");
}

function readClause(cursor: TokenCursor, alias: string): MergeClauseText {
  const isNegated = cursor.takeWord("not");
  cursor.expectWord("matched");
  const isBySource = isNegated && cursor.takeWord("by") && !cursor.takeWord("target");
  if (isBySource) cursor.expectWord("source");
  const condition = cursor.takeWord("and") ? { condition: readExpressionText(cursor) } : {};
  cursor.expectWord("then");
  if (isNegated && !isBySource)
    return { kind: "insert", rows: "notMatched", ...condition, values: readInsert(cursor, alias) };
  const rows = isBySource ? "notMatchedBySource" : "matched";
  if (cursor.takeWord("delete")) return { kind: "delete", rows, ...condition };
  cursor.expectWord("update");
  cursor.expectWord("set");
  return { kind: "update", rows, ...condition, set: cursor.takeSymbol("*") ? "all" : readSet(cursor, alias) };
}

function readSet(cursor: TokenCursor, alias: string): Readonly<Record<string, string>> {
  const set = new Map<string, string>();
  do {
    const column = readTarget(cursor, alias);
    if (set.has(column)) throw setTwice(column);
    cursor.expectSymbol("=");
    set.set(column, readExpressionText(cursor));
  } while (cursor.takeSymbol(","));
  return Object.fromEntries(set);
}

function readInsert(cursor: TokenCursor, alias: string): Readonly<Record<string, string>> | "all" {
  cursor.expectWord("insert");
  if (cursor.takeSymbol("*")) return "all";
  const columns = inBrackets(cursor, () => readTarget(cursor, alias));
  cursor.expectWord("values");
  const values = inBrackets(cursor, () => readExpressionText(cursor));
  if (values.length !== columns.length)
    throw cursor.fail(`${columns.length} columns are named, and ${values.length} values are given,`);
  return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? ""]));
}

function inBrackets<T>(cursor: TokenCursor, read: () => T): readonly T[] {
  const found: T[] = [];
  cursor.expectSymbol("(");
  do found.push(read());
  while (cursor.takeSymbol(","));
  cursor.expectSymbol(")");
  return found;
}
