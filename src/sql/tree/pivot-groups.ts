// sql/tree/pivot-groups.ts: a PIVOT whose values are named, as the grouping that it is: each cell is an aggregate over the rows with one
// value, null where there are none. Its aggregates then are as typed as any, and may be expressions over several.
import {
  type Tree,
  allOf,
  comparison,
  constant,
  findTree,
  optionalTree,
  rewrite,
  selectOf,
  textOf,
  textsOf,
  treesOf,
} from "./query-tree.ts";
import { isAggregate } from "./aggregate-names.ts";

/** Whether a query has one. */
export const hasPivot = (root: Tree): boolean => findTree(root, isPivot) !== null;

const isPivot = (node: Tree): boolean => textOf(node, "type") === "PIVOT";

/**
 * The same query, with groups for its PIVOTs; those that are said in another way are left to DuckDB.
 * @param aggregates names of functions of many rows
 */
export function withPivotGroups(root: Tree, aggregates: ReadonlySet<string>): Tree {
  return rewrite(root, (node) => {
    if (!isPivot(node)) return undefined;
    const source = optionalTree(node, "source");
    const inner = source === null ? node : { ...node, source: withPivotGroups(source, aggregates) };
    return grouped(inner, aggregates) ?? inner;
  });
}

/** One value of a PIVOT: which rows have it, and how its column is called. */
interface Cell {
  readonly condition: Tree;
  readonly name: string;
}

function grouped(node: Tree, aggregates: ReadonlySet<string>): Tree | null {
  const [pivot, another] = treesOf(node, "pivots");
  const calls = treesOf(node, "aggregates");
  const source = optionalTree(node, "source");
  if (pivot === undefined || another !== undefined || source === null || calls.length === 0) return null;
  if (textsOf(node, "groups").length > 0) return null;
  const cells = cellsOf(pivot);
  const used = columnsIn([...calls, ...treesOf(pivot, "pivot_expressions")]);
  if (cells === null || used === null) return null;
  const columns: Tree[] = [];
  for (const { condition, name } of cells) {
    for (const call of calls) {
      const alias = calls.length === 1 ? "" : textOf(call, "alias");
      const cell = onlyRows(call, { condition, aggregates });
      // What DuckDB calls it is not known here.
      if (cell === null || (calls.length > 1 && alias === "")) return null;
      columns.push({ ...whereThere(condition, cell), alias: alias === "" ? name : `${name}_${alias}` });
    }
  }
  const select = {
    ...selectOf([starWithout(used), ...columns]),
    from_table: source,
    aggregate_handling: "FORCE_AGGREGATES",
  };
  return {
    type: "SUBQUERY",
    alias: textOf(node, "alias"),
    sample: null,
    query_location: 0,
    subquery: { node: select, named_param_map: [] },
    column_name_alias: node["column_name_alias"] ?? [],
  };
}

function cellsOf(pivot: Tree): readonly Cell[] | null {
  const keys = treesOf(pivot, "pivot_expressions");
  const cells: Cell[] = [];
  for (const entry of treesOf(pivot, "entries")) {
    const values = treesOf(entry, "values");
    const alias = textOf(entry, "alias");
    const texts = values.map(valueText);
    const [text] = texts;
    if (keys.length === 0 || values.length !== keys.length) return null;
    if (alias === "" && (texts.length !== 1 || text === undefined || text === null)) return null;
    const conditions = keys.map((key, index) =>
      comparison("COMPARE_NOT_DISTINCT_FROM", key, { ...constant("NULL", null), value: values[index] ?? null }),
    );
    cells.push({ condition: allOf(conditions), name: alias === "" ? (text ?? "") : alias });
  }
  return cells.length === 0 ? null : cells;
}

/** Spark's text of a value as the name of a column; null for one that is better named by who writes it. */
function valueText(value: Tree): string | null {
  if (value["is_null"] === true) return "null";
  const given = value["value"];
  const id = textOf(optionalTree(value, "type") ?? {}, "id");
  if (id === "VARCHAR" && typeof given === "string") return given;
  if (id === "BOOLEAN" && typeof given === "boolean") return String(given);
  const isWhole = id === "INTEGER" || id === "BIGINT" || id === "SMALLINT" || id === "TINYINT";
  return isWhole && (typeof given === "number" || typeof given === "bigint") ? String(given) : null;
}

/** How names of lambdas begin that are made here. */
const ownNames = "__alluvium_";

/** Columns that are no keys of groups; null where one is named by more than itself. */
function columnsIn(expressions: readonly Tree[]): readonly string[] | null {
  const names = new Map<string, string>();
  let isPlain = true;
  for (const expression of expressions)
    rewrite(expression, (node) => {
      if (textOf(node, "class") !== "COLUMN_REF") return undefined;
      const [name, ...more] = textsOf(node, "column_names");
      if (name?.startsWith(ownNames) === true) return node;
      if (name === undefined || more.length > 0) isPlain = false;
      else names.set(name.toLowerCase(), name);
      return node;
    });
  return isPlain ? [...names.values()] : null;
}

/** An expression whose aggregates see only the rows for which a condition is true; null for one without aggregates. */
function onlyRows(
  call: Tree,
  { condition, aggregates }: { readonly condition: Tree; readonly aggregates: ReadonlySet<string> },
): Tree | null {
  let count = 0;
  // The types of what is divided are not known here, on which Spark's quotient depends.
  if (findTree(call, (node) => textOf(node, "function_name") === "/") !== null) return null;
  const cell = rewrite(call, (node) => {
    if (!isAggregate(node, aggregates)) return undefined;
    count += 1;
    const filter = optionalTree(node, "filter");
    return { ...node, filter: filter === null ? condition : allOf([filter, condition]) };
  });
  return count === 0 ? null : cell;
}

function whereThere(condition: Tree, value: Tree): Tree {
  const orders = { type: "ORDER_MODIFIER", orders: [] };
  const call = { class: "FUNCTION", type: "FUNCTION", alias: "", query_location: 0, schema: "", catalog: "" };
  const flags = { distinct: false, is_operator: false, export_state: false };
  const rows = { ...call, ...flags, function_name: "count_star", children: [], filter: condition, order_bys: orders };
  const isThere = comparison("COMPARE_GREATERTHAN", rows, constant("INTEGER", 0));
  // Spark's cells of arrays are aggregates over all rows: nothing was collected.
  if (findTree(value, (node) => textOf(node, "function_name") === "list") !== null) return value;
  const nothing = { ...constant("NULL", null), value: { type: { id: "NULL", type_info: null }, is_null: true } };
  const checks = [{ when_expr: isThere, then_expr: { ...value, alias: "" } }];
  const node = { class: "CASE", type: "CASE_EXPR", alias: "", query_location: 0 };
  return { ...node, case_checks: checks, else_expr: nothing };
}

function starWithout(names: readonly string[]): Tree {
  const star = { class: "STAR", type: "STAR", alias: "", query_location: 0, relation_name: "", columns: false };
  const lists = { replace_list: [], qualified_exclude_list: [], rename_list: [] };
  return { ...star, ...lists, exclude_list: names, expr: null };
}
