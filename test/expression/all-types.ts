// test/expression/all-types.ts: one row of every type, to ask predicates of.
import type { SqlConnection, SqlEngine } from "../../src/engine/base/engine.ts";
import { parsePredicate } from "../../src/expression/predicate/parse-predicate.ts";
import type { PredicateScope } from "../../src/expression/tree/expression.ts";
import type { DataType, PrimitiveName, StructField, StructType } from "../../src/format/schema/schema.ts";

export function primitive(name: PrimitiveName): DataType {
  return { kind: "primitive", name };
}

export function field(name: string, type: DataType | PrimitiveName): StructField {
  return { name, type: typeof type === "string" ? primitive(type) : type, nullable: true, metadata: {} };
}

export function struct(...fields: readonly StructField[]): StructType {
  return { kind: "struct", fields };
}

export function list(elementType: DataType): DataType {
  return { kind: "array", elementType, containsNull: true };
}

export const schema: StructType = struct(
  field("id", "long"),
  field("i", "integer"),
  field("b8", "byte"),
  field("s", "string"),
  field("d", "date"),
  field("ts", "timestamp"),
  field("n", "timestamp_ntz"),
  field("bin", "binary"),
  field("f", "float"),
  field("x", "double"),
  field("m2", { kind: "decimal", precision: 10, scale: 2 }),
  field("m38", { kind: "decimal", precision: 38, scale: 38 }),
  field("b", "boolean"),
  field("arr", list(primitive("integer"))),
  field("m", { kind: "map", keyType: primitive("string"), valueType: primitive("integer"), valueContainsNull: true }),
  field("st", struct(field("A", "integer"), field("c", struct(field("d", "string"))))),
  field("list", list(struct(field("x", "integer")))),
  field("odd `name.here", "long"),
);

export const scope: PredicateScope = { schema, partitionColumns: ["id"] };

const row = `SELECT 5::BIGINT id, 7::INT i, 127::TINYINT b8, 'Hello' s, DATE '2024-02-29' d,
  TIMESTAMPTZ '2024-02-29 12:34:56.789+00' ts, TIMESTAMP '2024-02-29 12:34:56' n, '\\xFF\\x00'::BLOB bin, 1.5::FLOAT f,
  'nan'::DOUBLE x, 12.34::DECIMAL(10,2) m2, 0.5::DECIMAL(38,38) m38, true b, [1,2,NULL]::INT[] AS arr,
  MAP {'k': 1, 'z': NULL::INT} m, {'A': 1, 'c': {'d': 'q'}} st, [{'x': 1}, {'x': 2}] AS list, 9::BIGINT "odd \`name.here"`;

/** What a predicate answers for the row. */
export async function answer(sql: SqlEngine, connection: SqlConnection, text: string): Promise<unknown> {
  const predicate = await parsePredicate(sql, text, scope);
  const [result] = await connection.rows(`SELECT (${predicate.sql}) AS answer FROM (${row})`);
  return result?.["answer"];
}
