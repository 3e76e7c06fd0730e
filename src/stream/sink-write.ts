// stream/sink-write.ts: the rows of a batch as data files of the sink's table, by Delta's schema rules.
import type { Engine } from "../engine/engine.ts";
import type { Metadata, Protocol } from "../format/action.ts";
import { formatSchema } from "../format/schema-json.ts";
import type { StructType } from "../format/schema.ts";
import { tableProperties } from "../format/table-property.ts";
import { type BegunFiles, type WriteTarget, beginDataFiles } from "../writer/data-file-writer.ts";
import type { Rows } from "../writer/rows.ts";
import { planWriteSchema } from "../writer/write-schema.ts";

/** The table before the batch, or as the batch will create it. `tablePath` is absolute. */
export interface SinkTarget {
  readonly tablePath: string;
  readonly schema: StructType;
  readonly metadata: Metadata;
  /** Of a table that the batch creates, null for one that is there. */
  readonly protocol: Protocol | null;
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
  });
  const metadata = changed ? { ...target.metadata, schemaString: formatSchema(schema) } : target.metadata;
  return { ...target, schema, metadata, changesSchema: changed };
}

/** Writes the files; they are in no log yet, and durable when `ready` says so. */
export function writeSinkRows(engine: Engine, plan: SinkWritePlan, rows: Rows): Promise<BegunFiles> {
  return beginDataFiles(engine, sinkTarget(plan), rows);
}

/** The table after the batch as its data-file writer sees it. */
export function sinkTarget({ tablePath, schema, metadata }: SinkWritePlan): WriteTarget {
  const properties = tableProperties(metadata.configuration);
  return { tablePath, schema, partitionColumns: metadata.partitionColumns, properties };
}
