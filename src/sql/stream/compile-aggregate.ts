// sql/stream/compile-aggregate.ts: an aggregated SELECT as three operators: rows of keys and arguments, the aggregate, rows of results.
import { parseDuckdbType } from "../../engine/duckdb/duckdb-schema.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { assert } from "../../format/text/error.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import { emptyRelation } from "../../stream/source/empty-relation.ts";
import type { AggregateCall, GroupKey, StreamNode } from "../../stream/plan/stream-node.ts";
import { lastMicrosecondOf, expandTimes } from "../tree/expand-windows.ts";
import { type SplitAggregate, type SplitCall, keyName, splitAggregate } from "./split-aggregate.ts";
import type { StreamFrom } from "./stream-from.ts";
import { type StreamRelation, type StreamScope, queryNode, streamName, unsupported } from "./stream-scope.ts";
import {
  type Tree,
  findTree,
  optionalTree,
  printExpressions,
  selectOf,
  tableRef,
  textOf,
  textsOf,
  treeOf,
  treesOf,
} from "../tree/query-tree.ts";
import { isWindowCall, readWindowCall } from "../tree/window-call.ts";

/** Compiles a SELECT that groups or aggregates. @throws AlluviumError as `compileQuery` */
export async function compileAggregate(scope: StreamScope, select: Tree, from: StreamFrom): Promise<StreamRelation> {
  const columns = new Set(from.node.schema.fields.map((field) => field.name.toLowerCase()));
  const split = splitAggregate(select, scope.aggregates, columns);
  const inputs = callInputs(split.calls);
  const input = await argumentRows(scope, { select, from, split, inputs });
  const keys = split.keys.map((key, index) => groupKey(from, key, index));
  const grouping: GroupKey[] =
    split.sets === null ? [] : [{ name: setName, sql: sqlIdentifier(setName), eventTime: null }];
  const aggregates = await aggregateCalls(scope, split.calls);
  const allKeys = [...keys, ...grouping];
  const schema = await aggregateSchema(scope, input, { keys: allKeys, aggregates });
  const node: StreamNode = { kind: "aggregate", input, keys: allKeys, aggregates, schema };
  return results(scope, node, split);
}

/** Tells the grouping sets of ROLLUP, CUBE and GROUPING SETS apart. */
const setName = "grouping_set";

/** Column of the gap of a session, row by row. */
const gapName = (index: number): string => `${keyName(index)}_gap`;

interface CallInput {
  readonly name: string;
  readonly tree: Tree;
}

/** True for what does not depend on the row: it stays in the call. */
const isConstant = (tree: Tree): boolean =>
  findTree(tree, (node) => ["COLUMN_REF", "SUBQUERY"].includes(textOf(node, "class"))) === null;

/** Columns that the calls take: arguments, filters, sort keys. */
function callInputs(calls: readonly SplitCall[]): readonly CallInput[] {
  return calls.flatMap(({ name, tree }) => {
    const args = treesOf(tree, "children").flatMap((arg, index) =>
      isConstant(arg) ? [] : [{ name: `${name}_${index}`, tree: arg }],
    );
    const filter = optionalTree(tree, "filter");
    const orders = ordersOf(tree).map((order, index) => ({
      name: `${name}_o${index}`,
      tree: treeOf(order, "expression"),
    }));
    return [...args, ...(filter === null ? [] : [{ name: `${name}_f`, tree: filter }]), ...orders];
  });
}

function ordersOf(call: Tree): readonly Tree[] {
  const orders = optionalTree(call, "order_bys");
  return orders === null ? [] : treesOf(orders, "orders");
}

interface ArgumentRows {
  readonly select: Tree;
  readonly from: StreamFrom;
  readonly split: SplitAggregate;
  readonly inputs: readonly CallInput[];
}

async function argumentRows(scope: StreamScope, { select, from, split, inputs }: ArgumentRows): Promise<StreamNode> {
  const where = select["where_clause"] ?? null;
  const named = (tree: Tree, name: string): Tree => ({ ...expandTimes(tree), alias: name });
  const args = inputs.map(({ name, tree }) => named(tree, name));
  const keysOf = (set: readonly number[] | null): readonly Tree[] =>
    split.keys.map((key, index) =>
      set === null || set.includes(index) ? named(timeOfKey(key, from), keyName(index)) : nullAs(keyName(index)),
    );
  const gaps = split.keys.flatMap((key, index) => {
    const gap = isWindowCall(key) ? readWindowCall(key).gap : null;
    return gap === null ? [] : [named(gap, gapName(index))];
  });
  const rowsOf = (set: readonly number[] | null, marks: readonly Tree[]): Tree => {
    const list = [...keysOf(set), ...gaps, ...args, ...marks];
    return {
      ...selectOf(list.length === 0 ? [{ ...nullAs("nothing") }] : list),
      from_table: from.tree,
      where_clause: where,
    };
  };
  if (split.sets === null) return queryNode(scope, from.node, rowsOf(null, []));
  const [first, ...rest] = split.sets.map((set, index) => rowsOf(set, [mark(index)]));
  assert(first !== undefined, "grouping sets are not empty");
  const union = rest.reduce<Tree>(
    (left, right) => ({
      type: "SET_OPERATION_NODE",
      modifiers: [],
      cte_map: { map: [] },
      setop_type: "UNION",
      left,
      right,
      setop_all: true,
    }),
    first,
  );
  return queryNode(scope, from.node, union);
}

/** What a key is computed of: for a window its timestamp. */
function timeOfKey(key: Tree, from: StreamFrom): Tree {
  if (!isWindowCall(key)) return key;
  const { time } = readWindowCall(key);
  const name = columnName(time);
  const type = from.node.schema.fields.find((field) => field.name.toLowerCase() === name?.toLowerCase())?.type;
  return type?.kind === "struct" ? lastMicrosecondOf(time, "") : time;
}

const columnName = (tree: Tree): string | null =>
  textOf(tree, "class") === "COLUMN_REF" && textsOf(tree, "column_names").length === 1
    ? (textsOf(tree, "column_names")[0] ?? null)
    : null;

const literal = (id: string, value: number | null, alias: string): Tree => ({
  class: "CONSTANT",
  type: "VALUE_CONSTANT",
  alias,
  query_location: 0,
  value:
    value === null
      ? { type: { id: "NULL", type_info: null }, is_null: true }
      : { type: { id, type_info: null }, is_null: false, value },
});

const nullAs = (name: string): Tree => literal("NULL", null, name);

const mark = (index: number): Tree => literal("INTEGER", index, setName);

function groupKey(from: StreamFrom, key: Tree, index: number): GroupKey {
  const name = keyName(index);
  const sql = sqlIdentifier(name);
  const isTime = (tree: Tree): boolean => {
    const inner =
      textOf(tree, "function_name") === "alluvium_window_time" ? (treesOf(tree, "children")[0] ?? tree) : tree;
    return from.eventTimes.some((time) => time.toLowerCase() === columnName(inner)?.toLowerCase());
  };
  if (!isWindowCall(key)) return { name, sql, eventTime: isTime(key) ? { kind: "column" } : null };
  const { time, gap, ...window } = readWindowCall(key);
  const gaps = gap === null ? {} : { gapSql: sqlIdentifier(gapName(index)) };
  return { name, sql, eventTime: { ...window, ...gaps, column: sql, isEventTime: isTime(time) } };
}

function aggregateCalls(scope: StreamScope, calls: readonly SplitCall[]): Promise<readonly AggregateCall[]> {
  return Promise.all(
    calls.map(async ({ name, tree }) => {
      const args = treesOf(tree, "children");
      const constants = await printExpressions(scope.connection, args.filter(isConstant));
      let next = 0;
      const orders = ordersOf(tree).map((order, index) => {
        const direction = textOf(order, "type") === "DESCENDING" ? "DESC" : "ASC";
        return `${sqlIdentifier(`${name}_o${index}`)} ${direction} ${textOf(order, "null_order") === "NULLS_LAST" ? "NULLS LAST" : "NULLS FIRST"}`;
      });
      return {
        name,
        function: textOf(tree, "function_name").toLowerCase(),
        args: args.map((arg, index) =>
          isConstant(arg) ? (constants[next++] ?? "NULL") : sqlIdentifier(`${name}_${index}`),
        ),
        isDistinct: tree["distinct"] === true,
        filter: optionalTree(tree, "filter") === null ? null : sqlIdentifier(`${name}_f`),
        orderBy: orders.length === 0 ? null : orders.join(", "),
      };
    }),
  );
}

interface Grouping {
  readonly keys: readonly GroupKey[];
  readonly aggregates: readonly AggregateCall[];
}

/** Types as DuckDB tells them; a window is a struct of two timestamps. */
async function aggregateSchema(
  scope: StreamScope,
  input: StreamNode,
  { keys, aggregates }: Grouping,
): Promise<StructType> {
  const calls = aggregates.map((call) => {
    const list = `${call.isDistinct ? "DISTINCT " : ""}${call.args.join(", ")}${call.orderBy === null ? "" : ` ORDER BY ${call.orderBy}`}`;
    const name = call.function === "count_star" ? "count(*)" : `${call.function}(${list})`;
    return `${name}${call.filter === null ? "" : ` FILTER (WHERE ${call.filter})`} AS ${sqlIdentifier(call.name)}`;
  });
  const list = [
    ...keys.map((key) => key.sql),
    ...calls,
    ...(keys.length + calls.length === 0 ? ["count(*) AS nothing"] : []),
  ];
  const groups = keys.length === 0 ? "" : ` GROUP BY ${keys.map((key) => key.sql).join(", ")}`;
  const rows = await scope.connection.rows(
    `DESCRIBE SELECT ${list.join(", ")} FROM (${emptyRelation(input.schema)})${groups}`,
  );
  const fields = rows.slice(0, keys.length + calls.length).map((row, index): StructField => {
    const text = String(row["column_type"]);
    // Sums of whole numbers are longs in Spark; what they are computed of may be wider in DuckDB.
    const type = parseDuckdbType(text === "HUGEINT" ? "BIGINT" : text);
    const isWindow =
      keys[index] !== undefined && keys[index].eventTime !== null && keys[index].eventTime.kind !== "column";
    const field = (name: string): StructField => ({ name, type, nullable: true, metadata: {} });
    const whole = isWindow ? { kind: "struct" as const, fields: [field("start"), field("end")] } : type;
    return { name: String(row["column_name"]), type: whole, nullable: true, metadata: {} };
  });
  return { kind: "struct", fields };
}

/** Expressions over aggregates, HAVING, and what orders or cuts the whole result. */
async function results(
  scope: StreamScope,
  node: Extract<StreamNode, { kind: "aggregate" }>,
  split: SplitAggregate,
): Promise<StreamRelation> {
  const select = {
    ...selectOf(split.list.map(expandTimes)),
    from_table: tableRef(streamName, "alluvium_rows"),
    where_clause: split.having,
  };
  const isWhole = scope.outputMode === "complete";
  const rows = await queryNode(scope, node, { ...select, modifiers: isWhole ? split.modifiers : [] });
  const times = node.keys
    .filter(({ eventTime }) => eventTime !== null && (eventTime.kind === "column" || eventTime.isEventTime))
    .map(({ name }) => name);
  const eventTimes = split.list.flatMap((item) => {
    const inner =
      textOf(item, "function_name") === "alluvium_window_time" ? (treesOf(item, "children")[0] ?? item) : item;
    return times.includes(columnName(inner) ?? "") ? [textOf(item, "alias")] : [];
  });
  if (isWhole || split.modifiers.length === 0) {
    const isSorted = split.modifiers.length > 0 && rows.kind === "rows";
    return { node: isSorted ? { ...rows, kind: "sort" } : rows, eventTimes };
  }
  return split.modifiers.reduce<StreamRelation>((before, modifier) => restricted(before, modifier), {
    node: rows,
    eventTimes,
  });
}

/** DISTINCT, ORDER BY or LIMIT where the whole result is not at hand: the rules say in which mode that can be. */
function restricted({ node, eventTimes }: StreamRelation, modifier: Tree): StreamRelation {
  const { schema } = node;
  const type = textOf(modifier, "type");
  if (type === "DISTINCT_MODIFIER") {
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
  }
  if (type === "ORDER_MODIFIER")
    return { node: { kind: "sort", input: node, sql: (from) => from, schema }, eventTimes };
  if (type === "LIMIT_MODIFIER") return { node: { kind: "limit", input: node, count: 0, schema }, eventTimes };
  throw unsupported(type.toLowerCase().replaceAll("_", " "), "write the stream to a table and query that");
}
