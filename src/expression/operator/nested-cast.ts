// expression/operator/nested-cast.ts: arrays, maps and structs in other types, each part cast as Spark casts it alone. Fields keep their
// places and take the names of the new type.
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import type { DataType } from "../../format/schema/schema.ts";

/** DuckDB SQL of a value without parts, in another type. */
export type ScalarCast = (sql: string, from: DataType, to: DataType) => string;

/** DuckDB SQL of the value in the type; null where the two have not the same shape. */
export function nestedCast(sql: string, from: DataType, { to, scalar }: NestedCast): string | null {
  return castPart({ sql, from, to, depth: 0 }, scalar);
}

/** What a value becomes. */
export interface NestedCast {
  readonly to: DataType;
  readonly scalar: ScalarCast;
}

interface Part {
  readonly sql: string;
  readonly from: DataType;
  readonly to: DataType;
  readonly depth: number;
}

function castPart({ sql, from, to, depth }: Part, scalar: ScalarCast): string | null {
  if (duckdbType(from) === duckdbType(to)) return sql;
  // No column has such a name, which would come before that of the parameter.
  const parameter = `alluvium_cast${depth}`;
  const listed = (list: string, [a, b]: readonly [DataType, DataType]): string | null => {
    const part = castPart({ sql: parameter, from: a, to: b, depth: depth + 1 }, scalar);
    return part === null ? null : `list_transform(${list}, lambda ${parameter}: ${part})`;
  };
  const there = (value: string): string => `(CASE WHEN ${sql} IS NOT NULL THEN ${value} END)`;
  if (from.kind === "array" && to.kind === "array") return listed(sql, [from.elementType, to.elementType]);
  if (from.kind === "map" && to.kind === "map") {
    const keys = listed(`map_keys(${sql})`, [from.keyType, to.keyType]);
    const values = listed(`map_values(${sql})`, [from.valueType, to.valueType]);
    return keys === null || values === null ? null : there(`map(${keys}, ${values})`);
  }
  if (from.kind === "struct" && to.kind === "struct" && from.fields.length === to.fields.length) {
    const fields = to.fields.map(({ name, type }, index) => {
      const own = from.fields[index];
      const field = `struct_extract(${sql}, ${sqlLiteral(own?.name ?? "")})`;
      const part = castPart({ sql: field, from: own?.type ?? type, to: type, depth }, scalar);
      return part === null ? null : `${sqlIdentifier(name)} := ${part}`;
    });
    return fields.includes(null) ? null : there(`struct_pack(${fields.join(", ")})`);
  }
  const isScalar = [from, to].every(({ kind }) => kind === "primitive" || kind === "decimal");
  return isScalar ? scalar(sql, from, to) : null;
}
