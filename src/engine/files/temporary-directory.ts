// engine/files/temporary-directory.ts: a place for files that nobody needs after the work at hand.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { remove } from "fs-extra/esm";

/** A folder that goes, with all in it, when disposed. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
}

/** Makes a fresh folder in the system's place for temporary files. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), "alluvium-"));
  return { path, [Symbol.asyncDispose]: () => remove(path) };
}
