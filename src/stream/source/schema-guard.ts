// stream/source/schema-guard.ts: whether rows written under one schema can be read with the schema a query was made for.
import type { Metadata } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";
import type { ColumnMappingMode } from "../../format/protocol/column-mapping.ts";
import { canRead, isMapped, keepsColumns } from "../../format/protocol/schema-compatibility.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { parseSchema } from "../../format/schema/schema-json.ts";
import { formatType, schemaEquals, typeEquals } from "../../format/schema/schema-type.ts";
import { differentTable } from "../checkpoint/offset.ts";

/** What a query was analysed with, and what it may say about changes. */
export interface AnalysedTable {
  readonly tablePath: string;
  readonly tableId: string;
  /** The version that was analysed: changes after it can be met by a restart, changes before it cannot. */
  readonly version: Version;
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  readonly columnMapping: ColumnMappingMode;
  readonly hasStartingOption: boolean;
}

/**
 * Checks metadata that the stream meets on its way, at `version`.
 * @throws AlluviumError `DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE` for another table's id;
 *   `DELTA_SCHEMA_CHANGED_WITH_VERSION` (`…_WITH_STARTING_OPTIONS` when a starting option is set) when the query's
 *   schema cannot read what is written from there on; `DELTA_STREAMING_INCOMPATIBLE_SCHEMA_CHANGE` when a column with a
 *   mapped name was renamed or dropped
 */
export function checkMetadata(metadata: Metadata, version: Version, analysed: AnalysedTable): void {
  if (metadata.id !== analysed.tableId) throw differentTable(analysed.tableId, metadata.id);
  const schema = parseSchema(metadata.schemaString);
  checkMapping({ schema, isMapped: isMapped(metadata), version }, analysed);
  const samePartitions = sameNames(metadata.partitionColumns, analysed.partitionColumns);
  if (samePartitions && canRead({ data: schema, read: analysed.schema })) return;
  const restartHelps = version > analysed.version && samePartitions && canRead({ data: analysed.schema, read: schema });
  throw schemaChanged({ schema, partitionColumns: metadata.partitionColumns, version, restartHelps }, analysed);
}

interface MappedSchema {
  readonly schema: StructType;
  readonly isMapped: boolean;
  readonly version: Version;
}

/** Names tell nothing about the columns of a mapped table: the same name may be another column, with other values. */
function checkMapping(met: MappedSchema, analysed: AnalysedTable): void {
  const own: MappedSchema = { ...analysed, isMapped: analysed.columnMapping !== "none" };
  if (!met.isMapped && !own.isMapped) return;
  const [earlier, later] = met.version < analysed.version ? [met, own] : [own, met];
  const isLost = earlier.isMapped && !later.isMapped;
  if (!isLost && keepsColumns({ data: earlier.schema, read: later.schema })) return;
  const { tablePath } = analysed;
  const difference = describeDifference(earlier.schema, later.schema);
  const message = `columns of ${tablePath} were renamed, dropped or mapped anew between version ${earlier.version} and version ${later.version} (${difference}), and no one schema reads the rows of both: read on to the change with the old table (time travel) and start the query with a new checkpoint location from version ${later.version}, or load the table again once everything before the change has been read`;
  throw new AlluviumError(
    "DELTA_STREAMING_INCOMPATIBLE_SCHEMA_CHANGE",
    { table: tablePath, version: met.version },
    message,
  );
}

/**
 * Checks that a query's schema is still one that the table can be read with when the query starts.
 * @throws AlluviumError `DELTA_STREAMING_SCHEMA_MISMATCH_ON_RESTART`
 */
export function checkAnalysedSchema(
  analysed: StructType,
  table: { readonly path: string; readonly schema: StructType; readonly metadata: Metadata },
): void {
  const isSameMapping = !isMapped(table.metadata) || keepsColumns({ data: analysed, read: table.schema });
  if (isSameMapping && canRead({ data: table.schema, read: analysed })) return;
  const message = `the query was made for an older schema of ${table.path} and would lose columns or misread rows (${describeDifference(analysed, table.schema)}): load the table again with readStream and start the query from that`;
  throw new AlluviumError("DELTA_STREAMING_SCHEMA_MISMATCH_ON_RESTART", { table: table.path }, message);
}

interface SchemaChange {
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  readonly version: Version;
  readonly restartHelps: boolean;
}

function schemaChanged(change: SchemaChange, analysed: AnalysedTable): AlluviumError {
  const { tablePath, hasStartingOption } = analysed;
  const { version, restartHelps } = change;
  const repartitioned = !sameNames(change.partitionColumns, analysed.partitionColumns);
  const difference = repartitioned
    ? `the partition columns were ${showNames(analysed.partitionColumns)} and are ${showNames(change.partitionColumns)}`
    : describeDifference(analysed.schema, change.schema);
  const start = hasStartingOption ? `, for instance with startingVersion ${version}` : "";
  const advice = restartHelps
    ? "load the table again and restart the query with the same checkpoint location to go on with the new schema"
    : `no schema reads rows from both sides of this change: load the table again and restart, which works once everything before version ${version} has been read; otherwise start with a new checkpoint location${start}`;
  const message = `the schema of ${tablePath} is another one at version ${version} than the query was made for (${difference}); ${advice}`;
  const code = hasStartingOption ? "DELTA_SCHEMA_CHANGED_WITH_STARTING_OPTIONS" : "DELTA_SCHEMA_CHANGED_WITH_VERSION";
  return new AlluviumError(code, { table: tablePath, version, restartHelps }, message);
}

/** What is different, for a person: the first few columns. */
function describeDifference(before: StructType, after: StructType): string {
  if (schemaEquals(before, after, { ignoreMetadata: true })) return "the schemas are equal";
  const old = new Map(before.fields.map((field) => [field.name, field]));
  const now = new Set(after.fields.map((field) => field.name));
  const notes = after.fields.flatMap((field) => {
    const was = old.get(field.name);
    if (was === undefined) return [`column ${field.name} ${formatType(field.type)} was added`];
    if (!typeEquals(was.type, field.type, { ignoreNullability: true })) {
      return [`column ${field.name} was ${formatType(was.type)} and is ${formatType(field.type)}`];
    }
    if (was.nullable !== field.nullable)
      return [`column ${field.name} ${field.nullable ? "may now be null" : "may no longer be null"}`];
    return typeEquals(was.type, field.type)
      ? []
      : [`values inside column ${field.name} may be null or not as they could before`];
  });
  for (const field of before.fields) if (!now.has(field.name)) notes.push(`column ${field.name} is gone`);
  const shown = notes.slice(0, shownMax).join(", ");
  return notes.length > shownMax
    ? `${shown}, and ${notes.length - shownMax} more differences`
    : shown || "the order of columns";
}

const shownMax = 5;

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, index) => name === b[index]);

const showNames = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));
