// bench/operations/limits.ts: what the machine itself can do with the same files: no log, no transaction, no checkpoint.
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { performance } from "node:perf_hooks";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { sqlFilePaths, sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import type { Arguments } from "../arguments.ts";
import { emit, emitEach, measured, percentile } from "../meter.ts";
import { filterColumns, filterCondition } from "../source-rows.ts";
import { tableFiles } from "../tables.ts";

/** `limit_byte_copy src= work=`: the files copied byte for byte, and synced, eight at once. */
export async function byteCopy(words: Arguments): Promise<void> {
  const { paths, rowCount } = await tableFiles(words.text("src"));
  const folder = join(words.text("work"), `limit-${process.pid}`);
  await emitEach({
    peer: "limit",
    workload: "limit_byte_copy",
    repeat: words.number("repeat", 4),
    rowCount,
    work: async () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      const queue = [...paths];
      await Promise.all(Array.from({ length: 8 }, () => copyFrom(queue, folder)));
      syncPath(folder);
    },
  });
  rmSync(folder, { recursive: true, force: true });
}

/** `limit_copy src= work= [query=all|filter]`: DuckDB's COPY of the same files to one file, as plain as can be; nothing is synced. */
export async function duckdbCopy(words: Arguments): Promise<void> {
  const { paths, rowCount } = await tableFiles(words.text("src"));
  const target = join(words.text("work"), `limit-${process.pid}.parquet`);
  const query = words.textOr("query", "all");
  const rows = `read_parquet(${sqlFilePaths(paths)})`;
  const sql =
    query === "filter"
      ? `SELECT ${filterColumns.join(", ")} FROM ${rows} WHERE ${filterCondition}`
      : `SELECT * FROM ${rows}`;
  await using engine = localEngine();
  await using connection = await engine.sql.connect();
  await emitEach({
    peer: "limit",
    workload: `limit_copy/${query}`,
    repeat: words.number("repeat", 4),
    rowCount,
    work: () => connection.run(`COPY (${sql}) TO ${sqlLiteral(target)} (FORMAT parquet, COMPRESSION snappy)`),
  });
  rmSync(target, { force: true });
}

/** `limit_append work= commits=`: per commit a data file and a log file of 1 kB, synced, linked, and both folders synced. */
export async function syncedFiles(words: Arguments): Promise<void> {
  const folder = join(words.text("work"), `limit-${process.pid}`);
  const log = join(folder, "log");
  mkdirSync(log, { recursive: true });
  const bytes = Buffer.alloc(1000, "x");
  const commits = words.number("commits");
  const timesMs: number[] = [];
  const { wallS } = await measured(async () => {
    for (let commit = 0; commit < commits; commit += 1) {
      const startMs = performance.now();
      writeSynced(join(folder, `data-${commit}`), bytes);
      syncPath(folder);
      writeSynced(join(log, "staged"), bytes);
      linkSync(join(log, "staged"), join(log, `${commit}`));
      unlinkSync(join(log, "staged"));
      syncPath(log);
      timesMs.push(performance.now() - startMs);
    }
  });
  const spread = { p50_ms: percentile(timesMs, 50), p99_ms: percentile(timesMs, 99) };
  emit({ peer: "limit", workload: "limit_append", commits_per_s: commits / wallS, ...spread });
}

async function copyFrom(queue: string[], folder: string): Promise<void> {
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const target = join(folder, basename(path));
    await copyFile(path, target);
    const file = await open(target, "r");
    await file.sync();
    await file.close();
  }
}

function writeSynced(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "wx");
  writeSync(file, bytes);
  fsyncSync(file);
  closeSync(file);
}

function syncPath(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}
