// writer/field-ids-sql.ts: the ids of columns as DuckDB's COPY takes them, for the `field_id` of Parquet. PROTOCOL.md, "Writer
// Requirements for Column Mapping".
import { sqlLiteral } from "../engine/base/sql-quote.ts";
import { nestedIds } from "../format/protocol/assign-columns.ts";
import { fieldId } from "../format/protocol/column-mapping.ts";
import type { DataType, StructField } from "../format/schema/schema.ts";

/** The value of the option FIELD_IDS; null when no field has an id. Fields go by their names in the file. */
export function fieldIdsSql(fields: readonly StructField[]): string | null {
  const entries = fields.map(fieldEntry).filter((entry) => entry !== null);
  return entries.length === 0 ? null : `{${entries.join(", ")}}`;
}

function fieldEntry(field: StructField): string | null {
  const entries = typeEntries(field.type, field, field.name);
  return entry(field.name, fieldId(field) ?? null, entries);
}

/** @param path of the type by the names of `nestedIds` of the field around it */
function typeEntries(type: DataType, field: StructField, path: string): readonly string[] {
  const ids = nestedIds(field);
  const inner = (name: string, child: DataType): readonly string[] => {
    const childPath = `${path}.${name}`;
    const found = entry(name, ids.get(childPath) ?? null, typeEntries(child, field, childPath));
    return found === null ? [] : [found];
  };
  switch (type.kind) {
    case "primitive":
    case "decimal":
      return [];
    case "struct":
      return type.fields.map(fieldEntry).filter((found) => found !== null);
    case "array":
      return inner("element", type.elementType);
    case "map":
      return [...inner("key", type.keyType), ...inner("value", type.valueType)];
  }
}

function entry(name: string, id: number | null, children: readonly string[]): string | null {
  if (id === null && children.length === 0) return null;
  const own = id === null ? [] : [`__duckdb_field_id: ${id}`];
  if (children.length === 0) return `${sqlLiteral(name)}: ${id}`;
  return `${sqlLiteral(name)}: {${[...own, ...children].join(", ")}}`;
}
