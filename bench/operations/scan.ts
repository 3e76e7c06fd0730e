// bench/operations/scan.ts: rows out of a table as Arrow batches, which are counted and let go.
import { dirname } from "node:path";
import { DeltaTable, type ReadOptions, Session } from "../../src/index.ts";
import type { Arguments } from "../arguments.ts";
import { emitRepeated } from "../meter.ts";

/** `scan table=`: all columns of all rows. */
export async function scan(words: Arguments): Promise<void> {
  await emitRepeated({ ...scanOf(words, {}), workload: "scan", rows: (count) => count });
}

/** `scan_project table= column=`: one column of all rows. */
export async function scanProject(words: Arguments): Promise<void> {
  const columns = [words.text("column")];
  await emitRepeated({ ...scanOf(words, { columns }), workload: "scan_project", rows: (count) => count });
}

/** `scan_filter table= lo= hi=`: the rows with an id from `lo` up to `hi`, exclusive. */
export async function scanFilter(words: Arguments): Promise<void> {
  const where = `id >= ${words.number("lo")} AND id < ${words.number("hi")}`;
  await emitRepeated({ ...scanOf(words, { where }), workload: "scan_filter", figures: (found) => ({ found }) });
}

/** `scan_sql table=`: an aggregate of every column of all rows, which never leave the SQL engine. */
export async function scanSql(words: Arguments): Promise<void> {
  await using session = await Session.open({ warehouse: dirname(words.text("table")) });
  const columns = "count(*) AS rows, sum(id), max(ts), max(user), max(kind), sum(amount)";
  await emitRepeated({
    workload: "scan_sql",
    repeat: words.number("repeat", 3),
    work: async () => {
      const result = await session.sql(`SELECT ${columns} FROM delta.\`${words.text("table")}\``);
      const [row] = await result.collect();
      return Number(row?.["rows"]);
    },
    rows: (count) => count,
  });
}

function scanOf(words: Arguments, options: ReadOptions): { repeat: number; work: () => Promise<number> } {
  return {
    repeat: words.number("repeat", 3),
    work: async () => {
      await using table = await DeltaTable.open(words.text("table"));
      let count = 0;
      for await (const batch of table.batches(options)) count += batch.numRows;
      return count;
    },
  };
}
