// cli/put.ts: short answers on standard output, and what an output can fail with.
import { AlluviumError } from "../index.ts";

/** @throws as `outputError` */
export function put(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(outputError(error)) : resolve()));
  });
}

/** What went wrong while something was written: `DISK_FULL`, `IO_ERROR`; a broken pipe and errors of the rows stay what they are. */
export function outputError(cause: unknown, path?: string): unknown {
  if (cause instanceof AlluviumError || isBrokenPipe(cause) || !(cause instanceof Error && "syscall" in cause))
    return cause;
  const code = "code" in cause && cause.code === "ENOSPC" ? "DISK_FULL" : "IO_ERROR";
  const message = `cannot write ${path ?? "standard output"}: ${cause.message}`;
  return new AlluviumError(code, { path }, message, { cause });
}

/** A reader that has seen enough (`alluvium cat … | head`) is no failure. */
export function isBrokenPipe(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "EPIPE") || isBrokenPipe(error.cause);
}
