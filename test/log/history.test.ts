// test/log/history.test.ts: adjusted commit times, versions by time, and the history of a table.
import { rmSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Action } from "../../src/format/action/action.ts";
import { commitTimestamps, readHistory, versionAtTimestamp } from "../../src/log/snapshot/history.ts";
import type { HistoryEntry } from "../../src/log/snapshot/history.ts";
import { listLog } from "../../src/log/listing/list-log.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { beginTransaction } from "../../src/writer/transaction.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  commitFile,
  create,
  livePaths,
  metadata,
  protocol,
  setCommitTime,
  testEngine,
  v,
  writeCommits,
} from "./table-builder.ts";

const engine = testEngine();

const info = (operation: string, more: Partial<Extract<Action, { kind: "commitInfo" }>> = {}): Action => ({
  kind: "commitInfo",
  operation,
  ...more,
});

function table(...timesMs: readonly number[]): string {
  const folder = temporaryFolder();
  writeCommits(folder, [
    [info("CREATE"), ...create],
    ...timesMs.slice(1).map((_, index) => [info(`WRITE ${index + 1}`), add(`f${index}`)]),
  ]);
  for (const [at, time] of timesMs.entries()) setCommitTime(folder, at, time);
  return folder;
}

async function collect(entries: AsyncIterable<HistoryEntry>): Promise<readonly HistoryEntry[]> {
  const all: HistoryEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

const at = (
  folder: string,
  timestampMs: number,
  mode: "at-or-before" | "at-or-after" = "at-or-before",
): Promise<number> => versionAtTimestamp(engine, folder, timestampMs, { mode });

test("history comes newest first, with times that never stand still or go back", async () => {
  const folder = table(10_000, 9_000, 9_000, 20_000);
  const entries = await collect(readHistory(engine, folder));
  expect(entries.map((entry) => [entry.version, entry.timestampMs, entry.commitInfo?.operation])).toEqual([
    [3, 20_000, "WRITE 3"],
    [2, 10_002, "WRITE 2"],
    [1, 10_001, "WRITE 1"],
    [0, 10_000, "CREATE"],
  ]);
  expect(
    (await collect(readHistory(engine, await loadSnapshot(engine, folder), 2))).map((entry) => entry.version),
  ).toEqual([3, 2]);
});

test("a commit without provenance has an entry without any", async () => {
  const folder = temporaryFolder();
  writeCommits(folder, [create]);
  expect(await collect(readHistory(engine, folder))).toMatchObject([{ version: 0, commitInfo: null }]);
});

test("history goes back as far as the commit files do", async () => {
  const folder = table(1_000, 2_000, 3_000, 4_000);
  await writeCheckpoint(engine, await loadSnapshot(engine, folder, { version: v(2) }));
  for (const gone of [0, 1]) rmSync(commitFile(folder, gone));
  expect((await collect(readHistory(engine, folder))).map((entry) => entry.version)).toEqual([3, 2]);
});

test("a damaged provenance is CORRUPT_LOG, and a table that is not there TABLE_NOT_FOUND", async () => {
  const folder = table(1_000, 2_000);
  const snapshot = await loadSnapshot(engine, folder);
  writeFileSync(commitFile(folder, 1), '{"commitInfo":{');
  await expect(collect(readHistory(engine, snapshot))).rejects.toMatchObject({ code: "CORRUPT_LOG" });
  await expect(collect(readHistory(engine, temporaryFolder()))).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
});

test("looking back gives the last commit at or before the moment, by adjusted times", async () => {
  const folder = table(10_000, 9_000, 20_000);
  expect(await at(folder, 10_000)).toBe(0);
  expect(await at(folder, 10_001)).toBe(1);
  expect(await at(folder, 19_999)).toBe(1);
  expect(await at(folder, 20_000)).toBe(2);
  expect((await loadSnapshot(engine, folder, { timestampMs: 10_500 })).version).toBe(1);
});

test("a moment before the first or after the last commit is TIMESTAMP_OUT_OF_RANGE naming both", async () => {
  const folder = table(10_000, 20_000);
  for (const moment of [9_999, 20_001]) {
    await expect(at(folder, moment)).rejects.toMatchObject({
      code: "TIMESTAMP_OUT_OF_RANGE",
      context: { earliestTimestampMs: 10_000, latestTimestampMs: 20_000, earliestVersion: 0, latestVersion: 1 },
    });
  }
  await expect(loadSnapshot(engine, folder, { timestampMs: 20_001 })).rejects.toMatchObject({
    code: "TIMESTAMP_OUT_OF_RANGE",
  });
});

test("looking ahead gives the first commit at or after the moment, the first of all for any time before it", async () => {
  const folder = table(10_000, 20_000, 30_000);
  expect(await at(folder, 1, "at-or-after")).toBe(0);
  expect(await at(folder, 10_001, "at-or-after")).toBe(1);
  expect(await at(folder, 30_000, "at-or-after")).toBe(2);
  await expect(at(folder, 30_001, "at-or-after")).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
});

test("looking back counts only versions that can be rebuilt", async () => {
  const folder = table(1_000, 2_000, 3_000, 4_000);
  await writeCheckpoint(engine, await loadSnapshot(engine, folder, { version: v(2) }));
  rmSync(commitFile(folder, 0));
  await expect(at(folder, 2_500)).rejects.toMatchObject({
    code: "TIMESTAMP_OUT_OF_RANGE",
    context: { earliestVersion: 2 },
  });
  expect(await at(folder, 3_500)).toBe(2);
  expect(await at(folder, 1_500, "at-or-after")).toBe(1);
});

test("commits that carry their own time are known by it, from the version that turned that on", async () => {
  const folder = temporaryFolder();
  const settings = {
    "delta.enableInCommitTimestamps": "true",
    "delta.inCommitTimestampEnablementVersion": "2",
    "delta.inCommitTimestampEnablementTimestamp": "50000",
  };
  const features: Action = {
    kind: "protocol",
    minReaderVersion: 1,
    minWriterVersion: 7,
    writerFeatures: ["inCommitTimestamp"],
  };
  writeCommits(folder, [
    create,
    [add("a")],
    [info("SET", { inCommitTimestampMs: 50_000 }), features, metadata(settings)],
    [info("WRITE", { inCommitTimestampMs: 60_000 }), add("b")],
  ]);
  for (const [index, time] of [10_000, 20_000, 99_000, 98_000].entries()) setCommitTime(folder, index, time);
  const times = await commitTimestamps(engine, await listLog(engine, folder));
  expect(times.map((commit) => commit.timestampMs)).toEqual([10_000, 20_000, 50_000, 60_000]);
  expect((await loadSnapshot(engine, folder)).timestampMs).toBe(60_000);
  expect((await loadSnapshot(engine, folder, { version: v(1) })).timestampMs).toBe(20_000);
  expect([await at(folder, 49_999), await at(folder, 50_000), await at(folder, 60_000)]).toEqual([1, 2, 3]);
  // The files of a copy are younger than what the commits say of themselves.
  for (const index of [0, 1]) setCommitTime(folder, index, 1_000_000 + index);
  expect([await at(folder, 50_000), await at(folder, 59_999), await at(folder, 60_000)]).toEqual([2, 2, 3]);
  expect([await at(folder, 50_001, "at-or-after"), await at(folder, 40_000, "at-or-after")]).toEqual([3, 0]);
  await expect(at(folder, 49_999)).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
  await expect(at(folder, 60_001)).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
});

const ownTimes: readonly Action[] = [
  { kind: "protocol", minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["inCommitTimestamp"] },
  metadata({ "delta.enableInCommitTimestamps": "true" }),
];
const timed = (timestampMs: number): Action => info("WRITE", { inCommitTimestampMs: timestampMs });

test("times that go back, against the rules, make no later version an earlier one, and none a moment out of range", async () => {
  const folder = temporaryFolder();
  const times = [10, 20, 30, 5, 40, 7];
  writeCommits(
    folder,
    times.map((time, index) => [timed(time), ...(index === 0 ? ownTimes : [add(`f${index}`)])]),
  );
  const found = await Promise.all([10, 19, 20, 29, 30, 39].map((moment) => at(folder, moment)));
  expect(found).toEqual([0, 0, 1, 1, 3, 3]);
  expect(await at(folder, 40)).toBe(5);
  for (const moment of [9, 41])
    await expect(at(folder, moment)).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
  expect([await at(folder, 30, "at-or-after"), await at(folder, 31, "at-or-after")]).toEqual([2, 4]);
});

test("equal times name the last of their versions looking back, and the first looking ahead", async () => {
  const folder = temporaryFolder();
  writeCommits(folder, [
    [timed(10), ...ownTimes],
    [timed(20), add("a")],
    [timed(20), add("b")],
    [timed(30), add("c")],
  ]);
  expect([await at(folder, 20), await at(folder, 20, "at-or-after")]).toEqual([2, 1]);
});

test("no file time, whenever a table was copied, tells of the era in which commits carry their own", async () => {
  const folder = temporaryFolder();
  const settings = {
    "delta.enableInCommitTimestamps": "true",
    "delta.inCommitTimestampEnablementVersion": "2",
    "delta.inCommitTimestampEnablementTimestamp": "50000",
  };
  const protocolOfTimes = ownTimes[0];
  if (protocolOfTimes === undefined) throw new Error("it is there");
  writeCommits(folder, [
    create,
    [add("a")],
    [timed(50_000), protocolOfTimes, metadata(settings)],
    [timed(60_000), add("b")],
  ]);
  for (const version of [0, 1, 2, 3]) setCommitTime(folder, version, 900_000 + version);
  expect([await at(folder, 50_000), await at(folder, 59_999), await at(folder, 60_000)]).toEqual([2, 2, 3]);
  expect([await at(folder, 50_001, "at-or-after"), await at(folder, 60_000, "at-or-after")]).toEqual([3, 3]);
  await expect(at(folder, 900_000)).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
  await writeCheckpoint(engine, await loadSnapshot(engine, folder));
  for (const gone of [0, 1, 2]) rmSync(commitFile(folder, gone));
  await expect(at(folder, 55_000)).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_RANGE" });
  expect([await at(folder, 60_000), await at(folder, 1, "at-or-after")]).toEqual([3, 3]);
});

test.each([
  { code: "DELTA_MISSING_COMMIT_TIMESTAMP", first: [info("WRITE")] },
  { code: "DELTA_MISSING_COMMIT_INFO", first: [] },
])(
  "a commit that does not say when it happened, and must, is refused wherever its time is asked for: $code",
  async ({ code, first }) => {
    const folder = temporaryFolder();
    writeCommits(folder, [
      [timed(10), ...ownTimes],
      [timed(20), add("a")],
      [...first, add("b")],
    ]);
    const snapshot = await loadSnapshot(engine, folder);
    expect(await livePaths(snapshot)).toEqual(["a", "b"]);
    expect(() => snapshot.timestampMs).toThrow(
      expect.objectContaining({ code, context: { table: folder, version: 2 } }),
    );
    await expect(collect(readHistory(engine, folder))).rejects.toMatchObject({ code });
    await expect(at(folder, 20)).rejects.toMatchObject({ code });
    const next = beginTransaction(engine, snapshot).commit({ operation: "WRITE", parameters: {}, actions: [add("c")] });
    await expect(next).rejects.toMatchObject({ code });
    const before = beginTransaction(engine, await loadSnapshot(engine, folder, { version: v(1) }));
    const behind = before.commit({ operation: "WRITE", parameters: {}, actions: [add("c")] });
    await expect(behind).rejects.toMatchObject({ code });
    expect((await loadSnapshot(engine, folder)).version).toBe(2);
  },
);

test("provenance that does not come first in its commit is found all the same", async () => {
  const folder = temporaryFolder();
  writeCommits(folder, [
    [timed(10), ...ownTimes],
    [add("a"), timed(20)],
  ]);
  expect([(await loadSnapshot(engine, folder)).timestampMs, await at(folder, 20)]).toEqual([20, 1]);
});

test("a damaged commit beneath a checkpoint takes nothing from the table but the time of that commit", async () => {
  const folder = temporaryFolder();
  const features: Action = { ...protocol, minWriterVersion: 7, writerFeatures: ["inCommitTimestamp"] };
  const settings = { "delta.enableInCommitTimestamps": "true" };
  writeCommits(folder, [
    [info("CREATE", { inCommitTimestampMs: 10_000 }), features, metadata(settings)],
    [info("WRITE", { inCommitTimestampMs: 20_000 }), add("a")],
  ]);
  await writeCheckpoint(engine, await loadSnapshot(engine, folder));
  writeFileSync(commitFile(folder, 1), '{"commitInfo":{"inCommitTimestamp":');
  expect(await livePaths(await loadSnapshot(engine, folder))).toEqual(["a"]);
});

test("for any file times, each commit is found by its own time in history", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }), async (seconds) => {
      const folder = table(...seconds.map((second) => second * 1_000));
      for (const entry of await collect(readHistory(engine, folder))) {
        expect(await at(folder, entry.timestampMs)).toBe(entry.version);
        expect(await at(folder, entry.timestampMs, "at-or-after")).toBe(entry.version);
      }
    }),
    { seed: 20, numRuns: 20 },
  );
});
