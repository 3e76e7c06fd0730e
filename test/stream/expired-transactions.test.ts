// test/stream/expired-transactions.test.ts: a sink whose transactions expire (delta.setTransactionRetentionDuration) still takes each batch once.
// Law S5.
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { Lake } from "./lake.ts";
import { temporaryFolder } from "./query-doubles.ts";

const engine = localEngine();
afterAll(() => engine[Symbol.asyncDispose]());

/** A sink that has taken batch 0, of which the checkpoint of the query does not know, and that forgets its transactions at once. */
async function cutOff(): Promise<Lake> {
  const lake = new Lake(engine, temporaryFolder());
  onTestFinished(() => lake.manager.stopAll());
  await lake.create("books");
  await lake.append("books", [1, 2]);
  await lake.create("copy", { properties: { "delta.setTransactionRetentionDuration": "interval 0 seconds" } });
  await lake.drain();
  rmSync(join(lake.path("checkpoint"), "commits/0"));
  expect([...(await lake.snapshot("copy")).transactions]).toEqual([]);
  return lake;
}

/** Makes the table rest on a checkpoint, which holds no transaction that has expired. */
async function checkpoint(lake: Lake): Promise<void> {
  await writeCheckpoint(engine, await lake.snapshot("copy"));
}

/** Removes commits, as a cleaning does. */
function clean(lake: Lake, ...versions: readonly number[]): void {
  const folder = join(lake.path("copy"), "_delta_log");
  const names = versions.map((version) => String(version).padStart(20, "0"));
  for (const file of readdirSync(folder)) {
    const isCleaned = names.some((name) => file.startsWith(name)) && !file.includes("checkpoint");
    if (isCleaned) rmSync(join(folder, file));
  }
}

test("a batch whose transaction has expired is not written again", async () => {
  const lake = await cutOff();
  await lake.drain();
  expect(await lake.ids("copy")).toEqual([1, 2]);
  expect(lake.version("copy")).toBe(1);
});

test("nor where only its commit remembers it", async () => {
  const lake = await cutOff();
  await lake.append("copy", [9]);
  await checkpoint(lake);
  await lake.drain();
  expect(await lake.ids("copy")).toEqual([1, 2, 9]);
  expect(lake.version("copy")).toBe(2);
});

test("where nobody can tell, nothing is written, and it is said", async () => {
  const lake = await cutOff();
  await lake.append("copy", [9]);
  await checkpoint(lake);
  clean(lake, 0, 1);
  await expect(lake.drain()).rejects.toThrow(/STREAMING_BATCH_OUTCOME_UNKNOWN|cannot tell any more/u);
  expect(await lake.ids("copy")).toEqual([1, 2, 9]);
});

test("a batch that was promised and not written comes once", async () => {
  const lake = await cutOff();
  clean(lake, 1);
  await lake.append("copy", [9]);
  await lake.drain();
  expect(await lake.ids("copy")).toEqual([1, 2, 9]);
});

test("the checksum file of a table whose transactions expire does not list some of them as all", async () => {
  const lake = await cutOff();
  const path = join(lake.path("copy"), "_delta_log", `${"1".padStart(20, "0")}.crc`);
  expect(Object.keys(JSON.parse(readFileSync(path, "utf8")) as object)).not.toContain("setTransactions");
});
