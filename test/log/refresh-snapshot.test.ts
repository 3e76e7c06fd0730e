// test/log/refresh-snapshot.test.ts: following a table from a snapshot that is there.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadSnapshot, refreshSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { publishCommit } from "../../src/log/publish/publish-commit.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import {
  add,
  commitFile,
  livePaths,
  metadata,
  numbered,
  numberedFiles,
  protocol,
  remove,
  testEngine,
  tombstonePaths,
  txn,
  v,
  writeCommits,
} from "./table-builder.ts";

const engine = testEngine();

test("refresh gives the same object when nothing is new, and otherwise every new commit at once", async () => {
  const folder = numberedFiles(2);
  const before = await loadSnapshot(engine, folder);
  expect(await refreshSnapshot(engine, before)).toBe(before);
  await publishCommit(engine, folder, v(2), [remove("f0", { deletionTimestampMs: Date.now() })]);
  await publishCommit(engine, folder, v(3), [add("f3"), txn("app", 4n)]);
  const after = await refreshSnapshot(engine, before);
  expect([after.version, await livePaths(after), (await after.files.totals()).count]).toEqual([3, ["f1", "f3"], 2]);
  expect(await tombstonePaths(after)).toEqual(["f0"]);
  expect(after.transactions.get("app")?.version).toBe(4n);
  expect([(await before.files.totals()).count, await livePaths(before)]).toEqual([2, ["f0", "f1"]]);
  expect(await refreshSnapshot(engine, before)).toBe(after);
});

test("refreshing from many sides at once applies each commit once", async () => {
  const folder = numberedFiles(1);
  const before = await loadSnapshot(engine, folder);
  writeCommits(folder, [[add("a")], [add("b")]], 1);
  const all = await Promise.all(Array.from({ length: 5 }, () => refreshSnapshot(engine, before)));
  for (const snapshot of all) expect([snapshot.version, (await snapshot.files.totals()).count]).toEqual([2, 3]);
});

test("a refresh that fails leaves the snapshot usable, and works once the log does", async () => {
  const folder = numberedFiles(1);
  const before = await loadSnapshot(engine, folder);
  writeCommits(folder, [[add("a")]], 1);
  writeFileSync(commitFile(folder, 2), "damaged");
  await expect(refreshSnapshot(engine, before)).rejects.toMatchObject({ code: "CORRUPT_LOG" });
  writeCommits(folder, [[add("b")]], 2);
  const after = await refreshSnapshot(engine, before);
  expect([after.version, await livePaths(after)]).toEqual([2, ["a", "b", "f0"]]);
});

test("a table that was made anew under its old path is opened anew", async () => {
  const folder = numberedFiles(3);
  const before = await loadSnapshot(engine, folder);
  rmSync(join(folder, "_delta_log"), { recursive: true });
  await expect(refreshSnapshot(engine, before)).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
  writeCommits(folder, [[protocol, { ...metadata(), id: "another" }, add("n")]]);
  const after = await refreshSnapshot(engine, before);
  expect([after.metadata.id, after.version, await livePaths(after)]).toEqual(["another", 0, ["n"]]);
});

test("a log cleaned beneath a snapshot is opened anew", async () => {
  const folder = numberedFiles(3);
  const before = await loadSnapshot(engine, folder, { version: v(0) });
  await writeCheckpoint(engine, await loadSnapshot(engine, folder));
  for (const at of [0, 1]) rmSync(commitFile(folder, at));
  const after = await refreshSnapshot(engine, before);
  expect([after.version, await livePaths(after)]).toEqual([2, numbered(2)]);
});
