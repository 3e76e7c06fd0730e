// engine/files/empty-folders.ts: clearing up folders that nothing is left in.
import { rmdir } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";

/** Removes these folders and those above them, up to `root` and without it, as far as they are empty. What is not stays. */
export async function removeEmptyFolders(root: string, folders: Iterable<string>): Promise<void> {
  const stop = resolve(root);
  for (const folder of folders) {
    try {
      for (let at = resolve(folder); at.startsWith(`${stop}${sep}`); at = dirname(at)) await rmdir(at);
    } catch {
      // Not empty, or gone already: another writer uses it, or has cleared it up.
    }
  }
}
