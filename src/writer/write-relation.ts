// writer/write-relation.ts: rows that never leave DuckDB: one COPY, whose returned statistics become those of the log.
import { join, relative } from "node:path";
import type { Engine, SqlConnection } from "../engine/engine.ts";
import { sqlFilePaths, sqlIdentifier, sqlLiteral } from "../engine/sql-quote.ts";
import type { PartitionValues } from "../format/action.ts";
import { defaultPartitionName } from "../format/partition-path.ts";
import { formatPartitionValue } from "../format/partition-value.ts";
import { assert } from "../format/error.ts";
import type { StructField } from "../format/schema.ts";
import { isFloatingPoint, formatFileStats, statsLeaves } from "./column-stats.ts";
import type { StatsLeaf } from "./column-stats.ts";
import { leafKey, leafSummary, parseCopiedFile, parsePartitionText } from "./copy-result.ts";
import type { CopiedFile } from "./copy-result.ts";
import { dataFilePattern, duckdbCodec } from "./data-file-name.ts";
import { baseFolder, dataFields, partitionFields, targetFileSizeBytes } from "./write-target.ts";
import type { NewFile, WriteTarget } from "./write-target.ts";

/** A SELECT that gives the columns of the target's schema, by name and type. */
export interface Relation {
  readonly sql: string;
  /** Unique; it stands in the names of all files. */
  readonly writeId: string;
}

/**
 * Writes the rows of a relation. Nothing is durable yet; no row gives no file.
 * @throws AlluviumError of the query, `CAST_INVALID_INPUT` for a value that does not fit, `DISK_FULL`, `IO_ERROR`
 */
export async function writeRelation(
  engine: Engine,
  target: WriteTarget,
  relation: Relation,
): Promise<readonly NewFile[]> {
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(copyStatement(target, relation));
  const reported = rows.map(parseCopiedFile);
  assert(new Set(reported.map((file) => file.path)).size === reported.length, "DuckDB wrote two files under one name");
  const copied = reported.filter((file) => file.rowCount > 0);
  const leaves = statsLeaves(target);
  const withNaN = await hiddenNaN(connection, copied, leaves);
  return copied.map((file) => newFile(target, file, { leaves, withNaN }));
}

function copyStatement(target: WriteTarget, { sql, writeId }: Relation): string {
  const partitions = partitionFields(target);
  const columns = [...dataFields(target).map((field) => sqlIdentifier(field.name)), ...partitions.map(partitionColumn)];
  const codec = duckdbCodec(target.properties.parquetCompressionCodec);
  const layout =
    partitions.length === 0
      ? `FILE_SIZE_BYTES ${targetFileSizeBytes(target)}, WRITE_EMPTY_FILE false`
      : `PARTITION_BY (${partitions.map((field) => sqlIdentifier(field.name)).join(", ")})`;
  const options = [
    "FORMAT parquet",
    `COMPRESSION ${codec}`,
    "RETURN_STATS",
    // The folder is the table's own and holds other files; the names of these are new.
    "OVERWRITE_OR_IGNORE",
    `FILENAME_PATTERN ${sqlLiteral(dataFilePattern(writeId, codec))}`,
    layout,
  ];
  return `COPY (SELECT ${columns.join(", ")} FROM (${sql})) TO ${sqlLiteral(join(target.tablePath, baseFolder(target, writeId)))} (${options.join(", ")})`;
}

// Empty text and empty bytes read back as null: they go to one folder with it. Bytes have no text of their own in DuckDB. Text like the
// folder of null gets a mark: DuckDB would put both into one folder, under one file name, where one replaces the other.
function partitionColumn({ name, type }: StructField): string {
  const column = sqlIdentifier(name);
  if (type.kind === "primitive" && type.name === "string") {
    const marked = `CASE WHEN starts_with(${column}, ${sqlLiteral(defaultPartitionName)}) THEN ${column} || ${sqlLiteral(likeNullMark)} ELSE nullif(${column}, '') END`;
    return `${marked} AS ${column}`;
  }
  if (type.kind === "primitive" && type.name === "binary") return `nullif(hex(${column}), '') AS ${column}`;
  return column;
}

const likeNullMark = "~";

/** Rows up to which DuckDB makes one row group of a file, whatever it is fed with. */
const oneRowGroupRowCount = 2048;

/**
 * Floating-point columns that hold a NaN which the report does not show, by file: it speaks of the last row group only, so that
 * files of several are asked.
 */
async function hiddenNaN(
  connection: SqlConnection,
  files: readonly CopiedFile[],
  leaves: readonly StatsLeaf[],
): Promise<HiddenNaN> {
  const floats = leaves.filter((leaf) => isFloatingPoint(leaf.type));
  const suspects = files.filter(
    (file) => file.rowCount > oneRowGroupRowCount && floats.some(({ path }) => looksFreeOfNaN(file, path)),
  );
  if (suspects.length === 0) return new Map();
  const flags = floats.map(
    ({ path }, index) => `coalesce(bool_or(isnan(${path.map(sqlIdentifier).join(".")})), false) AS n${index}`,
  );
  const paths = sqlFilePaths(suspects.map((file) => file.path));
  const rows = await connection.rows(
    `SELECT filename, ${flags.join(", ")} FROM read_parquet(${paths}, filename = true, hive_partitioning = false) GROUP BY filename`,
  );
  return new Map(
    rows.map((row) => [
      String(row["filename"]),
      new Set(floats.filter((_, index) => row[`n${index}`] === true).map(({ path }) => leafKey(path))),
    ]),
  );
}

/** By path of the file, keys of leaves. */
type HiddenNaN = ReadonlyMap<string, ReadonlySet<string>>;

function looksFreeOfNaN(file: CopiedFile, path: readonly string[]): boolean {
  const report = file.columns.get(leafKey(path));
  return report?.get("max") !== undefined && report.get("has_nan") === "false";
}

interface StatsContext {
  readonly leaves: readonly StatsLeaf[];
  readonly withNaN: HiddenNaN;
}

function newFile(target: WriteTarget, file: CopiedFile, { leaves, withNaN }: StatsContext): NewFile {
  const columns = leaves.map(
    (leaf) => [leaf, leafSummary(file, leaf, withNaN.get(file.path)?.has(leafKey(leaf.path)) ?? false)] as const,
  );
  return {
    relativePath: relative(target.tablePath, file.path),
    partitionValues: partitionValuesOf(target, file),
    sizeBytes: file.sizeBytes,
    rowCount: file.rowCount,
    stats: formatFileStats(file.rowCount, columns, target.properties.dataSkippingStringPrefixLength),
    nullCounts: nullCountsOf(target, file),
  };
}

function partitionValuesOf(target: WriteTarget, file: CopiedFile): PartitionValues {
  const values = partitionFields(target).map((field): [string, string | null] => {
    const found = file.partitionTexts.get(field.name) ?? null;
    const isMarked =
      found !== null &&
      found.startsWith(defaultPartitionName) &&
      field.type.kind === "primitive" &&
      field.type.name === "string";
    const text = isMarked ? found.slice(0, -likeNullMark.length) : found;
    return [field.name, formatPartitionValue(parsePartitionText(text, field.type, field.name), field.type)];
  });
  return new Map(values);
}

function nullCountsOf(target: WriteTarget, file: CopiedFile): ReadonlyMap<string, number> {
  const counts = dataFields(target).flatMap(({ name }): [string, number][] => {
    const count = file.columns.get(leafKey([name]))?.get("null_count");
    return count === undefined ? [] : [[name, Number(count)]];
  });
  return new Map(counts);
}
