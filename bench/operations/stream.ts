// bench/operations/stream.ts: streams that keep nothing, and the time to the first commit of one.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Arguments } from "../arguments.ts";
import { emit } from "../meter.ts";
import { filterColumns, filterCondition } from "../source-rows.ts";
import { type StreamShape, repeatStream, streamOnce, withSession } from "./streamed.ts";

const identity: StreamShape = { workload: "stream_append", transform: (rows) => rows };

/** `stream_append src= work= [max_files=] [repeat=]`: the rows as they are. */
export function streamAppend(words: Arguments): Promise<void> {
  return repeatStream(words, identity);
}

/** `stream_filter src= work= [max_files=] [repeat=]`: a filter and a projection. */
export function streamFilter(words: Arguments): Promise<void> {
  return repeatStream(words, {
    workload: "stream_filter",
    transform: (rows) => rows.where(filterCondition).selectExpr(...filterColumns),
  });
}

/** `first_commit src= work= [max_files=]`: from the start of the process to the first batch that others can see. */
export async function firstCommit(words: Arguments): Promise<void> {
  const startedMs = words.number("started_ms", performance.timeOrigin);
  await withSession(words, async (spark, base) => {
    const { out, peakRssMb } = await streamOnce(words, { spark, folder: base }, identity);
    emit({
      peer: "alluvium",
      workload: "first_commit",
      process_to_first_commit_s: (firstCommitTimeMs(out) - startedMs) / 1000,
      peak_rss_mb: peakRssMb,
    });
  });
}

/** When the earliest commit of a table came to be seen: linking it was the last change of its file. */
function firstCommitTimeMs(tablePath: string): number {
  const log = join(tablePath, "_delta_log");
  const commits = readdirSync(log).filter((name) => name.endsWith(".json") && /^\d+\.json$/.test(name));
  return Math.min(...commits.map((name) => statSync(join(log, name)).ctimeMs));
}
