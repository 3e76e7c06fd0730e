// table/prepare-write.ts: how rows fit a table, and the table's metadata after them.
import type { Metadata } from "../format/action.ts";
import { formatSchema } from "../format/schema-json.ts";
import type { StructType } from "../format/schema.ts";
import type { Snapshot } from "../log/snapshot.ts";
import type { WriteTarget } from "../writer/data-file-writer.ts";
import { planWriteSchema } from "../writer/write-schema.ts";

/** A write, as far as it is decided before a row is read. */
export interface PreparedWrite {
  readonly target: WriteTarget;
  /** New metadata, null where the table's stays. */
  readonly metadata: Metadata | null;
}

/**
 * Fits the rows' schema to the table.
 * @throws AlluviumError `DELTA_METADATA_MISMATCH`, `DELTA_FAILED_TO_MERGE_FIELDS`, `DELTA_DUPLICATE_COLUMNS_FOUND`, …
 */
export function prepareWrite(
  snapshot: Snapshot,
  dataSchema: StructType,
  options: { readonly mergeSchema?: boolean | undefined; readonly overwriteSchema?: boolean | undefined },
): PreparedWrite {
  const { metadata, properties, tablePath } = snapshot;
  const { partitionColumns } = metadata;
  const { mergeSchema, overwriteSchema } = options;
  const plan = planWriteSchema({
    tableSchema: snapshot.schema,
    partitionColumns,
    dataSchema,
    mergeSchema,
    overwriteSchema,
  });
  return {
    target: { tablePath, schema: plan.schema, partitionColumns, properties },
    metadata: plan.changed ? { ...metadata, schemaString: formatSchema(plan.schema) } : null,
  };
}
