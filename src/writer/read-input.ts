// writer/read-input.ts: files of rows as the writer takes them: Parquet, Arrow IPC, JSON lines, CSV.
import { queryBatches } from "../engine/duckdb/query-batches.ts";
import { extname, join, resolve } from "node:path";
import type { RecordBatch } from "apache-arrow";
import { type ByteSource, allBytes, bytesAtHand, fileBytes, standardInputBytes } from "../engine/files/byte-source.ts";
import { describeQuery } from "../engine/duckdb/duckdb-schema.ts";
import type { Engine } from "../engine/base/engine.ts";
import { sqlIdentifier, sqlParquetFiles } from "../engine/base/sql-quote.ts";
import { temporaryDirectory } from "../engine/files/temporary-directory.ts";
import { AlluviumError } from "../format/text/error.ts";
import type { StructType } from "../format/schema/schema.ts";
import { readArrowFiles } from "./read-arrow-file.ts";
import { csvRelation } from "./read-csv.ts";
import { readJsonLines } from "./read-json-lines.ts";
import { type FileRows, joinedRows } from "./join-input.ts";
import { type Rows, closeRows } from "./rows.ts";

/** Files of rows. */
export interface InputFiles {
  /** Paths (`-` is standard input) or the bytes themselves. */
  readonly paths: readonly (string | Uint8Array)[];
  /** The table's schema, whose types CSV and JSON take; null when the table is made from the files. */
  readonly tableSchema: StructType | null;
  /** `parquet`, `arrow`, `jsonl` or `csv`; told by the name of each file when absent. */
  readonly format?: string | undefined;
}

/**
 * The rows of the files, one file after another. No value is rounded: one that is not of its column's type is refused when it is read.
 * Files of several formats must have columns of the same types; a column that some of them lack is null there.
 * @throws AlluviumError `FILE_NOT_FOUND`, `CORRUPT_FILE`, `INVALID_ARGUMENT` for an unknown format or files that do not go together,
 *   `CAST_INVALID_INPUT` for a value
 */
export async function readInputFiles(engine: Engine, input: InputFiles): Promise<Rows> {
  if (input.paths.length === 0) throw invalid("no file was given to read rows from");
  for (const path of input.paths) if (typeof path === "string" && path !== "-") await requireFile(engine, path);
  const opened: FileRows[] = [];
  try {
    for (const portion of portionsOf(input)) opened.push(await portionRows(engine, input, portion));
    const [only] = opened;
    return only !== undefined && opened.length === 1 ? only : joinedRows(engine, opened);
  } catch (cause) {
    for (const rows of opened) await closeRows(rows);
    throw cause;
  }
}

/** Files of one format that stand side by side. */
interface FilePortion {
  readonly format: Format;
  readonly paths: readonly (string | Uint8Array)[];
}

function portionsOf(input: InputFiles): readonly FilePortion[] {
  const portions: { readonly format: Format; readonly paths: (string | Uint8Array)[] }[] = [];
  for (const path of input.paths) {
    const format = formatOf(path, input.format);
    const last = portions.at(-1);
    if (last?.format === format) last.paths.push(path);
    else portions.push({ format, paths: [path] });
  }
  return portions;
}

async function portionRows(
  engine: Engine,
  { tableSchema }: InputFiles,
  { format, paths }: FilePortion,
): Promise<FileRows> {
  if (format === "jsonl" || format === "arrow") {
    const contents = paths.map((path) => (isOnDisk(path) ? resolve(path) : (): ByteSource => bytesOf(path)));
    return format === "jsonl" ? readJsonLines(contents, tableSchema) : readArrowFiles(contents);
  }
  const onDisk = paths.filter(isOnDisk);
  if (onDisk.length === paths.length) return relationOf(engine, { tableSchema, format, paths: onDisk });
  return throughTemporaryFiles(engine, { tableSchema, format, paths });
}

type Format = "parquet" | "arrow" | "jsonl" | "csv";

const formatsByExtension: Readonly<Record<string, Format>> = {
  parquet: "parquet",
  parq: "parquet",
  arrow: "arrow",
  arrows: "arrow",
  feather: "arrow",
  ipc: "arrow",
  jsonl: "jsonl",
  ndjson: "jsonl",
  json: "jsonl",
  csv: "csv",
};

function formatOf(path: string | Uint8Array, format: string | undefined): Format {
  const found = format === undefined ? formatByName(path) : formatsByExtension[format.toLowerCase()];
  if (found !== undefined) return found;
  const what =
    format === undefined
      ? `the format of ${typeof path === "string" ? path : "the bytes"} cannot be told by its name`
      : `there is no format ${format}`;
  throw invalid(`${what}; name one of parquet, arrow, jsonl, csv`);
}

function formatByName(path: string | Uint8Array | undefined): Format | undefined {
  return typeof path === "string" ? formatsByExtension[extname(path).slice(1).toLowerCase()] : undefined;
}

async function requireFile(engine: Engine, path: string): Promise<void> {
  const found = await engine.files.stat(resolve(path));
  if (found === null) throw new AlluviumError("FILE_NOT_FOUND", { path }, `file not found: ${path}`);
  if (found.isDirectory) throw invalid(`${path} is a folder; name the files in it`);
}

const isOnDisk = (path: string | Uint8Array): path is string => typeof path === "string" && path !== "-";

function bytesOf(path: string | Uint8Array): ByteSource {
  if (typeof path !== "string") return bytesAtHand(path);
  return path === "-" ? standardInputBytes() : fileBytes(resolve(path));
}

interface FilesOnDisk {
  readonly paths: readonly string[];
  readonly tableSchema: StructType | null;
  readonly format: Format;
}

async function relationOf(
  engine: Engine,
  { paths, tableSchema, format }: FilesOnDisk,
): Promise<Extract<Rows, { readonly kind: "relation" }>> {
  await using connection = await engine.sql.connect();
  const absolute = paths.map((path) => resolve(path));
  if (format === "csv") return await csvRelation(connection, absolute, tableSchema);
  const read = `SELECT * FROM ${sqlParquetFiles(absolute, [`union_by_name = ${absolute.length > 1}`])}`;
  const described = await connection.rows(`DESCRIBE ${read}`);
  const columns = described.map((row) => parquetColumn(String(row["column_name"]), String(row["column_type"])));
  const sql = columns.every((column) => column.isPlain)
    ? read
    : `SELECT ${columns.map((column) => column.sql).join(", ")} FROM (${read})`;
  return { kind: "relation", schema: await describeQuery(connection, sql), sql };
}

/** DuckDB would cut nanoseconds off without a word. */
function parquetColumn(name: string, type: string): { readonly sql: string; readonly isPlain: boolean } {
  const column = sqlIdentifier(name);
  if (type !== "TIMESTAMP_NS") return { sql: column, isPlain: true };
  const check = `CASE WHEN ${column} IS NULL OR epoch_ns(${column}) % 1000 = 0 THEN CAST(${column} AS TIMESTAMP) ELSE error('a timestamp is finer than the microseconds of a Delta table: ' || CAST(${column} AS VARCHAR)) END`;
  return { sql: `${check} AS ${column}`, isPlain: false };
}

/** Bytes that DuckDB is to read are put into files, which go when the rows have been read. */
async function throughTemporaryFiles(
  engine: Engine,
  input: InputFiles & { readonly format: Format },
): Promise<FileRows> {
  const folder = await temporaryDirectory();
  try {
    const paths: string[] = [];
    for (const [index, path] of input.paths.entries()) {
      const copy = join(folder.path, `${index}.${input.format}`);
      await engine.files.put(copy, await allBytes(bytesOf(path)));
      paths.push(copy);
    }
    const { schema, sql } = await relationOf(engine, { paths, tableSchema: input.tableSchema, format: input.format });
    const close = async (): Promise<void> => folder[Symbol.asyncDispose]();
    return { kind: "arrow", schema, batches: batchesOf(engine, { sql, schema, folder }), close };
  } catch (cause) {
    await folder[Symbol.asyncDispose]();
    throw cause;
  }
}

interface TemporaryRelation {
  readonly sql: string;
  readonly schema: StructType;
  readonly folder: AsyncDisposable;
}

async function* batchesOf(engine: Engine, { sql, schema, folder }: TemporaryRelation): AsyncGenerator<RecordBatch> {
  try {
    yield* queryBatches(engine, { sql, schema });
  } finally {
    await folder[Symbol.asyncDispose]();
  }
}

function invalid(message: string): AlluviumError {
  return new AlluviumError("INVALID_ARGUMENT", {}, message);
}
