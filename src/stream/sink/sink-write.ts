// stream/sink/sink-write.ts: the rows of a batch as data files of the sink's table, by Delta's schema rules.
import type { Engine } from "../../engine/base/engine.ts";
import type { Metadata, Protocol } from "../../format/action/action.ts";
import { formatSchema, parseSchema } from "../../format/schema/schema-json.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { settleMetadata } from "../../format/protocol/settle-metadata.ts";
import { isTypeWideningEnabled } from "../../format/protocol/type-change.ts";
import { trackingTarget } from "../../table/rows/rewrite-files.ts";
import { type WriteTarget, writeTargetOf } from "../../writer/write-target.ts";
import { type BegunFiles, beginDataFiles } from "../../writer/data-file-writer.ts";
import type { Rows } from "../../writer/rows.ts";
import { planWriteSchema } from "../../writer/write-schema.ts";

/** The table before the batch, or as the batch will create it. `tablePath` is absolute. */
export interface SinkTarget {
  readonly tablePath: string;
  readonly schema: StructType;
  readonly metadata: Metadata;
  readonly protocol: Protocol;
  /** Makes a physical name for a column. */
  readonly newColumnName: () => string;
}

/** The table after the batch. */
export interface SinkWritePlan extends SinkTarget {
  /** True when the commit must carry `metadata`. */
  readonly changesSchema: boolean;
}

/**
 * Fits rows to a table.
 * @throws AlluviumError as `planWriteSchema`: `DELTA_METADATA_MISMATCH` for columns that the table lacks, unless `mergeSchema`
 */
export function planSinkWrite(target: SinkTarget, dataSchema: StructType, mergeSchema: boolean): SinkWritePlan {
  const { partitionColumns } = target.metadata;
  const { schema, changed } = planWriteSchema({
    tableSchema: target.schema,
    partitionColumns,
    dataSchema,
    mergeSchema,
    widensTypes: isTypeWideningEnabled(target.metadata),
  });
  if (!changed) return { ...target, changesSchema: false };
  const wanted = { ...target.metadata, schemaString: formatSchema(schema) };
  const metadata = settleMetadata(wanted, target, target.newColumnName);
  return { ...target, schema: parseSchema(metadata.schemaString), metadata, changesSchema: true };
}

/** Writes the files; they are in no log yet, and durable after `settle`. */
export function writeSinkRows(engine: Engine, plan: SinkWritePlan, rows: Rows): Promise<BegunFiles> {
  return beginDataFiles(engine, sinkTarget(plan), rows);
}

/** As `writeSinkRows`, of rows with the columns that identify them; null where a row is new. */
export function writeTrackedSinkRows(engine: Engine, plan: SinkWritePlan, rows: Rows): Promise<BegunFiles> {
  return beginDataFiles(engine, trackingTarget(sinkTarget(plan), plan), rows);
}

/** The table after the batch as its data-file writer sees it. */
export function sinkTarget({ tablePath, protocol, metadata }: SinkWritePlan): WriteTarget {
  return writeTargetOf(tablePath, protocol, metadata);
}
