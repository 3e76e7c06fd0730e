// sql/late-types.ts: what depends on types that come from inside the query: a sub-query, a name of WITH, VALUES. Those of tables are
// known when the text is translated; these only DuckDB can tell. Sums and means are cast as Spark has them, and calls of late-binding.ts
// are bound.
import { parseDuckdbType } from "../engine/duckdb-schema.ts";
import { duckdbType } from "../engine/duckdb-type.ts";
import type { SqlConnection } from "../engine/engine.ts";
import { sqlLiteral } from "../engine/sql-quote.ts";
import { decimalMean, sumType } from "../expression/bind-aggregate.ts";
import { literalBound, opaque } from "../expression/bound.ts";
import { bindLate, isLateCall } from "../expression/late-binding.ts";
import { integralNames, isOneOf } from "../expression/value-type.ts";
import { assert } from "../format/error.ts";
import { isJsonObject, parseJson } from "../format/json-int64.ts";
import type { JsonValue } from "../format/json.ts";
import type { DataType } from "../format/schema.ts";
import {
  type Tree,
  findTree,
  optionalTree,
  printTrees,
  rewrite,
  selectOf,
  textOf,
  textsOf,
  treeOf,
  treesOf,
} from "./query-tree.ts";

/** What the types are asked of. */
export interface LateTypesInput {
  readonly connection: SqlConnection;
  /** A printed query with relations without rows in place of its tables. */
  readonly fill: (template: string) => string;
}

/** The same query, its sums and means cast as Spark has them, its late calls bound. */
export async function withLateTypes(input: LateTypesInput, root: Tree): Promise<Tree> {
  return findTree(root, isLate) === null ? root : ((await visit(input, root, [])) as Tree);
}

const sums: ReadonlySet<string> = new Set(["sum", "avg", "mean"]);

const isSum = (node: Tree): boolean =>
  ["FUNCTION", "WINDOW"].includes(textOf(node, "class")) &&
  sums.has(textOf(node, "function_name")) &&
  treesOf(node, "children").length === 1;

const isLate = (node: Tree): boolean => isSum(node) || isLateCall(textOf(node, "function_name"));

/** Inner queries first. @param ctes names of WITH around the node, in their order */
async function visit(input: LateTypesInput, value: JsonValue, ctes: readonly JsonValue[]): Promise<JsonValue> {
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

/** From the inside out: the type of what holds a late call is known when that call is bound. */
async function typedSelect(input: LateTypesInput, select: Tree, ctes: readonly JsonValue[]): Promise<Tree> {
  const { from_table: from = null, cte_map: own = null, ...rest } = select;
  let typed: Tree = rest;
  const given = new Set<Tree>();
  // Each round binds the innermost calls; brackets nest less deep than this.
  for (let round = 0; round < 1000; round += 1) {
    const calls = innermost(typed, given);
    if (calls.length === 0) break;
    const types = await argumentTypes(input, { calls, from, ctes, groups: treesOf(typed, "group_expressions") });
    const bound = new Map<Tree, Tree>();
    for (const [index, call] of calls.entries()) {
      const known = types[index];
      const replaced = known === undefined || known === null ? null : await boundCall(input.connection, call, known);
      if (replaced === null) given.add(call);
      else bound.set(call, replaced.tree);
      for (const sum of replaced?.sums ?? []) given.add(sum);
    }
    typed = rewrite(typed, (node) => (isOpaque(node) ? node : bound.get(node)));
  }
  return typed === rest ? select : { ...typed, from_table: from, cte_map: own };
}

/** The calls that hold no other, without those that stay as they are. */
function innermost(tree: Tree, given: ReadonlySet<Tree>): readonly Tree[] {
  const calls: Tree[] = [];
  rewrite(tree, (node) => {
    if (isOpaque(node)) return node;
    if (!isLate(node) || given.has(node)) return undefined;
    const isHolder = findTree(Object.values(node), (inner) => isLate(inner) && !given.has(inner), isOpaque) !== null;
    if (isHolder) return undefined;
    calls.push(node);
    return node;
  });
  return calls;
}

/** Queries inside of an expression have been seen to; a sum that is cast, the binder of the text has typed. */
function isOpaque(node: Tree): boolean {
  if (textOf(node, "class") === "SUBQUERY") return true;
  const child = textOf(node, "class") === "CAST" ? optionalTree(node, "child") : null;
  return child !== null && isSum(child) && textOf(child, "function_name") === "sum" && !hasLate(child);
}

const hasLate = (sum: Tree): boolean =>
  findTree(treesOf(sum, "children"), (node) => isLateCall(textOf(node, "function_name"))) !== null;

interface Arguments {
  readonly calls: readonly Tree[];
  readonly from: JsonValue;
  readonly ctes: readonly JsonValue[];
  /** Keys of the grouping in which the calls stand. */
  readonly groups: readonly Tree[];
}

/** The types of each call's arguments; null where they cannot be told by themselves, such as in a correlated query. */
async function argumentTypes(
  input: LateTypesInput,
  given: Arguments,
): Promise<readonly (readonly DataType[] | null)[]> {
  const { calls, groups } = given;
  const together = await typesOf(
    input,
    given,
    calls.flatMap((call) => treesOf(call, "children")),
  );
  if (together === null && (calls.length > 1 || groups.length > 0)) {
    const found: (readonly DataType[] | null)[] = [];
    for (const call of calls) {
      const args = treesOf(call, "children");
      const plain = await typesOf(input, { ...given, groups: [] }, args);
      found.push(plain ?? (groups.length === 0 ? null : await typesOf(input, given, args)));
    }
    return found;
  }
  let next = 0;
  return calls.map((call) => {
    const { length } = treesOf(call, "children");
    next += length;
    return together?.slice(next - length, next) ?? null;
  });
}

async function typesOf(
  { connection, fill }: LateTypesInput,
  { from, ctes, groups }: Arguments,
  args: readonly Tree[],
): Promise<readonly DataType[] | null> {
  const list = args.map((arg, index) => ({ ...arg, alias: `a${index}` }));
  const grouping =
    groups.length === 0 ? {} : { group_expressions: groups, group_sets: [groups.map((_, index) => index)] };
  const query = { ...selectOf(list), from_table: from, cte_map: { map: ctes }, ...grouping };
  try {
    const [template = ""] = await printTrees(connection, [query]);
    const rows = await connection.rows(`DESCRIBE ${fill(template)}`);
    // Sums of whole numbers are longs in Spark.
    return rows.map((row) => parseDuckdbType(String(row["column_type"]).replace(/^HUGEINT$/, "BIGINT")));
  } catch {
    return null;
  }
}

interface BoundCall {
  readonly tree: Tree;
  /** The sums in it, which are typed now. */
  readonly sums: readonly Tree[];
}

async function boundCall(connection: SqlConnection, call: Tree, types: readonly DataType[]): Promise<BoundCall | null> {
  const name = textOf(call, "function_name");
  const args = treesOf(call, "children");
  const sql = isSum(call) ? sumSql(name, types[0]) : lateSql(name, args, types);
  if (sql === null) return null;
  const made: Tree[] = [];
  const tree = rewrite(await parseItem(connection, sql), (node) => {
    const place = /^alluvium_arg(\d+)$/.exec(textsOf(node, "column_names")[0] ?? "")?.[1];
    if (place !== undefined) return args[Number(place)];
    const inner = textOf(node, "function_name");
    if (!isSum(call) || textOf(node, "class") !== "FUNCTION" || (inner !== "sum" && inner !== "count"))
      return undefined;
    const sum = { ...call, function_name: inner, alias: "" };
    made.push(sum);
    return sum;
  });
  return { tree: { ...tree, alias: textOf(call, "alias") }, sums: made };
}

async function parseItem(connection: SqlConnection, sql: string): Promise<Tree> {
  const [row] = await connection.rows(`SELECT json_serialize_sql(${sqlLiteral(`SELECT ${sql}`)}) AS tree`);
  const [statement] = treesOf(parseJson(String(row?.["tree"])) as Tree, "statements");
  const [item] = statement === undefined ? [] : treesOf(treeOf(statement, "node"), "select_list");
  assert(item !== undefined, "a bound call is an expression");
  return item;
}

function sumSql(name: string, argument: DataType | undefined): string | null {
  const type = argument === undefined ? null : sumType(name === "sum" ? "sum" : "avg", argument);
  if (type === null || argument === undefined) return null;
  return name === "sum" || argument.kind !== "decimal" || type.kind !== "decimal"
    ? `CAST(sum(x) AS ${duckdbType(type)})`
    : decimalMean("sum(x)", "count(x)", { from: argument, to: type });
}

function lateSql(name: string, args: readonly Tree[], types: readonly DataType[]): string | null {
  const bound = args.map((arg, index) => {
    const value = optionalTree(arg, "value")?.["value"];
    const type = types[index] ?? null;
    const isWhole = textOf(arg, "class") === "CONSTANT" && (typeof value === "number" || typeof value === "bigint");
    // A number that is written out has as many digits as are written.
    if (isWhole && Number.isInteger(Number(value)) && isOneOf(type, integralNames))
      return literalBound({ type: "integer", value: BigInt(value) }, type);
    return opaque(`alluvium_arg${index}`, type, []);
  });
  return bindLate(name, bound);
}
