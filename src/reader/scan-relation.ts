// reader/scan-relation.ts: files of a table as one DuckDB SELECT, typed as the table's schema. Where a file departs from
// the schema (columns absent, in another order or case, of another physical type) the Parquet reader settles it by itself,
// so that the statement is as fast as a plain `read_parquet` over the same files.
import { duckdbType } from "../engine/duckdb/duckdb-type.ts";
import type { ParquetNode } from "../engine/parquet/parquet-tree.ts";
import { sqlIdentifier, sqlLiteral, sqlParquetFiles } from "../engine/base/sql-quote.ts";
import { partitionText } from "../expression/predicate/evaluate.ts";
import type { Predicate } from "../expression/tree/expression.ts";
import type { AddFile } from "../format/action/action.ts";
import { physicalName } from "../format/protocol/column-mapping.ts";
import { assert } from "../format/text/error.ts";
import { resolveDataPath } from "../format/value/partition-path.ts";
import { parsePartitionValue } from "../format/value/partition-value.ts";
import { remembered } from "../format/text/remembered.ts";
import { rowTrackingColumns } from "../format/protocol/row-tracking.ts";
import type { RowTrackingColumns } from "../format/protocol/row-tracking.ts";
import { findField } from "../format/schema/schema-type.ts";
import type { DataType, StructField } from "../format/schema/schema.ts";
import { liveRows, rowKeySql } from "./live-rows.ts";
import { metadataColumn, metadataField, metadataSql } from "./metadata-column.ts";
import { partitionLiteral } from "./partition-literal.ts";
import type { ScannedFile } from "./scanned-files.ts";
import type { ScannedTable } from "./scanned-table.ts";
import { storedColumn } from "./stored-column.ts";
import type { StoredColumn } from "./stored-column.ts";

export { scannedTable } from "./scanned-table.ts";
export type { ScannedTable } from "./scanned-table.ts";

/** What of the files is wanted. */
export interface ScanRelationOptions {
  /** Fields in the order wanted, spelled as in the schema, `metadataColumn` among them or not; all of the schema when absent. */
  readonly columns?: readonly string[] | undefined;
  /** Rows for which this is true. */
  readonly where?: Predicate | undefined;
  /** Adds a column of this name with the absolute path of each row's file. */
  readonly fileNameColumn?: string;
  /** Adds a BIGINT column of this name with the number of each row in its file, from 0. */
  readonly rowNumberColumn?: string;
  /** Adds BIGINT columns of these names with each row's id and the version that last changed it; null where a file has none. */
  readonly rowTracking?: RowTrackingColumns | undefined;
  /** Adds a DOUBLE column of this name, the last, with the row's key among the rows of `groupFiles(files)`. */
  readonly rowKeyColumn?: string;
}

/**
 * A SELECT that gives the rows of the files; where no file has deleted rows and all name their columns alike, in the order
 * of the files. Partition columns come from the log, also when the files have columns of these names. No files give no rows,
 * of the same columns.
 * @param files made ready by `scannedFiles` where they have deletion vectors, column mapping or variants
 * @throws AlluviumError `CORRUPT_LOG` for a path that leads out of the table or a partition value not of its column's type
 */
export function scanRelation(
  table: ScannedTable,
  files: readonly ScannedFile[],
  options: ScanRelationOptions = {},
): string {
  const wanted = options.columns ?? table.schema.fields.map((field) => field.name);
  const { rowTracking } = options;
  const tracked = rowTracking === undefined ? [] : [rowTracking.rowIdColumn, rowTracking.rowCommitVersionColumn];
  const added = [options.fileNameColumn, options.rowNumberColumn, ...tracked, options.rowKeyColumn].filter(
    (name) => name !== undefined,
  );
  const list = [...wanted, ...added].map(sqlIdentifier).join(", ");
  const needed = new Set([...wanted, ...(options.where?.columns ?? [])]);
  const fields = table.schema.fields.filter((field) => needed.has(field.name));
  const isMetadataWanted = needed.has(metadataColumn) && findField(table.schema, metadataColumn) === undefined;
  const ids = isMetadataWanted && table.tracked !== undefined ? rowTrackingColumns(table.tracked) : null;
  const metadata = isMetadataWanted ? { ids } : undefined;
  const rows =
    files.length === 0
      ? emptyRows({ ...options, fields, metadata })
      : fileRows(table, files, { ...options, fields, metadata });
  const where = options.where === undefined ? "" : ` WHERE ${options.where.sql}`;
  return `SELECT ${list === "" ? "1" : list} FROM (${rows})${where}`;
}

function emptyRows({ fields, metadata, ...options }: NeededColumns): string {
  const hidden = metadata === undefined ? [] : [metadataField(metadata.ids !== null)];
  const columns = [...fields, ...hidden].map((field) => `${typedNull(field.type)} AS ${sqlIdentifier(field.name)}`);
  if (options.fileNameColumn !== undefined)
    columns.push(`CAST(NULL AS VARCHAR) AS ${sqlIdentifier(options.fileNameColumn)}`);
  if (options.rowNumberColumn !== undefined)
    columns.push(`CAST(NULL AS BIGINT) AS ${sqlIdentifier(options.rowNumberColumn)}`);
  if (options.rowTracking !== undefined)
    for (const name of [options.rowTracking.rowIdColumn, options.rowTracking.rowCommitVersionColumn])
      columns.push(`CAST(NULL AS BIGINT) AS ${sqlIdentifier(name)}`);
  if (options.rowKeyColumn !== undefined)
    columns.push(`CAST(NULL AS DOUBLE) AS ${sqlIdentifier(options.rowKeyColumn)}`);
  return `SELECT ${columns.join(", ") || "1"} WHERE FALSE`;
}

interface NeededColumns extends ScanRelationOptions {
  readonly fields: readonly StructField[];
  /** There when the hidden column is wanted; `ids` are null where rows have none. */
  readonly metadata: { readonly ids: RowTrackingColumns | null } | undefined;
}

/** Files that are read together, group by group: those whose own columns are alike. */
export function groupFiles(files: readonly ScannedFile[]): readonly (readonly ScannedFile[])[] {
  const groups = new Map<string, ScannedFile[]>();
  for (const file of files) {
    const key = file.fileColumns === undefined ? "" : columnsKey(file.fileColumns);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(file);
  }
  return [...groups.values()];
}

const columnsKey = remembered((columns: readonly ParquetNode[]) => JSON.stringify(columns));

function fileRows(table: ScannedTable, files: readonly ScannedFile[], needed: NeededColumns): string {
  let firstIndex = 0;
  const groups = groupFiles(files).map((group) => {
    const rows = groupRows(table, group, { ...needed, firstIndex });
    firstIndex += group.length;
    return rows;
  });
  return groups.join(" UNION ALL ");
}

interface NeededOfGroup extends NeededColumns {
  /** Place of the group's first file among all. */
  readonly firstIndex: number;
}

function groupRows(table: ScannedTable, files: readonly ScannedFile[], needed: NeededOfGroup): string {
  const { columnMapping: mode = "none" } = table;
  const partitions = new Set(table.partitionColumns.map((name) => name.toLowerCase()));
  const paths = files.map((file) => {
    const isReady = file.deletionVector === undefined || file.deletedRows !== undefined;
    assert(isReady, `the deletion vector of ${file.path} was not loaded`);
    return file.localPath ?? resolveDataPath(table.tablePath, file.path);
  });
  const stored: StoredColumn[] = [];
  const columns = needed.fields.map((field) => {
    const name = sqlIdentifier(field.name);
    if (partitions.has(field.name.toLowerCase())) {
      const key = mode === "none" ? field.name : physicalName(field);
      return `${partitionColumn(files, { key, type: field.type })} AS ${name}`;
    }
    const column = isVoid(field.type) ? null : storedColumn(field, { mode, columns: files[0]?.fileColumns });
    if (column === null) return `${typedNull(field.type)} AS ${name}`;
    stored.push(column);
    return `${column.expression(internalName(stored.length - 1))} AS ${name}`;
  });
  if (needed.fileNameColumn !== undefined) {
    const names = byFile(
      paths.map((path) => sqlLiteral(path)),
      "VARCHAR",
    );
    columns.push(`${names} AS ${sqlIdentifier(needed.fileNameColumn)}`);
  }
  if (needed.rowNumberColumn !== undefined) columns.push(`file_row_number AS ${sqlIdentifier(needed.rowNumberColumn)}`);
  if (needed.rowTracking !== undefined) {
    const { rowId, rowCommitVersion } = trackedIds(files, needed.rowTracking, stored);
    columns.push(`${rowId} AS ${sqlIdentifier(needed.rowTracking.rowIdColumn)}`);
    columns.push(`${rowCommitVersion} AS ${sqlIdentifier(needed.rowTracking.rowCommitVersionColumn)}`);
  }
  if (needed.metadata !== undefined) {
    const ids = needed.metadata.ids === null ? null : trackedIds(files, needed.metadata.ids, stored);
    const own = files.map((file) => resolveDataPath(table.tablePath, file.path));
    columns.push(`${metadataSql({ files, paths: own, ids, byFile })} AS ${sqlIdentifier(metadataColumn)}`);
  }
  if (needed.rowKeyColumn !== undefined)
    columns.push(`${rowKeySql(needed.firstIndex)} AS ${sqlIdentifier(needed.rowKeyColumn)}`);
  const live = liveRows(files);
  const where = live === null ? "" : ` WHERE ${live}`;
  return `SELECT ${columns.join(", ") || "1"} FROM ${parquetFiles(paths, stored)}${where}`;
}

/** What a row's file keeps of it, else what its file says of all its rows. PROTOCOL.md, "Reader Requirements for Row Tracking". */
function trackedIds(
  files: readonly ScannedFile[],
  { rowIdColumn, rowCommitVersionColumn }: RowTrackingColumns,
  stored: StoredColumn[],
): { readonly rowId: string; readonly rowCommitVersion: string } {
  const own = (name: string): string => {
    stored.push({ name, type: { kind: "primitive", name: "long" }, expression: (sql) => sql });
    return internalName(stored.length - 1);
  };
  const constant = (values: readonly (bigint | undefined)[]): string =>
    byFile(
      values.map((value) => String(value ?? null)),
      "BIGINT",
    );
  const first = constant(files.map((file) => file.baseRowId));
  const version = constant(files.map((file) => file.defaultRowCommitVersion));
  return {
    rowId: `coalesce(${own(rowIdColumn)}, ${first} + file_row_number)`,
    rowCommitVersion: `coalesce(${own(rowCommitVersionColumn)}, ${version})`,
  };
}

/**
 * The reader is told the columns by name (in any case), at any depth; what a file does not have is null, what it has in
 * another type is cast. Names of our own keep clear of the reader's virtual columns.
 */
function parquetFiles(paths: readonly string[], stored: readonly StoredColumn[]): string {
  const entries = (stored.length > 0 ? stored : [noColumn]).map(({ name, type }, index) => {
    const parts = [
      `name: ${sqlLiteral(internalName(index))}`,
      `type: ${sqlLiteral(duckdbType(type))}`,
      "default_value: NULL",
    ];
    return `${sqlLiteral(name)}: {${parts.join(", ")}}`;
  });
  const options = [`schema = MAP {${entries.join(", ")}}`];
  // Old writers did not mark text as text. Where binary columns are read too, unmarked bytes are taken for those.
  const types = stored.map((column) => column.type);
  if (types.some((type) => holds(type, "string")) && !types.some((type) => holds(type, "binary")))
    options.push("binary_as_string = true");
  return sqlParquetFiles(paths, options);
}

/** A column that no file has: without any, columns of the files could take the names of the virtual ones. */
const noColumn: Pick<StoredColumn, "name" | "type"> = {
  name: "\u0001",
  type: { kind: "primitive", name: "boolean" },
};

const internalName = (index: number): string => `c${index}`;

function partitionColumn(files: readonly AddFile[], field: { readonly key: string; readonly type: DataType }): string {
  const parsed = new Map<string | null, string>();
  const literals = files.map((file) => {
    const text = partitionText(file.partitionValues, field.key);
    const known = parsed.get(text);
    if (known !== undefined) return known;
    const literal = partitionLiteral(parsePartitionValue(text, field.type), field.type);
    parsed.set(text, literal);
    return literal;
  });
  return byFile(literals, duckdbType(field.type));
}

/** One constant per file, told apart by the file's place in the list. */
function byFile(literals: readonly string[], type: string): string {
  const [first] = literals;
  if (first !== undefined && literals.every((literal) => literal === first)) return `CAST(${first} AS ${type})`;
  return `CAST([${literals.join(", ")}] AS ${type}[])[CAST(file_index AS BIGINT) + 1]`;
}

const isVoid = (type: DataType): boolean => type.kind === "primitive" && type.name === "void";

const typedNull = (type: DataType): string => `CAST(NULL AS ${duckdbType(type)})`;

function holds(type: DataType, name: "string" | "binary"): boolean {
  switch (type.kind) {
    case "primitive":
      return type.name === name || (name === "binary" && type.name === "variant");
    case "decimal":
      return false;
    case "array":
      return holds(type.elementType, name);
    case "map":
      return holds(type.keyType, name) || holds(type.valueType, name);
    case "struct":
      return type.fields.some((field) => holds(field.type, name));
  }
}
