// bench/operations/change.ts: a table written in one go, and rows deleted all over one.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DeltaTable } from "../../src/index.ts";
import type { Arguments } from "../arguments.ts";
import { emit, emitRepeated, measured, percentile } from "../meter.ts";

/** `write src= table=`: the rows of a table, held in memory, become a new table in one commit. */
export async function write(words: Arguments): Promise<void> {
  await using source = await DeltaTable.open(words.text("src"));
  const rows = await source.toArrow();
  const path = words.text("table");
  await emitRepeated({
    workload: "write",
    repeat: words.number("repeat", 3),
    work: async () => {
      rmSync(path, { recursive: true, force: true });
      await using table = await DeltaTable.create(path, { schema: source.schema });
      return await table.append(rows);
    },
    rows: (result) => result.rowCount,
    figures: (result) => ({ bytes: result.addedBytes, files: result.addedFileCount }),
  });
  rmSync(path, { recursive: true, force: true });
}

/**
 * `delete table= work=`: every hundredth row of a copy of the table, so that every file is rewritten, or gets a deletion vector where the
 * table has these. The copy is made, and on the disk, before the time begins: else the first sync of a new file waits for it.
 */
export async function deleteRows(words: Arguments): Promise<void> {
  const copy = join(words.textOr("work", dirname(words.text("table"))), `copy-${process.pid}`);
  const walls: number[] = [];
  let peakRssMb = 0;
  for (let run = 0; run < words.number("repeat", 3); run += 1) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(words.text("table"), copy, { recursive: true });
    execFileSync("sync");
    await using table = await DeltaTable.open(copy);
    const reading = await measured(() => table.delete("id % 100 = 7"));
    walls.push(reading.wallS);
    peakRssMb = Math.max(peakRssMb, reading.peakRssMb);
  }
  emit({
    peer: "alluvium",
    workload: "delete",
    min_s: Math.min(...walls),
    median_s: percentile(walls, 50),
    first_s: walls[0] ?? null,
    peak_rss_mb: peakRssMb,
  });
  rmSync(copy, { recursive: true, force: true });
}
