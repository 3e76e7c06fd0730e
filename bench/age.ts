// bench/age.ts: tables that a process does not know yet.
import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** Makes checkpoints a second older, so that what a process has read of them does not count. */
export function age(table: string): void {
  const log = join(table, "_delta_log");
  for (const name of readdirSync(log).filter((found) => found.endsWith(".parquet"))) {
    const timeS = statSync(join(log, name)).mtimeMs / 1000 - 1;
    utimesSync(join(log, name), timeS, timeS);
  }
}
