// writer/write-target.ts: the table that data files are written for, as far as the files care.
import { join } from "node:path";
import type { Metadata, PartitionValues, Protocol } from "../format/action/action.ts";
import { columnMappingMode } from "../format/protocol/column-mapping.ts";
import type { ColumnMappingMode } from "../format/protocol/column-mapping.ts";
import { keepsPartitionColumns } from "../format/protocol/partition-columns-in-files.ts";
import { parseSchema } from "../format/schema/schema-json.ts";
import type { StructField, StructType } from "../format/schema/schema.ts";
import { tableProperties } from "../format/property/table-property.ts";
import type { TableProperties } from "../format/property/table-property.ts";

/** A table as data files see it. `tablePath` is absolute; `schema` is that of the table after the commit. */
export interface WriteTarget {
  readonly tablePath: string;
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  readonly properties: TableProperties;
  /** How the files call the columns; as the schema does when absent. */
  readonly columnMapping?: ColumnMappingMode;
  /** Partition columns stand in the files too. */
  readonly keepsPartitionColumns?: boolean;
  /**
   * Where the rows come from: `input` (when absent) from outside; `changed` from the table itself, with new values; `kept` from the
   * table as they are, so that nothing needs to be computed or checked.
   */
  readonly rowOrigin?: "input" | "changed" | "kept";
  /** Columns of the files that are not in the table's schema; they have no statistics. */
  readonly hiddenColumns?: ReadonlySet<string>;
  /** Below the table, for files that hold none of its rows, such as `_change_data`; the table's own folder when absent. */
  readonly folder?: string;
}

/**
 * The table of these actions. `tablePath` is absolute. While the actions are the same objects the answer is the same object too,
 * so that what follows from it is worked out once for many writes.
 */
export function writeTargetOf(tablePath: string, protocol: Protocol, metadata: Metadata): WriteTarget {
  const known = targets.get(metadata);
  if (known?.protocol === protocol && known.target.tablePath === tablePath) return known.target;
  const target = makeTarget(tablePath, protocol, metadata);
  targets.set(metadata, { protocol, target });
  return target;
}

const targets = new WeakMap<Metadata, { readonly protocol: Protocol; readonly target: WriteTarget }>();

function makeTarget(tablePath: string, protocol: Protocol, metadata: Metadata): WriteTarget {
  return {
    tablePath,
    schema: parseSchema(metadata.schemaString),
    partitionColumns: metadata.partitionColumns,
    properties: tableProperties(metadata.configuration),
    columnMapping: columnMappingMode(protocol, metadata),
    keepsPartitionColumns: keepsPartitionColumns(protocol, metadata),
  };
}

/** A data file that lies on disk and that nobody knows of yet. */
export interface NewFile {
  /** Relative to the table, as on disk (not encoded for the log). */
  readonly relativePath: string;
  readonly partitionValues: PartitionValues;
  readonly sizeBytes: number;
  readonly rowCount: number;
  /** JSON text for the log. */
  readonly stats: string;
  /** Count of null of each top-level column that is a leaf; without an entry it is not known. */
  readonly nullCounts: ReadonlyMap<string, number>;
}

/** The columns that stand in the files: all but partition columns, and those of nothing but null (PROTOCOL.md, "Primitive Types"). */
export function dataFields(target: Pick<WriteTarget, "schema" | "partitionColumns">): readonly StructField[] {
  const partitions = new Set(target.partitionColumns.map((name) => name.toLowerCase()));
  return target.schema.fields.filter((field) => !partitions.has(field.name.toLowerCase()) && !isVoid(field));
}

/** The columns that stand in the files, partition columns last where the table keeps them there. */
export function fileFields(
  target: Pick<WriteTarget, "schema" | "partitionColumns" | "keepsPartitionColumns">,
): readonly StructField[] {
  const fields = dataFields(target);
  return target.keepsPartitionColumns === true ? [...fields, ...partitionFields(target)] : fields;
}

/** The partition columns as fields, in the order of the folders. */
export function partitionFields(target: Pick<WriteTarget, "schema" | "partitionColumns">): readonly StructField[] {
  return target.partitionColumns.flatMap((name) =>
    target.schema.fields.filter((field) => field.name.toLowerCase() === name.toLowerCase()),
  );
}

/** What a file of this table is filled up to before the next one is begun. */
export function targetFileSizeBytes(target: WriteTarget): number {
  return target.properties.targetFileSizeBytes ?? defaultTargetFileSizeBytes;
}

const defaultTargetFileSizeBytes = 128 * 2 ** 20;

function isVoid(field: StructField): boolean {
  return field.type.kind === "primitive" && field.type.name === "void";
}

/**
 * The folder below which the files of one write go, relative to the table; "" is the table's own. A folder of random name, where
 * `delta.randomizeFilePrefixes` asks for one, comes from the id of the write.
 */
export function baseFolder({ folder = "", properties }: WriteTarget, writeId: string): string {
  const { randomizeFilePrefixes, randomPrefixLength } = properties;
  return randomizeFilePrefixes ? join(folder, writeId.replaceAll("-", "").slice(0, randomPrefixLength)) : folder;
}
