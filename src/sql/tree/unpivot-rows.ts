// sql/tree/unpivot-rows.ts: UNPIVOT as the rows that it makes: for each row one for each entry, its values in the type in which Spark lets
// the columns meet. Rows are left out where all of their values are null, unless INCLUDE NULLS is said.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { LateCalls } from "../../expression/bind/late-binding.ts";
import { bindFunction } from "../../expression/function/function-table.ts";
import { opaque } from "../../expression/tree/bound.ts";
import {
  type Tree,
  findTree,
  optionalTree,
  parseItems,
  rewrite,
  selectOf,
  textOf,
  textsOf,
  treesOf,
} from "./query-tree.ts";

const isUnpivot = (node: Tree): boolean =>
  textOf(node, "type") === "PIVOT" && textsOf(node, "unpivot_names").length > 0;

/** The same query without UNPIVOT. @param late where the values of an entry wait for their types */
export async function withUnpivotRows(connection: SqlConnection, root: Tree, late: LateCalls): Promise<Tree> {
  let tree = root;
  for (;;) {
    const node = findTree(tree, isUnpivot);
    const rows = node === null ? null : await rowsOf(connection, node, late);
    if (node === null || rows === null) return tree;
    tree = rewrite(tree, (one) => (one === node ? rows : undefined));
  }
}

/** One row that a row becomes: its name, and the columns that its values are. */
interface Entry {
  readonly name: string;
  readonly columns: readonly string[];
}

async function rowsOf(connection: SqlConnection, node: Tree, late: LateCalls): Promise<Tree | null> {
  const [pivot] = treesOf(node, "pivots");
  const names = textsOf(node, "unpivot_names");
  const [key = "name"] = pivot === undefined ? [] : textsOf(pivot, "unpivot_names");
  const entries = pivot === undefined ? null : entriesOf(pivot, names.length);
  if (entries === null) return null;
  const lists = names.map((name, index) => {
    const values = entries.map(({ columns }) => opaque(sqlIdentifier(columns[index] ?? ""), null, []));
    return `unnest(${late.bind(values, (typed) => bindFunction("array", typed)).sql}) AS ${sqlIdentifier(name)}`;
  });
  const keys = `unnest([${entries.map((entry) => sqlLiteral(entry.name)).join(", ")}]) AS ${sqlIdentifier(key)}`;
  const used = [...new Set(entries.flatMap(({ columns }) => columns))].map(sqlIdentifier);
  const items = await parseItems(connection, [`* EXCLUDE (${used.join(", ")})`, keys, ...lists]);
  const all = { ...selectOf(items), from_table: optionalTree(node, "source") };
  const inner = subquery(all, { alias: "unpivoted" });
  const isThere = names.map((name) => `${sqlIdentifier(name)} IS NOT NULL`).join(" OR ");
  const [star, there] = await parseItems(connection, ["*", isThere]);
  const isAll = node["include_nulls"] === true;
  const select = {
    ...selectOf(star === undefined ? [] : [star]),
    from_table: inner,
    where_clause: isAll ? null : (there ?? null),
  };
  return subquery(select, { alias: textOf(node, "alias"), columns: node["column_name_alias"] ?? [] });
}

/** Entries without a name of their own are called by their columns. */
function entriesOf(pivot: Tree, count: number): readonly Entry[] | null {
  const entries: Entry[] = [];
  for (const entry of treesOf(pivot, "entries")) {
    const columns = treesOf(entry, "values").map((value) => textOf(value, "value"));
    if (columns.length !== count || columns.includes("")) return null;
    const alias = textOf(entry, "alias");
    entries.push({ name: alias === "" ? columns.join("_") : alias, columns });
  }
  return entries;
}

function subquery(
  select: Tree,
  { alias, columns = [] }: { readonly alias: string; readonly columns?: Tree[string] },
): Tree {
  const place = { type: "SUBQUERY", sample: null, query_location: 0 };
  return { ...place, alias, subquery: { node: select, named_param_map: [] }, column_name_alias: columns };
}
