// engine/base/same-file.ts: whether a file is still the one that was looked at, by what the file system says of it.
import type { FileInfo } from "./engine.ts";

/** What tells one writing of a file from another. */
export type FileStamp = Pick<FileInfo, "sizeBytes" | "modificationTimeMs">;

/** Whether two looks saw the same file; one that is not there is none. */
export function isSameFile(before: FileStamp | undefined, now: FileStamp | null): boolean {
  return now !== null && before?.sizeBytes === now.sizeBytes && before.modificationTimeMs === now.modificationTimeMs;
}

/** Whether the time of a file tells it from one that is written from now on: the disk's clock is coarse. @param nowMs milliseconds since the Unix epoch */
export function isSettled({ modificationTimeMs }: Pick<FileInfo, "modificationTimeMs">, nowMs: number): boolean {
  return modificationTimeMs + clockGrainMs < nowMs;
}

const clockGrainMs = 2000;
