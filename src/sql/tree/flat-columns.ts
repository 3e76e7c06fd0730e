// sql/tree/flat-columns.ts: columns of joined streams: `alias.name` in the joined rows, and how the names of a query find them.
import { type Tree, rewrite, textOf, textsOf } from "./query-tree.ts";

/** A column of a joined stream by the name it had before. */
export interface FlatColumn {
  readonly alias: string;
  readonly name: string;
}

/** The name of such a column in the joined rows. */
export const flatName = ({ alias, name }: FlatColumn): string => `${alias}.${name}`;

/** The joined column that a name stands for, or null. */
export function resolveColumn(columns: readonly FlatColumn[], parts: readonly string[]): string | null {
  const [first = "", second = ""] = parts.map((part) => part.toLowerCase());
  const qualified = columns.find(
    ({ alias, name }) => parts.length > 1 && alias.toLowerCase() === first && name.toLowerCase() === second,
  );
  if (qualified !== undefined) return flatName(qualified);
  const plain = columns.filter(({ name }) => name.toLowerCase() === first);
  return plain.length === 1 && plain[0] !== undefined ? flatName(plain[0]) : null;
}

/** Names of columns as joined streams have them. */
export function flatColumns(tree: Tree, flat: readonly FlatColumn[]): Tree {
  return rewrite(tree, (node) => {
    const parts = textOf(node, "class") === "COLUMN_REF" ? textsOf(node, "column_names") : [];
    const found = parts.length === 0 ? null : resolveColumn(flat, parts);
    return found === null ? undefined : { ...node, column_names: [found, ...restOf(flat, parts)] };
  });
}

/** What follows the column in a name: fields of structs. */
export function restOf(columns: readonly FlatColumn[], parts: readonly string[]): readonly string[] {
  const [first = "", second = ""] = parts.map((part) => part.toLowerCase());
  const isQualified = columns.some(({ alias, name }) => alias.toLowerCase() === first && name.toLowerCase() === second);
  return parts.slice(isQualified ? 2 : 1);
}
