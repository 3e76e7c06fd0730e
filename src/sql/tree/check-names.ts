// sql/tree/check-names.ts: names that DuckDB takes and Spark does not: a result of the SELECT inside its WHERE, and a column of which a
// sub-query has two.
import { isJsonObject } from "../../format/text/json-int64.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { JsonValue } from "../../format/text/json.ts";
import { placeOfName } from "../words/sql-error.ts";
import { type KnownTables, type Source, hasName, sourcesOf, withNames } from "./source-columns.ts";
import { type Tree, optionalTree, textOf, textsOf, treesOf } from "./query-tree.ts";

/**
 * Looks at every column that a query names.
 * @param text the query as it was written, for messages
 * @throws AlluviumError `UNRESOLVED_COLUMN` for a result in WHERE, `AMBIGUOUS_REFERENCE` for one of two columns of a sub-query
 */
export function checkNames(root: Tree, schemaOf: KnownTables["schemaOf"], text: string): void {
  visit(root, { levels: [], known: { schemaOf, ctes: new Map() }, text });
}

/** One SELECT around a name. */
interface Level {
  readonly sources: readonly Source[];
  /** What the SELECT calls its results, where it must not be named. */
  readonly results: readonly string[];
}

interface Around {
  /** The innermost last. */
  readonly levels: readonly Level[];
  readonly known: KnownTables;
  readonly text: string;
}

function visit(value: JsonValue, outer: Around): void {
  if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) visit(item, outer);
  if (!isJsonObject(value)) return;
  if (value["class"] === "COLUMN_REF") return check(value, outer);
  const query = { ...outer, known: withNames(value, outer.known) };
  const from = value["type"] === "SELECT_NODE" ? optionalTree(value, "from_table") : null;
  const sources = from === null ? null : sourcesOf(from, query.known);
  for (const [key, child] of Object.entries(value)) {
    // ORDER BY may name a result, which comes before a column.
    if (key === "modifiers") continue;
    const results = key === "where_clause" ? treesOf(value, "select_list").map((item) => textOf(item, "alias")) : [];
    const isInside = sources !== null && key !== "cte_map";
    visit(child, isInside ? { ...query, levels: [...outer.levels, { sources, results }] } : query);
  }
}

function check(node: Tree, { levels, text }: Around): void {
  const [first = "", second] = textsOf(node, "column_names");
  for (const { sources, results } of levels.toReversed()) {
    const table = sources.find(({ alias }) => second !== undefined && sameName(alias, first));
    const name = table === undefined ? first : (second ?? "");
    if (sources.some(({ columns }) => columns === null)) return;
    const holders = (table === undefined ? sources : [table]).filter(({ columns }) => hasName(columns ?? [], name));
    const isTwice = holders.some(({ columns }) => (columns ?? []).filter((one) => sameName(one, name)).length > 1);
    if (isTwice) throw ambiguous(name, text);
    if (holders.length > 0 || table !== undefined) return;
    if (second === undefined && hasName(results, name)) throw resultInWhere(name, text);
  }
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function ambiguous(name: string, text: string): AlluviumError {
  const message = `there are two columns ${JSON.stringify(name)}${placeOfName(text, name)} in what the query reads; name them apart with AS`;
  return new AlluviumError("AMBIGUOUS_REFERENCE", { name, query: text }, message);
}

function resultInWhere(name: string, text: string): AlluviumError {
  const message = `there is no column ${JSON.stringify(name)}${placeOfName(text, name)}. It is a result of this SELECT, which WHERE does not see: repeat its expression there, or put the query into brackets behind FROM and WHERE around it`;
  return new AlluviumError("UNRESOLVED_COLUMN", { column: name, query: text }, message);
}
