// expression/operator/nested-text.ts: arrays, maps and structs as text. Spark's ToStringBase.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { DataType } from "../../format/schema/schema.ts";

/** DuckDB SQL of the text of a value without parts. */
export type ScalarText = (sql: string, type: DataType) => string;

/** DuckDB SQL of `[a, b]`, `{k -> v}` or `{a, b}`; null stays null, and is `null` inside. */
export function nestedText(sql: string, type: DataType, scalar: ScalarText): string {
  return textOf({ sql, type, depth: 0 }, scalar);
}

interface Part {
  readonly sql: string;
  readonly type: DataType;
  readonly depth: number;
}

function textOf({ sql, type, depth }: Part, scalar: ScalarText): string {
  const inner = (part: string, partType: DataType): string =>
    `coalesce(${textOf({ sql: part, type: partType, depth: depth + 1 }, scalar)}, 'null')`;
  // No column has such a name, which would come before that of the parameter.
  const parameter = `alluvium_part${depth}`;
  const listed = (list: string, part: string): string =>
    `array_to_string(list_transform(${list}, lambda ${parameter}: ${part}), ', ')`;
  switch (type.kind) {
    case "array":
      return bracketed(sql, ["[", "]"], listed(sql, inner(parameter, type.elementType)));
    case "map": {
      const entry = `${inner(`${parameter}.key`, type.keyType)} || ' -> ' || ${inner(`${parameter}.value`, type.valueType)}`;
      return bracketed(sql, ["{", "}"], listed(`map_entries(${sql})`, entry));
    }
    case "struct": {
      const fields = type.fields.map((field) => inner(`struct_extract(${sql}, ${sqlLiteral(field.name)})`, field.type));
      return bracketed(sql, ["{", "}"], fields.length === 0 ? "''" : fields.join(" || ', ' || "));
    }
    case "decimal":
    case "primitive":
      return scalar(sql, type);
  }
}

const bracketed = (sql: string, [open, close]: readonly [string, string], inside: string): string =>
  `(CASE WHEN ${sql} IS NOT NULL THEN '${open}' || ${inside} || '${close}' END)`;
