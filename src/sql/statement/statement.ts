// sql/statement/statement.ts: statements of Spark's SQL that are not queries, told apart by their first words.
import { parseSchemaDdl } from "../../expression/parse/parse-schema.ts";
import { tokenize } from "../../expression/parse/token.ts";
import { TokenCursor } from "../../expression/parse/token-cursor.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { parseAlter } from "./alter-statement.ts";
import { type InsertStatement, readInsert } from "./insert-statement.ts";
import { nameList, nameOf, pathList, propertiesOf, stringOf, takeWords, queryWords } from "../words/statement-words.ts";
import type { NameParts } from "../words/statement-words.ts";
import type { TableChange } from "../../table/alter/alter-table.ts";
import { type MergeStatement, readMerge } from "./merge-statement.ts";
import { asSyntaxError, syntaxErrorAt } from "../words/sql-error.ts";
import { type SessionStatement, readSet, readShow, readUse } from "./session-statement.ts";
import { type UpdateStatement, readUpdate } from "./update-statement.ts";

/** CREATE TABLE. */
export interface CreateTableStatement {
  readonly kind: "createTable";
  readonly name: NameParts;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly schema: StructType | null;
  readonly partitionBy: readonly string[];
  readonly clusterBy: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly comment: string | null;
  readonly location: string | null;
  /** The text of AS SELECT. */
  readonly query: string | null;
}

/** What a text asks for; expressions and queries are text still. */
export type Statement =
  | { readonly kind: "query"; readonly text: string }
  | CreateTableStatement
  | { readonly kind: "drop"; readonly what: "table" | "view"; readonly name: NameParts; readonly ifExists: boolean }
  | InsertStatement
  | {
      readonly kind: "createView";
      readonly name: NameParts;
      readonly orReplace: boolean;
      readonly isTemporary: boolean;
      readonly ifNotExists: boolean;
      readonly comment: string | null;
      readonly columns: readonly string[] | null;
      readonly query: string;
    }
  | SessionStatement
  | {
      readonly kind: "describe";
      readonly name: NameParts;
      readonly what: "columns" | "extended" | "detail" | "history";
      readonly limit: number | null;
      /** Only of this column; null for all. */
      readonly column: string | null;
    }
  | UpdateStatement
  | MergeStatement
  | { readonly kind: "delete"; readonly name: NameParts; readonly where: string | null }
  | { readonly kind: "alter"; readonly name: NameParts; readonly change: TableChange }
  | { readonly kind: "explain" | "describeQuery"; readonly query: string };

/**
 * Reads a statement.
 * @throws AlluviumError `PARSE_SYNTAX_ERROR` with line and column, `UNSUPPORTED_FEATURE` for a statement that is not there
 */
export function parseStatement(text: string): Statement {
  try {
    const cursor = new TokenCursor(text);
    const statement = readStatement(cursor, text);
    if (statement.kind !== "query" && !hasRest(statement)) {
      cursor.takeSymbol(";");
      if (!cursor.isAtEnd) throw cursor.fail("this does not belong here:");
    }
    return statement;
  } catch (error) {
    throw asSyntaxError(text, error);
  }
}

/** Statements whose end is a text of its own. */
function hasRest(statement: Statement): boolean {
  const { kind } = statement;
  const isRest =
    kind === "insert" ||
    kind === "createView" ||
    kind === "explain" ||
    kind === "describeQuery" ||
    (kind === "createTable" && statement.query !== null);
  return isRest || (kind === "delete" && statement.where !== null);
}

const later: ReadonlySet<string> = new Set(
  "optimize vacuum restore analyze refresh cache uncache truncate comment".split(" "),
);

function readStatement(cursor: TokenCursor, text: string): Statement {
  const word = cursor.peek().text.toLowerCase();
  // A query of WITH may be called `recursive`.
  if (cursor.isWord("with") && cursor.isWord("recursive", 1) && !cursor.isWord("as", 2)) {
    const message = "WITH RECURSIVE is not supported; write each step as a query of its own";
    throw new AlluviumError("UNSUPPORTED_FEATURE", { statement: "WITH RECURSIVE" }, message);
  }
  const pipe = tokenize(text).find((token) => token.kind === "symbol" && token.text === "|>");
  if (pipe !== undefined) {
    const message =
      "queries with |> are not supported; write the steps as sub-queries: SELECT … FROM (SELECT … FROM …)";
    throw new AlluviumError("UNSUPPORTED_FEATURE", { statement: "|>" }, message);
  }
  if (cursor.isSymbol("(") || cursor.isWord(queryWords)) return { kind: "query", text };
  if (cursor.takeWord("create")) return create(cursor, text);
  if (cursor.takeWord("drop")) return drop(cursor);
  if (cursor.takeWord("insert")) return readInsert(cursor, text);
  if (cursor.takeWord("show")) return readShow(cursor);
  if (cursor.takeWord("use")) return readUse(cursor);
  if (cursor.takeWord("set")) return readSet(cursor, text);
  if (cursor.takeWord(["describe", "desc"])) return describe(cursor, text);
  if (cursor.takeWord("delete")) return remove(cursor, text);
  if (takeWords(cursor, ["truncate", "table"])) return { kind: "delete", name: nameOf(cursor), where: null };
  if (cursor.takeWord("alter")) return { kind: "alter", ...parseAlter(cursor) };
  if (cursor.takeWord("merge")) return readMerge(cursor);
  if (cursor.takeWord("update")) return readUpdate(cursor, nameOf(cursor));
  if (cursor.takeWord("explain")) {
    cursor.takeWord(["extended", "formatted", "codegen", "cost"]);
    return { kind: "explain", query: text.slice(cursor.peek().at) };
  }
  if (word === "reset") {
    const message = "RESET is not supported: settings are those with which the session opened, Session.open({ conf })";
    throw new AlluviumError("UNSUPPORTED_FEATURE", { statement: "RESET" }, message);
  }
  if (later.has(word)) {
    throw new AlluviumError(
      "UNSUPPORTED_FEATURE",
      { statement: word.toUpperCase() },
      `the statement ${word.toUpperCase()} is not supported; see the methods of DeltaTable for what a table can do`,
    );
  }
  throw cursor.isAtEnd
    ? syntaxErrorAt(text, 0, "the statement is empty")
    : cursor.fail(
        "a statement begins with SELECT, WITH, CREATE, INSERT, UPDATE, DELETE, ALTER, DROP, SHOW or DESCRIBE, not with this:",
      );
}

function create(cursor: TokenCursor, text: string): Statement {
  const orReplace = cursor.takeWord("or");
  if (orReplace) cursor.expectWord("replace");
  cursor.takeWord("global");
  const isTemporary = cursor.takeWord(["temp", "temporary"]);
  if (cursor.takeWord("view")) return createView(cursor, text, { orReplace, isTemporary });
  cursor.takeWord("external");
  cursor.expectWord("table");
  const ifNotExists = takeWords(cursor, ["if", "not", "exists"]);
  const name = nameOf(cursor);
  const schema = cursor.isSymbol("(") ? columnsOf(cursor, text) : null;
  const clauses = tableClauses(cursor);
  if (!cursor.takeWord("as") && !cursor.isWord(queryWords)) {
    return { kind: "createTable", name, orReplace, ifNotExists, schema, ...clauses, query: null };
  }
  return { kind: "createTable", name, orReplace, ifNotExists, schema, ...clauses, query: text.slice(cursor.peek().at) };
}

function columnsOf(cursor: TokenCursor, text: string): StructType {
  const from = cursor.next().at + 1;
  let depth = 1;
  while (depth > 0 && !cursor.isAtEnd) {
    const token = cursor.next();
    if (token.kind === "symbol" && token.text === "(") depth += 1;
    if (token.kind === "symbol" && token.text === ")") depth -= 1;
    if (depth === 0) return parseColumns(text, from, token.at);
  }
  throw cursor.fail(") is missing");
}

function parseColumns(text: string, from: number, to: number): StructType {
  try {
    return parseSchemaDdl(text.slice(from, to));
  } catch (error) {
    if (!(error instanceof AlluviumError) || error.code !== "INVALID_PREDICATE") throw error;
    const at = from + Number(error.context["at"] ?? 0);
    throw syntaxErrorAt(text, at, "the columns cannot be read: name, type, NOT NULL and COMMENT 'text' are expected,");
  }
}

type TableClauses = Pick<CreateTableStatement, "partitionBy" | "clusterBy" | "properties" | "comment" | "location">;

function tableClauses(cursor: TokenCursor): TableClauses {
  let clauses: TableClauses = { partitionBy: [], clusterBy: [], properties: {}, comment: null, location: null };
  for (;;) {
    if (cursor.takeWord("using")) {
      const format = cursor.expectName();
      if (format.toLowerCase() !== "delta") throw cursor.fail(`the only table format is delta, not ${format}:`);
    } else if (cursor.takeWord("partitioned")) {
      cursor.expectWord("by");
      clauses = { ...clauses, partitionBy: nameList(cursor) };
    } else if (cursor.takeWord("cluster")) {
      cursor.expectWord("by");
      clauses = { ...clauses, clusterBy: pathList(cursor) };
    } else if (cursor.takeWord("tblproperties")) clauses = { ...clauses, properties: propertiesOf(cursor) };
    else if (cursor.takeWord("comment")) clauses = { ...clauses, comment: stringOf(cursor) };
    else if (cursor.takeWord("location")) clauses = { ...clauses, location: stringOf(cursor) };
    else return clauses;
  }
}

interface ViewWords {
  readonly orReplace: boolean;
  readonly isTemporary: boolean;
}

function createView(cursor: TokenCursor, text: string, { orReplace, isTemporary }: ViewWords): Statement {
  const ifNotExists = takeWords(cursor, ["if", "not", "exists"]);
  const name = nameOf(cursor);
  const columns = cursor.isSymbol("(") ? nameList(cursor) : null;
  const comment = cursor.takeWord("comment") ? stringOf(cursor) : null;
  cursor.expectWord("as");
  const query = text.slice(cursor.peek().at);
  return { kind: "createView", name, orReplace, isTemporary, ifNotExists, comment, columns, query };
}

function drop(cursor: TokenCursor): Statement {
  const what = cursor.takeWord("view") ? "view" : "table";
  if (what === "table") cursor.expectWord("table");
  const ifExists = takeWords(cursor, ["if", "exists"]);
  const name = nameOf(cursor);
  cursor.takeWord("purge");
  return { kind: "drop", what, name, ifExists };
}

function describe(cursor: TokenCursor, text: string): Statement {
  // `query`, `values` and `table` are names of tables too; the first is one where nothing is behind it.
  const isQuery = cursor.isWord("query") && cursor.peek(1).kind !== "end";
  if (isQuery) cursor.next();
  if (isQuery || cursor.isWord(["select", "with", "values", "from"]))
    return { kind: "describeQuery", query: text.slice(cursor.peek().at) };
  if (cursor.isWord(["function", "database", "schema", "namespace"]) && cursor.peek(1).kind === "word") {
    const statement = `DESCRIBE ${cursor.peek().text.toUpperCase()}`;
    const message = `${statement} is not supported; SHOW FUNCTIONS and SHOW DATABASES tell what there is`;
    throw new AlluviumError("UNSUPPORTED_FEATURE", { statement }, message);
  }
  const isWhat = cursor.isWord(["detail", "history", "extended", "formatted"]) && cursor.peek(1).kind !== "end";
  const word = isWhat ? cursor.next().text.toLowerCase() : "columns";
  const what = word === "formatted" ? "extended" : (word as "columns" | "extended" | "detail" | "history"); // one of those asked for
  cursor.takeWord("table");
  const name = nameOf(cursor);
  const limit = cursor.takeWord("limit") ? Number(cursor.next().text) : null;
  const isColumn = (what === "columns" || what === "extended") && !cursor.isAtEnd && !cursor.isSymbol(";");
  const column = isColumn ? cursor.expectName() : null;
  return { kind: "describe", name, what, limit: Number.isSafeInteger(limit) ? limit : null, column };
}

function remove(cursor: TokenCursor, text: string): Statement {
  cursor.expectWord("from");
  const name = nameOf(cursor);
  if (!cursor.takeWord("where")) return { kind: "delete", name, where: null };
  return { kind: "delete", name, where: text.slice(cursor.peek().at).replace(/;\s*$/, "") };
}
