// reader/partition-literal.ts: values of partition columns as DuckDB spells them.
import { literalSql } from "../expression/tree/bound.ts";
import type { Literal } from "../expression/tree/expression.ts";
import { assert } from "../format/text/error.ts";
import type { PartitionScalar } from "../format/value/partition-value.ts";
import type { DataType } from "../format/schema/schema.ts";

/** A partition value of a type as SQL; it casts to that type without loss. */
export function partitionLiteral(value: PartitionScalar, type: DataType): string {
  return literalSql(literalOf(value, type), type);
}

function literalOf(value: PartitionScalar, type: DataType): Literal {
  if (value === null) return { type: "null" };
  if (typeof value === "boolean") return { type: "boolean", value };
  if (value instanceof Uint8Array) return { type: "binary", value };
  if (type.kind === "decimal") return { type: "decimal", text: String(value) };
  assert(type.kind === "primitive", "partition columns are of primitive types");
  if (typeof value === "string") return { type: "string", value };
  switch (type.name) {
    case "date":
      return { type: "date", days: Number(value) };
    case "timestamp":
    case "timestamp_ntz":
      return { type: type.name, micros: BigInt(value) };
    case "float":
    case "double":
      return { type: "double", value: Number(value) };
    case "boolean":
    case "byte":
    case "short":
    case "integer":
    case "long":
    case "string":
    case "binary":
    case "void":
    case "variant":
      return { type: "integer", value: BigInt(value) };
  }
}
