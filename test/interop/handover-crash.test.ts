// A query whose engine died within a batch, continued by the other engine: exactly once, whatever was already on disk.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lake, digits } from "./lake.ts";
import type { PeerRow } from "./peer.ts";
import { sorted } from "./peer-value.ts";
import { type Runner, type SharedQuery, batchIds, endOffset, forgetLastTick, run, sinkBatches } from "./stream-peer.ts";

const rows = (from: number, to: number): PeerRow[] =>
  Array.from({ length: to - from }, (_, index) => ({ id: String(from + index), even: (from + index) % 2 === 0 }));
const schema = "id BIGINT, even BOOLEAN";
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

const pairs: readonly { readonly dead: Runner; readonly heir: Runner; readonly shape: "copy" | "filter" }[] = [
  { dead: "we", heir: "spark", shape: "copy" },
  { dead: "spark", heir: "we", shape: "copy" },
  { dead: "we", heir: "spark", shape: "filter" },
  { dead: "spark", heir: "we", shape: "filter" },
];

describe.each(pairs)("$dead died in a $shape, and the heir is $heir", ({ dead, heir, shape }) => {
  const query = (name: string): SharedQuery => ({
    source: `${name} source ${dead} ${shape}`,
    target: `${name} sink ${dead} ${shape}`,
    checkpoint: `${name} checkpoint ${dead} ${shape}`,
    ...(shape === "filter" && { where: "even", select: ["id", "id * 10 AS tenfold"] }),
  });
  const ids = (from: number, to: number): readonly unknown[] =>
    sorted(rows(from, to).filter((row) => shape === "copy" || row["even"] === true)).map((row) => row["id"]);
  const sinkIds = async (target: string): Promise<readonly unknown[]> =>
    (await lake.rows(target)).map((row) => row["id"]);

  /** Two batches of the one who will die: rows 0 to 10. */
  async function twoBatches(q: SharedQuery): Promise<void> {
    await lake.create(q.source, { schema });
    for (const from of [0, 5]) {
      await lake.append(q.source, rows(from, from + 5));
      await run(lake, dead, q);
    }
    expect(batchIds(lake, q.checkpoint, "commits")).toEqual([0, 1]);
  }

  test("between the sink's commit and the tick: the batch is ticked off, and not written again", async () => {
    const q = query("ticked");
    await twoBatches(q);
    expect(forgetLastTick(lake, q.checkpoint)).toBe(1);
    await lake.append(q.source, rows(10, 15));
    await run(lake, heir, q);
    expect(await sinkIds(q.target)).toEqual(ids(0, 15));
    expect(batchIds(lake, q.checkpoint, "commits")).toEqual([0, 1, 2]);
    expect(await sinkBatches(lake, q.target)).toHaveLength(3);
    // And back: the heir dies in the same place.
    expect(forgetLastTick(lake, q.checkpoint)).toBe(2);
    await lake.append(q.source, rows(15, 17));
    await run(lake, dead, q);
    expect(await sinkIds(q.target)).toEqual(ids(0, 17));
    expect(await sinkBatches(lake, q.target)).toHaveLength(4);
  });

  test("between the promise and the sink's commit: the batch runs with the promised end, new rows come after it", async () => {
    const q = query("promised");
    await twoBatches(q);
    forgetLastTick(lake, q.checkpoint);
    const promised = endOffset(lake, q.checkpoint, 1);
    // The sink as it was before batch 1.
    const version = await lake.version(q.target);
    const log = join(lake.path(q.target), "_delta_log");
    for (const name of [`${digits(version)}.json`, `${digits(version)}.crc`]) {
      for (const file of [name, `.${name}.crc`]) rmSync(join(log, file), { force: true });
    }
    expect(await sinkIds(q.target)).toEqual(ids(0, 5));
    await lake.append(q.source, rows(10, 15));
    await run(lake, heir, q);
    expect(await sinkIds(q.target)).toEqual(ids(0, 15));
    expect(endOffset(lake, q.checkpoint, 1)).toEqual(promised);
    expect(batchIds(lake, q.checkpoint, "commits")).toEqual([0, 1, 2]);
    const inBatch1 = (await lake.rows(q.target, { version })).map((row) => row["id"]);
    expect(inBatch1).toEqual(ids(0, 10));
  });
});

test("the settings that Spark pinned stay pinned while we continue its query", async () => {
  const checkpoint = "ticked checkpoint spark copy";
  const conf = (batch: number): unknown => {
    const [, metadata = ""] = readFileSync(join(lake.path(checkpoint), "offsets", String(batch)), "utf8").split("\n");
    return (JSON.parse(metadata) as { conf: unknown }).conf;
  };
  // Batch 1 is Spark's, batch 2 ours.
  expect(conf(2)).toEqual(conf(1));
});

test("our process is killed again and again while it streams, and Spark finishes", async () => {
  const q: SharedQuery = {
    source: "killed source",
    target: "killed sink",
    checkpoint: "killed checkpoint",
    sourceOptions: { maxFilesPerTrigger: "1" },
  };
  await lake.create(q.source, { schema });
  for (let from = 0; from < 60; from += 1) await lake.append(q.source, rows(from * 3, from * 3 + 3));
  for (let round = 0; round < 3; round += 1) {
    const child = streamInOwnProcess(q);
    await waitForBatches(child, q, (batchIds(lake, q.checkpoint, "commits").at(-1) ?? -1) + 4);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
  }
  expect(batchIds(lake, q.checkpoint, "commits").length).toBeLessThan(60);
  await run(lake, "spark", { ...q, sourceOptions: { maxFilesPerTrigger: "15" } });
  expect(await lake.rows(q.target)).toEqual(sorted(rows(0, 180)));
  await lake.append(q.source, rows(180, 181));
  await run(lake, "we", q);
  expect(await lake.rows(q.target)).toEqual(sorted(rows(0, 181)));
});

function streamInOwnProcess(q: SharedQuery): ChildProcess {
  const library = fileURLToPath(new URL("../../build/src/index.js", import.meta.url));
  const code = `
    const { Session } = await import(${JSON.stringify(library)});
    const [source, target, checkpoint, options] = JSON.parse(process.argv[1]);
    const session = await Session.open();
    const query = await session.readStream.options(options).load(source).writeStream
      .option("checkpointLocation", checkpoint).start(target);
    await query.awaitTermination();`;
  const args = [lake.path(q.source), lake.path(q.target), lake.path(q.checkpoint), q.sourceOptions ?? {}];
  return spawn(process.execPath, ["--input-type=module", "-e", code, JSON.stringify(args)], { stdio: "inherit" });
}

async function waitForBatches(child: ChildProcess, q: SharedQuery, batchId: number): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 2) {
    if ((batchIds(lake, q.checkpoint, "offsets").at(-1) ?? -1) >= batchId) return;
    if (child.exitCode !== null) throw new Error(`the stream ended with ${child.exitCode}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
  throw new Error(`batch ${batchId} was not begun within a minute`);
}
