// sql/qualify-names.ts: columns called as functions without parentheses. In an inner query DuckDB takes such a name for the function
// before it looks for a column of the queries around; with the name of its table it is the column. Spark's order: columns first.
import { isJsonObject } from "../format/json-int64.ts";
import type { JsonValue } from "../format/json.ts";
import { findField } from "../format/schema-type.ts";
import type { StructType } from "../format/schema.ts";
import { type Tree, optionalTree, textOf, textsOf } from "./query-tree.ts";

// A column called window would also be mixed up with the windows that a query makes.
const functionNames: ReadonlySet<string> = new Set(
  "user current_user session_user current_role current_catalog current_schema current_date current_time current_timestamp localtime localtimestamp window session_window".split(
    " ",
  ),
);

/** The columns of a table by its placeholder. */
export type SchemaOf = (placeholder: string) => StructType | undefined;

/** A table of a FROM by its alias; columns are null where they are not known. */
interface Source {
  readonly alias: string;
  readonly schema: StructType | null;
}

/** The same query, such names with their tables before them where it is certain which these are. */
export function qualifyNames(root: Tree, schemaOf: SchemaOf): Tree {
  return visit(root, { around: [], schemaOf }) as Tree;
}

interface Around {
  /** FROMs, the innermost last. */
  readonly around: readonly (readonly Source[])[];
  readonly schemaOf: SchemaOf;
}

function visit(value: JsonValue, known: Around): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => visit(item, known));
  if (!isJsonObject(value)) return value;
  if (value["class"] === "COLUMN_REF") return qualified(value, known.around);
  const from = value["type"] === "SELECT_NODE" ? optionalTree(value, "from_table") : null;
  const inside = from === null ? known : { ...known, around: [...known.around, sourcesOf(from, known.schemaOf)] };
  // ORDER BY may name a result, which comes before a column.
  const entries = Object.entries(value).map(
    ([key, child]) => [key, key === "modifiers" ? child : visit(child, inside)] as const,
  );
  return Object.fromEntries(entries);
}

function qualified(node: Tree, around: Around["around"]): Tree {
  const [name = "", ...more] = textsOf(node, "column_names");
  if (more.length > 0 || !functionNames.has(name.toLowerCase())) return node;
  for (const sources of around.toReversed()) {
    const holders = sources.filter(({ schema }) => schema !== null && findField(schema, name) !== undefined);
    const [holder] = holders;
    if (sources.some(({ schema }) => schema === null) || holders.length > 1) return node;
    if (holder !== undefined) return { ...node, column_names: [holder.alias, name] };
  }
  return node;
}

function sourcesOf(from: Tree, schemaOf: SchemaOf): readonly Source[] {
  const [left, right] = [optionalTree(from, "left"), optionalTree(from, "right")];
  if (from["type"] === "JOIN" && left !== null && right !== null)
    return [...sourcesOf(left, schemaOf), ...sourcesOf(right, schemaOf)];
  if (from["type"] === "EMPTY") return [];
  const alias = textOf(from, "alias");
  const isPlain = from["type"] === "BASE_TABLE" && alias !== "" && textsOf(from, "column_name_alias").length === 0;
  return [{ alias, schema: isPlain ? (schemaOf(textOf(from, "table_name")) ?? null) : null }];
}
