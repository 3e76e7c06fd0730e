// sql/tree/expand-windows.ts: windows of time written out for a query over rows that are all there: each row stands in every window
// it belongs to. streaming.md, "Windows".
import type { SqlConnection } from "../../engine/base/engine.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import { parseJson } from "../../format/text/json-int64.ts";
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import {
  type Tree,
  columnRef,
  findTree,
  printExpressions,
  rewrite,
  textOf,
  treeOf,
  treesOf,
  constant,
} from "./query-tree.ts";
import { type ColumnsInput, type SessionSql, expandSessions, groupingKeys, sessionAmong } from "./expand-sessions.ts";
import { type WindowCall, findWindowCall, isWindowCall, readWindowCall, windowName } from "./window-call.ts";

/** The same query without calls of windows. */
export async function expandWindows(input: ColumnsInput, root: Tree): Promise<Tree> {
  let tree = root;
  // Each round takes one SELECT; a query has fewer of them than this.
  for (let round = 0; round < 100; round += 1) {
    const select = findTree(tree, (node) => node["type"] === "SELECT_NODE" && findWindowCall(node) !== null);
    if (select === null) return expandTimes(tree);
    const expanded = await expandSelect(input, select);
    tree = rewrite(tree, (node) => (node === select ? expanded : undefined));
  }
  throw new AlluviumError("UNSUPPORTED_FEATURE", {}, "the query has more windows of time than can be expanded");
}

/** As `expandWindows`, for rows that are not grouped: no name has to be looked up. */
export function expandRowWindows(connection: SqlConnection, root: Tree): Promise<Tree> {
  return expandWindows({ connection, fill: (sql) => sql }, root);
}

async function expandSelect(input: ColumnsInput, select: Tree): Promise<Tree> {
  const { connection } = input;
  const keys = await groupingKeys(input, select);
  const grouped = sessionAmong(keys);
  if (grouped !== null)
    return expandSessions(connection, select, { call: grouped, keys, session: await sessionOf(connection, grouped) });

  const call = findWindowCall(select);
  assert(call !== null, "the SELECT has a window");
  const window = readWindowCall(call);
  const name = windowName(call);
  const gaps = window.gap === null ? [] : [window.gap];
  const [time = "", gap] = await printExpressions(connection, [expandTimes(window.time), ...gaps]);
  const list = gap === undefined ? windowsSql(window, time) : sessionSql(time, `CAST(${gap} AS INTERVAL)`);
  const template = `SELECT 1 FROM a CROSS JOIN LATERAL (SELECT unnest(${list}) AS "${name}") AS alluvium_windows`;
  const [row] = await connection.rows(`SELECT json_serialize_sql(${sqlLiteral(template)}) AS tree`);
  const parsed = parseJson(String(row?.["tree"])) as Tree;
  const [statement] = treesOf(parsed, "statements");
  assert(statement !== undefined, "the template is a query");
  const join = treeOf(treeOf(statement, "node"), "from_table");
  const from = { ...join, left: treeOf(select, "from_table") };
  const replaced = rewrite({ ...select, from_table: null }, (node) =>
    isWindowCall(node) ? columnRef(["alluvium_windows", name], textOf(node, "alias")) : undefined,
  );
  return { ...replaced, from_table: from };
}

async function sessionOf(connection: SqlConnection, call: Tree): Promise<SessionSql> {
  const { time, gap, lengthMicros } = readWindowCall(call);
  const [start = "", own] = await printExpressions(connection, [expandTimes(time), ...(gap === null ? [] : [gap])]);
  const length = own === undefined ? intervalSql(lengthMicros) : `CAST(${own} AS INTERVAL)`;
  return { start, end: `${start} + ${length}` };
}

/** The windows of one timestamp as a list of structs. */
export function windowsSql({ kind, lengthMicros, slideMicros, startMicros }: WindowCall, time: string): string {
  if (kind === "session") return sessionSql(time, intervalSql(lengthMicros));
  const count = Number((lengthMicros + slideMicros - 1n) / slideMicros);
  const first = `time_bucket(${intervalSql(slideMicros)}, ${time}, ${intervalSql(originMicros(slideMicros, startMicros))})`;
  const windows = Array.from({ length: count }, (_, index) => {
    const start = `${first} - ${intervalSql(BigInt(index) * slideMicros)}`;
    return `{'start': ${start}, 'end': ${start} + ${intervalSql(lengthMicros)}}`;
  });
  return `list_filter([${windows.join(", ")}], lambda w: w['end'] > ${time})`;
}

const sessionSql = (time: string, gap: string): string =>
  `list_filter([{'start': ${time}, 'end': ${time} + ${gap}}], lambda w: w['end'] > w['start'])`;

/** DuckDB counts buckets from 2000-01-03; Spark from 1970-01-01 and `start`. */
function originMicros(slideMicros: bigint, startMicros: bigint): bigint {
  return (((startMicros - duckdbOriginMicros) % slideMicros) + slideMicros) % slideMicros;
}

const duckdbOriginMicros = BigInt(Date.UTC(2000, 0, 3)) * 1000n;

const intervalSql = (micros: bigint): string => `to_microseconds(CAST(${micros} AS BIGINT))`;

/** `window_time(w)`: the last microsecond of a window. */
export function expandTimes(root: Tree): Tree {
  return rewrite(root, (node) => {
    if (textOf(node, "function_name") !== "alluvium_window_time") return undefined;
    const [window] = treesOf(node, "children");
    if (window === undefined) throw new AlluviumError("DATATYPE_MISMATCH", {}, "window_time takes a window");
    return lastMicrosecondOf(window, textOf(node, "alias"));
  });
}

/** The timestamp one microsecond before the end of a window. */
export function lastMicrosecondOf(window: Tree, alias: string): Tree {
  const end = call("struct_extract", [window, constant("VARCHAR", "end")]);
  return { ...call("-", [end, call("to_microseconds", [constant("BIGINT", 1)])]), is_operator: true, alias };
}

function call(name: string, children: readonly Tree[]): Tree {
  return {
    class: "FUNCTION",
    type: "FUNCTION",
    alias: "",
    query_location: 0,
    function_name: name,
    schema: "",
    children,
    filter: null,
    order_bys: { type: "ORDER_MODIFIER", orders: [] },
    distinct: false,
    is_operator: false,
    export_state: false,
    catalog: "",
  };
}
