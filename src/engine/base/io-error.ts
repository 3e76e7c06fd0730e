// engine/base/io-error.ts: failures of the disk, as the one error class.
import { AlluviumError, messageOf } from "../../format/text/error.ts";

/** The `code` of a failed system call, such as `ENOENT`; undefined for any other value. */
export function errnoOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const code: unknown = (cause as NodeJS.ErrnoException).code;
  return typeof code === "string" ? code : undefined;
}

/**
 * Wraps a failed system call: `DISK_FULL` for a full disk or quota, else `IO_ERROR`. An AlluviumError passes unchanged.
 * @param doing what was being done, as the rest of "could not …": "write", "sync"
 */
export function ioError(doing: string, path: string, cause: unknown): AlluviumError {
  if (cause instanceof AlluviumError) return cause;
  const errno = errnoOf(cause);
  const context = { path, operation: doing, errno };
  if (errno !== undefined && fullDisk.has(errno)) {
    return new AlluviumError(
      "DISK_FULL",
      context,
      `could not ${doing} ${path}: the disk or quota is full; free some space and try again`,
      { cause },
    );
  }
  return new AlluviumError("IO_ERROR", context, `could not ${doing} ${path}: ${messageOf(cause)}`, { cause });
}

/** A file that was to be read is not there. */
export function fileNotFound(path: string, cause?: unknown): AlluviumError {
  return new AlluviumError("FILE_NOT_FOUND", { path }, `file not found: ${path}`, { cause });
}

const fullDisk: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);
