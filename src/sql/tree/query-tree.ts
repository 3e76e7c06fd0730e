// sql/tree/query-tree.ts: DuckDB's own parser tree (`json_serialize_sql`), read, rewritten and printed as plain data.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { assert } from "../../format/text/error.ts";
import { formatJson, isJsonObject, parseJson } from "../../format/text/json-int64.ts";
import type { JsonObject, JsonValue } from "../../format/text/json.ts";
import { syntaxErrorAt } from "../words/sql-error.ts";
import type { TranslatedQuery } from "../words/sql-output.ts";

/** A node of the tree. */
export type Tree = JsonObject;

/**
 * Parses a translated query.
 * @param text the query as it was written, for messages
 * @throws AlluviumError `PARSE_SYNTAX_ERROR` with line and column
 */
export async function parseTree(connection: SqlConnection, query: TranslatedQuery, text: string): Promise<Tree> {
  const [row] = await connection.rows(`SELECT json_serialize_sql(${sqlLiteral(query.sql)}) AS tree`);
  const parsed = parseJson(String(row?.["tree"]));
  assert(isJsonObject(parsed), "DuckDB answers an object");
  if (parsed["error"] === true) {
    const position = Number(parsed["position"] ?? 0);
    const message = textOf(parsed, "error_message");
    throw syntaxErrorAt(text, query.sourceAt(position), message);
  }
  const statements = treesOf(parsed, "statements");
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) {
    throw syntaxErrorAt(text, text.length, "one statement at a time is expected");
  }
  return treeOf(statement, "node");
}

/** The queries as DuckDB's SQL, in their order. */
export async function printTrees(connection: SqlConnection, nodes: readonly Tree[]): Promise<readonly string[]> {
  if (nodes.length === 0) return [];
  const calls = nodes.map((node, index) => {
    const json = withPoints(formatJson({ error: false, statements: [{ node, named_param_map: [] }] }));
    return `json_deserialize_sql(CAST(${sqlLiteral(json)} AS JSON)) AS q${index}`;
  });
  const [row] = await connection.rows(`SELECT ${calls.join(", ")}`);
  return nodes.map((_, index) => String(row?.[`q${index}`]));
}

/** JavaScript writes a whole double without a point, and DuckDB takes no such number for a double. */
function withPoints(json: string): string {
  return json.replaceAll(
    /("type":\{"id":"(?:DOUBLE|FLOAT)","type_info":null\},"is_null":false,"value":-?\d+)(?=[,}])/g,
    "$1.0",
  );
}

/** Expressions of DuckDB's SQL, with their names, as the items of a SELECT list. */
export async function parseItems(connection: SqlConnection, items: readonly string[]): Promise<readonly Tree[]> {
  const [row] = await connection.rows(`SELECT json_serialize_sql(${sqlLiteral(`SELECT ${items.join(", ")}`)}) AS tree`);
  const [statement] = treesOf(parseJson(String(row?.["tree"])) as Tree, "statements");
  assert(statement !== undefined, "what is made here can be parsed");
  return treesOf(treeOf(statement, "node"), "select_list");
}

/** Expressions as DuckDB's SQL. */
export async function printExpressions(
  connection: SqlConnection,
  expressions: readonly Tree[],
): Promise<readonly string[]> {
  const queries = expressions.map((expression) => selectOf([{ ...expression, alias: "" }]));
  const texts = await printTrees(connection, queries);
  return texts.map((text) => text.replace(/^SELECT /, ""));
}

/** `SELECT …` of a list without a table. */
export function selectOf(list: readonly Tree[]): Tree {
  return {
    type: "SELECT_NODE",
    modifiers: [],
    cte_map: { map: [] },
    select_list: list,
    from_table: { type: "EMPTY", alias: "", sample: null, query_location: 0 },
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    aggregate_handling: "STANDARD_HANDLING",
    having: null,
    sample: null,
    qualify: null,
  };
}

/** A column by name. */
export function columnRef(parts: readonly string[], alias = ""): Tree {
  return { class: "COLUMN_REF", type: "COLUMN_REF", alias, query_location: 0, column_names: parts };
}

/** A value; the id is that of its type in DuckDB. */
export function constant(id: string, value: JsonValue): Tree {
  const type = { id, type_info: null };
  return {
    class: "CONSTANT",
    type: "VALUE_CONSTANT",
    alias: "",
    query_location: 0,
    value: { type, is_null: false, value },
  };
}

/** A comparison; the type is DuckDB's, such as `COMPARE_EQUAL`. */
export function comparison(type: string, left: Tree, right: Tree): Tree {
  return { class: "COMPARISON", type, alias: "", query_location: 0, left, right };
}

/** Conditions, all of which are to be true. */
export function allOf(conditions: readonly Tree[]): Tree {
  const [first] = conditions;
  if (conditions.length === 1 && first !== undefined) return first;
  return { class: "CONJUNCTION", type: "CONJUNCTION_AND", alias: "", query_location: 0, children: conditions };
}

/** A table by name. */
export function tableRef(name: string, alias: string, columnAliases: JsonValue = []): Tree {
  return {
    type: "BASE_TABLE",
    alias,
    sample: null,
    query_location: 0,
    schema_name: "",
    table_name: name,
    column_name_alias: columnAliases,
    catalog_name: "",
    at_clause: null,
  };
}

/** A child that must be there. */
export function treeOf(node: Tree, key: string): Tree {
  const child = node[key];
  assert(isJsonObject(child), `a node has ${key}`);
  return child;
}

/** A child, or null. */
export function optionalTree(node: Tree, key: string): Tree | null {
  const child = node[key];
  return isJsonObject(child) ? child : null;
}

/** The children in a list. */
export function treesOf(node: Tree, key: string): readonly Tree[] {
  const list = node[key];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

/** A text of a node, "" when it has none. */
export function textOf(node: Tree, key: string): string {
  const text = node[key];
  return typeof text === "string" ? text : "";
}

/** The texts of a list. */
export function textsOf(node: Tree, key: string): readonly string[] {
  const list = node[key];
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
}

/** Replaces nodes from the top down: where `replace` answers a node, that stands and is not looked into. */
export function rewrite(value: Tree, replace: (node: Tree) => Tree | undefined): Tree {
  const replaced = replace(value);
  if (replaced !== undefined) return replaced;
  const changed = Object.entries(value).map(([key, child]) => [key, rewriteValue(child, replace)] as const);
  return changed.every(([key, child]) => child === value[key]) ? value : Object.fromEntries(changed);
}

function rewriteValue(value: JsonValue, replace: (node: Tree) => Tree | undefined): JsonValue {
  if (isJsonObject(value)) return rewrite(value, replace);
  if (!Array.isArray(value)) return value;
  const list = value as readonly JsonValue[];
  const changed = list.map((item) => rewriteValue(item, replace));
  return changed.every((item, index) => item === list[index]) ? list : changed;
}

/** The first node of the tree for which `wanted` is true, or null. `isOpaque` nodes are not looked into. */
export function findTree(
  value: JsonValue,
  wanted: (node: Tree) => boolean,
  isOpaque: (node: Tree) => boolean = () => false,
): Tree | null {
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) {
      const found = findTree(item, wanted, isOpaque);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isJsonObject(value)) return null;
  if (wanted(value)) return value;
  return isOpaque(value) ? null : findTree(Object.values(value), wanted, isOpaque);
}

/** A text that is the same for expressions of the same meaning, wherever they stand. */
export function fingerprint(node: Tree): string {
  return JSON.stringify(node, (key, value: unknown) => {
    if (key === "query_location" || key === "alias") return undefined;
    if (key === "column_names" && Array.isArray(value)) return value.map((part) => String(part).toLowerCase());
    return typeof value === "bigint" ? String(value) : value;
  });
}
