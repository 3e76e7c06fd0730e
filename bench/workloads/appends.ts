// bench/workloads/appends.ts: commits a second to a table that starts empty. Ours are synced to disk, delta-rs' are not. Without a
// property that says otherwise, ours have a checkpoint every 10 commits, delta-rs' every 100.
import type { Workload } from "../contest.ts";
import { type Setting, alluvium, deltars, limit } from "./setting.ts";

/** One writer, so many rows a commit. */
export function appends(setting: Setting, rows: number): Workload {
  const { work } = setting;
  const words = { rows, commits: 200 };
  return {
    name: `Appends of ${rows.toLocaleString("en")} row${rows === 1 ? "" : "s"}, one writer, 200 commits`,
    figure: "commits_per_s",
    better: "high",
    contestants: [
      alluvium(setting, "append", { table: `${work}/append`, ...words }),
      limit(setting, "two files written, synced and linked", {
        operation: "limit_append",
        words: { work, commits: 200 },
      }),
      ...deltars(setting, "append", { table: `${work}/append-deltars`, ...words }),
      ...deltars(setting, "append", { table: `${work}/append-deltars`, ...words, interval: 10 }).map((peer) => ({
        ...peer,
        name: "delta-rs, a checkpoint every 10 commits",
      })),
    ],
    floors: [{ than: "delta-rs", factor: 4 }],
  };
}

/** Four processes on one table. */
export function concurrentAppends(setting: Setting): Workload {
  const { work } = setting;
  const words = { rows: 1, commits: 50, procs: 4 };
  return {
    name: "Appends of 1 row, four processes, 50 commits each",
    figure: "commits_per_s",
    better: "high",
    contestants: [
      alluvium(setting, "append_concurrent", { table: `${work}/concurrent`, ...words }),
      ...deltars(setting, "append_concurrent", { table: `${work}/concurrent-deltars`, ...words }),
    ],
    floors: [],
  };
}
