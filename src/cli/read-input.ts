// cli/read-input.ts: FILE arguments; `-` is standard input.
import { readFile } from "node:fs/promises";
import { AlluviumError } from "../index.ts";

/** All bytes of a file, or of standard input. @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR` */
export async function readInput(file: string): Promise<Uint8Array> {
  if (file === "-") {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }
  try {
    return await readFile(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "FILE_NOT_FOUND" : "IO_ERROR";
    const reason = code === "FILE_NOT_FOUND" ? "there is no such file" : (cause as Error).message;
    throw new AlluviumError(code, { path: file }, `cannot read ${file}: ${reason}`, { cause });
  }
}
