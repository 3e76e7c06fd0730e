// sql/tree/asked-types.ts: types of values inside of a query, which only DuckDB can tell: they are asked of it over the tables that they see.
import { columnsOf, parseDuckdbType } from "../../engine/duckdb/duckdb-schema.ts";
import { type LateCalls, lateCall } from "../../expression/bind/late-binding.ts";
import { finalError } from "../../expression/tree/bound.ts";
import { commonType, typeName } from "../../expression/tree/value-type.ts";
import type { JsonValue } from "../../format/text/json.ts";
import type { DataType } from "../../format/schema/schema.ts";
import type { ColumnsInput } from "./expand-sessions.ts";
import { type Tree, optionalTree, printTrees, rewrite, selectOf, textOf, treesOf } from "./query-tree.ts";

/** What the types are asked of. */
export interface LateTypesInput extends ColumnsInput {
  readonly late: LateCalls;
}

/** What a query sees of those around it: names of WITH in their order, and tables. */
export interface Around {
  readonly ctes: readonly JsonValue[];
  readonly tables: readonly Tree[];
}

/** Where values stand. */
export interface AskedIn {
  readonly around: Around;
  /** The SELECT in which they stand. */
  readonly select: Tree;
}

/** A type for each value, null where it is not known. */
export type Types = readonly (DataType | null)[];

/** A call that is bound later. */
export const isLate = (node: Tree): boolean => textOf(node, "function_name") === lateCall;

/** What a call is computed of: without the number of a late call. */
export const valuesOf = (call: Tree): readonly Tree[] => treesOf(call, "children").slice(isLate(call) ? 1 : 0);

/** The types of values over the tables that they see, or those of the queries around them too; null where they cannot be told. */
export async function typesOf(
  { connection, fill }: LateTypesInput,
  { select, around }: AskedIn,
  { values, groups }: { readonly values: readonly Tree[]; readonly groups: readonly Tree[] },
): Promise<Types | null> {
  const list = values.map((value, index) => ({ ...value, alias: `a${index}` }));
  const grouping =
    groups.length === 0 ? {} : { group_expressions: groups, group_sets: [groups.map((_, index) => index)] };
  const own = optionalTree(select, "from_table");
  const outer = around.tables.reduce<Tree | null>((left, right) => crossJoin(left, right), null);
  const froms = outer === null ? [own] : [own, crossJoin(outer, own)];
  for (const from of froms) {
    const plain = rewrite({ from }, (node) => (isLate(node) ? valuesOf(node)[0] : undefined));
    const query = { ...selectOf(list), from_table: plain["from"] ?? null, cte_map: { map: around.ctes }, ...grouping };
    try {
      const [template = ""] = await printTrees(connection, [query]);
      const columns = await columnsOf(connection, fill(template));
      // Sums of whole numbers are longs in Spark.
      return columns.map(({ type }) => parseDuckdbType(type.replace(/^HUGEINT$/, "BIGINT")));
    } catch {
      // The next one sees the tables of the queries around this one too.
    }
  }
  return null;
}

function crossJoin(left: Tree | null, right: Tree | null): Tree | null {
  if (left === null || right === null || textOf(right, "type") === "EMPTY") return left ?? right;
  if (textOf(left, "type") === "EMPTY") return right;
  const join = { type: "JOIN", alias: "", sample: null, query_location: 0, condition: null, using_columns: [] };
  const kind = { join_type: "INNER", ref_type: "CROSS", delim_flipped: false, duplicate_eliminated_columns: [] };
  return { ...join, ...kind, left, right };
}

/** `a IN (SELECT …)` of one value. */
export const isMember = (node: Tree): boolean =>
  textOf(node, "subquery_type") === "ANY" && textOf(optionalTree(node, "child") ?? {}, "function_name") !== "row";

/**
 * Each value is looked for among those of a type that it compares with.
 * @throws AlluviumError `INVALID_PREDICATE` where it is not; DuckDB compares truth values with numbers
 */
export async function requireMembers(input: LateTypesInput, asked: AskedIn): Promise<void> {
  const members: Tree[] = [];
  rewrite(asked.select, (node) => {
    if (isMember(node)) members.push(node);
    // Queries inside of this one have been seen to.
    return textOf(node, "class") === "SUBQUERY" || textOf(node, "type") === "SUBQUERY" ? node : undefined;
  });
  for (const member of members) {
    const child = optionalTree(member, "child");
    const scalar = { ...member, subquery_type: "SCALAR", child: null, comparison_type: "INVALID", alias: "" };
    const types = child === null ? null : await typesOf(input, asked, { values: [child, scalar], groups: [] });
    const [a = null, b = null] = types ?? [];
    if (commonType(a, b) !== "none") continue;
    throw finalError(
      `${typeName(a)} is looked for among values of ${typeName(b)}; cast one of them`,
      "DATATYPE_MISMATCH",
    );
  }
}
