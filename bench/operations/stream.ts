// bench/operations/stream.ts: one table streamed into another with availableNow, several times in one process.
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type DataFrame, Session, type StreamingQueryProgress } from "../../src/index.ts";
import type { Arguments } from "../arguments.ts";
import { emit, measured, percentile } from "../meter.ts";
import { filterColumns, filterCondition } from "../source-rows.ts";
import { tableFiles } from "../tables.ts";

/** `stream_append src= work= [max_files=] [repeat=]`: the rows as they are. */
export function streamAppend(words: Arguments): Promise<void> {
  return repeatStream(words, "stream_append", (rows) => rows);
}

/** `stream_filter src= work= [max_files=] [repeat=]`: a filter and a projection. */
export function streamFilter(words: Arguments): Promise<void> {
  return repeatStream(words, "stream_filter", filtered);
}

/** `first_commit src= work= [max_files=]`: from the start of the process to the first batch that others can see. */
export async function firstCommit(words: Arguments): Promise<void> {
  const startedMs = words.number("started_ms", performance.timeOrigin);
  await withSession(words, async (spark, base) => {
    const run = await streamOnce({ spark, words, folder: base }, (rows) => rows);
    emit({
      peer: "alluvium",
      workload: "first_commit",
      process_to_first_commit_s: (run.firstCommitMs - startedMs) / 1000,
      peak_rss_mb: run.peakRssMb,
    });
  });
}

type Transformation = (rows: DataFrame) => DataFrame;

const filtered: Transformation = (rows) => rows.where(filterCondition).selectExpr(...filterColumns);

interface StreamRun {
  readonly wallS: number;
  readonly cpuS: number;
  readonly peakRssMb: number;
  readonly firstCommitMs: number;
  readonly startMs: number;
  readonly batchesMs: readonly number[];
  readonly outRows: number;
}

async function repeatStream(words: Arguments, workload: string, transform: Transformation): Promise<void> {
  const { rowCount } = await tableFiles(words.text("src"));
  await withSession(words, async (spark, base) => {
    for (let run = 0; run < words.number("repeat", 3); run += 1) {
      const done = await streamOnce({ spark, words, folder: join(base, String(run)) }, transform);
      emit({
        peer: "alluvium",
        workload: `${workload}/max_files=${words.textOr("max_files", "default")}`,
        run: run === 0 ? "cold" : "warm",
        rows: rowCount,
        rows_per_s: rowCount / done.wallS,
        batches: done.batchesMs.length,
        batch_p50_ms: percentile(done.batchesMs, 50),
        batch_p99_ms: percentile(done.batchesMs, 99),
        first_commit_after_start_s: (done.firstCommitMs - done.startMs) / 1000,
        out_rows: done.outRows,
        wall_s: done.wallS,
        cpu_s: done.cpuS,
        peak_rss_mb: done.peakRssMb,
      });
    }
  });
}

/** One session for all runs, as one JVM does all of Spark's. */
async function withSession(words: Arguments, work: (spark: Session, base: string) => Promise<void>): Promise<void> {
  const base = join(words.text("work"), `alluvium-stream-${process.pid}`);
  const spark = await Session.open({ warehouse: base });
  await work(spark, base);
  await spark.close();
  rmSync(base, { recursive: true, force: true });
}

interface Streaming {
  readonly spark: Session;
  readonly words: Arguments;
  readonly folder: string;
}

async function streamOnce({ spark, words, folder }: Streaming, transform: Transformation): Promise<StreamRun> {
  const batchesMs: number[] = [];
  const listener = {
    onQueryProgress: ({ progress }: { progress: StreamingQueryProgress }) =>
      void batchesMs.push(...batchTime(progress)),
  };
  spark.streams.addListener(listener);
  const startMs = Date.now();
  const out = join(folder, "out");
  const reading = await measured(async () => {
    const reader = words.has("max_files")
      ? spark.readStream.option("maxFilesPerTrigger", words.number("max_files"))
      : spark.readStream;
    const query = await transform(reader.load(words.text("src")))
      .writeStream.option("checkpointLocation", join(folder, "checkpoint"))
      .trigger({ availableNow: true })
      .start(out);
    await query.awaitTermination();
  });
  spark.streams.removeListener(listener);
  const { rowCount } = await tableFiles(out);
  return { ...reading, firstCommitMs: firstCommitTimeMs(out), startMs, batchesMs, outRows: rowCount };
}

function batchTime({ numInputRows, durationMs }: StreamingQueryProgress): readonly number[] {
  return numInputRows > 0 ? [durationMs["triggerExecution"] ?? 0] : [];
}

/** When the earliest commit of a table came to be seen: linking it was the last change of its file. */
function firstCommitTimeMs(tablePath: string): number {
  const log = join(tablePath, "_delta_log");
  const commits = readdirSync(log).filter((name) => name.endsWith(".json") && /^\d+\.json$/.test(name));
  return Math.min(...commits.map((name) => statSync(join(log, name)).ctimeMs));
}
