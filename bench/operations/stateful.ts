// bench/operations/stateful.ts: streams that remember: grouped in complete mode, in windows, without duplicates, upserted.
import { type DataFrame, count, sum, window } from "../../src/index.ts";
import type { Arguments } from "../arguments.ts";
import { emit, percentile } from "../meter.ts";
import { repeatStream, withSession } from "./streamed.ts";

/** `stream_complete src= work= [max_files=] [repeat=]`: rows and amounts by user, the whole result each batch. */
export function streamComplete(words: Arguments): Promise<void> {
  return repeatStream(words, { workload: "stream_complete", outputMode: "complete", transform: byUser });
}

/** `stream_upsert src= work= [max_files=] [repeat=]`: the same groups, those of a batch merged into the table by their key. */
export function streamUpsert(words: Arguments): Promise<void> {
  return repeatStream(words, {
    workload: "stream_upsert",
    outputMode: "update",
    transform: byUser,
    options: { keyColumns: "user" },
  });
}

/** `stream_window src= work= [max_files=] [repeat=]`: tumbling windows of a minute, given out when the watermark has passed them. */
export function streamWindow(words: Arguments): Promise<void> {
  return repeatStream(words, {
    workload: "stream_window",
    outputMode: "append",
    transform: (rows) =>
      rows
        .withWatermark("ts", "10 seconds")
        .groupBy(window("ts", "1 minute"), "kind")
        .agg(count("*").as("n"), sum("amount").as("total")),
  });
}

/** `stream_dedupe src= work= [max_files=] [repeat=]`: each id once. */
export function streamDedupe(words: Arguments): Promise<void> {
  return repeatStream(words, {
    workload: "stream_dedupe",
    outputMode: "append",
    transform: (rows) => rows.select("id", "amount").dropDuplicates(["id"]),
  });
}

/** `live_latency work= [rounds=]`: from the end of a commit in this process to the row that `live()` shows. */
export async function liveLatency(words: Arguments): Promise<void> {
  await withSession(words, async (spark) => {
    const table = await spark.createTable("events", { schema: "id BIGINT, text STRING" });
    await table.append([{ id: 0n, text: "first" }]);
    const updates = spark.readStream.table("events").live();
    const shown = updates[Symbol.asyncIterator]();
    await shown.next();
    const latenciesMs: number[] = [];
    for (let round = 1; round <= words.number("rounds", 50); round += 1) {
      await table.append([{ id: BigInt(round), text: "more" }]);
      const committedMs = performance.now();
      await shown.next();
      latenciesMs.push(performance.now() - committedMs);
    }
    await shown.return?.();
    const [p50, p99] = [percentile(latenciesMs, 50), percentile(latenciesMs, 99)];
    emit({ peer: "alluvium", workload: "live_latency", p50_ms: p50, p99_ms: p99, max_ms: Math.max(...latenciesMs) });
  });
}

const byUser = (rows: DataFrame): DataFrame => rows.groupBy("user").agg(count("*").as("n"), sum("amount").as("total"));
