// sql/tree/inline-names.ts: the queries of WITH where their names stand, so that what follows meets sub-queries alone.
import type { JsonValue } from "../../format/text/json.ts";
import { isJsonObject } from "../../format/text/json-int64.ts";
import { type Tree, textOf, textsOf, treeOf, treesOf } from "./query-tree.ts";

/** The query with those of its WITH clauses put where their names stand. */
export function inlineNames(query: Tree): Tree {
  return inline(query, new Map()) as Tree;
}

function inline(value: JsonValue, known: ReadonlyMap<string, Tree>): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => inline(item, known));
  if (!isJsonObject(value)) return value;
  const own = value["type"] === "BASE_TABLE" ? known.get(textOf(value, "table_name").toLowerCase()) : undefined;
  if (own !== undefined) return subqueryRef(own, value);
  const names = new Map(known);
  const ctes = isJsonObject(value["cte_map"]) ? treesOf(treeOf(value, "cte_map"), "map") : [];
  for (const cte of ctes) {
    const definition = treeOf(cte, "value");
    const query = inline(treeOf(treeOf(definition, "query"), "node"), names) as Tree;
    names.set(textOf(cte, "key").toLowerCase(), { node: query, aliases: textsOf(definition, "aliases") });
  }
  const entries = Object.entries(value).map(([key, child]): [string, JsonValue] =>
    key === "cte_map" ? [key, { map: [] }] : [key, inline(child, names)],
  );
  return Object.fromEntries(entries);
}

function subqueryRef(definition: Tree, reference: Tree): Tree {
  const alias = textOf(reference, "alias");
  const aliases = textsOf(reference, "column_name_alias");
  return {
    type: "SUBQUERY",
    alias: alias === "" ? textOf(reference, "table_name") : alias,
    sample: null,
    query_location: 0,
    subquery: { node: treeOf(definition, "node"), named_param_map: [] },
    column_name_alias: aliases.length > 0 ? aliases : textsOf(definition, "aliases"),
  };
}
