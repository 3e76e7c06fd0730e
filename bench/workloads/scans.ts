// bench/workloads/scans.ts: what deleted rows cost whoever reads the others.
import type { Workload } from "../contest.ts";
import type { MadeTable } from "../tables.ts";
import { type Setting, alluvium } from "./setting.ts";

/** Copies of the large source with deleted rows. */
export interface ThinnedTables {
  /** One without deleted rows, and others by percent of the rows deleted. */
  readonly whole: MadeTable;
  readonly thinned: readonly { readonly table: MadeTable; readonly percent: number }[];
}

/** Scans as Arrow and in SQL: each must take less than 1.2 times as long as where no row is deleted. */
export function scansOfThinned(setting: Setting, { whole, thinned }: ThinnedTables): readonly Workload[] {
  return thinned.flatMap(({ table, percent }) =>
    ways.map(({ operation, name }) => ({
      name: `Scan ${setting.large.rowCount / 1e6} M rows ${name}, ${percent} % of them deleted`,
      figure: "min_s",
      better: "low" as const,
      contestants: [
        alluvium(setting, operation, { table: table.path, repeat: 5 }),
        { ...alluvium(setting, operation, { table: whole.path, repeat: 5 }), name: "no row deleted" },
      ],
      floors: [{ than: "no row deleted", factor: 1 / 1.2 }],
      prepare: async () => {
        await whole.make();
        await table.make();
      },
    })),
  );
}

const ways = [
  { operation: "scan", name: "as Arrow" },
  { operation: "scan_sql", name: "in SQL" },
] as const;
