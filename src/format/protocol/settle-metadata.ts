// format/protocol/settle-metadata.ts: metadata as it is about to be committed: changes of types on record, columns with their ids and names.
import type { Metadata } from "../action/action.ts";
import { assignColumns } from "./assign-columns.ts";
import type { ColumnsBefore } from "./assign-columns.ts";
import { icebergCompat } from "./iceberg-compat.ts";
import { formatSchema, parseSchema } from "../schema/schema-json.ts";
import { isTypeWideningEnabled, recordTypeChanges } from "./type-change.ts";

/**
 * Completes the metadata that an operation wants, before it writes a file.
 * @param before null for a new table
 * @param newName makes a physical name that no other column has
 * @throws AlluviumError `DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE`
 */
export function settleMetadata(metadata: Metadata, before: ColumnsBefore | null, newName: () => string): Metadata {
  return assignColumns(withTypeChanges(withImpliedMapping(metadata, before), before), before, newName);
}

/** A new table that is to be compatible with Iceberg maps its columns, for it must. */
function withImpliedMapping(metadata: Metadata, before: ColumnsBefore | null): Metadata {
  const { configuration } = metadata;
  if (before !== null || icebergCompat(metadata) === null || configuration.has("delta.columnMapping.mode"))
    return metadata;
  return { ...metadata, configuration: new Map(configuration).set("delta.columnMapping.mode", "name") };
}

function withTypeChanges(metadata: Metadata, before: ColumnsBefore | null): Metadata {
  if (before === null || !isTypeWideningEnabled(metadata) || metadata.schemaString === before.metadata.schemaString)
    return metadata;
  const schema = recordTypeChanges(before.schema, parseSchema(metadata.schemaString));
  return { ...metadata, schemaString: formatSchema(schema) };
}
