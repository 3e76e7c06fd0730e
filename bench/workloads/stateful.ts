// bench/workloads/stateful.ts: streams that remember, beside Spark's of the same queries.
import type { Floor, Workload } from "../contest.ts";
import { type Setting, alluvium, spark } from "./setting.ts";

/** All of them; their names begin with "Stateful", for `--only stateful`. */
export function stateful(setting: Setting): readonly Workload[] {
  const size = `${setting.large.rowCount / 1e6} M`;
  return [
    overAllRows(setting, `GROUP BY user of ${size} rows in one batch, complete mode`, {
      operation: "stream_complete",
      floors: [{ than: "Spark", factor: 10 }],
    }),
    smallBatches(setting),
    overAllRows(setting, `groups of ${size} rows upserted by key, update mode`, {
      operation: "stream_upsert",
      floors: [],
    }),
    overAllRows(setting, `tumbling windows of ${size} rows, append mode`, { operation: "stream_window", floors: [] }),
    overAllRows(setting, `de-duplication of ${size} ids`, { operation: "stream_dedupe", floors: [] }),
  ];
}

interface Question {
  readonly operation: string;
  readonly floors: readonly Floor[];
}

function overAllRows(setting: Setting, name: string, { operation, floors }: Question): Workload {
  const { large, work } = setting;
  const words = { src: large.path, work };
  return {
    name: `Stateful: ${name}`,
    figure: "rows_per_s",
    better: "high",
    contestants: [
      alluvium(setting, operation, { ...words, repeat: 3 }),
      ...spark(setting, operation, { ...words, rows: large.rowCount, repeat: 2 }),
    ],
    floors,
  };
}

/** Batches of one small file each. */
function smallBatches(setting: Setting): Workload {
  const { small, work } = setting;
  const words = { src: small.path, work, max_files: 1, repeat: 2 };
  return {
    name: "Stateful: 100 micro-batches of 1,000 rows, GROUP BY user, complete mode",
    figure: "batch_p50_ms",
    better: "low",
    contestants: [
      alluvium(setting, "stream_complete", words),
      ...spark(setting, "stream_complete", { ...words, rows: small.rowCount }),
    ],
    floors: [{ than: "Spark", factor: 20 }],
  };
}
