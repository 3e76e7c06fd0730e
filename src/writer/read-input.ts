// writer/read-input.ts: files of rows as the writer takes them: Parquet, Arrow IPC, JSON lines, CSV.
import { extname, join, resolve } from "node:path";
import type { RecordBatch } from "apache-arrow";
import { describeQuery } from "../engine/duckdb-schema.ts";
import type { Engine } from "../engine/engine.ts";
import { sqlFilePaths, sqlIdentifier } from "../engine/sql-quote.ts";
import { temporaryDirectory } from "../engine/temporary-directory.ts";
import { AlluviumError } from "../format/error.ts";
import type { StructType } from "../format/schema.ts";
import { readArrowFiles } from "./read-arrow-file.ts";
import { csvRelation } from "./read-csv.ts";
import { readJsonLines } from "./read-json-lines.ts";
import type { Rows } from "./rows.ts";

/** Files of one format. */
export interface InputFiles {
  /** Paths (`-` is standard input) or the bytes themselves. */
  readonly paths: readonly (string | Uint8Array)[];
  /** The table's schema, whose types CSV and JSON take; null when the table is made from the files. */
  readonly tableSchema: StructType | null;
  /** `parquet`, `arrow`, `jsonl` or `csv`; told by the name of the first file when absent. */
  readonly format?: string | undefined;
}

/**
 * The rows of the files, one file after another. No value is rounded: one that is not of its column's type is refused when it is read.
 * @throws AlluviumError `FILE_NOT_FOUND`, `CORRUPT_FILE`, `INVALID_ARGUMENT` for an unknown format or files that do not go together,
 *   `CAST_INVALID_INPUT` for a value
 */
export async function readInputFiles(engine: Engine, input: InputFiles): Promise<Rows> {
  if (input.paths.length === 0) throw invalid("no file was given to read rows from");
  const format = formatOf(input);
  for (const path of input.paths) if (typeof path === "string" && path !== "-") await requireFile(engine, path);
  if (format === "jsonl" || format === "arrow") {
    const contents = input.paths.map((path) => (): Promise<Uint8Array> => contentOf(engine, path));
    return format === "jsonl" ? readJsonLines(contents, input.tableSchema) : readArrowFiles(contents);
  }
  const isOnDisk = input.paths.every((path) => typeof path === "string" && path !== "-");
  if (isOnDisk) return relationOf(engine, { ...input, format, paths: input.paths as readonly string[] });
  return throughTemporaryFiles(engine, { ...input, format });
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

function formatOf({ paths, format }: InputFiles): Format {
  const [first] = paths;
  const named = typeof first === "string" ? extname(first).slice(1).toLowerCase() : "";
  const found = formatsByExtension[(format ?? named).toLowerCase()];
  if (found !== undefined) return found;
  const what =
    format === undefined
      ? `the format of ${typeof first === "string" ? first : "the bytes"} cannot be told by its name`
      : `there is no format ${format}`;
  throw invalid(`${what}; name one of parquet, arrow, jsonl, csv`);
}

async function requireFile(engine: Engine, path: string): Promise<void> {
  const found = await engine.files.stat(resolve(path));
  if (found === null) throw new AlluviumError("FILE_NOT_FOUND", { path }, `file not found: ${path}`);
  if (found.isDirectory) throw invalid(`${path} is a folder; name the files in it`);
}

async function contentOf(engine: Engine, path: string | Uint8Array): Promise<Uint8Array> {
  if (typeof path !== "string") return path;
  return path === "-" ? readStandardInput() : engine.files.read(resolve(path));
}

async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
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
  if (format === "csv") return csvRelation(connection, absolute, tableSchema);
  const read = `SELECT * FROM read_parquet(${sqlFilePaths(absolute)}, union_by_name = ${absolute.length > 1}, hive_partitioning = false)`;
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
async function throughTemporaryFiles(engine: Engine, input: InputFiles & { readonly format: Format }): Promise<Rows> {
  const folder = await temporaryDirectory();
  try {
    const paths: string[] = [];
    for (const [index, path] of input.paths.entries()) {
      const copy = join(folder.path, `${index}.${input.format}`);
      await engine.files.put(copy, await contentOf(engine, path));
      paths.push(copy);
    }
    const { schema, sql } = await relationOf(engine, { paths, tableSchema: input.tableSchema, format: input.format });
    return { kind: "arrow", schema, batches: batchesOf(engine, { sql, schema, folder }) };
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
  await using _folder = folder;
  await using connection = await engine.sql.connect();
  yield* connection.batches(sql, schema);
}

function invalid(message: string): AlluviumError {
  return new AlluviumError("INVALID_ARGUMENT", {}, message);
}
