// sql/tree/source-columns.ts: what the tables of a FROM and their columns are called, as far as the query's tree tells it.
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { type Tree, findTree, optionalTree, textOf, textsOf, treeOf, treesOf } from "./query-tree.ts";

/** A table of a FROM by its alias; columns are null where they are not known. */
export interface Source {
  readonly alias: string;
  readonly columns: readonly string[] | null;
}

/** What the names of tables stand for. */
export interface KnownTables {
  /** The columns of a table by its placeholder. */
  readonly schemaOf: (placeholder: string) => StructType | undefined;
  /** Columns of the names of WITH, in lower case. */
  readonly ctes: ReadonlyMap<string, readonly string[] | null>;
}

/** What is known inside of a query: the names of its WITH as well. */
export function withNames(query: Tree, known: KnownTables): KnownTables {
  const ctes = isJsonObject(query["cte_map"]) ? treesOf(treeOf(query, "cte_map"), "map") : [];
  return ctes.reduce((around, cte) => {
    const definition = treeOf(cte, "value");
    const own = columnsOf(treeOf(treeOf(definition, "query"), "node"), around);
    const columns = renamed(own, textsOf(definition, "aliases"));
    return { ...around, ctes: new Map([...around.ctes, [textOf(cte, "key").toLowerCase(), columns]]) };
  }, known);
}

/** The columns of a query; null where they are not known. */
export function columnsOf(query: Tree, around: KnownTables): readonly string[] | null {
  const known = withNames(query, around);
  const left = optionalTree(query, "left");
  if (query["type"] === "SET_OPERATION_NODE" && left !== null) return columnsOf(left, known);
  const from = optionalTree(query, "from_table");
  if (query["type"] !== "SELECT_NODE" || from === null) return null;
  const names: string[] = [];
  for (const item of treesOf(query, "select_list")) {
    const found = item["class"] === "STAR" ? starColumns(item, from, known) : itemName(item);
    if (found === null) return null;
    names.push(...found);
  }
  return names;
}

function itemName(item: Tree): readonly string[] | null {
  const alias = textOf(item, "alias");
  const name = alias === "" ? textsOf(item, "column_names").at(-1) : alias;
  return name === undefined ? null : [name];
}

function starColumns(star: Tree, from: Tree, known: KnownTables): readonly string[] | null {
  const isPlain = Object.entries(star).every(([key, value]) => plainStarKeys.has(key) || isEmpty(value));
  if (!isPlain || star["columns"] === true) return null;
  const left = new Set(treesAndTexts(star["exclude_list"]).map((name) => name.toLowerCase()));
  const table = textOf(star, "relation_name").toLowerCase();
  const sources = sourcesOf(from, known).filter(({ alias }) => table === "" || alias.toLowerCase() === table);
  const all = sources.map(({ columns }) => columns);
  if (all.length === 0 || all.includes(null)) return null;
  const shared = sharedNames(from, table).filter((name) => table === "" || hasName(sources[0]?.columns ?? [], name));
  const rest = all.flatMap((columns) => columns ?? []).filter((name) => !hasName(shared, name));
  return [...shared, ...rest].filter((name) => !left.has(name.toLowerCase()));
}

const plainStarKeys: ReadonlySet<string> = new Set(
  "class type alias query_location relation_name exclude_list columns".split(" "),
);

const isEmpty = (value: unknown): boolean =>
  value === null || value === false || value === "" || (Array.isArray(value) && value.length === 0);

const treesAndTexts = (list: unknown): readonly string[] =>
  Array.isArray(list)
    ? list.flatMap((item: unknown) =>
        typeof item === "string" ? [item] : isJsonObject(item as Tree) ? textsOf(item as Tree, "column_names") : [],
      )
    : [];

/**
 * The columns that joins of this FROM share by USING: the outermost first, as Spark's star shows them.
 * @param table the alias of one table, of whose joins they are asked; "" for all
 */
export function sharedNames(from: Tree, table = ""): readonly string[] {
  const [left, right] = [optionalTree(from, "left"), optionalTree(from, "right")];
  if (from["type"] !== "JOIN" || left === null || right === null) return [];
  const own = table === "" || holdsTable(from, table) ? textsOf(from, "using_columns") : [];
  return [...own, ...[...sharedNames(left, table), ...sharedNames(right, table)].filter((name) => !hasName(own, name))];
}

const holdsTable = (from: Tree, table: string): boolean =>
  findTree(from, (node) => node["type"] !== "JOIN" && aliasOf(node).toLowerCase() === table.toLowerCase()) !== null;

const aliasOf = (from: Tree): string => {
  const alias = textOf(from, "alias");
  return alias === "" ? textOf(from, "table_name") : alias;
};

/** True for a name in a list, in any case. */
export const hasName = (names: readonly string[], name: string): boolean =>
  names.some((one) => one.toLowerCase() === name.toLowerCase());

/** The tables of a FROM, from left to right. */
export function sourcesOf(from: Tree, known: KnownTables): readonly Source[] {
  const [left, right] = [optionalTree(from, "left"), optionalTree(from, "right")];
  if (from["type"] === "JOIN" && left !== null && right !== null) {
    const isHalf = from["join_type"] === "SEMI" || from["join_type"] === "ANTI";
    return [...sourcesOf(left, known), ...(isHalf ? [] : sourcesOf(right, known))];
  }
  if (from["type"] === "EMPTY") return [];
  return [
    {
      alias: aliasOf(from),
      columns: renamed(tableColumns(from, known), textsOf(from, "column_name_alias")),
    },
  ];
}

function tableColumns(from: Tree, known: KnownTables): readonly string[] | null {
  const query = optionalTree(from, "subquery");
  if (from["type"] === "SUBQUERY" && query !== null) return columnsOf(treeOf(query, "node"), known);
  if (from["type"] === "EXPRESSION_LIST") {
    const rows = from["values"];
    const first: unknown = Array.isArray(rows) ? (rows as readonly unknown[])[0] : undefined;
    return Array.isArray(first) ? first.map((_, index) => `col${index}`) : null;
  }
  if (from["type"] !== "BASE_TABLE") return null;
  const name = textOf(from, "table_name");
  const cte = known.ctes.get(name.toLowerCase());
  return cte !== undefined ? cte : (known.schemaOf(name)?.fields.map((field) => field.name) ?? null);
}

/** The first of the columns under other names; of a function's columns those that are named. */
const renamed = (columns: readonly string[] | null, names: readonly string[]): readonly string[] | null =>
  columns === null ? (names.length > 0 ? names : null) : columns.map((name, index) => names[index] ?? name);
