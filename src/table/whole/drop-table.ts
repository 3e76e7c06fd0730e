// table/whole/drop-table.ts: removes a table and its files.
import type { Engine, FileInfo } from "../../engine/base/engine.ts";
import { logFolderName } from "../../format/action/log-path.ts";

/**
 * Removes the log first, newest file first, so that a table half removed is an older version or none; then all data files.
 * Empty folders may stay.
 */
export async function dropTable(engine: Engine, tablePath: string): Promise<void> {
  await removeBelow(engine, `${tablePath}/${logFolderName}`);
  await removeBelow(engine, tablePath);
}

async function removeBelow(engine: Engine, directory: string): Promise<void> {
  const entries: readonly FileInfo[] = await engine.files.list(directory);
  for (const entry of entries.toReversed()) {
    if (entry.isDirectory) await removeBelow(engine, entry.path);
    else await engine.files.remove(entry.path);
  }
}
