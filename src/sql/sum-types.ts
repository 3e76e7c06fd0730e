// sql/sum-types.ts: Spark's types of sums and means whose arguments come from inside the query: a sub-query, a name of WITH, VALUES.
// Those of tables are known when the text is translated; these only DuckDB can tell.
import { parseDuckdbType } from "../engine/duckdb-schema.ts";
import { duckdbType } from "../engine/duckdb-type.ts";
import type { SqlConnection } from "../engine/engine.ts";
import { sqlLiteral } from "../engine/sql-quote.ts";
import { decimalMean, sumType } from "../expression/bind-aggregate.ts";
import { assert } from "../format/error.ts";
import { isJsonObject, parseJson } from "../format/json-int64.ts";
import type { JsonValue } from "../format/json.ts";
import type { DataType } from "../format/schema.ts";
import { type Tree, findTree, printTrees, rewrite, selectOf, textOf, treeOf, treesOf } from "./query-tree.ts";

/** What the types are asked of. */
export interface SumTypesInput {
  readonly connection: SqlConnection;
  /** A printed query with relations without rows in place of its tables. */
  readonly fill: (template: string) => string;
}

/** The same query, its sums and means cast as Spark has them. */
export async function withSumTypes(input: SumTypesInput, root: Tree): Promise<Tree> {
  return findTree(root, isBareCall) === null ? root : ((await visit(input, root, [])) as Tree);
}

const names: ReadonlySet<string> = new Set(["sum", "avg", "mean"]);

function isBareCall(node: Tree): boolean {
  const isCall = ["FUNCTION", "WINDOW"].includes(textOf(node, "class"));
  return isCall && names.has(textOf(node, "function_name")) && treesOf(node, "children").length === 1;
}

/** Inner queries first. @param ctes names of WITH around the node, in their order */
async function visit(input: SumTypesInput, value: JsonValue, ctes: readonly JsonValue[]): Promise<JsonValue> {
  if (Array.isArray(value)) {
    const items: JsonValue[] = [];
    for (const item of value as readonly JsonValue[]) items.push(await visit(input, item, ctes));
    return items;
  }
  if (!isJsonObject(value)) return value;
  const own: JsonValue[] = [];
  if (isJsonObject(value["cte_map"])) {
    for (const cte of treesOf(treeOf(value, "cte_map"), "map")) own.push(await visit(input, cte, [...ctes, ...own]));
  }
  const known = [...ctes, ...own];
  const entries: [string, JsonValue][] = [];
  for (const [key, child] of Object.entries(value))
    entries.push([key, key === "cte_map" && own.length > 0 ? { map: own } : await visit(input, child, known)]);
  const visited = Object.fromEntries(entries);
  return visited["type"] === "SELECT_NODE" ? typedSelect(input, visited, known) : visited;
}

async function typedSelect(input: SumTypesInput, select: Tree, ctes: readonly JsonValue[]): Promise<Tree> {
  const { from_table: from = null, cte_map: own = null, ...rest } = select;
  const calls: Tree[] = [];
  const collect = (node: Tree): Tree | undefined => {
    if (isOpaque(node)) return node;
    if (isBareCall(node)) calls.push(node);
    return undefined;
  };
  rewrite(rest, collect);
  if (calls.length === 0) return select;
  const types = await argumentTypes(input, { calls, from, ctes });
  const casts = new Map<Tree, Tree>();
  for (const [index, call] of calls.entries()) {
    const type = types?.[index];
    const cast = type === undefined ? null : await castCall(input.connection, call, type);
    if (cast !== null) casts.set(call, cast);
  }
  const typed = rewrite(rest, (node) => (isOpaque(node) ? node : casts.get(node)));
  return { ...typed, from_table: from, cte_map: own };
}

/** Queries inside of an expression have been seen to; what is cast, the binder of the text has typed. */
const isOpaque = (node: Tree): boolean => ["SUBQUERY", "CAST"].includes(textOf(node, "class"));

interface Arguments {
  readonly calls: readonly Tree[];
  readonly from: JsonValue;
  readonly ctes: readonly JsonValue[];
}

/** Null where they cannot be told by themselves, such as in a correlated query. */
async function argumentTypes(
  { connection, fill }: SumTypesInput,
  { calls, from, ctes }: Arguments,
): Promise<readonly DataType[] | null> {
  const list = calls.map((call, index) => ({ ...treesOf(call, "children")[0], alias: `a${index}` }));
  const query = { ...selectOf(list), from_table: from, cte_map: { map: ctes } };
  try {
    const [template = ""] = await printTrees(connection, [query]);
    const rows = await connection.rows(`DESCRIBE ${fill(template)}`);
    return rows.map((row) => parseDuckdbType(String(row["column_type"])));
  } catch {
    return null;
  }
}

async function castCall(connection: SqlConnection, call: Tree, argument: DataType): Promise<Tree | null> {
  const isSum = textOf(call, "function_name") === "sum";
  const type = sumType(isSum ? "sum" : "avg", argument);
  if (type === null) return null;
  const sql =
    isSum || argument.kind !== "decimal" || type.kind !== "decimal"
      ? `CAST(sum(x) AS ${duckdbType(type)})`
      : decimalMean("sum(x)", "count(x)", { from: argument, to: type });
  const [row] = await connection.rows(`SELECT json_serialize_sql(${sqlLiteral(`SELECT ${sql}`)}) AS tree`);
  const parsed = parseJson(String(row?.["tree"])) as Tree;
  const [statement] = treesOf(parsed, "statements");
  assert(statement !== undefined, "a cast is an expression");
  const [item] = treesOf(treeOf(statement, "node"), "select_list");
  assert(item !== undefined, "a cast is an expression");
  const cast = rewrite(item, (node) => {
    const name = textOf(node, "function_name");
    const isCall = textOf(node, "class") === "FUNCTION" && (name === "sum" || name === "count");
    return isCall ? { ...call, function_name: name, alias: "" } : undefined;
  });
  return { ...cast, alias: textOf(call, "alias") };
}
