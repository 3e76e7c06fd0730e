// sql/tree/union-types.ts: UNION, INTERSECT and EXCEPT over columns of different types: both sides are cast to the type in which Spark
// lets them meet, where DuckDB would take another.
import { columnsOf, parseDuckdbType } from "../../engine/duckdb/duckdb-schema.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { castBound } from "../../expression/operator/bind-cast.ts";
import { opaque } from "../../expression/tree/bound.ts";
import { commonType, isNumeric, isOneOf, typeName } from "../../expression/tree/value-type.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";
import type { DataType } from "../../format/schema/schema.ts";
import type { ColumnsInput } from "./expand-sessions.ts";
import { type Tree, parseItems, printTrees, selectOf, textOf, treeOf, treesOf } from "./query-tree.ts";

/** True for a set operation whose columns are matched by position. */
export const isSetOperation = (node: Tree): boolean =>
  node["type"] === "SET_OPERATION_NODE" && !textOf(node, "setop_type").endsWith("BY_NAME");

interface Column {
  readonly name: string;
  readonly type: DataType;
}

/**
 * The set operation with such casts.
 * @param ctes the names of WITH that it sees
 * @throws AlluviumError `INCOMPATIBLE_COLUMN_TYPE` for columns that meet in no type
 */
export async function alignSides(input: ColumnsInput, union: Tree, ctes: readonly JsonValue[]): Promise<Tree> {
  const sides = [treeOf(union, "left"), treeOf(union, "right")];
  const found = await columnsOfBoth(input, sides, ctes);
  const [left, right] = found ?? [];
  // A wrong number of columns is for DuckDB to tell.
  if (left === undefined || right?.length !== left.length) return union;
  const types = left.map((column, index) => meeting(column, right[index] ?? column, index));
  if (types.every((type) => type === null)) return union;
  const [a, b] = await Promise.all([
    cast(input, treeOf(union, "left"), { columns: left, types }),
    cast(input, treeOf(union, "right"), { columns: right, types }),
  ]);
  return { ...union, left: a, right: b };
}

/** Null where the types of a side cannot be told by themselves, such as in a correlated query. */
async function columnsOfBoth(
  { connection, fill }: ColumnsInput,
  sides: readonly Tree[],
  ctes: readonly JsonValue[],
): Promise<readonly (readonly Column[])[] | null> {
  const queries = sides.map((side) => {
    const own = isJsonObject(side["cte_map"]) ? treesOf(treeOf(side, "cte_map"), "map") : [];
    return { ...side, cte_map: { map: [...ctes, ...own] } };
  });
  try {
    const found: (readonly Column[])[] = [];
    for (const text of await printTrees(connection, queries)) {
      const columns = await columnsOf(connection, fill(text));
      found.push(
        columns.map(({ name, type }) => ({ name, type: parseDuckdbType(type.replace(/^HUGEINT$/, "BIGINT")) })),
      );
    }
    return found;
  } catch {
    return null;
  }
}

/** The type for both; null where DuckDB takes it by itself. */
function meeting({ name, type: a }: Column, { type: b }: Column, index: number): DataType | null {
  const isVoid = isOneOf(a, ["void"]) || isOneOf(b, ["void"]);
  if (isVoid || duckdbType(a) === duckdbType(b)) return null;
  const type = commonType(a, b);
  if (type === "none" || type === null) {
    const message = `the sides of the set operation do not go together: column ${index + 1} (${name}) is ${typeName(a)} on one and ${typeName(b)} on the other; cast one of them`;
    throw new AlluviumError("INCOMPATIBLE_COLUMN_TYPE", { column: name }, message);
  }
  const isNested = type.kind !== "primitive" && type.kind !== "decimal";
  const isText = isOneOf(a, ["string"]) || isOneOf(b, ["string"]);
  const isOther = (isOneOf(a, ["float"]) || isOneOf(b, ["float"])) && isNumeric(a) && isNumeric(b);
  const isWide = type.kind === "decimal" && (isOneOf(a, ["long"]) || isOneOf(b, ["long"]));
  return isNested || isText || isOther || isWide ? type : null;
}

interface Casts {
  readonly columns: readonly Column[];
  readonly types: readonly (DataType | null)[];
}

async function cast({ connection }: ColumnsInput, side: Tree, { columns, types }: Casts): Promise<Tree> {
  if (columns.every(({ type }, index) => (types[index] ?? type) === type)) return side;
  const items = columns.map(({ name, type }, index) => {
    const wanted = types[index] ?? type;
    const column = opaque(sqlIdentifier(`c${index}`), type, []);
    const sql = duckdbType(wanted) === duckdbType(type) ? column.sql : castBound(column, wanted).sql;
    return `${sql} AS ${sqlIdentifier(name)}`;
  });
  const from = {
    type: "SUBQUERY",
    alias: "side",
    sample: null,
    query_location: 0,
    subquery: { node: side, named_param_map: [] },
    column_name_alias: columns.map((_, index) => `c${index}`),
  };
  return { ...selectOf(await parseItems(connection, items)), from_table: from };
}
