// sql/tree/hidden-column.ts: a column that tables have and `*` does not show: each SELECT that names it reads its tables with it.
import type { JsonValue } from "../../format/text/json.ts";
import { isJsonObject } from "../../format/text/json-int64.ts";
import { type Tree, findTree, optionalTree, textOf, textsOf, treeOf, treesOf } from "./query-tree.ts";

/** The column, and what stands for a table that has it, by what stands for it without. */
export interface HiddenColumn {
  readonly name: string;
  readonly tables: ReadonlyMap<string, string>;
}

/** The query in which tables have the column where it is asked for, and only there. */
export function showHidden(root: Tree, hidden: HiddenColumn): Tree {
  return hidden.tables.size === 0 ? root : (visit(root, hidden) as Tree);
}

function visit(value: JsonValue, hidden: HiddenColumn): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => visit(item, hidden));
  if (!isJsonObject(value)) return value;
  const node = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, visit(child, hidden)]));
  return node["type"] === "SELECT_NODE" && isNamed(node, hidden.name) ? withColumn(node, hidden) : node;
}

/** True when an expression of the SELECT names the column; queries in FROM speak for themselves. */
function isNamed(select: Tree, name: string): boolean {
  const { from_table: from = null, ...own } = { ...select, cte_map: null };
  const isColumn = (node: Tree): boolean =>
    textOf(node, "class") === "COLUMN_REF" &&
    textsOf(node, "column_names")
      .slice(0, 2)
      .some((part) => part.toLowerCase() === name);
  const isQuery = (node: Tree): boolean => textOf(node, "type") === "SUBQUERY" && textOf(node, "class") === "";
  return findTree(own, isColumn) !== null || findTree(from, isColumn, isQuery) !== null;
}

function withColumn(select: Tree, { name, tables }: HiddenColumn): Tree {
  const aliases = new Set<string>();
  const replace = (from: Tree): Tree => {
    if (from["type"] === "JOIN") {
      // A natural join would compare the column.
      if (textOf(from, "ref_type") === "NATURAL") return from;
      return { ...from, left: replace(treeOf(from, "left")), right: replace(treeOf(from, "right")) };
    }
    const table = from["type"] === "BASE_TABLE" ? tables.get(textOf(from, "table_name")) : undefined;
    if (table === undefined || textsOf(from, "column_name_alias").length > 0) return from;
    aliases.add(textOf(from, "alias").toLowerCase());
    return { ...from, table_name: table };
  };
  const from = optionalTree(select, "from_table");
  if (from === null) return select;
  const shown = { ...select, from_table: replace(from) };
  if (aliases.size === 0) return select;
  const list = treesOf(select, "select_list").map((item) => {
    const of = textOf(item, "relation_name").toLowerCase();
    const isStar = textOf(item, "class") === "STAR" && (of === "" || aliases.has(of));
    return isStar ? { ...item, exclude_list: [...textsOf(item, "exclude_list"), name] } : item;
  });
  return { ...shown, select_list: list };
}
