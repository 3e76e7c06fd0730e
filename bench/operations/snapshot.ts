// bench/operations/snapshot.ts: the files of tables with long logs, all and some; their checkpoints; following them.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { resolvePredicate } from "../../src/expression/predicate/predicate-input.ts";
import { version } from "../../src/format/text/ids.ts";
import { formatLogPath } from "../../src/format/action/log-path.ts";
import { loadSnapshot, refreshSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { filesToRead } from "../../src/reader/plan-scan.ts";
import type { Arguments } from "../arguments.ts";
import { age } from "../age.ts";
import { emit, emitRepeated, measured, peakMemoryMb, percentile } from "../meter.ts";

/** `list table=`: the path of every file. */
export async function list(words: Arguments): Promise<void> {
  await using engine = localEngine();
  await emitRepeated({
    workload: "list",
    repeat: words.number("repeat", 3),
    work: async () => {
      const snapshot = await loadSnapshot(engine, resolve(words.text("table")));
      const paths: string[] = [];
      for await (const chunk of snapshot.files.chunks({ withoutStats: true }))
        for (const file of chunk) paths.push(file.path);
      return paths.length;
    },
    figures: (files) => ({ files }),
  });
}

/** `prune_partition table= value= [anew=1]`: the files of one day. */
export async function prunePartition(words: Arguments): Promise<void> {
  await prune(words, "prune_partition", `day = '${words.text("value")}'`);
}

/** `prune_stats table= id= [anew=1]`: the files that may hold one id. */
export async function pruneStats(words: Arguments): Promise<void> {
  await prune(words, "prune_stats", `id = ${words.number("id")}`);
}

async function prune(words: Arguments, workload: string, where: string): Promise<void> {
  await using engine = localEngine();
  await emitRepeated({
    workload,
    repeat: words.number("repeat", 3),
    work: async () => {
      if (words.has("anew")) age(resolve(words.text("table")));
      const snapshot = await loadSnapshot(engine, resolve(words.text("table")));
      const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
      const chosen = await filesToRead(snapshot, { where: await resolvePredicate(engine.sql, where, scope) });
      return chosen.files.length;
    },
    figures: (files) => ({ files }),
  });
}

/** `checkpoint table=`: opens the table and writes its checkpoint. */
export async function checkpoint(words: Arguments): Promise<void> {
  const path = `${resolve(words.text("table"))}-checkpoint-${process.pid}`;
  cpSync(resolve(words.text("table")), path, { recursive: true });
  await using engine = localEngine();
  await emitRepeated({
    workload: "checkpoint",
    repeat: 1,
    work: async () => writeCheckpoint(engine, await loadSnapshot(engine, path)),
  });
  rmSync(path, { recursive: true });
}

/** `refresh table=`: one more commit, read by who has the table open. */
export async function refresh(words: Arguments): Promise<void> {
  const path = `${resolve(words.text("table"))}-refresh-${process.pid}`;
  cpSync(resolve(words.text("table")), path, { recursive: true });
  await using engine = localEngine();
  let snapshot = await loadSnapshot(engine, path);
  const walls: number[] = [];
  for (let turn = 0; turn < 10; turn += 1) {
    const next = version(snapshot.version + 1);
    const add = {
      path: `new-${next}`,
      partitionValues: { day: "d0001" },
      size: 1,
      modificationTime: 1,
      dataChange: true,
    };
    const name = formatLogPath({ kind: "commit", version: next });
    writeFileSync(join(path, "_delta_log", name), `${JSON.stringify({ add })}\n`);
    const { wallS, value } = await measured(() => refreshSnapshot(engine, snapshot));
    if (value.version !== next) throw new Error(`version ${value.version} after commit ${next}`);
    snapshot = value;
    walls.push(wallS);
  }
  rmSync(path, { recursive: true });
  emit({
    peer: "alluvium",
    workload: "refresh",
    min_s: Math.min(...walls),
    median_s: percentile(walls, 50),
    first_s: walls[0] ?? null,
    peak_rss_mb: peakMemoryMb(),
  });
}
