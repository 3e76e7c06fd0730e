// log/checkpoint/repeated-files.ts: files that a careless writer has listed more than once in a checkpoint. PROTOCOL.md, "Action Reconciliation":
// each is one file all the same.
import type { Engine } from "../../engine/base/engine.ts";
import { sqlLiteral, sqlParquetFiles } from "../../engine/base/sql-quote.ts";
import type { AddFile } from "../../format/action/action.ts";
import type { CheckpointPart } from "./checkpoint-part.ts";
import { canonicalPathSql } from "./checkpoint-sql.ts";
import { fileKey } from "../state/file-key.ts";
import type { FileTotals } from "../state/file-table.ts";

/** Files that a checkpoint lists more than once. */
export interface RepeatedFiles {
  readonly keys: ReadonlySet<string>;
  /** What is listed beyond the first time. */
  readonly surplus: FileTotals;
}

/** Where each is listed once. */
export const noneRepeated: RepeatedFiles = { keys: new Set(), surplus: { count: 0, sizeBytes: 0 } };

/**
 * Looks for them: one pass over the paths, and where all their hashes differ no more.
 * @param read the files that satisfy a condition, in SQL
 */
export async function repeatedFiles(
  engine: Engine,
  parts: readonly CheckpointPart[],
  read: (condition: string) => AsyncIterable<readonly AddFile[]>,
): Promise<RepeatedFiles> {
  const listed = await repeatedPaths(engine, parts);
  if (listed.length === 0) return noneRepeated;
  const keys = new Set<string>();
  const surplus = { count: 0, sizeBytes: 0 };
  const seen = new Set<string>();
  for await (const chunk of read(`${canonicalPath} IN (${listed.map(sqlLiteral).join(", ")})`))
    for (const add of chunk) {
      const key = fileKey(add);
      if (seen.has(key)) {
        keys.add(key);
        surplus.count += 1;
        surplus.sizeBytes += add.sizeBytes;
      }
      seen.add(key);
    }
  return { keys, surplus };
}

async function repeatedPaths(engine: Engine, parts: readonly CheckpointPart[]): Promise<readonly string[]> {
  const paths = parts.filter(({ ranges }) => ranges.has("add")).map(({ path }) => sqlParquetFiles([path]));
  if (paths.length === 0) return [];
  const all = paths
    .map((path) => `SELECT ${canonicalPath} AS path FROM ${path} WHERE add.path IS NOT NULL`)
    .join(" UNION ALL ");
  await using connection = await engine.sql.connect();
  const [row] = await connection.rows(`SELECT count(DISTINCT hash(path)) = count(path) AS differ FROM (${all})`);
  if (row?.["differ"] === true) return [];
  const rows = await connection.rows(`SELECT path FROM (${all}) GROUP BY path HAVING count(*) > 1`);
  return rows.map(({ path }) => String(path));
}

const canonicalPath = canonicalPathSql("add.path");
