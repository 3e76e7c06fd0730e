// bench/operations/start-up.ts: from the start of a process that has the package, as it is published, to the first batch that others can see.
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Arguments } from "../arguments.ts";
import { emit, peakMemoryMb } from "../meter.ts";
import { published } from "../published.ts";

/** `first_commit src= work= [started_ms=]`: streams a table into a new one. */
export async function firstCommit(words: Arguments): Promise<void> {
  const startedMs = words.number("started_ms", performance.timeOrigin);
  const { Session } = await published();
  const base = join(words.text("work"), `alluvium-start-${process.pid}`);
  const spark = await Session.open({ warehouse: base });
  const query = await spark.readStream
    .load(words.text("src"))
    .writeStream.option("checkpointLocation", join(base, "checkpoint"))
    .trigger({ availableNow: true })
    .start(join(base, "out"));
  await query.awaitTermination();
  emit({
    peer: "alluvium",
    workload: "first_commit",
    process_to_first_commit_s: (firstCommitTimeMs(join(base, "out")) - startedMs) / 1000,
    peak_rss_mb: peakMemoryMb(),
  });
  await spark.close();
  rmSync(base, { recursive: true, force: true });
}

/** When the earliest commit of a table came to be seen: linking it was the last change of its file. */
function firstCommitTimeMs(tablePath: string): number {
  const log = join(tablePath, "_delta_log");
  const commits = readdirSync(log).filter((name) => /^\d+\.json$/.test(name));
  return Math.min(...commits.map((name) => statSync(join(log, name)).ctimeMs));
}
