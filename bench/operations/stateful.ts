// bench/operations/stateful.ts: streams that remember: grouped in complete mode, in windows, without duplicates, upserted.
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  type DataFrame,
  type OutputMode,
  Session,
  type StreamingQueryProgress,
  count,
  sum,
  window,
} from "../../src/index.ts";
import type { Arguments } from "../arguments.ts";
import { emit, measured, percentile } from "../meter.ts";
import { tableFiles } from "../tables.ts";

/** `stream_complete src= work= [max_files=] [repeat=]`: rows and amounts by user, the whole result each batch. */
export function streamComplete(words: Arguments): Promise<void> {
  return repeatStateful(words, { workload: "stream_complete", outputMode: "complete", shape: byUser });
}

/** `stream_upsert src= work= [max_files=] [repeat=]`: the same groups, those of a batch merged into the table by their key. */
export function streamUpsert(words: Arguments): Promise<void> {
  return repeatStateful(words, {
    workload: "stream_upsert",
    outputMode: "update",
    shape: byUser,
    options: { keyColumns: "user" },
  });
}

/** `stream_window src= work= [max_files=] [repeat=]`: tumbling windows of a minute, given out when the watermark has passed them. */
export function streamWindow(words: Arguments): Promise<void> {
  return repeatStateful(words, {
    workload: "stream_window",
    outputMode: "append",
    shape: (rows) =>
      rows
        .withWatermark("ts", "10 seconds")
        .groupBy(window("ts", "1 minute"), "kind")
        .agg(count("*").as("n"), sum("amount").as("total")),
  });
}

/** `stream_dedupe src= work= [max_files=] [repeat=]`: each id once. */
export function streamDedupe(words: Arguments): Promise<void> {
  return repeatStateful(words, {
    workload: "stream_dedupe",
    outputMode: "append",
    shape: (rows) => rows.select("id", "amount").dropDuplicates(["id"]),
  });
}

/** `stream_state work= [groups=] [batches=] [rows=]`: small batches against so many groups, then a restart; against few for comparison. */
export async function streamState(words: Arguments): Promise<void> {
  for (const groups of [1000, words.number("groups", 1_000_000)]) {
    await withSession(words, (spark, base) => stateOf({ spark, base, groups, words }));
  }
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

interface Stateful {
  readonly workload: string;
  readonly outputMode: OutputMode;
  readonly shape: (rows: DataFrame) => DataFrame;
  readonly options?: Readonly<Record<string, string>>;
}

const byUser = (rows: DataFrame): DataFrame => rows.groupBy("user").agg(count("*").as("n"), sum("amount").as("total"));

async function repeatStateful(
  words: Arguments,
  { workload, outputMode, shape, options = {} }: Stateful,
): Promise<void> {
  const { rowCount } = await tableFiles(words.text("src"));
  await withSession(words, async (spark, base) => {
    for (let run = 0; run < words.number("repeat", 3); run += 1) {
      const reader = words.has("max_files")
        ? spark.readStream.option("maxFilesPerTrigger", words.number("max_files"))
        : spark.readStream;
      const out = join(base, String(run), "out");
      const drained = { spark, frame: shape(reader.load(words.text("src"))), outputMode, options };
      const done = await drain(drained, { out, checkpoint: join(base, String(run), "checkpoint") });
      emit({
        peer: "alluvium",
        workload: `${workload}/max_files=${words.textOr("max_files", "default")}`,
        run: run === 0 ? "cold" : "warm",
        rows: rowCount,
        rows_per_s: rowCount / done.wallS,
        batches: done.batchesMs.length,
        batch_p50_ms: percentile(done.batchesMs, 50),
        batch_p99_ms: percentile(done.batchesMs, 99),
        wall_s: done.wallS,
        cpu_s: done.cpuS,
        peak_rss_mb: done.peakRssMb,
      });
    }
  });
}

interface Drained {
  readonly spark: Session;
  readonly frame: DataFrame;
  readonly outputMode: OutputMode;
  readonly options: Readonly<Record<string, string>>;
}

interface Places {
  /** Null to leave the results aside. */
  readonly out: string | null;
  readonly checkpoint: string;
}

async function drain({ spark, frame, outputMode, options }: Drained, { out, checkpoint }: Places) {
  const batchesMs: number[] = [];
  const listener = {
    onQueryProgress: ({ progress }: { progress: StreamingQueryProgress }) => {
      if (progress.numInputRows > 0) batchesMs.push(progress.durationMs["triggerExecution"] ?? 0);
    },
  };
  spark.streams.addListener(listener);
  const reading = await measured(async () => {
    const writer = Object.entries(options).reduce(
      (one, [name, value]) => one.option(name, value),
      frame.writeStream.outputMode(outputMode).option("checkpointLocation", checkpoint),
    );
    const ready = writer.trigger({ availableNow: true });
    const query = await (out === null ? ready.foreachBatch(() => undefined).start() : ready.start(out));
    await query.awaitTermination();
  });
  spark.streams.removeListener(listener);
  return { ...reading, batchesMs };
}

interface StateRun {
  readonly spark: Session;
  readonly base: string;
  readonly groups: number;
  readonly words: Arguments;
}

async function stateOf({ spark, base, groups, words }: StateRun): Promise<void> {
  const [batches, rows] = [words.number("batches", 100), words.number("rows", 1000)];
  await spark.sql(`CREATE OR REPLACE TABLE source AS SELECT id AS k, 1 AS v FROM range(${groups})`);
  const frame = spark.readStream.table("source").groupBy("k").agg(sum("v").as("total"));
  const places = { out: null, checkpoint: join(base, "checkpoint") };
  const drained = { spark, frame, outputMode: "update" as const, options: {} };
  const filled = await drain(drained, places);
  for (let batch = 0; batch < batches; batch += 1) {
    const first = (batch * 7919 * rows) % groups;
    await spark.sql(`INSERT INTO source SELECT (${first} + id * 31) % ${groups}, 2 FROM range(${rows})`);
  }
  const small = {
    ...drained,
    frame: spark.readStream.option("maxFilesPerTrigger", 1).table("source").groupBy("k").agg(sum("v").as("total")),
  };
  const done = await drain(small, places);
  await spark.sql("INSERT INTO source VALUES (1, 1)");
  const restarted = await drain(small, places);
  emit({
    peer: "alluvium",
    workload: `stream_state/groups=${groups}`,
    fill_s: filled.wallS,
    batches: done.batchesMs.length,
    batch_p50_ms: percentile(done.batchesMs.slice(1), 50),
    batch_p99_ms: percentile(done.batchesMs.slice(1), 99),
    batch_cpu_ms: (done.cpuS * 1000) / done.batchesMs.length,
    fill_cpu_s: filled.cpuS,
    restart_cpu_s: restarted.cpuS,
    restart_s: restarted.wallS,
    peak_rss_mb: restarted.peakRssMb,
  });
}

async function withSession(words: Arguments, work: (spark: Session, base: string) => Promise<void>): Promise<void> {
  const base = join(words.text("work"), `alluvium-stateful-${process.pid}`);
  rmSync(base, { recursive: true, force: true });
  const spark = await Session.open({ warehouse: base });
  await work(spark, base);
  await spark.close();
  rmSync(base, { recursive: true, force: true });
}
