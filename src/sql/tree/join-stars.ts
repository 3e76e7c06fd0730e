// sql/tree/join-stars.ts: `*` over joins by USING and NATURAL: Spark shows the columns that the sides share first.
import { isJsonObject } from "../../format/text/json-int64.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { JsonValue } from "../../format/text/json.ts";
import { type Tree, columnRef, optionalTree, textOf, textsOf, treesOf } from "./query-tree.ts";
import { type KnownTables, hasName, sharedNames, sourcesOf, withNames } from "./source-columns.ts";

/** The same query, its natural joins by the names of columns, its stars in Spark's order. @throws AlluviumError `UNSUPPORTED_FEATURE` */
export function orderStars(root: Tree, schemaOf: KnownTables["schemaOf"]): Tree {
  return visit(root, { schemaOf, ctes: new Map() }) as Tree;
}

function visit(value: JsonValue, outer: KnownTables): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => visit(item, outer));
  if (!isJsonObject(value)) return value;
  const known = withNames(value, outer);
  const visited = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, visit(child, known)]));
  if (visited["ref_type"] === "NATURAL") return byNames(visited, known);
  const from = visited["type"] === "SELECT_NODE" ? optionalTree(visited, "from_table") : null;
  if (from === null || sharedNames(from).length === 0) return visited;
  const list = treesOf(visited, "select_list").flatMap((item) =>
    isPlainStar(item) ? inOrder(item, from, known) : [item],
  );
  return { ...visited, select_list: list };
}

function byNames(join: Tree, known: KnownTables): Tree {
  const [left, right] = [optionalTree(join, "left"), optionalTree(join, "right")].map((side) =>
    (side === null ? [] : sourcesOf(side, known)).map(({ columns }) => columns),
  );
  if (left === undefined || right === undefined || [...left, ...right].includes(null)) {
    const message = "NATURAL JOIN needs tables whose columns are known; name the columns with USING (…)";
    throw new AlluviumError("UNSUPPORTED_FEATURE", { statement: "NATURAL JOIN" }, message);
  }
  const others = right.flatMap((columns) => columns ?? []);
  const shared = left.flatMap((columns) => columns ?? []).filter((name) => hasName(others, name));
  return shared.length === 0 ? join : { ...join, ref_type: "REGULAR", using_columns: [...new Set(shared)] };
}

const isPlainStar = (item: Tree): boolean => item["class"] === "STAR" && item["columns"] !== true;

/** `*` as the shared columns and the rest. */
function inOrder(star: Tree, from: Tree, known: KnownTables): readonly Tree[] {
  const excluded = textsOf(star, "exclude_list");
  const table = textOf(star, "relation_name");
  const own =
    table === "" ? null : sourcesOf(from, known).find(({ alias }) => alias.toLowerCase() === table.toLowerCase());
  const shared = sharedNames(from, table).filter(
    (name) => !hasName(excluded, name) && (own === null || hasName(own?.columns ?? [], name)),
  );
  if (shared.length === 0) return [star];
  return [
    ...shared.map((name) => columnRef(table === "" ? [name] : [table, name])),
    { ...star, exclude_list: [...excluded, ...shared] },
  ];
}
