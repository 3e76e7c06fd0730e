// writer/write-relation.ts: rows that never leave DuckDB: one COPY, whose returned statistics become those of the log.
import { checkVoidColumns } from "../format/schema/schema-check.ts";
import { dirname, join, relative } from "node:path";
import type { Engine, SqlConnection, SqlRow } from "../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral, sqlParquetFiles } from "../engine/base/sql-quote.ts";
import { assert } from "../format/text/error.ts";
import { isFloatingPoint, formatFileStats, statsLeaves } from "./column-stats.ts";
import type { StatsLeaf } from "./column-stats.ts";
import { leafKey, leafSummary, parseCopiedFile } from "./copy-result.ts";
import type { CopiedFile } from "./copy-result.ts";
import { dataFilePattern, duckdbCodec } from "./data-file-name.ts";
import { fieldIdsSql } from "./field-ids-sql.ts";
import { duckdbPartition, folderColumn, partitionValuesOf, useSparkFolders } from "./partition-folder.ts";
import { baseFolder, dataFields, fileFields, partitionFields, targetFileSizeBytes } from "./write-target.ts";
import type { NewFile, WriteTarget } from "./write-target.ts";

/** A SELECT that gives the columns of the target's schema, by name and type. */
export interface Relation {
  readonly sql: string;
  /** Unique; it stands in the names of all files. */
  readonly writeId: string;
}

/**
 * Writes the rows of a relation. Nothing is durable yet; no row gives no file.
 * @throws AlluviumError of the query, `CAST_INVALID_INPUT` for a value that does not fit, `DELTA_METADATA_MISMATCH` for nulls without a
 *   type inside of others, `DISK_FULL`, `IO_ERROR`
 */
export async function writeRelation(
  engine: Engine,
  target: WriteTarget,
  relation: Relation,
): Promise<readonly NewFile[]> {
  checkVoidColumns(target.schema);
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(copyStatement(target, relation));
  const { writeId } = relation;
  const written = await filesWithRows(engine, rows);
  const copied = await cutLarge({ engine, connection }, target, { files: written, writeId });
  const leaves = statsLeaves(target);
  const withNaN = await hiddenNaN(connection, copied, leaves);
  const files = copied.map((file) => newFile(target, file, { leaves, withNaN, writeId }));
  return await useSparkFolders(engine, target, { files, writeId });
}

/** The files of a COPY; those without a row, which a file left of its size may be followed by, are removed. */
async function filesWithRows(engine: Engine, rows: readonly SqlRow[]): Promise<readonly CopiedFile[]> {
  const reported = rows.map(parseCopiedFile);
  assert(new Set(reported.map((file) => file.path)).size === reported.length, "DuckDB wrote two files under one name");
  for (const { path, rowCount } of reported) if (rowCount === 0) await engine.files.remove(path);
  return reported.filter((file) => file.rowCount > 0);
}

function copyStatement(target: WriteTarget, { sql, writeId }: Relation): string {
  const partitions = partitionFields(target);
  const columns = [
    ...fileFields(target).map((field) => sqlIdentifier(field.name)),
    ...partitions.map((field) => `${duckdbPartition(field, writeId)} AS ${sqlIdentifier(folderColumn(target, field))}`),
  ];
  const layout =
    partitions.length === 0
      ? filesOfTargetSize(target)
      : `PARTITION_BY (${partitions.map((field) => sqlIdentifier(folderColumn(target, field))).join(", ")})`;
  const folder = join(target.tablePath, baseFolder(target, writeId));
  const options = copyOptions(target, { writeId, layout, part: 0 });
  return `COPY (SELECT ${columns.join(", ")} FROM (${sql})) TO ${sqlLiteral(folder)} (${options})`;
}

const filesOfTargetSize = (target: WriteTarget): string =>
  `FILE_SIZE_BYTES ${targetFileSizeBytes(target)}, WRITE_EMPTY_FILE false`;

interface CopyLayout {
  readonly writeId: string;
  readonly layout: string;
  /** Number of the statement within the write. */
  readonly part: number;
}

function copyOptions(target: WriteTarget, { writeId, layout, part }: CopyLayout): string {
  const codec = duckdbCodec(target.properties.parquetCompressionCodec);
  const ids = fieldIdsSql(fileFields(target));
  const options = [
    "FORMAT parquet",
    `COMPRESSION ${codec}`,
    "RETURN_STATS",
    // The folder is the table's own and holds other files; the names of these are new.
    "OVERWRITE_OR_IGNORE",
    `FILENAME_PATTERN ${sqlLiteral(dataFilePattern(writeId, codec, part))}`,
    layout,
    ...(ids === null ? [] : [`FIELD_IDS ${ids}`]),
  ];
  return options.join(", ");
}

interface Writing {
  readonly engine: Engine;
  readonly connection: SqlConnection;
}

/** DuckDB has no limit for files of partitions: those that came out too large are cut. */
async function cutLarge(
  { engine, connection }: Writing,
  target: WriteTarget,
  { files, writeId }: { readonly files: readonly CopiedFile[]; readonly writeId: string },
): Promise<readonly CopiedFile[]> {
  if (partitionFields(target).length === 0) return files;
  const cut: CopiedFile[] = [];
  for (const [index, file] of files.entries()) {
    if (file.sizeBytes < cutFromSizes * targetFileSizeBytes(target)) {
      cut.push(file);
      continue;
    }
    const rows = `SELECT * FROM ${sqlParquetFiles([file.path])}`;
    const options = copyOptions(target, { writeId, layout: filesOfTargetSize(target), part: index + 1 });
    const pieces = await connection.rows(`COPY (${rows}) TO ${sqlLiteral(dirname(file.path))} (${options})`);
    for (const piece of await filesWithRows(engine, pieces))
      cut.push({ ...piece, partitionTexts: file.partitionTexts });
    await engine.files.remove(file.path);
  }
  return cut;
}

/** A file a little larger than wanted does less harm than a small one beside it. */
const cutFromSizes = 1.5;

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
  const paths = suspects.map((file) => file.path);
  const rows = await connection.rows(
    `SELECT filename, ${flags.join(", ")} FROM ${sqlParquetFiles(paths, ["filename = true"])} GROUP BY filename`,
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
  readonly writeId: string;
  readonly leaves: readonly StatsLeaf[];
  readonly withNaN: HiddenNaN;
}

function newFile(target: WriteTarget, file: CopiedFile, { leaves, withNaN, writeId }: StatsContext): NewFile {
  const columns = leaves.map(
    (leaf) => [leaf, leafSummary(file, leaf, withNaN.get(file.path)?.has(leafKey(leaf.path)) ?? false)] as const,
  );
  return {
    relativePath: relative(target.tablePath, file.path),
    partitionValues: partitionValuesOf(target, file, writeId),
    sizeBytes: file.sizeBytes,
    rowCount: file.rowCount,
    stats: formatFileStats(file.rowCount, columns, target.properties.dataSkippingStringPrefixLength),
    nullCounts: nullCountsOf(target, file),
  };
}

function nullCountsOf(target: WriteTarget, file: CopiedFile): ReadonlyMap<string, number> {
  const counts = dataFields(target).flatMap(({ name }): [string, number][] => {
    const count = file.columns.get(leafKey([name]))?.get("null_count");
    return count === undefined ? [] : [[name, Number(count)]];
  });
  return new Map(counts);
}
