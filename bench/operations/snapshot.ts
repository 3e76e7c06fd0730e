// bench/operations/snapshot.ts: opening tables with long logs, listing and pruning their files.
import { resolve } from "node:path";
import { localEngine } from "../../src/engine/local-engine.ts";
import { resolvePredicate } from "../../src/expression/predicate-input.ts";
import { version } from "../../src/format/ids.ts";
import { loadSnapshot } from "../../src/log/load-snapshot.ts";
import { chooseFiles } from "../../src/reader/plan-scan.ts";
import type { Arguments } from "../arguments.ts";
import { emitRepeated } from "../meter.ts";

/** `open table= [version=]`. */
export async function open(words: Arguments): Promise<void> {
  await emitRepeated({
    workload: "open",
    repeat: words.number("repeat", 3),
    work: async () => {
      await using engine = localEngine();
      const at = words.has("version") ? { version: version(words.number("version")) } : {};
      return (await loadSnapshot(engine, resolve(words.text("table")), at)).version;
    },
    figures: (at) => ({ version: at }),
  });
}

/** `list table=`: the path of every file. */
export async function list(words: Arguments): Promise<void> {
  await emitRepeated({
    workload: "list",
    repeat: words.number("repeat", 3),
    work: async () => {
      await using engine = localEngine();
      const snapshot = await loadSnapshot(engine, resolve(words.text("table")));
      const paths: string[] = [];
      for await (const chunk of snapshot.files.chunks()) for (const file of chunk) paths.push(file.path);
      return paths.length;
    },
    figures: (files) => ({ files }),
  });
}

/** `prune_partition table= value=`: the files of one day. */
export async function prunePartition(words: Arguments): Promise<void> {
  await prune(words, "prune_partition", `day = '${words.text("value")}'`);
}

/** `prune_stats table= id=`: the files that may hold one id. */
export async function pruneStats(words: Arguments): Promise<void> {
  await prune(words, "prune_stats", `id = ${words.number("id")}`);
}

async function prune(words: Arguments, workload: string, where: string): Promise<void> {
  await emitRepeated({
    workload,
    repeat: words.number("repeat", 3),
    work: async () => {
      await using engine = localEngine();
      const snapshot = await loadSnapshot(engine, resolve(words.text("table")));
      const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
      const plan = await chooseFiles(snapshot, { where: await resolvePredicate(engine.sql, where, scope) });
      return plan.files.length;
    },
    figures: (files) => ({ files }),
  });
}
