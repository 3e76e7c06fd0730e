// reader/read-schema.ts: the columns of what is read: those asked for, in the order asked.
import { columnNotFound } from "../expression/bind/name-scope.ts";
import type { StructField, StructType } from "../format/schema/schema.ts";
import type { Snapshot } from "../log/state/snapshot.ts";
import { metadataColumn, withMetadataColumn } from "./metadata-column.ts";

/**
 * The columns of rows that are read of a table.
 * @param columns `_metadata` may be among them
 * @throws AlluviumError as `projectedSchema`
 */
export function readSchema(snapshot: Snapshot, columns: readonly string[] | undefined): StructType {
  const isHiddenAsked = columns?.some((name) => name.toLowerCase() === metadataColumn) === true;
  return projectedSchema(isHiddenAsked ? withMetadataColumn(snapshot) : snapshot.schema, columns);
}

/**
 * The fields asked for, in the order asked.
 * @throws AlluviumError `COLUMN_NOT_FOUND` naming the column, what is near and what there is
 */
function projectedSchema(schema: StructType, columns: readonly string[] | undefined): StructType {
  if (columns === undefined) return schema;
  const byName = new Map(schema.fields.map((field) => [field.name.toLowerCase(), field]));
  const fields = columns.map((name): StructField => {
    const field = byName.get(name.toLowerCase());
    if (field === undefined) throw columnNotFound(name, schema.fields);
    return field;
  });
  return { kind: "struct", fields };
}
