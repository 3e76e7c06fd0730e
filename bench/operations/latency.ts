// bench/operations/latency.ts: how long after a commit to the source its rows can be seen in the table that a stream feeds.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DeltaTable, Session } from "../../src/index.ts";
import type { Arguments } from "../arguments.ts";
import { emit, percentile } from "../meter.ts";
import { eventObjects, eventSchema } from "../source-rows.ts";

/** `stream_latency work= [seconds=] [every_ms=] [rows=] [writer=other|same]`: the writer is another process, or this one. */
export async function streamLatency(words: Arguments): Promise<void> {
  const base = join(words.text("work"), `alluvium-latency-${process.pid}`);
  rmSync(base, { recursive: true, force: true });
  await using spark = await Session.open({ warehouse: base });
  const [source, out] = [join(base, "source"), join(base, "out")];
  const table = await spark.createTableAt(source, { schema: eventSchema });
  await table.append(eventObjects({ first: 0, count: 1 }));
  const query = await spark.readStream
    .load(source)
    .writeStream.option("checkpointLocation", join(base, "checkpoint"))
    .start(out);
  await query.processAllAvailable();
  const writer = words.textOr("writer", "other");
  const late = writer === "same" ? await writeInPace(table, words) : await writeElsewhere(source, words);
  await query.processAllAvailable();
  await query.stop();
  emit({
    peer: "alluvium",
    workload: `stream_latency/writer=${writer}`,
    late_writes: late,
    ...latencies(source, out, words),
  });
  rmSync(base, { recursive: true, force: true });
}

/** `latency_report src= out= [skip=]`: the latencies of anybody's stream, from the two logs alone. */
export async function latencyReport(words: Arguments): Promise<void> {
  emit({ workload: "latency_report", ...latencies(words.text("src"), words.text("out"), words) });
}

/** `write_paced table= [seconds=] [every_ms=] [rows=]`: commits at a fixed pace; makes the table when it is not there. */
export async function writePaced(words: Arguments): Promise<void> {
  const path = words.text("table");
  await using table = await DeltaTable.open(path).catch(() => DeltaTable.create(path, { schema: eventSchema }));
  console.log(`LATE ${await writeInPace(table, words)}`);
}

async function writeInPace(table: DeltaTable, words: Arguments): Promise<number> {
  const [everyMs, rows] = [words.number("every_ms", 100), words.number("rows", 100)];
  const count = Math.round((words.number("seconds", 20) * 1000) / everyMs);
  const first = (table.version + 1) * rows;
  const startMs = performance.now();
  let late = 0;
  for (let at = 0; at < count; at += 1) {
    const batch = eventObjects({ first: first + at * rows, count: rows });
    const waitMs = startMs + at * everyMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    else if (at > 0) late += 1;
    await table.append(batch);
  }
  return late;
}

async function writeElsewhere(source: string, words: Arguments): Promise<number> {
  const own = ["seconds", "every_ms", "rows"]
    .filter((name) => words.has(name))
    .map((name) => `${name}=${words.text(name)}`);
  const script = fileURLToPath(new URL("../run.js", import.meta.url));
  const child = spawn(process.execPath, [script, "write_paced", `table=${source}`, ...own], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.on("close", resolve));
  return Number(/LATE (\d+)/.exec(text)?.[1] ?? Number.NaN);
}

/** Commits of a table as they came to be seen: when, and the highest id until then. */
function commitsOf(tablePath: string): readonly { readonly atMs: number; readonly highestId: number }[] {
  const log = join(tablePath, "_delta_log");
  const names = readdirSync(log).filter((name) => /^\d{20}\.json$/.test(name));
  const found: { atMs: number; highestId: number }[] = [];
  let highestId = -1;
  for (const name of names.toSorted()) {
    const before = highestId;
    for (const line of readFileSync(join(log, name), "utf8").split("\n").filter(Boolean)) {
      const { add } = JSON.parse(line) as { add?: { stats?: string } };
      const stats = JSON.parse(add?.stats ?? "{}") as { maxValues?: { id?: number } };
      highestId = Math.max(highestId, stats.maxValues?.id ?? -1);
    }
    // Not the modification time: a commit file is written, and synced, before it is given its name.
    if (highestId > before) found.push({ atMs: statSync(join(log, name)).ctimeMs, highestId });
  }
  return found;
}

function latencies(source: string, out: string, words: Arguments): Record<string, number | null> {
  const skip = words.number("skip", 30);
  const [written, seen] = [commitsOf(source), commitsOf(out)];
  const found: number[] = [];
  let at = 0;
  for (const { atMs, highestId } of written.slice(skip)) {
    while (at < seen.length && (seen[at]?.highestId ?? 0) < highestId) at += 1;
    const covering = seen[at];
    if (covering !== undefined) found.push(covering.atMs - atMs);
  }
  return {
    source_commits: written.length - skip,
    covered: found.length,
    output_commits: seen.length,
    p50_ms: percentile(found, 50),
    p90_ms: percentile(found, 90),
    p99_ms: percentile(found, 99),
    max_ms: found.length === 0 ? null : Math.max(...found),
  };
}
