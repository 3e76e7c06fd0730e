// expression/operator/compare-nested.ts: the order of structs and arrays: in Spark a null inside of one is less than any value, in DuckDB greater.
import { condition, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import type { Comparison } from "../tree/expression.ts";
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { DataType } from "../../format/schema/schema.ts";

/** True for values whose order must be told by `orderKey`. */
export const isNested = (type: DataType | null): type is Extract<DataType, { kind: "struct" | "array" }> =>
  type?.kind === "struct" || type?.kind === "array";

/**
 * A value that DuckDB orders as Spark orders this one: each part behind whether it is there. Its fields have names, for a stream keeps
 * such keys in columns.
 */
export function orderKey(sql: string, type: DataType, depth = 0): string {
  const part = (inner: string, innerType: DataType, index = 0): string => {
    const key = isNested(innerType) ? orderKey(inner, innerType, depth + 1) : inner;
    return `h${index} := (${inner} IS NOT NULL), v${index} := ${key}`;
  };
  if (type.kind === "array") {
    const element = `alluvium_k${depth}`;
    return `list_transform(${sql}, lambda ${element}: struct_pack(${part(element, type.elementType)}))`;
  }
  if (type.kind !== "struct") return sql;
  const parts = type.fields.map((field, index) =>
    part(`struct_extract(${sql}, ${sqlLiteral(field.name)})`, field.type, index),
  );
  return `struct_pack(${parts.join(", ")})`;
}

/** `left op right` for two structs or two arrays; undefined for anything else, and where DuckDB compares as Spark does. */
export function compareNested(op: Comparison, left: Bound, right: Bound): Bound | undefined {
  const { type } = left;
  if (!isNested(type) || right.type?.kind !== type.kind) return undefined;
  const other = positioned(left, right);
  const columns = [left.shape, right.shape].flatMap((shape) => (shape.kind === "column" ? [shape.path] : []));
  const shape = { kind: "opaque" as const, columns };
  if (op === "=" || op === "<>" || op === "<=>") {
    if (other === right) return undefined;
    return condition(`(${left.sql} ${op === "<=>" ? "IS NOT DISTINCT FROM" : op} ${other.sql})`, shape);
  }
  const isThere = `${left.sql} IS NOT NULL AND ${right.sql} IS NOT NULL`;
  const compared = `${orderKey(left.sql, type)} ${op} ${orderKey(other.sql, other.type ?? type)}`;
  return condition(`(CASE WHEN ${isThere} THEN ${compared} END)`, shape);
}

/** The right struct with the names of the left: Spark compares fields by their places, DuckDB by their names. */
function positioned(left: Bound, right: Bound): Bound {
  const [a, b] = [left.type, right.type];
  if (a?.kind !== "struct" || b?.kind !== "struct" || a.fields.length !== b.fields.length) return right;
  if (a.fields.every((field, index) => field.name.toLowerCase() === b.fields[index]?.name.toLowerCase())) return right;
  const values = a.fields.map(
    ({ name }, index) =>
      `${sqlIdentifier(name)} := struct_extract(${right.sql}, ${sqlLiteral(b.fields[index]?.name ?? "")})`,
  );
  return opaque(`(CASE WHEN ${right.sql} IS NOT NULL THEN struct_pack(${values.join(", ")}) END)`, a, [right]);
}
