// sql/tree/qualify-names.ts: columns called as functions without parentheses. Spark: a column of the query's own tables, then a function
// that may be called so, then a column of the queries around. DuckDB has more such functions, and takes them before columns of the
// queries around; with the name of its table a name is a column.
import { userName } from "../../engine/base/user-name.ts";
import { isJsonObject } from "../../format/text/json-int64.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { JsonValue } from "../../format/text/json.ts";
import { type Tree, optionalTree, textsOf, constant } from "./query-tree.ts";
import { type KnownTables, type Source, hasName, sourcesOf, withNames } from "./source-columns.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const users = words("user current_user session_user");

/** Functions that Spark calls by a bare word too. */
const bareFunctions = words("user current_user session_user current_date current_time current_timestamp");

// A column called window would also be mixed up with the windows that a query makes.
const functionNames = words(
  `${[...bareFunctions].join(" ")} current_role current_catalog current_schema localtime localtimestamp window session_window`,
);

/** The same query, such names with their tables before them. @throws AlluviumError `AMBIGUOUS_REFERENCE` where that is not certain */
export function qualifyNames(root: Tree, schemaOf: KnownTables["schemaOf"]): Tree {
  return visit(root, { around: [], known: { schemaOf, ctes: new Map() } }) as Tree;
}

interface Around {
  /** FROMs, the innermost last. */
  readonly around: readonly (readonly Source[])[];
  readonly known: KnownTables;
}

function visit(value: JsonValue, outer: Around): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => visit(item, outer));
  if (!isJsonObject(value)) return value;
  if (value["class"] === "COLUMN_REF") return qualified(value, outer.around);
  const query = { ...outer, known: withNames(value, outer.known) };
  const from = value["type"] === "SELECT_NODE" ? optionalTree(value, "from_table") : null;
  const inside = from === null ? query : { ...query, around: [...outer.around, sourcesOf(from, query.known)] };
  const entries = Object.entries(value).map(([key, child]) => {
    // ORDER BY may name a result, which comes before a column.
    if (key === "modifiers") return [key, child] as const;
    return [key, visit(child, key === "cte_map" ? { ...outer, known: query.known } : inside)] as const;
  });
  return Object.fromEntries(entries);
}

function qualified(node: Tree, around: Around["around"]): Tree {
  const [name = "", ...more] = textsOf(node, "column_names");
  const word = name.toLowerCase();
  if (more.length > 0 || !functionNames.has(word)) return node;
  for (const [depth, sources] of around.toReversed().entries()) {
    if (depth > 0 && bareFunctions.has(word)) break;
    const [holder, ...others] = sources.filter(({ columns }) => columns !== null && hasName(columns, name));
    if (others.length > 0) return node;
    if (holder !== undefined) return holder.alias === "" ? node : { ...node, column_names: [holder.alias, name] };
    if (sources.some(({ columns }) => columns === null)) {
      if (!users.has(word)) return node;
      const message = `${name} may be a column or the function; write a column with its table before it, or ${word}() for the function`;
      throw new AlluviumError("AMBIGUOUS_REFERENCE", { name }, message);
    }
  }
  return users.has(word) ? { ...constant("VARCHAR", userName()), alias: node["alias"] ?? "" } : node;
}
