// sql/tree/whole-rows.ts: `struct(*)`, a struct of all columns that the SELECT reads.
import { wholeRow } from "../../expression/tree/syntax.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";
import { type Tree, columnRef, optionalTree, textOf, treesOf } from "./query-tree.ts";
import { type KnownTables, type Source, sourcesOf, withNames } from "./source-columns.ts";

/** The same query, such structs of named columns. @throws AlluviumError `UNSUPPORTED_FEATURE` where the columns are not known */
export function expandRows(root: Tree, schemaOf: KnownTables["schemaOf"]): Tree {
  return visit(root, { sources: [], known: { schemaOf, ctes: new Map() } }) as Tree;
}

interface Around {
  readonly sources: readonly Source[];
  readonly known: KnownTables;
}

function visit(value: JsonValue, outer: Around): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => visit(item, outer));
  if (!isJsonObject(value)) return value;
  if (textOf(value, "function_name") === wholeRow) return structOf(value, outer.sources);
  const known = withNames(value, outer.known);
  const from = value["type"] === "SELECT_NODE" ? optionalTree(value, "from_table") : null;
  const around = { sources: from === null ? outer.sources : sourcesOf(from, known), known };
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, visit(child, around)]));
}

function structOf(node: Tree, sources: readonly Source[]): Tree {
  const [table] = treesOf(node, "children").map((child) => textOf(optionalTree(child, "value") ?? {}, "value"));
  const read = sources.filter(({ alias }) => table === undefined || alias.toLowerCase() === table.toLowerCase());
  const columns = read.flatMap(({ alias, columns: names }) => names?.map((name) => [alias, name] as const) ?? [null]);
  if (columns.length === 0 || columns.includes(null)) {
    const message = "struct(*) needs tables whose columns are known; name the columns in it";
    throw new AlluviumError("UNSUPPORTED_FEATURE", { statement: "struct(*)" }, message);
  }
  const children = columns.flatMap((column) =>
    column === null ? [] : [columnRef(column[0] === "" ? [column[1]] : column, column[1])],
  );
  return { ...node, function_name: "struct_pack", children };
}
