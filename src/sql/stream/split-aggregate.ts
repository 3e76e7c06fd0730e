// sql/stream/split-aggregate.ts: an aggregated SELECT taken apart: what is computed of each row, what is grouped and aggregated, and what
// is computed of each group (expressions over aggregates, HAVING).
import { AlluviumError } from "../../format/text/error.ts";
import {
  type Tree,
  columnRef,
  findTree,
  fingerprint,
  optionalTree,
  rewrite,
  textOf,
  textsOf,
  treeOf,
  treesOf,
} from "../tree/query-tree.ts";
import { isAggregate } from "../tree/aggregate-names.ts";
import { isWindowCall, windowName } from "../tree/window-call.ts";

/** One aggregate call: `tree` is the call as written. */
export interface SplitCall {
  readonly name: string;
  readonly tree: Tree;
}

/** The parts of an aggregated SELECT. */
export interface SplitAggregate {
  /** Grouping expressions, windows as their calls; the key of index i is named `k<i>`. */
  readonly keys: readonly Tree[];
  /** Sets of key indexes for ROLLUP, CUBE and GROUPING SETS; null for a plain GROUP BY. */
  readonly sets: readonly (readonly number[])[] | null;
  readonly calls: readonly SplitCall[];
  /** SELECT list over keys and calls, every item named. */
  readonly list: readonly Tree[];
  readonly having: Tree | null;
  readonly modifiers: readonly Tree[];
}

/** Name of the key at an index. */
export const keyName = (index: number): string => `k${index}`;

const isOpaque = (node: Tree): boolean => textOf(node, "class") === "SUBQUERY";

/** True for a SELECT that groups or aggregates. */
export function isAggregated(select: Tree, aggregates: ReadonlySet<string>): boolean {
  const isGrouped =
    treesOf(select, "group_expressions").length > 0 || textOf(select, "aggregate_handling") === "FORCE_AGGREGATES";
  const parts = [treesOf(select, "select_list"), optionalTree(select, "having")];
  return isGrouped || findTree(parts, (node) => isAggregate(node, aggregates), isOpaque) !== null;
}

/**
 * Takes a SELECT apart.
 * @param columns names of the input, in lower case: an alias does not hide them
 */
export function splitAggregate(
  select: Tree,
  aggregates: ReadonlySet<string>,
  columns: ReadonlySet<string>,
): SplitAggregate {
  const list = treesOf(select, "select_list");
  const keys = groupKeys(select, { list, aggregates, columns });
  const calls: SplitCall[] = [];
  const windowKey = keys.findIndex(isWindowCall);
  const byMeaning = new Map(keys.map((key, index) => [fingerprint(key), index]));
  const over = (expression: Tree): Tree =>
    rewrite(expression, (node) => {
      const alias = textOf(node, "alias");
      const key = byMeaning.get(fingerprint(node));
      if (key !== undefined) return columnRef([keyName(key)], alias);
      if (isAggregate(node, aggregates)) return columnRef([callName(calls, node)], alias);
      const parts = textOf(node, "class") === "COLUMN_REF" ? textsOf(node, "column_names") : [];
      const window = keys[windowKey];
      const isWindow = window !== undefined && parts[0]?.toLowerCase() === windowName(window);
      return isWindow && !columns.has(windowName(window))
        ? columnRef([keyName(windowKey), ...parts.slice(1)], alias)
        : undefined;
    });
  const post = list.map((item) => ({ ...over(item), alias: nameOf(item) }));
  const unalias = aliasesOf(list, columns);
  const having = optionalTree(select, "having");
  const sets = Array.isArray(select["group_sets"]) ? (select["group_sets"] as readonly (readonly number[])[]) : [];
  return {
    keys,
    sets: sets.length > 1 ? sets : null,
    list: post,
    having: having === null ? null : over(unalias(having)),
    modifiers: treesOf(select, "modifiers").map((modifier) => over(modifier)),
    calls,
  };
}

/** The calls of one meaning are one call. */
function callName(calls: SplitCall[], tree: Tree): string {
  const meaning = fingerprint(tree);
  const known = calls.find((call) => fingerprint(call.tree) === meaning);
  if (known !== undefined) return known.name;
  const name = `a${calls.length}`;
  calls.push({ name, tree });
  return name;
}

interface Grouped {
  readonly list: readonly Tree[];
  readonly aggregates: ReadonlySet<string>;
  readonly columns: ReadonlySet<string>;
}

function groupKeys(select: Tree, { list, aggregates, columns }: Grouped): readonly Tree[] {
  const groups = treesOf(select, "group_expressions");
  if (groups.length === 0 && textOf(select, "aggregate_handling") === "FORCE_AGGREGATES") {
    return list.filter((item) => findTree(item, (node) => isAggregate(node, aggregates), isOpaque) === null);
  }
  const unalias = aliasesOf(list, columns);
  return groups.map((group) => {
    const value = textOf(group, "class") === "CONSTANT" ? treeOf(group, "value") : null;
    const isPosition = value !== null && /^(?:INTEGER|BIGINT)$/.test(textOf(treeOf(value, "type"), "id"));
    const position = isPosition ? Number(value["value"]) : null;
    if (position === null) return unalias(group);
    const item = list[position - 1];
    if (item !== undefined) return item;
    throw new AlluviumError(
      "MISSING_AGGREGATION",
      { position },
      `GROUP BY ${position} is no position of the SELECT list`,
    );
  });
}

/** Replaces names that the SELECT list gives by what they stand for. */
function aliasesOf(list: readonly Tree[], columns: ReadonlySet<string>): (expression: Tree) => Tree {
  const byAlias = new Map(
    list.filter((item) => textOf(item, "alias") !== "").map((item) => [textOf(item, "alias").toLowerCase(), item]),
  );
  return (expression) =>
    rewrite(expression, (node) => {
      const parts = textOf(node, "class") === "COLUMN_REF" ? textsOf(node, "column_names") : [];
      const name = parts.length === 1 ? (parts[0]?.toLowerCase() ?? "") : "";
      return name === "" || columns.has(name) ? undefined : byAlias.get(name);
    });
}

/** The name of a SELECT item in the result. */
function nameOf(item: Tree): string {
  const alias = textOf(item, "alias");
  if (alias !== "") return alias;
  if (isWindowCall(item)) return windowName(item);
  return textsOf(item, "column_names").at(-1) ?? textOf(item, "function_name");
}
