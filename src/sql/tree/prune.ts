// sql/tree/prune.ts: what a query asks of the rows of one of its tables, so that files without such rows are not read.
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { Comparison } from "../../expression/tree/expression.ts";
import { type Syntax, primitive, textSyntax } from "../../expression/tree/syntax.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { parseDuckdbType } from "../../engine/duckdb/duckdb-schema.ts";
import { type Tree, findTree, optionalTree, textOf, textsOf, treeOf, treesOf } from "./query-tree.ts";

/**
 * Conditions in WHERE that only name columns of the table behind `placeholder`; none where the table is read twice.
 * Every row that the query can use meets them all.
 */
export function conditionsOn(root: Tree, placeholder: string): readonly Syntax[] {
  const isTable = (node: Tree): boolean => node["type"] === "BASE_TABLE" && node["table_name"] === placeholder;
  if (countOf(root, isTable) !== 1) return [];
  const owner = findOwner(root, isTable);
  const where = owner === null ? null : optionalTree(owner, "where_clause");
  if (owner === null || where === null) return [];
  const from = treeOf(owner, "from_table");
  const leaf = findTree(from, isTable);
  const alias = leaf === null ? "" : textOf(leaf, "alias").toLowerCase();
  const isAlone = textOf(from, "type") === "BASE_TABLE";
  // A sample is drawn from all rows.
  if (leaf === null || textsOf(leaf, "column_name_alias").length > 0 || optionalTree(leaf, "sample") !== null)
    return [];
  return conjuncts(where).flatMap((conjunct) => {
    const syntax = syntaxOf(conjunct, { alias, isAlone });
    return syntax === null ? [] : [syntax];
  });
}

function countOf(root: Tree, wanted: (node: Tree) => boolean): number {
  let count = 0;
  findTree(root, (node) => {
    if (wanted(node)) count += 1;
    return false;
  });
  return count;
}

/** The SELECT in whose FROM the table stands, not inside a sub-query and not on the side of a join that may be all null. */
function findOwner(root: Tree, isTable: (node: Tree) => boolean): Tree | null {
  return findTree(root, (node) => {
    const from = node["type"] === "SELECT_NODE" ? optionalTree(node, "from_table") : null;
    return from !== null && readsPlainly(from, isTable);
  });
}

function readsPlainly(from: Tree, isTable: (node: Tree) => boolean): boolean {
  if (isTable(from)) return true;
  if (textOf(from, "type") !== "JOIN") return false;
  const type = textOf(from, "join_type");
  const keepsLeft = ["INNER", "LEFT", "SEMI", "ANTI"].includes(type);
  const keepsRight = ["INNER", "RIGHT"].includes(type);
  return (
    (keepsLeft && readsPlainly(treeOf(from, "left"), isTable)) ||
    (keepsRight && readsPlainly(treeOf(from, "right"), isTable))
  );
}

/** The operands of the ANDs at the top. */
export function conjuncts(node: Tree): readonly Tree[] {
  return node["type"] === "CONJUNCTION_AND" ? treesOf(node, "children").flatMap(conjuncts) : [node];
}

interface Owner {
  readonly alias: string;
  readonly isAlone: boolean;
}

const comparisons: Readonly<Record<string, Comparison>> = {
  COMPARE_EQUAL: "=",
  COMPARE_NOTEQUAL: "<>",
  COMPARE_LESSTHAN: "<",
  COMPARE_LESSTHANOREQUALTO: "<=",
  COMPARE_GREATERTHAN: ">",
  COMPARE_GREATERTHANOREQUALTO: ">=",
  COMPARE_NOT_DISTINCT_FROM: "<=>",
};

/** The condition as Spark's expression tree, null where it is none that prunes. */
function syntaxOf(node: Tree, owner: Owner): Syntax | null {
  const type = textOf(node, "type");
  const children = treesOf(node, "children");
  if (type === "CONJUNCTION_AND" || type === "CONJUNCTION_OR") {
    const operands = children.map((child) => syntaxOf(child, owner));
    const kind = type === "CONJUNCTION_AND" ? "and" : "or";
    return operands.every((one) => one !== null) ? { kind, operands, at: 0 } : null;
  }
  const op = comparisons[type];
  if (op !== undefined) {
    const [left, right] = [valueOf(treeOf(node, "left"), owner), valueOf(treeOf(node, "right"), owner)];
    return left === null || right === null ? null : { kind: "compare", op, left, right, at: 0 };
  }
  const [first, ...rest] = children.map((child) => valueOf(child, owner));
  if (type === "OPERATOR_IS_NULL" && first) return { kind: "isNull", operand: first, at: 0 };
  if (type === "OPERATOR_IS_NOT_NULL" && first)
    return { kind: "not", operand: { kind: "isNull", operand: first, at: 0 }, at: 0 };
  if (type === "COMPARE_IN" && first) {
    const values = rest.filter((value) => value !== null);
    return values.length === rest.length ? { kind: "in", operand: first, values, at: 0 } : null;
  }
  if (type !== "COMPARE_BETWEEN") return null;
  const [operand, low, high] = ["input", "lower", "upper"].map((key) => valueOf(treeOf(node, key), owner));
  return operand && low && high ? { kind: "between", operand, low, high, at: 0 } : null;
}

function valueOf(node: Tree, owner: Owner): Syntax | null {
  switch (textOf(node, "class")) {
    case "COLUMN_REF": {
      const parts = textsOf(node, "column_names");
      const isQualified = parts.length > 1 && parts[0]?.toLowerCase() === owner.alias;
      if (!isQualified && !owner.isAlone) return null;
      return { kind: "name", parts: isQualified ? parts.slice(1) : parts, at: 0 };
    }
    case "CONSTANT":
      return literalOf(treeOf(node, "value"));
    case "CAST": {
      const child = treeOf(node, "child");
      const type = typeOf(treeOf(node, "cast_type"));
      const value = textOf(child, "class") === "CONSTANT" ? literalOf(treeOf(child, "value")) : null;
      return type === null || value === null ? null : { kind: "cast", operand: value, type, isTry: false, at: 0 };
    }
    case "FUNCTION":
      return withoutZero(node, owner) ?? timestampOf(node);
    default:
      return null;
  }
}

/** `x + 0.0`, which only makes -0.0 and 0.0 one value. */
function withoutZero(node: Tree, owner: Owner): Syntax | null {
  const [operand, zero] = treesOf(node, "children");
  const value =
    zero !== undefined && textOf(zero, "class") === "CONSTANT" ? Number(treeOf(zero, "value")["value"]) : null;
  const isPlain = textOf(node, "function_name") === "+" && value === 0 && operand !== undefined;
  return isPlain ? valueOf(operand, owner) : null;
}

/** `make_timestamptz(CAST('…' AS BIGINT))`, as timestamp literals are written. */
function timestampOf(node: Tree): Syntax | null {
  const name = textOf(node, "function_name");
  const constant = findTree(node, (one) => textOf(one, "class") === "CONSTANT");
  const value = constant === null ? null : treeOf(constant, "value")["value"];
  if ((name !== "make_timestamptz" && name !== "make_timestamp") || typeof value !== "string" || !/^-?\d+$/.test(value))
    return null;
  const type = name === "make_timestamptz" ? "timestamp" : "timestamp_ntz";
  return { kind: "literal", literal: { type, micros: BigInt(value) }, type: primitive(type), at: 0 };
}

function literalOf(value: Tree): Syntax | null {
  const raw = value["value"];
  const type = isJsonObject(value["type"]) ? textOf(value["type"], "id") : "";
  if (value["is_null"] === true) return null;
  if (type === "VARCHAR" && typeof raw === "string") return textSyntax(raw, 0);
  if (type === "BOOLEAN" && typeof raw === "boolean") {
    return { kind: "literal", literal: { type: "boolean", value: raw }, type: primitive("boolean"), at: 0 };
  }
  if (type === "DECIMAL" && isJsonObject(value["type"])) return decimalOf(raw, treeOf(value["type"], "type_info"));
  const isWhole = type === "INTEGER" || type === "BIGINT";
  if (!isWhole || (typeof raw !== "number" && typeof raw !== "bigint")) return null;
  const name = type === "BIGINT" ? "long" : "integer";
  return { kind: "literal", literal: { type: "integer", value: BigInt(raw) }, type: primitive(name), at: 0 };
}

/** DuckDB writes a decimal as a whole number and its scale. */
function decimalOf(raw: unknown, { width, scale }: Tree): Syntax | null {
  if ((typeof raw !== "number" && typeof raw !== "bigint") || typeof width !== "number" || typeof scale !== "number")
    return null;
  const digits = BigInt(raw);
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const whole = `${digits < 0n ? "-" : ""}${text.slice(0, text.length - scale)}`;
  const literal = { type: "decimal" as const, text: scale === 0 ? whole : `${whole}.${text.slice(-scale)}` };
  return { kind: "literal", literal, type: { kind: "decimal", precision: width, scale }, at: 0 };
}

function typeOf(type: Tree): DataType | null {
  const id = textOf(type, "id");
  return /^(?:DATE|INTEGER|BIGINT|DOUBLE|VARCHAR|TINYINT|SMALLINT|BOOLEAN)$/.test(id) ? parseDuckdbType(id) : null;
}
