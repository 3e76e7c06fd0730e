// sql/tree/late-types.ts: what depends on types that come from inside the query: a sub-query, a name of WITH, VALUES. Those of tables are
// known when the text is translated; these only DuckDB can tell. Sums and means are cast as Spark has them, and calls of late-binding.ts
// are bound.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { addend, decimalMean, sumNames, sumSql, sumType } from "../../expression/bind/bind-aggregate.ts";
import { type Bound, opaque } from "../../expression/tree/bound.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";
import type { DataType } from "../../format/schema/schema.ts";
import {
  type Around,
  type AskedIn,
  type LateTypesInput,
  type Types,
  isLate,
  isMember,
  requireMembers,
  typesOf,
  valuesOf,
} from "./asked-types.ts";
import { alignSides, isSetOperation } from "./union-types.ts";
import {
  type Tree,
  findTree,
  optionalTree,
  parseItems,
  rewrite,
  textOf,
  textsOf,
  treeOf,
  treesOf,
} from "./query-tree.ts";

/**
 * The same query, its sums and means cast as Spark has them, its late calls bound, its set operations aligned.
 * @throws AlluviumError `INCOMPATIBLE_COLUMN_TYPE`; with `sqlCode` of a call that would compute something else
 */
export async function withLateTypes(input: LateTypesInput, root: Tree): Promise<Tree> {
  if (findTree(root, (node) => isWaiting(node) || isSetOperation(node) || isMember(node)) === null) return root;
  const typed = (await visit(input, root, { ctes: [], tables: [] })) as Tree;
  return bindRest(input, typed);
}

const isSum = (node: Tree): boolean =>
  ["FUNCTION", "WINDOW"].includes(textOf(node, "class")) &&
  sumNames.has(textOf(node, "function_name")) &&
  treesOf(node, "children").length === 1;

const isWaiting = (node: Tree): boolean => isSum(node) || isLate(node);

/** Inner queries first. */
async function visit(input: LateTypesInput, value: JsonValue, around: Around): Promise<JsonValue> {
  if (Array.isArray(value)) {
    const items: JsonValue[] = [];
    for (const item of value as readonly JsonValue[]) items.push(await visit(input, item, around));
    return items;
  }
  if (!isJsonObject(value)) return value;
  const own: JsonValue[] = [];
  if (isJsonObject(value["cte_map"])) {
    for (const cte of treesOf(treeOf(value, "cte_map"), "map"))
      own.push(await visit(input, cte, { ...around, ctes: [...around.ctes, ...own] }));
  }
  const known = { ...around, ctes: [...around.ctes, ...own] };
  const from = value["type"] === "SELECT_NODE" ? optionalTree(value, "from_table") : null;
  const inside = from === null ? known : { ...known, tables: [...around.tables, from] };
  const entries: [string, JsonValue][] = [];
  for (const [key, child] of Object.entries(value))
    entries.push([
      key,
      key === "cte_map" && own.length > 0
        ? { map: own }
        : await visit(input, child, key === "from_table" ? known : inside),
    ]);
  const visited = Object.fromEntries(entries);
  if (isSetOperation(visited)) return alignSides(input, visited, known.ctes);
  return visited["type"] === "SELECT_NODE" ? typedSelect(input, visited, known) : visited;
}

/** A node and its type, null where it is not known. */
interface Typed {
  readonly tree: Tree;
  readonly type: DataType | null;
}

/** From the inside out: what a call gives is known when that call is bound. */
async function typedSelect(input: LateTypesInput, select: Tree, around: Around): Promise<Tree> {
  let typed = select;
  const done = new Map<Tree, DataType | null>();
  // Each round binds the innermost calls; brackets nest less deep than this.
  for (let round = 0; round < 1000; round += 1) {
    const calls = innermost(typed, done);
    if (calls.length === 0) break;
    const types = await argumentTypes(input, { calls, around, select: typed, done });
    const bound = new Map<Tree, Tree>();
    for (const [index, call] of calls.entries()) {
      const found = await boundCall(input, call, types[index] ?? []);
      done.set(found.tree, found.type);
      for (const sum of found.sums) done.set(sum, null);
      if (found.tree !== call) bound.set(call, found.tree);
    }
    typed = rewrite(typed, (node) => (isOpaque(node) ? node : bound.get(node)));
  }
  await requireMembers(input, { around, select: typed });
  return typed;
}

/** The calls that hold no other, without those that have been seen to. */
function innermost(tree: Tree, done: ReadonlyMap<Tree, unknown>): readonly Tree[] {
  const calls: Tree[] = [];
  const isCall = (node: Tree): boolean => isWaiting(node) && !done.has(node);
  rewrite(tree, (node) => {
    if (isOpaque(node)) return node;
    if (!isCall(node)) return undefined;
    if (findTree(Object.values(node), isCall, isOpaque) !== null) return undefined;
    calls.push(node);
    return node;
  });
  return calls;
}

/** Queries inside of this one have been seen to; a sum that is cast, the binder of the text has typed. */
function isOpaque(node: Tree): boolean {
  if (textOf(node, "class") === "SUBQUERY" || textOf(node, "type") === "SUBQUERY") return true;
  const child = textOf(node, "class") === "CAST" ? optionalTree(node, "child") : null;
  if (child === null || !isSum(child) || textOf(child, "function_name") !== "sum") return false;
  return findTree(treesOf(child, "children"), isLate) === null;
}

interface Asked extends AskedIn {
  readonly calls: readonly Tree[];
  readonly done: ReadonlyMap<Tree, DataType | null>;
}

/** The types of each call's arguments; null where they cannot be told by themselves, such as in a correlated query. */
async function argumentTypes(input: LateTypesInput, asked: Asked): Promise<readonly Types[]> {
  const { calls, done, select } = asked;
  const unknown = calls.flatMap(valuesOf).filter((value) => (done.get(value) ?? null) === null);
  const found = new Map(done);
  const ask = async (values: readonly Tree[], groups: readonly Tree[]): Promise<boolean> => {
    const types = values.length === 0 ? [] : await typesOf(input, asked, { values, groups });
    for (const [index, value] of values.entries()) if (types !== null) found.set(value, types[index] ?? null);
    return types !== null;
  };
  if (!(await ask(unknown, []))) {
    const groups = treesOf(select, "group_expressions");
    for (const value of unknown) if (!(await ask([value], [])) && groups.length > 0) await ask([value], groups);
  }
  return calls.map((call) => valuesOf(call).map((value) => found.get(value) ?? null));
}

interface BoundCall extends Typed {
  /** The sums in it, which are typed now. */
  readonly sums: readonly Tree[];
}

async function boundCall(input: LateTypesInput, given: Tree, types: Types): Promise<BoundCall> {
  if (isLate(given)) return { ...(await boundLate(input, given, types)), sums: [] };
  const name = textOf(given, "function_name");
  const added = addend(name, opaque(placeOf(0), types[0] ?? null, []));
  const isOther = added.sql !== placeOf(0);
  const call = isOther ? { ...given, children: [await inPlaces(input, added.sql, valuesOf(given))] } : given;
  const sum = typedSum(name, types[0] ?? null);
  if (sum === null) return { tree: { ...call, function_name: duckdbName(name) }, type: null, sums: [] };
  const made: Tree[] = [];
  const tree = rewrite(await parseItem(input.connection, sum.sql), (node) => {
    const inner = textOf(node, "function_name");
    if (textOf(node, "class") !== "FUNCTION" || (inner !== "sum" && inner !== "count")) return undefined;
    const again = { ...call, function_name: inner, alias: "" };
    made.push(again);
    return again;
  });
  return { tree: { ...tree, alias: textOf(call, "alias") }, type: sum.type, sums: made };
}

const duckdbName = (name: string): string => name.replace(/^try_/, "");

function typedSum(name: string, argument: DataType | null): { readonly sql: string; readonly type: DataType } | null {
  const isSumOf = duckdbName(name) === "sum";
  const type = argument === null ? null : sumType(isSumOf ? "sum" : "avg", argument);
  if (type === null || argument === null) return null;
  const isMean = !isSumOf && argument.kind === "decimal" && type.kind === "decimal";
  const sql = isMean
    ? decimalMean("sum(x)", "count(x)", { from: argument, to: type })
    : sumSql("sum(x)", { type, argument, isTry: name === "try_sum" });
  return { sql, type };
}

async function boundLate({ connection, late }: LateTypesInput, call: Tree, types: Types): Promise<Typed> {
  const [index] = treesOf(call, "children");
  const id = Number(index === undefined ? -1 : optionalTree(index, "value")?.["value"]);
  const isTyped = types.every((type) => type !== null);
  const bound = resolved(
    () => late.resolve(id, types, placeOf),
    () => (isTyped ? null : late.resolve(id, [], placeOf)),
  );
  assert(bound !== null, "a late call has been put aside");
  const tree = await inPlaces({ connection }, bound.sql, valuesOf(call));
  return { tree: { ...tree, alias: textOf(call, "alias") }, type: bound.type };
}

const placeOf = (value: number): string => `alluvium_arg${value}`;

/** An expression over places, with values in them. */
async function inPlaces(
  { connection }: Pick<LateTypesInput, "connection">,
  sql: string,
  values: readonly Tree[],
): Promise<Tree> {
  return rewrite(await parseItem(connection, sql), (node) => {
    const place = /^alluvium_arg(\d+)$/.exec(textsOf(node, "column_names")[0] ?? "")?.[1];
    const value = place === undefined ? undefined : values[Number(place)];
    // The name of an argument is kept as its alias.
    const alias = textOf(node, "alias");
    return value === undefined || alias === "" ? value : { ...value, alias };
  });
}

/** Where the types do not go together DuckDB is asked, unless what it computes would be something else. */
function resolved(typed: () => Bound | null, plain: () => Bound | null): Bound | null {
  try {
    return typed();
  } catch (error) {
    if (!(error instanceof AlluviumError) || error.context["sqlCode"] !== undefined) throw error;
    const found = plain();
    if (found === null) throw error;
    return found;
  }
}

/** Calls in places that are no part of a SELECT, as the order of a union. */
async function bindRest(input: LateTypesInput, root: Tree): Promise<Tree> {
  let tree = root;
  for (;;) {
    const call = findTree(tree, (node) => isLate(node) && findTree(valuesOf(node), isLate) === null);
    if (call === null) return tree;
    const { tree: bound } = await boundLate(input, call, []);
    tree = rewrite(tree, (node) => (node === call ? bound : undefined));
  }
}

async function parseItem(connection: SqlConnection, sql: string): Promise<Tree> {
  const [item] = await parseItems(connection, [sql]);
  assert(item !== undefined, "a bound call is an expression");
  return item;
}
