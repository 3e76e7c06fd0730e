// reader/read-error.ts: whose fault a failed read is: files are named as the log names them.
import type { Engine } from "../engine/engine.ts";
import { sqlFilePaths } from "../engine/sql-quote.ts";
import type { AddFile } from "../format/action.ts";
import { AlluviumError } from "../format/error.ts";
import { resolveDataPath } from "../format/partition-path.ts";

/** What was read. */
export interface FilesRead {
  readonly tablePath: string;
  readonly files: readonly AddFile[];
}

/**
 * The error to throw for a failed read: `FILE_NOT_FOUND` when a file is missing, `CORRUPT_FILE` when one is damaged, else
 * the error itself.
 */
export async function readError(engine: Engine, read: FilesRead, cause: unknown): Promise<unknown> {
  if (!(cause instanceof AlluviumError) || cause.code === "CLOSED") return cause;
  const missing = await firstMissing(engine, read);
  if (missing !== null) return fileError({ code: "FILE_NOT_FOUND", path: missing.path }, read, cause);
  if (cause.code !== "CORRUPT_FILE") return cause;
  const damaged = namedIn(read, cause) ?? (await firstUnreadable(engine, read));
  return damaged === null ? cause : fileError({ code: "CORRUPT_FILE", path: damaged.path }, read, cause);
}

interface Found {
  readonly code: "FILE_NOT_FOUND" | "CORRUPT_FILE";
  readonly path: string;
}

async function firstMissing(engine: Engine, { tablePath, files }: FilesRead): Promise<AddFile | null> {
  for (const file of files) {
    if ((await engine.files.stat(resolveDataPath(tablePath, file.path))) === null) return file;
  }
  return null;
}

function namedIn({ tablePath, files }: FilesRead, cause: AlluviumError): AddFile | null {
  const path = cause.context["path"];
  return files.find((file) => resolveDataPath(tablePath, file.path) === path) ?? (files.length === 1 ? (files[0] ?? null) : null);
}

/** Reads the files one by one until one fails. */
async function firstUnreadable(engine: Engine, { tablePath, files }: FilesRead): Promise<AddFile | null> {
  await using connection = await engine.sql.connect();
  for (const file of files) {
    const paths = sqlFilePaths([resolveDataPath(tablePath, file.path)]);
    try {
      // Every value is decoded, none is kept.
      await connection.rows(`SELECT count(*) FROM (SELECT COLUMNS(*) FROM read_parquet(${paths})) t WHERE hash(t) = 0`);
    } catch {
      return file;
    }
  }
  return null;
}

function fileError(found: Found, { tablePath }: FilesRead, cause: AlluviumError): AlluviumError {
  const { code, path } = found;
  const message =
    code === "FILE_NOT_FOUND"
      ? `the data file ${path} of ${tablePath} is gone: it was removed from outside, or vacuumed while an old version was read`
      : `the data file ${path} of ${tablePath} is damaged: ${cause.message}; restore it from a copy`;
  return new AlluviumError(code, { table: tablePath, path }, message, { cause });
}
