// sql/tree/align-union.ts: one side of a union with the names and types of the whole.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { schemaEquals } from "../../format/schema/schema-type.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { StreamNode } from "../../stream/plan/stream-node.ts";

/** How a side is made to fit. */
export interface UnionSide {
  readonly node: StreamNode;
  readonly schema: StructType;
  /** Columns are matched by name, and one that a side lacks is null; else by position. */
  readonly isByName: boolean;
}

/** The side with the columns of `schema`. */
export function alignTo({ node, schema, isByName }: UnionSide): StreamNode {
  if (schemaEquals(node.schema, schema)) return node;
  const list = schema.fields.map((field, index) => {
    const same = node.schema.fields.find((one) => one.name.toLowerCase() === field.name.toLowerCase());
    const own = isByName ? same : node.schema.fields[index];
    const value = own === undefined ? "NULL" : sqlIdentifier(own.name);
    return `CAST(${value} AS ${duckdbType(field.type)}) AS ${sqlIdentifier(field.name)}`;
  });
  return { kind: "rows", input: node, sql: (from) => `SELECT ${list.join(", ")} FROM (${from})`, schema };
}
