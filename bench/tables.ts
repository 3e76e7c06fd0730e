// bench/tables.ts: source tables, written by this package once and kept for later runs.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { localEngine } from "../src/engine/local/local-engine.ts";
import { loadSnapshot } from "../src/log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../src/log/state/snapshot.ts";
import { appendRows } from "../src/table/rows/append-rows.ts";
import { createTable } from "../src/table/input/create-table.ts";
import { resolveDataPath } from "../src/format/value/partition-path.ts";
import { eventSchema, eventsSql } from "./source-rows.ts";

/** Where tables and scratch files are kept: `ALLUVIUM_BENCH_HOME`, else a folder of the user's cache. */
export function benchHome(): string {
  return resolve(process.env["ALLUVIUM_BENCH_HOME"] ?? join(homedir(), ".cache", "alluvium-bench"));
}

/** A table that is made when it is needed first. */
export interface MadeTable {
  readonly path: string;
  /** Makes it where it is not there. */
  readonly make: () => Promise<void>;
}

/** A table of that name below the folder of the benchmark. @param make given the path, where nothing lies */
export function madeOnce(name: string, make: (path: string) => Promise<void>): MadeTable {
  const path = join(benchHome(), name);
  return {
    path,
    make: async () => {
      if (existsSync(`${path}.ready`)) return;
      process.stderr.write(`making ${name}\n`);
      rmSync(path, { recursive: true, force: true });
      mkdirSync(benchHome(), { recursive: true });
      await make(path);
      writeFileSync(`${path}.ready`, "");
    },
  };
}

/** A table of events: so many commits, each of one file. */
export interface SourceTable {
  readonly commitCount: number;
  readonly rowsPerCommit: number;
}

/** Path of the table, which is written first when it is not there. */
export async function sourceTable({ commitCount, rowsPerCommit }: SourceTable): Promise<string> {
  const table = madeOnce(`events-${commitCount}x${rowsPerCommit}`, async (path) => {
    await using engine = localEngine();
    let snapshot = await createTable(engine, path, { schema: eventSchema });
    for (let commit = 0; commit < commitCount; commit += 1) {
      const sql = eventsSql({ first: commit * rowsPerCommit, count: rowsPerCommit });
      const result = await appendRows({ engine, snapshot }, { kind: "relation", schema: eventSchema, sql });
      snapshot = result.snapshot;
    }
  });
  await table.make();
  return table.path;
}

/** A table's data files and rows, as its log has them. */
export interface TableFiles {
  readonly paths: readonly string[];
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/** Reads the log of a table at its latest version. */
export async function tableFiles(tablePath: string): Promise<TableFiles> {
  await using engine = localEngine();
  return await filesOf(await loadSnapshot(engine, resolve(tablePath)));
}

async function filesOf(snapshot: Snapshot): Promise<TableFiles> {
  const paths: string[] = [];
  let rowCount = 0;
  for await (const chunk of snapshot.files.chunks()) {
    for (const file of chunk) {
      paths.push(resolveDataPath(snapshot.tablePath, file.path));
      rowCount += (JSON.parse(file.stats ?? "{}") as { numRecords?: number }).numRecords ?? 0;
    }
  }
  return { paths, rowCount, sizeBytes: (await snapshot.files.totals()).sizeBytes };
}
