// bench/workloads/changes.ts: rows deleted all over a large table.
import type { Workload } from "../contest.ts";
import type { MadeTable } from "../tables.ts";
import { type Setting, alluvium, deltars, spark } from "./setting.ts";

/** One row in a hundred, of every file. delta-rs writes no deletion vectors: it rewrites the files, as this package does in the second. */
export function deletions(setting: Setting, withVectors: MadeTable): readonly Workload[] {
  const { work, large } = setting;
  const count = `${large.rowCount / 1e6} M`;
  const rest = { figure: "min_s", better: "low" as const, floors: [], prepare: withVectors.make };
  const marked = { table: withVectors.path, work };
  const rewritten = { table: large.path, work };
  return [
    {
      ...rest,
      name: `Delete 1 % of ${count} rows with deletion vectors`,
      contestants: [alluvium(setting, "delete", marked), ...spark(setting, "delete", marked)],
    },
    {
      ...rest,
      name: `Delete 1 % of ${count} rows by writing every file anew`,
      contestants: [
        alluvium(setting, "delete", rewritten),
        ...deltars(setting, "delete", rewritten),
        ...spark(setting, "delete", rewritten),
      ],
    },
  ];
}
