// test/log/clean-log.test.ts: log retention never breaks a version that can still be read.
import { existsSync, readdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanLog } from "../../src/log/publish/clean-log.ts";
import { listLog } from "../../src/log/listing/list-log.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { rebuildableRange } from "../../src/log/listing/log-segment.ts";
import { afterCommit } from "../../src/log/publish/post-commit.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  checkpointFile,
  commitFile,
  livePaths,
  metadata,
  protocol,
  setCommitTime,
  testEngine,
  v,
  writeCommits,
} from "./table-builder.ts";

const dayMs = 86_400_000;
const midnight = 20_000 * dayMs;
const clock = manualClock(midnight + 5);
const engine = testEngine(clock);

/** Version n was committed `agesInDays[n]` days ago. */
async function table(
  agesInDays: readonly number[],
  checkpoints: readonly number[],
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = temporaryFolder();
  writeCommits(folder, [
    [protocol, metadata({ "delta.logRetentionDuration": "interval 10 days", ...settings }), add("f0")],
    ...agesInDays.slice(1).map((_, index) => [add(`f${index + 1}`)]),
  ]);
  for (const at of checkpoints) await writeCheckpoint(engine, await loadSnapshot(engine, folder, { version: v(at) }));
  for (const [at, age] of agesInDays.entries()) setCommitTime(folder, at, midnight - age * dayMs);
  return folder;
}

const clean = async (folder: string): Promise<number> => cleanLog(engine, await loadSnapshot(engine, folder));
const commitsLeft = async (folder: string): Promise<readonly number[]> => (await listLog(engine, folder)).commits;

test("what is older than the newest checkpoint at or before the cutoff goes, and that checkpoint's commit stays", async () => {
  const folder = await table([40, 30, 20, 15, 5, 1], [1, 3, 5]);
  writeFileSync(join(folder, "_delta_log", "00000000000000000001.crc"), "{}");
  writeFileSync(join(folder, "_delta_log", "00000000000000000001.00000000000000000004.compacted.json"), "");
  expect(await clean(folder)).toBe(6);
  expect(await commitsLeft(folder)).toEqual([3, 4, 5]);
  expect(existsSync(checkpointFile(folder, 1))).toBe(false);
  for (const at of [3, 4, 5])
    expect(await livePaths(await loadSnapshot(engine, folder, { version: v(at) }))).toHaveLength(at + 1);
  await expect(loadSnapshot(engine, folder, { version: v(2) })).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
});

test("the cutoff is midnight, UTC: a commit exactly at it is one that may be cut at", async () => {
  expect(await commitsLeft(await cleaned([20, 10, 9], [1]))).toEqual([1, 2]);
  expect(await commitsLeft(await cleaned([20, 9.99, 9], [1]))).toEqual([0, 1, 2]);
});

async function cleaned(agesInDays: readonly number[], checkpoints: readonly number[]): Promise<string> {
  const folder = await table(agesInDays, checkpoints);
  await clean(folder);
  return folder;
}

test("without a checkpoint, or with cleanup off, nothing goes", async () => {
  expect(await clean(await table([40, 30, 20], []))).toBe(0);
  expect(await clean(await table([40, 30, 1], [2]))).toBe(0);
  expect(await clean(await table([40, 30, 20], [1], { "delta.enableExpiredLogCleanup": "false" }))).toBe(0);
});

test("the log is not cut at a checkpoint that cannot be read", async () => {
  const folder = await table([40, 30, 20, 15, 1], [1, 3]);
  truncateSync(checkpointFile(folder, 3), 20);
  await clean(folder);
  expect(await commitsLeft(folder)).toEqual([1, 2, 3, 4]);
  expect(await livePaths(await loadSnapshot(engine, folder))).toHaveLength(5);
});

test("every version from the cut on reads as before, whatever the ages and checkpoints", async () => {
  const ages = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(ages, fc.uniqueArray(fc.nat(6), { maxLength: 3 }), async (agesInDays, picks) => {
      const folder = await table(
        agesInDays,
        picks.filter((at) => at < agesInDays.length),
      );
      await clean(folder);
      const earliest: number = rebuildableRange(await listLog(engine, folder))?.earliest ?? expect.unreachable();
      const cut = agesInDays.findLastIndex((age) => age >= 10);
      expect(earliest).toBeLessThanOrEqual(Math.max(cut, 0));
      for (let at = earliest; at < agesInDays.length; at += 1)
        expect(await livePaths(await loadSnapshot(engine, folder, { version: v(at) }))).toHaveLength(at + 1);
    }),
    { seed: 20, numRuns: 25 },
  );
});

test("staged files that a dead writer left are removed after a day", async () => {
  const folder = await table([1], []);
  for (const [name, age] of [
    ["old", 2],
    ["new", 0.5],
  ] as const) {
    const path = join(folder, "_delta_log", `.tmp-${name}`);
    writeFileSync(path, "x");
    utimesSync(path, (midnight - age * dayMs) / 1000, (midnight - age * dayMs) / 1000);
  }
  expect(await clean(folder)).toBe(1);
  expect(readdirSync(join(folder, "_delta_log")).filter((name) => name.startsWith("."))).toEqual([".tmp-new"]);
});

test("after each commit comes a checksum, and after every delta.checkpointInterval commits a checkpoint", async () => {
  const folder = await table([1, 1, 1, 1, 1], [], { "delta.checkpointInterval": "2" });
  for (let at = 0; at < 5; at += 1)
    expect(await afterCommit(engine, await loadSnapshot(engine, folder, { version: v(at) }))).toEqual([]);
  const listing = await listLog(engine, folder);
  expect(listing.checkpoints.map((checkpoint) => checkpoint.version)).toEqual([2, 4]);
  expect([...listing.checksums]).toEqual([0, 1, 2, 3, 4]);
});

test("a process goes through a log once a day, for what expires does so at midnight", async () => {
  const time = manualClock(midnight + 5);
  const clocked = { ...engine, clock: time };
  const folder = await table([20, 20, 1, 1, 1, 1, 1], [], { "delta.checkpointInterval": "2" });
  const follow = async (at: number): Promise<readonly number[]> => {
    expect(await afterCommit(clocked, await loadSnapshot(clocked, folder, { version: v(at) }))).toEqual([]);
    return commitsLeft(folder);
  };
  // Its only checkpoint is newer than what has expired.
  expect(await follow(2)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  for (const at of [2, 3]) setCommitTime(folder, at, midnight - 19 * dayMs);
  expect(await follow(4)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  await time.advance(dayMs);
  expect(await follow(6)).toEqual([2, 3, 4, 5, 6]);
});

test("what fails after a commit is reported and not thrown", async () => {
  const folder = await table([1, 1, 1], [], { "delta.checkpointInterval": "2" });
  const snapshot = await loadSnapshot(engine, folder);
  const refusing = {
    ...engine,
    files: {
      ...engine.files,
      put: () => Promise.reject(new Error("no")),
      putHint: () => Promise.reject(new Error("no")),
      putHintIfAbsent: () => Promise.reject(new Error("no")),
      putIfAbsent: () => Promise.reject(new Error("no")),
      adopt: () => Promise.reject(new Error("no")),
    },
  };
  expect((await afterCommit(refusing, snapshot)).map((failure) => failure.step)).toEqual(["checksum", "checkpoint"]);
  expect(existsSync(checkpointFile(folder, 2))).toBe(false);
  expect(existsSync(commitFile(folder, 2))).toBe(true);
});

test("a log in which nothing is old is not gone through: one commit's time tells", async () => {
  const folder = await table([5, 4, 3, 2, 1], [2, 4]);
  const asked: string[] = [];
  const files = {
    ...engine.files,
    list: (directory: string) => (asked.push("list"), engine.files.list(directory)),
    stat: (path: string) => (asked.push("stat"), engine.files.stat(path)),
  };
  const snapshot = await loadSnapshot(engine, folder);
  expect(await cleanLog({ ...engine, files }, snapshot)).toBe(0);
  expect(asked).toEqual(["stat"]);
});
