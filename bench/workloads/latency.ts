// bench/workloads/latency.ts: from a commit in the source to the commit that shows its rows, ten commits of 100 rows a second.
import { fileURLToPath } from "node:url";
import type { Workload } from "../contest.ts";
import { type Setting, alluvium, spark } from "./setting.ts";

/** The writer is a process of its own; for Spark it is the same one. */
export function latencyFromOthers(setting: Setting): Workload {
  const { work } = setting;
  const script = fileURLToPath(new URL("../run.js", import.meta.url));
  return {
    name: "Commit to visible, another process writes 10 commits a second",
    figure: "p50_ms",
    better: "low",
    contestants: [
      alluvium(setting, "stream_latency", { work, seconds: 10 }),
      ...spark(setting, "stream_latency", { work, node: process.execPath, script }),
    ],
    floors: [],
  };
}

/** The writer shares the process with the stream. */
export function latencyWithin(setting: Setting): Workload {
  return {
    name: "Commit to visible, the same process writes 10 commits a second",
    figure: "p50_ms",
    better: "low",
    contestants: [alluvium(setting, "stream_latency", { work: setting.work, seconds: 10, writer: "same" })],
    floors: [],
  };
}
