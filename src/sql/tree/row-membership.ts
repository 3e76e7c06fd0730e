// sql/tree/row-membership.ts: `(a, b) IN (SELECT …)` where it matters whether the answer is false or null. DuckDB has no answer for a row
// with a null in it; Spark has, as soon as another of its values differs.
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";
import {
  type Tree,
  allOf,
  columnRef,
  comparison,
  constant,
  optionalTree,
  selectOf,
  textOf,
  treesOf,
} from "./query-tree.ts";

/** The same query, its rows compared value by value below NOT and in SELECT lists. */
export function compareRows(root: Tree): Tree {
  return visit(root, false) as Tree;
}

function visit(value: JsonValue, isExact: boolean): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => visit(item, isExact));
  if (!isJsonObject(value)) return value;
  const isNot = value["type"] === "OPERATOR_NOT";
  const isQuery = value["type"] === "SELECT_NODE";
  const visited = Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      visit(child, isQuery ? key === "select_list" : isExact || isNot),
    ]),
  );
  const row = optionalTree(visited, "child");
  const isMember = visited["subquery_type"] === "ANY" && visited["comparison_type"] === "COMPARE_EQUAL";
  if (!isExact || !isMember || row === null || textOf(row, "function_name") !== "row") return visited;
  return membership(visited, treesOf(row, "children"));
}

/** Someone is equal: true; someone may be: null; else false. */
function membership(node: Tree, values: readonly Tree[]): Tree {
  const query = optionalTree(node, "subquery");
  const names = values.map((_, index) => `alluvium_in_${index}`);
  const exists = (conditions: readonly Tree[]): Tree => {
    const from = {
      type: "SUBQUERY",
      alias: "alluvium_in",
      sample: null,
      query_location: 0,
      subquery: query,
      column_name_alias: names,
    };
    const select = { ...selectOf([constant("INTEGER", 1)]), from_table: from, where_clause: allOf(conditions) };
    return {
      ...node,
      alias: "",
      subquery_type: "EXISTS",
      subquery: { ...query, node: select },
      child: null,
      comparison_type: "INVALID",
    };
  };
  const equal = values.map((value, index) =>
    comparison("COMPARE_EQUAL", value, columnRef(["alluvium_in", names[index] ?? ""])),
  );
  const maybe = equal.map((one) => operator("OPERATOR_COALESCE", [one, truth(true)]));
  const checks = [
    { when_expr: exists(equal), then_expr: truth(true) },
    { when_expr: exists(maybe), then_expr: { ...truth(true), child: nothing } },
  ];
  return {
    class: "CASE",
    type: "CASE_EXPR",
    alias: node["alias"] ?? "",
    query_location: 0,
    case_checks: checks,
    else_expr: truth(false),
  };
}

const operator = (type: string, children: readonly Tree[]): Tree => ({
  class: "OPERATOR",
  type,
  alias: "",
  query_location: 0,
  children,
});

const nothing: Tree = {
  class: "CONSTANT",
  type: "VALUE_CONSTANT",
  alias: "",
  query_location: 0,
  value: { type: { id: "NULL", type_info: null }, is_null: true },
};

const truth = (is: boolean): Tree => ({
  class: "CAST",
  type: "OPERATOR_CAST",
  alias: "",
  query_location: 0,
  child: constant("VARCHAR", is ? "t" : "f"),
  cast_type: { id: "BOOLEAN", type_info: null },
  try_cast: false,
});
