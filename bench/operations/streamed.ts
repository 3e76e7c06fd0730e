// bench/operations/streamed.ts: one table streamed with availableNow, several times in one process, as one JVM does all of Spark's.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type DataFrame, type OutputMode, Session, type StreamingQueryProgress } from "../../src/index.ts";
import type { Arguments } from "../arguments.ts";
import { type Reading, emit, measured, percentile } from "../meter.ts";
import { tableFiles } from "../tables.ts";

/** What is done to the rows, and how the result is written. */
export interface StreamShape {
  readonly workload: string;
  readonly transform: (rows: DataFrame) => DataFrame;
  /** Append when absent. */
  readonly outputMode?: OutputMode;
  readonly options?: Readonly<Record<string, string>>;
}

/** A stream to be run to its end. */
export interface Streaming {
  readonly spark: Session;
  readonly frame: DataFrame;
  readonly shape: Omit<StreamShape, "transform" | "workload">;
  readonly checkpoint: string;
  /** Null to leave the results aside. */
  readonly out: string | null;
}

/** What a run took. */
export interface StreamReading extends Reading {
  /** Of batches with rows. */
  readonly batchesMs: readonly number[];
  /** Processor time of a batch with rows, the first and what came before it left out; milliseconds. */
  readonly batchCpuMs: number;
}

/** Runs a stream until its source is worked off. */
export async function drain({ spark, frame, shape, checkpoint, out }: Streaming): Promise<StreamReading> {
  const batchesMs: number[] = [];
  const cpuMs: number[] = [];
  const listener = {
    onQueryProgress: ({ progress }: { progress: StreamingQueryProgress }) => {
      if (progress.numInputRows === 0) return;
      batchesMs.push(progress.durationMs["triggerExecution"] ?? 0);
      const { user, system } = process.cpuUsage();
      cpuMs.push((user + system) / 1000);
    },
  };
  spark.streams.addListener(listener);
  const reading = await measured(async () => {
    const options = Object.entries({ ...shape.options, checkpointLocation: checkpoint });
    const writer = options
      .reduce((before, [name, value]) => before.option(name, value), frame.writeStream)
      .outputMode(shape.outputMode ?? "append")
      .trigger({ availableNow: true });
    const query = await (out === null ? writer.foreachBatch(() => undefined).start() : writer.start(out));
    await query.awaitTermination();
  });
  spark.streams.removeListener(listener);
  const batchCpuMs = ((cpuMs.at(-1) ?? 0) - (cpuMs[0] ?? 0)) / Math.max(1, cpuMs.length - 1);
  return { ...reading, batchesMs, batchCpuMs };
}

/** Streams the table `src` to a new one in `folder`. */
export async function streamOnce(
  words: Arguments,
  { spark, folder }: { readonly spark: Session; readonly folder: string },
  { transform, ...shape }: StreamShape,
): Promise<StreamReading & { readonly out: string }> {
  const reader = words.has("max_files")
    ? spark.readStream.option("maxFilesPerTrigger", words.number("max_files"))
    : spark.readStream;
  const frame = transform(reader.load(words.text("src")));
  const out = join(folder, "out");
  return { ...(await drain({ spark, frame, shape, checkpoint: join(folder, "checkpoint"), out })), out };
}

/** Does that `repeat` times, three when absent, and tells each run. */
export async function repeatStream(words: Arguments, shape: StreamShape): Promise<void> {
  const { rowCount } = await tableFiles(words.text("src"));
  await withSession(words, async (spark, base) => {
    for (let run = 0; run < words.number("repeat", 3); run += 1) {
      const done = await streamOnce(words, { spark, folder: join(base, String(run)) }, shape);
      emit({
        peer: "alluvium",
        workload: `${shape.workload}/max_files=${words.textOr("max_files", "default")}`,
        run: run === 0 ? "cold" : "warm",
        rows: rowCount,
        rows_per_s: rowCount / done.wallS,
        batches: done.batchesMs.length,
        batch_p50_ms: percentile(done.batchesMs, 50),
        batch_p99_ms: percentile(done.batchesMs, 99),
        out_rows: (await tableFiles(done.out)).rowCount,
        wall_s: done.wallS,
        cpu_s: done.cpuS,
        peak_rss_mb: done.peakRssMb,
      });
    }
  });
}

/** A session in a folder of its own below `work`, which is gone afterwards. */
export async function withSession(
  words: Arguments,
  work: (spark: Session, base: string) => Promise<void>,
): Promise<void> {
  const base = join(words.text("work"), `alluvium-stream-${process.pid}`);
  rmSync(base, { recursive: true, force: true });
  const spark = await Session.open({ warehouse: base });
  await work(spark, base);
  await spark.close();
  rmSync(base, { recursive: true, force: true });
}
