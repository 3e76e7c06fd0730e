// table/rows/touched-files.ts: which files hold rows that an operation takes out; most are ruled out by the log alone.
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { partitionVerdict } from "../../expression/predicate/evaluate.ts";
import type { Predicate } from "../../expression/tree/expression.ts";
import type { AddFile } from "../../format/action/action.ts";
import { resolveDataPath } from "../../format/value/partition-path.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { chooseFiles } from "../../reader/scan.ts";
import { scannedTable, scanRelation } from "../../reader/scan-relation.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import { type RowMatch, positionColumns, predicateMatch } from "./row-match.ts";

/** Files that lose all their rows, and files that keep some. */
export interface TouchedFiles {
  readonly whole: readonly AddFile[];
  readonly partial: readonly AddFile[];
  /** Rows that match in `partial`. */
  readonly partialMatchCount: bigint;
}

/** Finds the files with rows for which a predicate is true; data is read only of files that the log alone cannot answer for. */
export async function findTouched(
  engine: Engine,
  snapshot: Snapshot,
  where: Predicate | undefined,
): Promise<TouchedFiles> {
  const { files } = await chooseFiles(snapshot, { where });
  if (where === undefined) return { whole: files, partial: [], partialMatchCount: 0n };
  const table = scannedTable(snapshot);
  const scope = { ...table, isMapped: table.columnMapping !== undefined && table.columnMapping !== "none" };
  const isWhole = (file: AddFile): boolean => partitionVerdict(where.expression, file.partitionValues, scope) === "all";
  const uncertain = files.filter((file) => !isWhole(file));
  const found = await findMatching(engine, snapshot, { files: uncertain, match: predicateMatch(where) });
  return { ...found, whole: [...files.filter(isWhole), ...found.whole] };
}

/** Files to look into, and the rows that are looked for. */
export interface MatchQuestion {
  readonly files: readonly AddFile[];
  readonly match: RowMatch;
}

/** Finds the files with matching rows by reading them. */
export async function findMatching(
  engine: Engine,
  snapshot: Snapshot,
  { files, match }: MatchQuestion,
): Promise<TouchedFiles> {
  const whole: AddFile[] = [];
  const partial: AddFile[] = [];
  let partialMatchCount = 0n;
  for (let start = 0; start < files.length; start += filesPerStatement) {
    const asked = files.slice(start, start + filesPerStatement);
    const counts = await matchCounts(engine, snapshot, { files: asked, match });
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

/** Rows and matching rows of each file that has any of these. */
async function matchCounts(
  engine: Engine,
  snapshot: Snapshot,
  { files, match }: MatchQuestion,
): Promise<ReadonlyMap<string, Counts>> {
  const table = scannedTable(snapshot);
  const { columns } = match;
  const ready = await scannedFiles(engine, table, { files, columns });
  const relation = scanRelation(table, ready, {
    columns,
    ...(match.needsPositions === true ? positionColumns : { fileNameColumn }),
  });
  const live = scanRelation(table, ready, { columns: [], fileNameColumn });
  const perFile = (rows: string, name: string): string =>
    `(SELECT ${sqlIdentifier(fileNameColumn)} AS path, count(*) AS ${name} FROM (${rows}) GROUP BY ALL)`;
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(
    `SELECT path, n, matching FROM ${perFile(match.matching(relation), "matching")} JOIN ${perFile(live, "n")} USING (path)`,
  );
  return new Map(
    rows.map((row) => [
      String(row["path"]),
      { matching: BigInt(String(row["matching"])), all: BigInt(String(row["n"])) },
    ]),
  );
}

const { fileNameColumn } = positionColumns;
