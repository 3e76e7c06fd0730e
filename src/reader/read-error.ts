// reader/read-error.ts: whose fault a failed read is: the predicate's, or a file's, named as the log names it.
import { sqlErrorClass, sqlErrorMessage } from "../engine/duckdb/duckdb-error.ts";
import type { Engine } from "../engine/base/engine.ts";
import type { Predicate } from "../expression/tree/expression.ts";
import type { AddFile } from "../format/action/action.ts";
import { AlluviumError } from "../format/text/error.ts";
import { resolveDataPath } from "../format/value/partition-path.ts";
import { scanRelation } from "./scan-relation.ts";
import type { ScannedTable } from "./scan-relation.ts";
import type { ScannedFile } from "./scanned-files.ts";

/** What was read. */
export interface FilesRead {
  readonly table: ScannedTable;
  readonly files: readonly ScannedFile[];
  /** What was asked of each row. */
  readonly where?: Predicate | undefined;
}

/**
 * The error to throw for a failed read: `FILE_NOT_FOUND` when a file is missing, `CORRUPT_FILE` when one is damaged or holds
 * values that its column's type does not have, `INVALID_PREDICATE` when the predicate fails on a row, else the error itself.
 */
export async function readError(engine: Engine, read: FilesRead, cause: unknown): Promise<unknown> {
  if (!(cause instanceof AlluviumError) || cause.code === "CLOSED") return cause;
  const missing = await firstMissing(engine, read);
  if (missing !== null) return fileError({ code: "FILE_NOT_FOUND", path: missing.path }, read, cause);
  const isValue = sqlErrorClass(cause) === "value";
  if (cause.code !== "CORRUPT_FILE" && !isValue) return cause;
  const damaged = namedIn(read, cause) ?? (await firstUnreadable(engine, read));
  if (damaged !== null) return fileError({ code: "CORRUPT_FILE", path: damaged.path }, read, cause);
  if (read.where === undefined || !isValue) return cause;
  const { text } = read.where;
  const { tablePath } = read.table;
  const message = `the predicate ${JSON.stringify(text)} fails on a row of ${tablePath}: ${sqlErrorMessage(cause)}`;
  return new AlluviumError("INVALID_PREDICATE", { text, table: tablePath }, message, { cause });
}

interface Found {
  readonly code: "FILE_NOT_FOUND" | "CORRUPT_FILE";
  readonly path: string;
}

async function firstMissing(engine: Engine, { table, files }: FilesRead): Promise<AddFile | null> {
  for (const file of files) {
    if ((await engine.files.stat(resolveDataPath(table.tablePath, file.path))) === null) return file;
  }
  return null;
}

function namedIn({ table, files }: FilesRead, cause: AlluviumError): AddFile | null {
  const path = cause.context["path"];
  const message = sqlErrorMessage(cause);
  const isNamed = (absolute: string): boolean => absolute === path || message.includes(`"${absolute}"`);
  return files.find((file) => isNamed(file.localPath ?? resolveDataPath(table.tablePath, file.path))) ?? null;
}

/** Reads the files one by one, without the predicate, until one fails. Every value is decoded, none is kept. */
async function firstUnreadable(engine: Engine, { table, files }: FilesRead): Promise<AddFile | null> {
  await using connection = await engine.sql.connect();
  for (const file of files) {
    try {
      await connection.rows(`SELECT count(*) FROM (${scanRelation(table, [file])}) t WHERE hash(t) = 0`);
    } catch {
      return file;
    }
  }
  return null;
}

function fileError({ code, path }: Found, { table: { tablePath } }: FilesRead, cause: AlluviumError): AlluviumError {
  const message =
    code === "FILE_NOT_FOUND"
      ? `the data file ${path} of ${tablePath} is gone: it was removed from outside, or vacuumed while an old version was read`
      : `the data file ${path} of ${tablePath} is damaged: ${sqlErrorMessage(cause)}; restore it from a copy`;
  return new AlluviumError(code, { table: tablePath, path }, message, { cause });
}
