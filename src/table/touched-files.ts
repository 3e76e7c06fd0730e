// table/touched-files.ts: which files hold rows that an operation takes out; most are ruled out by the log alone.
import type { Engine } from "../engine/engine.ts";
import { partitionVerdict } from "../expression/evaluate.ts";
import type { Predicate } from "../expression/expression.ts";
import type { AddFile } from "../format/action.ts";
import { resolveDataPath } from "../format/partition-path.ts";
import type { Snapshot } from "../log/snapshot.ts";
import { planScan } from "../reader/scan.ts";
import { type ScannedTable, scannedTable, scanRelation } from "../reader/scan-relation.ts";
import { scannedFiles } from "../reader/scanned-files.ts";

/** Files that lose all their rows, and files that keep some. */
export interface TouchedFiles {
  readonly whole: readonly AddFile[];
  readonly partial: readonly AddFile[];
  /** Rows that match in `partial`. */
  readonly partialMatchCount: bigint;
}

/** Finds the files with matching rows; data is read only of files that the log alone cannot answer for. */
export async function findTouched(
  engine: Engine,
  snapshot: Snapshot,
  where: Predicate | undefined,
): Promise<TouchedFiles> {
  const { files } = await planScan(engine, snapshot, where === undefined ? {} : { where });
  if (where === undefined) return { whole: files, partial: [], partialMatchCount: 0n };
  const table = scannedTable(snapshot);
  const scope = { ...table, isMapped: table.columnMapping !== undefined && table.columnMapping !== "none" };
  const isWhole = (file: AddFile): boolean => partitionVerdict(where.expression, file.partitionValues, scope) === "all";
  const whole = files.filter(isWhole);
  const partial: AddFile[] = [];
  let partialMatchCount = 0n;
  const uncertain = files.filter((file) => !isWhole(file));
  for (let start = 0; start < uncertain.length; start += filesPerStatement) {
    const asked = uncertain.slice(start, start + filesPerStatement);
    const counts = await matchCounts(engine, table, { files: asked, where });
    for (const file of asked) {
      const { matching, all } = counts.get(resolveDataPath(snapshot.tablePath, file.path)) ?? noRows;
      if (matching === 0n) continue;
      if (matching === all) whole.push(file);
      else partial.push(file);
      partialMatchCount += matching === all ? 0n : matching;
    }
  }
  return { whole, partial, partialMatchCount };
}

/** Files that one statement reads. */
export const filesPerStatement = 4096;

const noRows: Counts = { matching: 0n, all: 0n };

interface Counts {
  readonly matching: bigint;
  readonly all: bigint;
}

interface Asked {
  readonly files: readonly AddFile[];
  readonly where: Predicate;
}

/** Rows and matching rows per file, in one statement. */
async function matchCounts(
  engine: Engine,
  table: ScannedTable,
  { files, where }: Asked,
): Promise<ReadonlyMap<string, Counts>> {
  const ready = await scannedFiles(engine, table, { files, columns: where.columns });
  const relation = scanRelation(table, ready, { columns: where.columns, fileNameColumn: "__file" });
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(
    `SELECT __file, count(*) AS n, count(*) FILTER (WHERE ${where.sql}) AS matching FROM (${relation}) GROUP BY __file`,
  );
  return new Map(
    rows.map((row) => [
      String(row["__file"]),
      { matching: BigInt(String(row["matching"])), all: BigInt(String(row["n"])) },
    ]),
  );
}
