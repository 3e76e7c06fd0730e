// sql/tree/table-references.ts: the tables that a query reads, found in its tree and replaced by placeholders.
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";
import type { NamedTable, TranslatedQuery } from "../words/sql-output.ts";
import { type Tree, tableRef, textOf, treeOf, treesOf } from "./query-tree.ts";

/** A table as a query names it. */
export interface TableReference {
  /** What stands for it in the tree. */
  readonly placeholder: string;
  /** The name, part by part, as written. */
  readonly parts: readonly string[];
  /** What the query says beside the name; null for a name alone. */
  readonly table: NamedTable | null;
}

/** A tree whose tables are placeholders. */
export interface ReferencedTree {
  readonly tree: Tree;
  readonly references: readonly TableReference[];
}

/** Every table of the query that is not one of its own WITH names; one placeholder for each name. */
export function referenceTables(root: Tree, query: TranslatedQuery): ReferencedTree {
  const references = new Map<string, TableReference>();
  const refer = (node: Tree): Tree => {
    const name = textOf(node, "table_name");
    const table = query.named.get(name) ?? null;
    const written = [textOf(node, "catalog_name"), textOf(node, "schema_name"), name].filter((part) => part !== "");
    const parts = table?.parts ?? written;
    const key = JSON.stringify([table === null ? "" : name, parts.map((part) => part.toLowerCase())]);
    const reference = references.get(key) ?? { placeholder: `alluvium_table_${references.size}`, parts, table };
    references.set(key, reference);
    const alias = textOf(node, "alias");
    const read = tableRef(
      reference.placeholder,
      alias === "" ? (parts.at(-1) ?? "") : alias,
      node["column_name_alias"] ?? [],
    );
    return { ...read, sample: rowByRow(node["sample"] ?? null) };
  };
  const tree = replaceTables(root, new Set(), refer) as Tree;
  return { tree, references: [...references.values()] };
}

/** Spark draws each row by itself; DuckDB draws blocks of rows unless it is told. */
function rowByRow(sample: JsonValue): JsonValue {
  if (!isJsonObject(sample) || sample["is_percentage"] !== true) return sample;
  return { ...sample, method: "Bernoulli" };
}

function replaceTables(value: JsonValue, own: ReadonlySet<string>, refer: (node: Tree) => Tree): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => replaceTables(item, own, refer));
  if (!isJsonObject(value)) return value;
  if (value["type"] === "BASE_TABLE") {
    const isOwn = own.has(textOf(value, "table_name").toLowerCase()) && textOf(value, "schema_name") === "";
    return isOwn ? value : refer(value);
  }
  const named = textOf(value, "ctename");
  let known = named === "" ? own : new Set([...own, named.toLowerCase()]);
  const entries: (readonly [string, JsonValue])[] = [];
  const ctes = isJsonObject(value["cte_map"]) ? treesOf(treeOf(value, "cte_map"), "map") : [];
  if (ctes.length > 0) {
    const map: JsonValue[] = [];
    for (const cte of ctes) {
      map.push(replaceTables(cte, known, refer));
      known = new Set([...known, textOf(cte, "key").toLowerCase()]);
    }
    entries.push(["cte_map", { map }]);
  }
  for (const [key, child] of Object.entries(value)) {
    if (key !== "cte_map" || ctes.length === 0) entries.push([key, replaceTables(child, known, refer)]);
  }
  return Object.fromEntries(entries);
}

/** Spark's order of nulls (first when ascending), and names of columns without the folder of their table. */
export function withSparkHabits(root: Tree): Tree {
  const visit = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return (value as readonly JsonValue[]).map(visit);
    if (!isJsonObject(value)) return value;
    const node = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, visit(child)]));
    if (node["null_order"] === "ORDER_DEFAULT") {
      return { ...node, null_order: node["type"] === "DESCENDING" ? "NULLS_LAST" : "NULLS_FIRST" };
    }
    return node;
  };
  return visit(root) as Tree;
}

/** Puts relations where the placeholders stand in a printed query. */
export function fillTables(template: string, relation: (placeholder: string) => string): string {
  return template.replace(/"?\b(alluvium_(?:table_\d+|stream))\b"?/g, (_, name: string) => `(${relation(name)})`);
}
