// table/rows/prepare-write.ts: how rows fit a table, and the table's metadata after them.
import type { Metadata } from "../../format/action/action.ts";
import { isMapped } from "../../format/protocol/schema-compatibility.ts";
import { checkSchema } from "../../format/schema/schema-check.ts";
import { formatSchema } from "../../format/schema/schema-json.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { settleMetadata } from "../../format/protocol/settle-metadata.ts";
import { isTypeWideningEnabled } from "../../format/protocol/type-change.ts";
import type { WriteTarget } from "../../writer/data-file-writer.ts";
import { planWriteSchema } from "../../writer/write-schema.ts";
import { newColumnName } from "../input/create-table.ts";
import { type TableHead, writeTarget } from "./file-changes.ts";

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
  { engine, snapshot }: TableHead,
  dataSchema: StructType,
  options: { readonly mergeSchema?: boolean | undefined; readonly overwriteSchema?: boolean | undefined },
): PreparedWrite {
  const { mergeSchema, overwriteSchema } = options;
  const { metadata } = snapshot;
  const plan = planWriteSchema({
    tableSchema: snapshot.schema,
    partitionColumns: metadata.partitionColumns,
    dataSchema,
    mergeSchema,
    overwriteSchema,
    widensTypes: isTypeWideningEnabled(metadata),
  });
  if (!plan.changed) return { target: writeTarget(snapshot), metadata: null };
  checkSchema(plan.schema, metadata.partitionColumns, isMapped(metadata));
  const wanted = { ...metadata, schemaString: formatSchema(plan.schema) };
  const settled = settleMetadata(wanted, snapshot, () => newColumnName(engine));
  return { target: writeTarget({ ...snapshot, metadata: settled }), metadata: settled };
}
