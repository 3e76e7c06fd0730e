// bench/deleted-rows.ts: the large source with rows deleted all over it: the same data files, and deletion vectors beside them.
import { copyFileSync, linkSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { localEngine } from "../src/engine/local/local-engine.ts";
import { DeltaTable } from "../src/index.ts";
import { writeCheckpoint } from "../src/log/publish/write-checkpoint.ts";
import { loadSnapshot } from "../src/log/snapshot/load-snapshot.ts";
import { type MadeTable, madeOnce } from "./tables.ts";

/** A copy of the table, of which so many rows in a hundred are deleted, scattered by chance over every file. */
export function tableWithDeletedRows(source: string, percent: number): MadeTable {
  return madeOnce(`${basename(source)}-${percent}-marked`, async (path) => {
    linkFolder(source, path);
    await using table = await DeltaTable.open(path);
    await table.setProperties({ "delta.enableDeletionVectors": "true" });
    // Multiplied by a large odd number, ids have no order that a processor could foresee.
    if (percent > 0) await table.delete(`(id * 2654435761) % 4294967296 % 1000003 % 100 < ${percent}`);
    // What is compared are scans, not the reading of the commit that marks every file.
    await using engine = localEngine();
    await writeCheckpoint(engine, await loadSnapshot(engine, path));
  });
}

/** Data files are never changed, so that links do for them; the log's are copied. */
function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (statSync(source).isDirectory()) linkFolder(source, target);
    else if (name.endsWith(".parquet") && !name.includes("checkpoint")) linkSync(source, target);
    else copyFileSync(source, target);
  }
}
