// reader/plan-scan.ts: which files a question needs: partition pruning, then skipping by statistics.
import { fileJudge } from "../expression/predicate/evaluate.ts";
import type { Verdict } from "../expression/predicate/evaluate.ts";
import type { Predicate, PredicateScope } from "../expression/tree/expression.ts";
import type { AddFile } from "../format/action/action.ts";
import { columnMappingMode } from "../format/protocol/column-mapping.ts";
import { parseStats } from "../format/value/file-stats.ts";
import type { StructType } from "../format/schema/schema.ts";
import type { FileQuery } from "../log/checkpoint/candidate-files.ts";
import type { Snapshot } from "../log/state/snapshot.ts";
import { readSchema } from "./read-schema.ts";

/** What is asked of a snapshot. */
export interface ScanQuery {
  /** Top-level columns in the order wanted, in any case, `_metadata` among them or not; all of the schema when absent. */
  readonly columns?: readonly string[] | undefined;
  readonly where?: Predicate | undefined;
}

/** The files that may hold a row asked for. */
export interface ChosenFiles {
  readonly schema: StructType;
  readonly files: readonly AddFile[];
  /** What is left to ask of each row; absent when every row of the files chosen matches. */
  readonly where?: Predicate;
}

/** The files that may hold a row asked for, and why the others cannot. */
export interface ScanPlan extends ChosenFiles {
  readonly fileCount: number;
  /** Files left out because of their partition values. */
  readonly prunedCount: number;
  /** Files left out because of their statistics. */
  readonly skippedCount: number;
}

/**
 * Chooses the files; a file is left out only when no row of it can match. What surely does not match is not read from the log.
 * @throws AlluviumError `COLUMN_NOT_FOUND`; `CORRUPT_LOG` for a partition value not of its column's type
 */
export function chooseFiles(snapshot: Snapshot, query: ScanQuery): Promise<ChosenFiles> {
  return judgeFiles(query, snapshot, snapshot.files.chunks(filterOf(snapshot, query.where)));
}

/**
 * As `chooseFiles`, for who reads rows and makes no actions: the statistics of files may be absent, also of files that have them.
 * @throws AlluviumError as `chooseFiles`
 */
export function filesToRead(snapshot: Snapshot, query: ScanQuery): Promise<ChosenFiles> {
  const { where } = query;
  const withoutStats = where === undefined || where.isPartitionOnly;
  return judgeFiles(query, snapshot, snapshot.files.chunks({ ...filterOf(snapshot, where), withoutStats }));
}

/**
 * As `chooseFiles`, with an account of every file of the table.
 * @throws AlluviumError as `chooseFiles`
 */
export function planFiles(snapshot: Snapshot, query: ScanQuery): Promise<ScanPlan> {
  return judgeFiles(query, snapshot, snapshot.files.chunks());
}

const filterOf = (snapshot: Snapshot, where: Predicate | undefined): FileQuery => ({
  filter: where && { where, scope: scopeOf(snapshot) },
});

async function judgeFiles(
  query: ScanQuery,
  snapshot: Snapshot,
  chunks: AsyncIterable<readonly AddFile[]>,
): Promise<ScanPlan> {
  const schema = readSchema(snapshot, query.columns);
  const files: AddFile[] = [];
  const counts = { pruned: 0, skipped: 0, uncertain: 0 };
  const judge = query.where === undefined ? undefined : judgeOf(query.where, scopeOf(snapshot));
  for await (const chunk of chunks) {
    for (const file of chunk) {
      const choice = judge === undefined ? "all" : judge(file);
      if (choice === "pruned" || choice === "skipped") {
        counts[choice] += 1;
        continue;
      }
      if (choice === "some") counts.uncertain += 1;
      files.push(file);
    }
  }
  const fileCount = files.length + counts.pruned + counts.skipped;
  const where = counts.uncertain > 0 && query.where !== undefined ? { where: query.where } : {};
  return { schema, files, fileCount, prunedCount: counts.pruned, skippedCount: counts.skipped, ...where };
}

/** The files that may hold a row for which a predicate is true. */
export function filesAsked(files: readonly AddFile[], where: Predicate, scope: PredicateScope): readonly AddFile[] {
  const judge = judgeOf(where, scope);
  return files.filter((file) => {
    const choice = judge(file);
    return choice === "all" || choice === "some";
  });
}

type Choice = "all" | "some" | "pruned" | "skipped";

function scopeOf({ schema, protocol, metadata }: Snapshot): PredicateScope {
  const isMapped = columnMappingMode(protocol, metadata) !== "none";
  return { schema, partitionColumns: metadata.partitionColumns, isMapped };
}

/** Judges first by partition values, which are at hand, and parses statistics only if they do not decide. */
function judgeOf(where: Predicate, scope: PredicateScope): (file: AddFile) => Choice {
  const judge = fileJudge(where.expression, scope);
  return (file) => {
    const byPartition = judge({ partitionValues: file.partitionValues, stats: null });
    if (byPartition === "none") return "pruned";
    if (byPartition === "all" || where.isPartitionOnly) return byPartition;
    const stats = file.stats === undefined ? null : parseStats(file.stats);
    if (stats === null) return byPartition;
    const byStats: Verdict = judge({ partitionValues: file.partitionValues, stats });
    return byStats === "none" ? "skipped" : byStats === "all" ? "some" : byStats; // rows are asked: statistics are hints
  };
}
