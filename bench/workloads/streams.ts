// bench/workloads/streams.ts: tables streamed into tables.
import type { Workload } from "../contest.ts";
import { type Setting, alluvium, limit, spark } from "./setting.ts";

/** The rows as they are: against Spark, a synced copy of the bytes, and DuckDB's COPY. */
export function identityStream(setting: Setting): Workload {
  const { large, work } = setting;
  const words = { src: large.path, work };
  return {
    name: `Stream ${large.rowCount / 1e6} M rows, table to table`,
    figure: "rows_per_s",
    better: "high",
    contestants: [
      alluvium(setting, "stream_append", { ...words, repeat: 4 }),
      limit(setting, "byte copy and sync", { operation: "limit_byte_copy", words }),
      limit(setting, "DuckDB COPY", { operation: "limit_copy", words }),
      ...spark(setting, "stream_append", { ...words, rows: large.rowCount, repeat: 3 }),
    ],
    floors: [
      { than: "Spark", factor: 20 },
      { than: "Spark", factor: 4, figure: "peak_rss_mb", better: "low" },
    ],
  };
}

/** A filter and a projection: against Spark and the same query as a plain COPY. */
export function filterStream(setting: Setting): Workload {
  const { large, work } = setting;
  const words = { src: large.path, work };
  return {
    name: `Stream ${large.rowCount / 1e6} M rows through a filter and a projection`,
    figure: "rows_per_s",
    better: "high",
    contestants: [
      alluvium(setting, "stream_filter", { ...words, repeat: 4 }),
      limit(setting, "DuckDB COPY", { operation: "limit_copy", words: { ...words, query: "filter" } }),
      ...spark(setting, "stream_filter", { ...words, rows: large.rowCount, repeat: 3 }),
    ],
    floors: [
      { than: "Spark", factor: 5 },
      { than: "DuckDB COPY", factor: 0.8 },
      { than: "Spark", factor: 4, figure: "peak_rss_mb", better: "low" },
    ],
  };
}

/** Batches of one small file each. */
export function microBatches(setting: Setting): Workload {
  const { small, work } = setting;
  const words = { src: small.path, work, max_files: 1 };
  return {
    name: "100 micro-batches of 1,000 rows",
    figure: "batch_p50_ms",
    better: "low",
    contestants: [
      alluvium(setting, "stream_append", { ...words, repeat: 3 }),
      ...spark(setting, "stream_append", { ...words, rows: small.rowCount, repeat: 2 }),
    ],
    floors: [{ than: "Spark", factor: 30 }],
  };
}

/** The same batches through a filter, so that every one of them goes through DuckDB. */
export function filteredMicroBatches(setting: Setting): Workload {
  const words = { src: setting.small.path, work: setting.work, max_files: 1, repeat: 3 };
  return {
    name: "100 micro-batches of 1,000 rows through a filter",
    figure: "batch_p50_ms",
    better: "low",
    contestants: [alluvium(setting, "stream_filter", words)],
    floors: [],
  };
}

/** From the start of the process to the first commit of a new stream. */
export function startUp(setting: Setting): Workload {
  const { small, work } = setting;
  return {
    name: "Process start to first committed batch",
    figure: "process_to_first_commit_s",
    better: "low",
    contestants: [
      alluvium(setting, "first_commit", { src: small.path, work, started_ms: "now" }),
      ...spark(setting, "stream_append", { src: small.path, work, rows: small.rowCount, repeat: 1 }),
    ],
    floors: [{ than: "Spark", factor: 15 }],
  };
}
