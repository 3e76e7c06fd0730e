// sql/tree/expand-sessions.ts: sessions written out for a query over rows that are all there: each row is given the session that it
// belongs to, in place of the call, before the rows are grouped. streaming.md, "Windows": sessions merge where they touch.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import { parseJson } from "../../format/text/json-int64.ts";
import {
  type Tree,
  columnRef,
  fingerprint,
  optionalTree,
  printExpressions,
  printTrees,
  rewrite,
  selectOf,
  textOf,
  textsOf,
  treeOf,
  treesOf,
} from "./query-tree.ts";
import { isWindowCall } from "./window-call.ts";

/** What the columns of a query are asked of. */
export interface ColumnsInput {
  readonly connection: SqlConnection;
  /** A printed query with relations without rows in place of its tables. */
  readonly fill: (template: string) => string;
}

/** The session of a row as DuckDB SQL: when its gap begins and ends. */
export interface SessionSql {
  readonly start: string;
  readonly end: string;
}

/** The keys of a grouping, written out where they are the number or the name of an item. */
export async function groupingKeys(input: ColumnsInput, select: Tree): Promise<readonly Tree[]> {
  const items = treesOf(select, "select_list");
  const keys: Tree[] = [];
  for (const key of treesOf(select, "group_expressions")) {
    const place = optionalTree(key, "value")?.["value"];
    const names = textsOf(key, "column_names");
    const isPlace = textOf(key, "class") === "CONSTANT" && (typeof place === "number" || typeof place === "bigint");
    const wanted = names.length === 1 ? names[0]?.toLowerCase() : undefined;
    const named = items.find((item) => textOf(item, "alias").toLowerCase() === wanted);
    if (isPlace) keys.push(items[Number(place) - 1] ?? key);
    else keys.push(named !== undefined && !(await isColumn(input, select, key)) ? named : key);
  }
  return keys.map((key) => ({ ...key, alias: "" }));
}

/** A column comes before an item of its name. */
async function isColumn({ connection, fill }: ColumnsInput, select: Tree, key: Tree): Promise<boolean> {
  const query = { ...selectOf([key]), from_table: select["from_table"] ?? null };
  try {
    const [template = ""] = await printTrees(connection, [query]);
    await connection.rows(`DESCRIBE ${fill(template)}`);
    return true;
  } catch {
    return false;
  }
}

/**
 * The SELECT over rows with their sessions.
 * @param call the session in its grouping, among `keys`
 * @throws AlluviumError `UNSUPPORTED_FEATURE` for grouping sets
 */
export async function expandSessions(
  connection: SqlConnection,
  select: Tree,
  { call, keys, session }: { readonly call: Tree; readonly keys: readonly Tree[]; readonly session: SessionSql },
): Promise<Tree> {
  const sets = select["group_sets"];
  if (Array.isArray(sets) && sets.length > 1)
    throw new AlluviumError("UNSUPPORTED_FEATURE", {}, "session_window groups by GROUP BY only, not by ROLLUP or CUBE");
  const others = keys.filter((key) => !isWindowCall(key));
  if (others.length + 1 < keys.length)
    throw new AlluviumError("UNSUPPORTED_FEATURE", {}, "a query groups by one window of time at a time");
  const where = optionalTree(select, "where_clause");
  const printed = await printExpressions(connection, [...others, ...(where === null ? [] : [where])]);
  const from = treeOf(select, "from_table");
  const rows = rowsSql(
    { session, keys: printed.slice(0, others.length), where: printed[others.length] ?? "true" },
    from,
  );
  const template = await parseFrom(
    connection,
    `FROM (${rows}) AS ${sqlIdentifier(nameOf(from) ?? "alluvium_sessions")}`,
  );
  const same = fingerprint(call);
  const replaced = rewrite({ ...select, from_table: null, where_clause: null, group_expressions: [...keys] }, (node) =>
    isWindowCall(node) && fingerprint(node) === same ? columnRef(["session_window"], textOf(node, "alias")) : undefined,
  );
  return {
    ...replaced,
    from_table: rewrite(template, (node) => (textOf(node, "table_name") === "alluvium_from" ? from : undefined)),
  };
}

interface RowsSql {
  readonly session: SessionSql;
  /** The other keys. */
  readonly keys: readonly string[];
  readonly where: string;
}

/** Rows in the order of their times; a session begins where the ones before it have ended. */
function rowsSql({ session, keys, where }: RowsSql, from: Tree): string {
  const names = keys.map((_, index) => `alluvium_key${index}`);
  const by = (more: readonly string[]): string =>
    [...names, ...more].length === 0 ? "" : `PARTITION BY ${[...names, ...more].join(", ")}`;
  const order = `${by([])} ORDER BY alluvium_start, alluvium_end`;
  const tables = nameOf(from) === null ? tablesIn(from).map(sqlIdentifier) : [];
  const columns = ["*", ...tables, ...keys.map((key, index) => `${key} AS ${names[index] ?? ""}`)];
  const timed = `SELECT ${columns.join(", ")}, ${session.start} AS alluvium_start, ${session.end} AS alluvium_end FROM alluvium_from WHERE ${where}`;
  const before = `SELECT *, max(alluvium_end) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS alluvium_before FROM (${timed}) WHERE alluvium_end > alluvium_start`;
  const begun = `SELECT *, sum(CASE WHEN alluvium_start <= alluvium_before THEN 0 ELSE 1 END) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS alluvium_place FROM (${before})`;
  const whole = `OVER (${by(["alluvium_place"])})`;
  return `SELECT *, struct_pack("start" := min(alluvium_start) ${whole}, "end" := max(alluvium_end) ${whole}) AS session_window FROM (${begun})`;
}

/** The name of a table that is all there is; null for a join. */
function nameOf(from: Tree): string | null {
  const name = textOf(from, "alias") || textOf(from, "table_name");
  return textOf(from, "type") === "JOIN" || name === "" ? null : name;
}

/** Names of the tables of a join: as columns of structs they stand for their columns. */
function tablesIn(from: Tree): readonly string[] {
  if (textOf(from, "type") !== "JOIN") return [nameOf(from) ?? []].flat();
  return [...tablesIn(treeOf(from, "left")), ...tablesIn(treeOf(from, "right"))];
}

async function parseFrom(connection: SqlConnection, sql: string): Promise<Tree> {
  const [row] = await connection.rows(`SELECT json_serialize_sql(${sqlLiteral(`SELECT 1 ${sql}`)}) AS tree`);
  const [statement] = treesOf(parseJson(String(row?.["tree"])) as Tree, "statements");
  assert(statement !== undefined, "the template is a query");
  return treeOf(treeOf(statement, "node"), "from_table");
}

/** The session among the keys of a grouping; null when there is none. */
export function sessionAmong(keys: readonly Tree[]): Tree | null {
  return keys.find((key) => textOf(key, "function_name") === "alluvium_session_window") ?? null;
}
