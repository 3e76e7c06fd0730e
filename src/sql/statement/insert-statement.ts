// sql/statement/insert-statement.ts: INSERT INTO and INSERT OVERWRITE, with PARTITION (…), BY NAME and REPLACE WHERE.
import type { TokenCursor } from "../../expression/parse/token-cursor.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type NameParts, nameList, nameOf, queryWords, takeWords } from "../words/statement-words.ts";

/** INSERT; what it inserts is text still. */
export interface InsertStatement {
  readonly kind: "insert";
  readonly name: NameParts;
  readonly columns: readonly string[] | null;
  readonly overwrites: boolean;
  /** The columns of the query say where its values go. */
  readonly byName: boolean;
  /** Columns that all new rows have one value in, as SQL; null where the query gives it. */
  readonly partition: ReadonlyMap<string, string | null>;
  /** Which rows are replaced, as SQL; null for all of an overwrite, or none. */
  readonly replaceWhere: string | null;
  readonly query: string;
}

/** The rest of INSERT. @throws AlluviumError `INVALID_PREDICATE` for what cannot be read, `UNSUPPORTED_FEATURE` */
export function readInsert(cursor: TokenCursor, text: string): InsertStatement {
  const overwrites = cursor.takeWord("overwrite");
  if (!overwrites) cursor.expectWord("into");
  else cursor.takeWord("into");
  cursor.takeWord("table");
  const name = nameOf(cursor);
  const partition = cursor.takeWord("partition") ? partitionOf(cursor, text) : new Map<string, string | null>();
  const byName = takeWords(cursor, ["by", "name"]);
  const isList =
    cursor.isSymbol("(") && !cursor.isWord(["select", "with", "values", "from"], 1) && !cursor.isSymbol("(", 1);
  const columns = isList ? nameList(cursor) : null;
  const replaceWhere = cursor.takeWord("replace") ? replacedRows(cursor, text) : null;
  if (cursor.isAtEnd) throw cursor.fail("VALUES or SELECT is missing");
  const query = text.slice(cursor.peek().at);
  return { kind: "insert", name, columns, overwrites, byName, partition, replaceWhere, query };
}

/** `(year = 2024, month)` */
function partitionOf(cursor: TokenCursor, text: string): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>();
  cursor.expectSymbol("(");
  do {
    const column = cursor.expectName();
    if (!cursor.takeSymbol("=")) {
      found.set(column, null);
      continue;
    }
    const from = cursor.peek().at;
    while (!cursor.isSymbol(",") && !cursor.isSymbol(")") && !cursor.isAtEnd) cursor.next();
    found.set(column, text.slice(from, cursor.peek().at).trim());
  } while (cursor.takeSymbol(","));
  cursor.expectSymbol(")");
  return found;
}

/** `WHERE condition` up to the query. */
function replacedRows(cursor: TokenCursor, text: string): string {
  if (!cursor.isWord("where")) {
    const message =
      "INSERT INTO … REPLACE takes WHERE and a condition; rows with keys of their own are replaced by MERGE INTO";
    throw new AlluviumError("UNSUPPORTED_FEATURE", { statement: "REPLACE USING" }, message);
  }
  cursor.next();
  const from = cursor.peek().at;
  for (let depth = 0; !cursor.isAtEnd && (depth > 0 || !cursor.isWord(queryWords)); cursor.next()) {
    if (cursor.isSymbol("(")) depth += 1;
    if (cursor.isSymbol(")")) depth -= 1;
  }
  return text.slice(from, cursor.peek().at).trim();
}
