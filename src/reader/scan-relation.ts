// reader/scan-relation.ts: files of a table as one DuckDB SELECT, typed as the table's schema. Where a file departs from
// the schema (columns absent, in another order or case, of another physical type) the Parquet reader settles it by itself,
// so that the statement is as fast as a plain `read_parquet` over the same files.
import { duckdbType } from "../engine/duckdb-type.ts";
import { sqlFilePaths, sqlIdentifier, sqlLiteral } from "../engine/sql-quote.ts";
import { partitionText } from "../expression/evaluate.ts";
import type { Predicate } from "../expression/expression.ts";
import type { AddFile } from "../format/action.ts";
import { AlluviumError } from "../format/error.ts";
import { resolveDataPath } from "../format/partition-path.ts";
import { parsePartitionValue } from "../format/partition-value.ts";
import type { DataType, StructField, StructType } from "../format/schema.ts";
import { partitionLiteral } from "./partition-literal.ts";
import type { ScannedFile } from "./scanned-files.ts";

/** The table the files belong to; `tablePath` is absolute. */
export interface ScannedTable {
  readonly tablePath: string;
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
}

/** What of the files is wanted. */
export interface ScanRelationOptions {
  /** Fields in the order wanted, spelled as in the schema; all when absent. */
  readonly columns?: readonly string[];
  /** Rows for which this is true. */
  readonly where?: Predicate;
  /** Adds a column of this name with the absolute path of each row's file. */
  readonly fileNameColumn?: string;
}

/**
 * A SELECT that gives the rows of the files, in the order of the files. Partition columns come from the log, also when the
 * files have columns of these names. No files give no rows, of the same columns.
 * @throws AlluviumError `UNSUPPORTED_FEATURE` for a file with a deletion vector; `CORRUPT_LOG` for a path that leads out of the table or a partition value not of its column's type
 */
export function scanRelation(
  table: ScannedTable,
  files: readonly ScannedFile[],
  options: ScanRelationOptions = {},
): string {
  const wanted = options.columns ?? table.schema.fields.map((field) => field.name);
  const fileName = options.fileNameColumn === undefined ? [] : [options.fileNameColumn];
  const list = [...wanted, ...fileName].map(sqlIdentifier).join(", ");
  const needed = new Set([...wanted, ...(options.where?.columns ?? [])]);
  const fields = table.schema.fields.filter((field) => needed.has(field.name));
  const rows = files.length === 0 ? emptyRows(fields, options) : fileRows(table, files, { ...options, fields });
  const where = options.where === undefined ? "" : ` WHERE ${options.where.sql}`;
  return `SELECT ${list === "" ? "1" : list} FROM (${rows})${where}`;
}

function emptyRows(fields: readonly StructField[], options: ScanRelationOptions): string {
  const columns = fields.map((field) => `${typedNull(field.type)} AS ${sqlIdentifier(field.name)}`);
  const fileName =
    options.fileNameColumn === undefined ? [] : [`CAST(NULL AS VARCHAR) AS ${sqlIdentifier(options.fileNameColumn)}`];
  return `SELECT ${[...columns, ...fileName].join(", ") || "1"} WHERE FALSE`;
}

interface NeededColumns extends ScanRelationOptions {
  readonly fields: readonly StructField[];
}

function fileRows(table: ScannedTable, files: readonly ScannedFile[], needed: NeededColumns): string {
  const partitions = new Set(table.partitionColumns.map((name) => name.toLowerCase()));
  const paths = files.map((file) => {
    if (file.deletionVector !== undefined) throw deletionVectorError(table, file);
    return file.localPath ?? resolveDataPath(table.tablePath, file.path);
  });
  const stored: StructField[] = [];
  const columns = needed.fields.map((field) => {
    const name = sqlIdentifier(field.name);
    if (partitions.has(field.name.toLowerCase())) return `${partitionColumn(files, field)} AS ${name}`;
    if (isVoid(field.type)) return `${typedNull(field.type)} AS ${name}`;
    stored.push(field);
    return `${internalName(stored.length - 1)} AS ${name}`;
  });
  if (needed.fileNameColumn !== undefined) {
    columns.push(
      `${byFile(
        paths.map((path) => sqlLiteral(path)),
        "VARCHAR",
      )} AS ${sqlIdentifier(needed.fileNameColumn)}`,
    );
  }
  return `SELECT ${columns.join(", ") || "1"} FROM ${parquetFiles(paths, stored)}`;
}

/**
 * The reader is told the columns by name (in any case), at any depth; what a file does not have is null, what it has in
 * another type is cast. Names of our own keep clear of the reader's virtual columns.
 */
function parquetFiles(paths: readonly string[], stored: readonly StructField[]): string {
  const options = ["hive_partitioning = false"];
  if (stored.length > 0) {
    const entries = stored.map(({ name, type }, index) => {
      const parts = [
        `name: ${sqlLiteral(internalName(index))}`,
        `type: ${sqlLiteral(duckdbType(type))}`,
        "default_value: NULL",
      ];
      return `${sqlLiteral(name)}: {${parts.join(", ")}}`;
    });
    options.push(`schema = MAP {${entries.join(", ")}}`);
  }
  // Old writers did not mark text as text. Where binary columns are read too, unmarked bytes are taken for those.
  const types = stored.map((field) => field.type);
  if (types.some((type) => holds(type, "string")) && !types.some((type) => holds(type, "binary")))
    options.push("binary_as_string = true");
  return `read_parquet(${sqlFilePaths(paths)}, ${options.join(", ")})`;
}

const internalName = (index: number): string => `c${index}`;

function partitionColumn(files: readonly AddFile[], field: StructField): string {
  const parsed = new Map<string | null, string>();
  const literals = files.map((file) => {
    const text = partitionText(file.partitionValues, field.name);
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

function deletionVectorError({ tablePath }: ScannedTable, { path }: AddFile): AlluviumError {
  const message = `the data file ${path} of ${tablePath} has a deletion vector, which this build does not read`;
  return new AlluviumError("UNSUPPORTED_FEATURE", { table: tablePath, path, features: "deletionVectors" }, message);
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
