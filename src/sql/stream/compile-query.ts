// sql/stream/compile-query.ts: a query over streams as a tree of operators. Its shape comes from DuckDB's parser; what is row by row stays
// one DuckDB statement, what remembers becomes an operator of its own.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { StreamNode } from "../../stream/plan/stream-node.ts";
import { alignTo } from "../tree/align-union.ts";
import { compileAggregate } from "./compile-aggregate.ts";
import { expandRowWindows } from "../tree/expand-windows.ts";
import { inlineNames } from "../tree/inline-names.ts";
import { isAggregated } from "./split-aggregate.ts";
import { type StreamFrom, compileFrom } from "./stream-from.ts";
import { flatColumns, resolveColumn } from "../tree/flat-columns.ts";
import {
  type StreamRelation,
  type StreamScope,
  describeOver,
  queryNode,
  readsStream,
  streamName,
  unsupported,
} from "./stream-scope.ts";
import { hasAggregate } from "./streaming-rules.ts";
import {
  type Tree,
  columnRef,
  findTree,
  optionalTree,
  printTrees,
  rewrite,
  selectOf,
  tableRef,
  textOf,
  textsOf,
  treeOf,
  treesOf,
} from "../tree/query-tree.ts";

/**
 * Compiles a query of which at least one table is a stream.
 * @throws AlluviumError `_LEGACY_ERROR_TEMP_3102`, `NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING`, `INVALID_SUBQUERY_EXPRESSION` and
 * others for what cannot be done on streams in any output mode
 */
export async function compileQuery(scope: StreamScope, tree: Tree): Promise<StreamRelation> {
  const relation = await compile(scope, inlineNames(tree));
  return scope.outputMode === "complete" ? { ...relation, node: asGroups(relation.node) } : relation;
}

/** All distinct rows there are, where each batch puts out the whole result: groups without aggregates. */
function asGroups(node: StreamNode): StreamNode {
  if (node.kind !== "deduplicate" || hasAggregate(node)) return node;
  const { input, schema } = node;
  const keys = schema.fields.map(({ name }) => ({ name, sql: sqlIdentifier(name), eventTime: null }));
  return { kind: "aggregate", input, keys, aggregates: [], schema };
}

async function compile(scope: StreamScope, tree: Tree): Promise<StreamRelation> {
  const type = textOf(tree, "type");
  if (type === "SELECT_NODE") return compileSelect(scope, tree);
  if (type === "SET_OPERATION_NODE") return compileSet(scope, tree);
  throw unsupported(
    `a query with ${type.toLowerCase().replaceAll("_", " ")}`,
    "write the stream to a table and query that",
  );
}

async function compileSelect(scope: StreamScope, select: Tree): Promise<StreamRelation> {
  checkExpressions(scope, select);
  const where = optionalTree(select, "where_clause");
  const from = await compileFrom(
    { scope, where, compile: (tree) => compile(scope, tree) },
    treeOf(select, "from_table"),
  );
  const plain = plainNames(select, from);
  if (isAggregated(plain, scope.aggregates)) return compileAggregate(scope, plain, from);
  const rows = await compileRows(scope, plain, from);
  return treesOf(plain, "modifiers").reduce<Promise<StreamRelation>>(
    async (before, modifier) => withModifier(scope, await before, modifier),
    Promise.resolve(rows),
  );
}

function checkExpressions(scope: StreamScope, select: Tree): void {
  const { from_table: _, ...expressions } = select;
  const isSubquery = (node: Tree): boolean =>
    textOf(node, "class") === "SUBQUERY" && readsStream(scope, treeOf(node, "subquery"));
  if (findTree(expressions, isSubquery) !== null) {
    const message =
      "a sub-query in an expression cannot read a stream; join the stream instead, or write it to a table and read that";
    throw new AlluviumError("INVALID_SUBQUERY_EXPRESSION", {}, message);
  }
  const call = findTree(expressions, (node) => textOf(node, "class") === "WINDOW");
  if (call !== null || optionalTree(select, "qualify") !== null) {
    const name = call === null ? "QUALIFY" : `${textOf(call, "function_name")}() OVER (…)`;
    const message = `${name} is not supported on a stream; group by window(time, '10 minutes') instead, or write the stream to a table and query that`;
    throw new AlluviumError("NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING", { function: name }, message);
  }
}

/** Names without the alias of the only table; names of joined streams as the join gives them. */
function plainNames(select: Tree, { tree, flat }: StreamFrom): Tree {
  const { from_table: from = null, ...rest } = select;
  if (flat !== null) return { ...flatNames(rest, flat, tree["type"] !== "BASE_TABLE"), from_table: from };
  const alias = tree["type"] === "BASE_TABLE" ? textOf(tree, "alias").toLowerCase() : "";
  if (alias === "") return select;
  const plain = rewrite(rest, (node) => {
    if (textOf(node, "class") === "SUBQUERY") return node;
    const parts = textOf(node, "class") === "COLUMN_REF" ? textsOf(node, "column_names") : [];
    return parts.length > 1 && parts[0]?.toLowerCase() === alias
      ? { ...node, column_names: parts.slice(1) }
      : undefined;
  });
  return { ...plain, from_table: from };
}

function flatNames(select: Tree, flat: NonNullable<StreamFrom["flat"]>, hasMore: boolean): Tree {
  const list = treesOf(select, "select_list").flatMap((item): readonly Tree[] => {
    if (textOf(item, "class") !== "STAR") return [nameItem(item, flat)];
    const alias = textOf(item, "relation_name").toLowerCase();
    if (hasMore && alias === "") throw unsupported("* over joined streams and a table", "name the columns");
    return flat
      .filter((column) => alias === "" || column.alias.toLowerCase() === alias)
      .map(({ alias: table, name }) => columnRef([table, name], name));
  });
  return flatColumns({ ...select, select_list: list }, flat);
}

const nameItem = (item: Tree, flat: NonNullable<StreamFrom["flat"]>): Tree => {
  const parts = textsOf(item, "column_names");
  const isColumn =
    textOf(item, "class") === "COLUMN_REF" && textOf(item, "alias") === "" && resolveColumn(flat, parts) !== null;
  return isColumn ? { ...item, alias: parts.at(-1) ?? "" } : item;
};

async function compileRows(scope: StreamScope, select: Tree, from: StreamFrom): Promise<StreamRelation> {
  const list = treesOf(select, "select_list");
  const [only] = list;
  const isAll = list.length === 1 && only !== undefined && isPlainStar(only) && from.flat === null;
  const isWhole = isAll && from.tree["type"] === "BASE_TABLE" && optionalTree(select, "where_clause") === null;
  if (isWhole && textsOf(from.tree, "column_name_alias").length === 0) return from;
  const rows = await expandRowWindows(scope.connection, { ...select, from_table: from.tree, modifiers: [] });
  const node = await queryNode(scope, from.node, rows);
  return { node, eventTimes: keptTimes(list, from.eventTimes) };
}

function isPlainStar(item: Tree): boolean {
  const lists = ["exclude_list", "replace_list", "rename_list", "qualified_exclude_list"];
  return (
    textOf(item, "class") === "STAR" &&
    item["columns"] !== true &&
    lists.every((key) => !Array.isArray(item[key]) || item[key].length === 0)
  );
}

/** Watermarked columns that a SELECT list hands on, by their new names. */
function keptTimes(list: readonly Tree[], eventTimes: readonly string[]): readonly string[] {
  return list.flatMap((item) => {
    if (textOf(item, "class") === "STAR") return eventTimes;
    const parts = textOf(item, "class") === "COLUMN_REF" ? textsOf(item, "column_names") : [];
    const name = parts.at(-1) ?? "";
    const isTime = eventTimes.some((time) => time.toLowerCase() === name.toLowerCase());
    return isTime ? [textOf(item, "alias") === "" ? name : textOf(item, "alias")] : [];
  });
}

/** DISTINCT, ORDER BY or LIMIT over a stream. */
async function withModifier(
  scope: StreamScope,
  { node, eventTimes }: StreamRelation,
  modifier: Tree,
): Promise<StreamRelation> {
  const { schema } = node;
  const isWhole = scope.outputMode === "complete" && hasAggregate(node);
  if (isWhole) {
    const all = { ...selectOf([columnStar]), from_table: tableRef(streamName, "alluvium_rows"), modifiers: [modifier] };
    const whole = await queryNode(scope, node, all);
    return { node: whole.kind === "rows" ? { ...whole, kind: "sort" } : whole, eventTimes };
  }
  switch (textOf(modifier, "type")) {
    case "DISTINCT_MODIFIER":
      if (treesOf(modifier, "distinct_on_targets").length > 0) throw unsupported("DISTINCT ON", "use dropDuplicates");
      return {
        node: {
          kind: "deduplicate",
          input: node,
          columns: [],
          withinWatermark: false,
          eventTime: eventTimes[0] ?? null,
          schema,
        },
        eventTimes,
      };
    case "ORDER_MODIFIER":
      // Refused in every mode in which it stands here; see streaming-rules.ts.
      return { node: { kind: "sort", input: node, sql: (from) => from, schema }, eventTimes };
    case "LIMIT_MODIFIER": {
      const limit = optionalTree(modifier, "limit");
      const count =
        limit === null || textOf(limit, "class") !== "CONSTANT" ? null : Number(treeOf(limit, "value")["value"]);
      if (count === null || optionalTree(modifier, "offset") !== null)
        throw unsupported("OFFSET", "a stream has no order to skip rows of");
      return { node: { kind: "limit", input: node, count, schema }, eventTimes };
    }
    default:
      throw unsupported(
        textOf(modifier, "type").toLowerCase().replaceAll("_", " "),
        "write the stream to a table and query that",
      );
  }
}

const columnStar: Tree = {
  class: "STAR",
  type: "STAR",
  alias: "",
  query_location: 0,
  relation_name: "",
  exclude_list: [],
  replace_list: [],
  columns: false,
  expr: null,
  qualified_exclude_list: [],
  rename_list: [],
};

/** UNION [ALL], by position or by name; every side is a stream. */
async function compileSet(scope: StreamScope, tree: Tree): Promise<StreamRelation> {
  const kind = textOf(tree, "setop_type");
  const sides = [treeOf(tree, "left"), treeOf(tree, "right")];
  if (!kind.startsWith("UNION"))
    throw unsupported(kind, "filter with a semi or anti join against a static table instead");
  if (!sides.every((side) => readsStream(scope, side))) {
    throw unsupported(
      "UNION of a stream and a static table",
      "write the static rows to the stream's table, or read them as a stream too",
    );
  }
  const compiled: StreamRelation[] = [];
  for (const side of sides) compiled.push(await compile(scope, side));
  const first = compiled[0] as StreamRelation; // there are two
  const [left, right] = compiled.map((_, index): Tree => ({
    ...selectOf([columnStar]),
    from_table: tableRef(sideName(index), `side_${index}`),
  }));
  const united = { ...tree, left: left ?? null, right: right ?? null, modifiers: [], cte_map: { map: [] } };
  const inputs = new Map(
    compiled.map(({ node }, index) => [
      sideName(index),
      { kind: "static" as const, schema: node.schema, relation: () => "" },
    ]),
  );
  const [template = ""] = await printTrees(scope.connection, [united]);
  const schema = await describeOver({ ...scope, inputs }, template, first.node.schema);
  const isByName = kind === "UNION_BY_NAME";
  const nodes = compiled.map(({ node }) => alignTo({ node, schema, isByName }));
  const union: StreamRelation = { node: { kind: "union", inputs: nodes, schema }, eventTimes: first.eventTimes };
  const start =
    tree["setop_all"] === true
      ? union
      : await withModifier(scope, union, { type: "DISTINCT_MODIFIER", distinct_on_targets: [] });
  return treesOf(tree, "modifiers").reduce<Promise<StreamRelation>>(
    async (before, modifier) => withModifier(scope, await before, modifier),
    Promise.resolve(start),
  );
}

// Names that no table of the query has: they only stand for the sides while their types are asked for.
const sideName = (index: number): string => `alluvium_table_${1_000_000 + index}`;
