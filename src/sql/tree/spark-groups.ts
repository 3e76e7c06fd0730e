// sql/tree/spark-groups.ts: what groups are in Spark and not in DuckDB: the cell of a PIVOT without rows is null, also that of a count;
// grouping_id() is that of all keys.
import { type Tree, constant, findTree, rewrite, textOf, treesOf } from "./query-tree.ts";

/** The same query, its groups as Spark has them. */
export function withSparkGroups(root: Tree): Tree {
  return rewrite(root, (node) => {
    if (
      findTree(treesOf(node, "select_list"), isWholeId) !== null ||
      findTree(node["having"] ?? null, isWholeId) !== null
    )
      return withSparkGroups(withIds(node));
    if (node["type"] !== "PIVOT") return undefined;
    const aggregates = treesOf(node, "aggregates").map((one) => ({
      ...rewrite(one, countOf),
      alias: textOf(one, "alias"),
    }));
    const source = node["source"];
    return { ...node, aggregates, source: isTree(source) ? withSparkGroups(source) : null };
  });
}

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;

const isWholeId = (node: Tree): boolean => textOf(node, "function_name") === wholeId;

/** What stands for `grouping_id()` in the text, which DuckDB could not read. */
const wholeId = "alluvium_grouping_id";

function withIds(select: Tree): Tree {
  const children = treesOf(select, "group_expressions");
  const id = { class: "OPERATOR", type: "GROUPING_FUNCTION", query_location: 0, children };
  return rewrite(select, (node) => (isWholeId(node) ? { ...id, alias: node["alias"] ?? "" } : undefined));
}

/** A count by way of the list of what is counted, of which there is none where there are no rows. */
function countOf(node: Tree): Tree | undefined {
  const name = textOf(node, "function_name");
  const isAll = name === "count_star";
  if (node["class"] !== "FUNCTION" || (!isAll && name !== "count")) return undefined;
  const children = isAll ? [constant("INTEGER", 1)] : treesOf(node, "children");
  const list = { ...node, alias: "", function_name: "list", children };
  const length = node["distinct"] === true || !isAll ? "list_count" : "len";
  const orders = { type: "ORDER_MODIFIER", orders: [] };
  return { ...node, function_name: length, children: [list], distinct: false, filter: null, order_bys: orders };
}
