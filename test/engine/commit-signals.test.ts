// News of commits: from this process at once, from others by watching.
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { CommitSignals } from "../../src/engine/base/engine.ts";
import { localCommitSignals } from "../../src/engine/files/commit-signals.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Watches until the test is over. */
function listen(signals: CommitSignals, tablePath: string, onCommit: () => void): void {
  const watching = signals.watch(tablePath, onCommit);
  onTestFinished(() => watching[Symbol.dispose]());
}

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition() && waitedMs < 10_000; waitedMs += 5) await delay(5);
  expect(condition()).toBe(true);
}

function commitName(version: number): string {
  return `${String(version).padStart(20, "0")}.json`;
}

test("an announcement reaches every watcher of that table, however the path is spelled, and no other", async () => {
  const signals = localCommitSignals();
  const root = temporaryFolder();
  const heard: string[] = [];
  listen(signals, join(root, "t"), () => heard.push("first"));
  listen(signals, `${root}/x/../t/`, () => heard.push("second"));
  listen(signals, join(root, "other"), () => heard.push("other"));
  signals.announce(join(root, "t"));
  await until(() => heard.length === 2);
  expect(heard).toEqual(["first", "second"]);
});

test("a disposed watcher hears nothing more, the rest do", async () => {
  const signals = localCommitSignals();
  const root = temporaryFolder();
  const heard: string[] = [];
  const first = signals.watch(root, () => heard.push("first"));
  listen(signals, root, () => heard.push("second"));
  first[Symbol.dispose]();
  signals.announce(root);
  await until(() => heard.length > 0);
  expect(heard).toEqual(["second"]);
});

test("a commit file put there by another process is heard; staged files and checkpoints are not", async () => {
  const signals = localCommitSignals();
  const root = temporaryFolder();
  const log = join(root, "_delta_log");
  mkdirSync(log);
  let heardCount = 0;
  listen(signals, root, () => (heardCount += 1));
  await delay(50);
  writeFileSync(join(log, ".tmp-1"), "");
  writeFileSync(join(log, "00000000000000000010.checkpoint.parquet"), "");
  await delay(100);
  expect(heardCount).toBe(0);
  renameSync(join(log, ".tmp-1"), join(log, commitName(1)));
  await until(() => heardCount > 0);
});

test("a log that is made, removed and made anew under the watcher is found again", async () => {
  const signals = localCommitSignals();
  const root = temporaryFolder();
  const log = join(root, "_delta_log");
  let heardCount = 0;
  listen(signals, root, () => (heardCount += 1));
  for (let round = 0; round < 2; round += 1) {
    heardCount = 0;
    mkdirSync(log);
    await until(() => heardCount > 0); // told of what may have been committed meanwhile
    await delay(50);
    heardCount = 0;
    writeFileSync(join(log, commitName(0)), "{}");
    await until(() => heardCount > 0);
    rmSync(log, { recursive: true });
    await delay(50);
  }
});
