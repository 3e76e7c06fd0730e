// sql/statement/session-statement.ts: SHOW, USE, SET and RESET: statements that ask for what there is, or where and how statements run.
import type { TokenCursor } from "../../expression/parse/token-cursor.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type NameParts, nameOf, takeWords } from "../words/statement-words.ts";

/** What SHOW asks for without a table. */
export type Shown = "tables" | "views" | "databases" | "catalogs" | "functions";

/** A statement that changes nothing. */
export type SessionStatement =
  | { readonly kind: "show"; readonly what: Shown; readonly like: string | null }
  | { readonly kind: "showColumns"; readonly name: NameParts }
  | { readonly kind: "showCreateTable"; readonly name: NameParts }
  | { readonly kind: "showPartitions"; readonly name: NameParts }
  | { readonly kind: "showProperties"; readonly name: NameParts; readonly key: string | null }
  | { readonly kind: "use"; readonly name: NameParts }
  /** With a value it is to be that, without one it is asked for; without a key all are. */
  | { readonly kind: "set"; readonly key: string | null; readonly value: string | null };

const lists: Readonly<Record<string, Shown>> = {
  tables: "tables",
  views: "views",
  databases: "databases",
  schemas: "databases",
  namespaces: "databases",
  catalogs: "catalogs",
  functions: "functions",
};

/** The rest of SHOW. @throws AlluviumError `UNSUPPORTED_FEATURE` for what it does not show */
export function readShow(cursor: TokenCursor): SessionStatement {
  if (cursor.takeWord("partitions")) return { kind: "showPartitions", name: nameOf(cursor) };
  cursor.takeWord(["user", "system", "all"]);
  const what = lists[cursor.peek().text.toLowerCase()];
  if (what !== undefined) {
    cursor.next();
    if (cursor.takeWord(["in", "from"])) nameOf(cursor);
    cursor.takeWord("like");
    return { kind: "show", what, like: cursor.peek().kind === "string" ? cursor.next().value : null };
  }
  if (takeWords(cursor, ["create", "table"])) return { kind: "showCreateTable", name: nameOf(cursor) };
  if (cursor.takeWord("columns")) {
    if (!cursor.takeWord("in")) cursor.expectWord("from");
    return { kind: "showColumns", name: nameOf(cursor) };
  }
  if (!cursor.isWord("tblproperties")) {
    const word = `SHOW ${cursor.peek().text.toUpperCase()}`;
    const known = "TABLES, VIEWS, COLUMNS, PARTITIONS, TBLPROPERTIES, CREATE TABLE, DATABASES, CATALOGS and FUNCTIONS";
    throw unsupported(word, `${word} is not supported; SHOW knows ${known}`);
  }
  cursor.next();
  const name = nameOf(cursor);
  const key = cursor.takeSymbol("(") ? cursor.next().value : null;
  if (key !== null) cursor.expectSymbol(")");
  return { kind: "showProperties", name, key };
}

/** The rest of USE. */
export function readUse(cursor: TokenCursor): SessionStatement {
  if (cursor.peek(1).kind !== "end" && !cursor.isSymbol(".", 1) && !cursor.isSymbol(";", 1))
    cursor.takeWord(["database", "schema", "namespace", "catalog"]);
  return { kind: "use", name: nameOf(cursor) };
}

/** `SET`, `SET key`, `SET key = value`. */
export function readSet(cursor: TokenCursor, text: string): SessionStatement {
  const [, key = "", value] = /^\s*([^=\s;]*)\s*(?:=\s*(.*?))?\s*;?\s*$/s.exec(text.slice(cursor.peek().at)) ?? [];
  while (!cursor.isAtEnd) cursor.next();
  return { kind: "set", key: key === "" || key === "-v" ? null : key.replaceAll("`", ""), value: value ?? null };
}

function unsupported(statement: string, message: string): AlluviumError {
  return new AlluviumError("UNSUPPORTED_FEATURE", { statement }, message);
}
