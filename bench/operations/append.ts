// bench/operations/append.ts: commits a second, by one writer or several processes, every commit synced.
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { batchFromRows } from "../../src/engine/arrow/arrow-rows.ts";
import { DeltaTable } from "../../src/index.ts";
import type { Arguments } from "../arguments.ts";
import { emit, measured, percentile } from "../meter.ts";
import { eventObjects, eventSchema } from "../source-rows.ts";

/**
 * `append table= rows= commits=`: one handle, one commit each, into a table of its own below `table`. Nothing is removed: a file
 * system is slow to make files for a while after many were.
 */
export async function append(words: Arguments): Promise<void> {
  const path = `${words.text("table")}/${process.pid}`;
  const table = await DeltaTable.create(path, { schema: eventSchema });
  const batches = inputs(words, 0);
  await warmUp(words);
  const timesMs: number[] = [];
  const { wallS, cpuS, peakRssMb } = await measured(() => appendAll(table, batches, timesMs));
  emit({
    peer: "alluvium",
    workload: `append/rows=${words.number("rows")}`,
    commits_per_s: batches.length / wallS,
    ...spread(timesMs),
    wall_s: wallS,
    cpu_s: cpuS,
    peak_rss_mb: peakRssMb,
  });
  await table.close();
}

/** `append_concurrent table= rows= commits= procs=`: commits are per process. */
export async function appendConcurrent(words: Arguments): Promise<void> {
  const path = `${words.text("table")}/${process.pid}`;
  const goFile = `${path}.go`;
  await (await DeltaTable.create(path, { schema: eventSchema })).close();
  const writerCount = words.number("procs");
  const workers = Array.from({ length: writerCount }, (_, writer) => startWorker(words, { path, writer }));
  await Promise.all(workers.map((worker) => worker.ready));
  const { value, wallS } = await measured(async () => {
    writeFileSync(goFile, "");
    return Promise.all(workers.map((worker) => worker.done));
  });
  const table = await DeltaTable.open(path);
  await table.close();
  emit({
    peer: "alluvium",
    workload: `append_concurrent/rows=${words.number("rows")}/procs=${writerCount}`,
    commits_per_s: (words.number("commits") * writerCount) / wallS,
    versions: table.version,
    p50_ms: percentile(
      value.map(({ p50 }) => p50),
      50,
    ),
    p99_ms: Math.max(...value.map(({ p99 }) => p99)),
    wall_s: wallS,
    peak_rss_mb: value.reduce((sum, { peak }) => sum + peak, 0),
  });
}

/** One of the processes of `append_concurrent`. */
export async function appendWorker(words: Arguments): Promise<void> {
  await using table = await DeltaTable.open(words.text("table"));
  const batches = inputs(words, words.number("me"));
  await warmUp(words);
  console.log("READY");
  while (!existsSync(`${words.text("table")}.go`)) await sleep(5);
  const timesMs: number[] = [];
  const { peakRssMb } = await measured(() => appendAll(table, batches, timesMs));
  console.log(`DONE ${percentile(timesMs, 50) ?? 0} ${percentile(timesMs, 99) ?? 0} ${peakRssMb}`);
}

type Batch = ReturnType<typeof batchFromRows>;

/** Arrow batches, made beforehand, as other engines get them. */
function inputs(words: Arguments, writer: number): readonly Batch[] {
  const [rows, commits] = [words.number("rows"), words.number("commits")];
  return Array.from({ length: commits }, (_, at) =>
    batchFromRows(eventSchema, eventObjects({ first: (writer * commits + at) * rows, count: rows })),
  );
}

/**
 * Appends to a table of its own before anything is timed: engines that were compiled beforehand start warm, and Python's are loaded
 * before their time begins.
 */
async function warmUp(words: Arguments): Promise<void> {
  const path = `${words.text("table")}/${process.pid}-warm`;
  await using table = await DeltaTable.create(path, { schema: eventSchema });
  const batch = batchFromRows(eventSchema, eventObjects({ first: 0, count: words.number("rows") }));
  for (let commit = 0; commit < warmUpCommits; commit += 1) await table.append(batch);
}

// V8 compiles the hot code over the first thousand commits and takes a core for it: of 1 row, 350 commits a second after 200, 450 after
// 1,000, 540 after 2,000. A process that keeps a table is past that in its first seconds; a peer's code is compiled from the start.
const warmUpCommits = 1000;

async function appendAll(table: DeltaTable, batches: readonly Batch[], timesMs: number[]): Promise<void> {
  for (const batch of batches) {
    const startMs = performance.now();
    await table.append(batch);
    timesMs.push(performance.now() - startMs);
  }
}

const spread = (timesMs: readonly number[]): { p50_ms: number | null; p99_ms: number | null } => ({
  p50_ms: percentile(timesMs, 50),
  p99_ms: percentile(timesMs, 99),
});

interface Worker {
  readonly ready: Promise<void>;
  readonly done: Promise<{ p50: number; p99: number; peak: number }>;
}

function startWorker(words: Arguments, { path, writer }: { readonly path: string; readonly writer: number }): Worker {
  const own = [`table=${path}`, ...["rows", "commits"].map((name) => `${name}=${words.text(name)}`)];
  const script = fileURLToPath(new URL("../run.js", import.meta.url));
  const child = spawn(process.execPath, [script, "append_worker", ...own, `me=${writer}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  const ready = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("READY")) resolve();
    });
  });
  const done = new Promise<{ p50: number; p99: number; peak: number }>((resolve, reject) => {
    child.on("close", () => {
      const found = /DONE (\S+) (\S+) (\S+)/.exec(text);
      if (found === null) reject(new Error(`writer ${writer} failed`));
      else resolve({ p50: Number(found[1]), p99: Number(found[2]), peak: Number(found[3]) });
    });
  });
  return { ready, done };
}
