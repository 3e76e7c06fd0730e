// bench/workloads/snapshots.ts: what a long log costs: to open it, to choose files from it, to follow it.
import type { Workload } from "../contest.ts";
import type { MadeTable } from "../tables.ts";
import { type Setting, type Words, alluvium, deltars } from "./setting.ts";

/** Logs without data. */
export interface LongLogs {
  /** By count of files. */
  readonly manyFiles: readonly ManyFiles[];
  readonly manyCommits: { readonly table: MadeTable; readonly commitCount: number };
  /** Without a checkpoint. */
  readonly unchecked: { readonly table: MadeTable; readonly commitCount: number; readonly fileCount: number };
}

interface ManyFiles {
  readonly table: MadeTable;
  readonly fileCount: number;
}

/** All comparisons over long logs. */
export function snapshots(setting: Setting, { manyFiles, manyCommits, unchecked }: LongLogs): readonly Workload[] {
  const { commitCount } = manyCommits;
  const middle = Math.floor(commitCount / 2) + 50;
  return [
    ...manyFiles.flatMap((many) =>
      ofManyFiles(setting, many).map((workload) => ({ ...workload, prepare: many.table.make })),
    ),
    {
      ...timed(setting, `Open version ${middle} of ${commitCount.toLocaleString("en")} commits`, {
        operation: "open",
        words: { table: manyCommits.table.path, version: middle },
        factor: 1,
      }),
      prepare: manyCommits.table.make,
    },
    {
      ...timed(
        setting,
        `Open ${unchecked.commitCount} commits of ${unchecked.fileCount} files and write the first checkpoint`,
        {
          operation: "checkpoint",
          words: { table: unchecked.table.path },
          factor: 1,
        },
      ),
      prepare: unchecked.table.make,
    },
  ];
}

/** So many times in a process; the least counts, for either side has warmed up by then. */
const repeatOf = (fileCount: number): number => (fileCount > 500_000 ? 5 : 20);

function ofManyFiles(setting: Setting, { table: { path: table }, fileCount }: ManyFiles): readonly Workload[] {
  const count = fileCount.toLocaleString("en");
  const repeat = repeatOf(fileCount);
  const open = timed(setting, `Open a table of ${count} files`, {
    operation: "open",
    words: { table, anew: 1, repeat },
    factor: 10,
  });
  const question = { words: { table, value: "d0500", repeat }, factor: 20 };
  return [
    open,
    memoryOf(setting, { table, fileCount }),
    timed(setting, `Open a table of ${count} files again`, { operation: "open", words: { table, repeat }, factor: 10 }),
    timed(setting, `Paths of all ${count} files`, { operation: "list", words: { table }, factor: 1 }),
    timed(setting, `Files of one partition of 1,000, of ${count}`, { operation: "prune_partition", ...question }),
    timed(setting, `Files of one partition of 1,000, of ${count}, of a table not opened before`, {
      operation: "prune_partition",
      words: { ...question.words, anew: 1 },
      factor: question.factor,
    }),
    timed(setting, `The one file that statistics leave of ${count}`, {
      operation: "prune_stats",
      words: { table, id: fileCount * 500 + 123, repeat },
      factor: 5,
    }),
    timed(setting, `Open a table of ${count} files and write its checkpoint`, {
      operation: "checkpoint",
      words: { table },
      factor: 1,
    }),
    {
      ...timed(setting, `Follow one more commit of a table of ${count} files`, {
        operation: "refresh",
        words: { table },
        factor: 1,
      }),
      floors: [],
    },
  ];
}

/**
 * Of a process that opens the table a few times, at its peak. Its own counts: what it maps of files, the code of Node among them, is as
 * large before the first line runs as a quarter of all that delta-rs takes.
 */
function memoryOf(setting: Setting, { table, fileCount }: Made): Workload {
  const words = { table, repeat: 3 };
  return {
    name: `Memory of a process that opens a table of ${fileCount.toLocaleString("en")} files`,
    figure: "peak_own_mb",
    better: "low",
    contestants: [alluvium(setting, "open", words), ...deltars(setting, "open", words)],
    floors: ["peak_own_mb", "growth_mb"].map((figure) => ({ than: "delta-rs", factor: 4, figure })),
  };
}

interface Made {
  readonly table: string;
  readonly fileCount: number;
}

interface Question {
  readonly operation: string;
  readonly words: Words;
  readonly factor: number;
}

/** The least of several times in one process, as the peers' harness has it. */
function timed(setting: Setting, name: string, { operation, words, factor }: Question): Workload {
  return {
    name,
    figure: "min_s",
    better: "low",
    contestants: [alluvium(setting, operation, words), ...deltars(setting, operation, words)],
    floors: [{ than: "delta-rs", factor }],
  };
}
