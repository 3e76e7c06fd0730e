// test/log/known-checkpoints.test.ts: a table that is opened again is not read again, unless its checkpoint is another by now.
import { copyFileSync, rmSync, statSync, truncateSync, utimesSync } from "node:fs";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { add, checkpointFile, create, livePaths, testEngine, v, writeCommits } from "./table-builder.ts";

const inner = testEngine();
let connectionCount = 0;
const engine: Engine = {
  ...inner,
  sql: {
    ...inner.sql,
    connect: () => {
      connectionCount += 1;
      return inner.sql.connect();
    },
  },
};

/** A table of the files f0 and f1 with a checkpoint at 1, that has been there for a while. */
async function settledTable(second = "f1"): Promise<string> {
  const folder = temporaryFolder();
  writeCommits(folder, [[...create, add("f0")], [add(second)]]);
  await writeCheckpoint(inner, await loadSnapshot(inner, folder));
  settle(checkpointFile(folder, 1));
  return folder;
}

function settle(path: string, ageS = 60): void {
  const time = statSync(path).mtimeMs / 1000 - ageS;
  utimesSync(path, time, time);
}

async function opened(folder: string): Promise<{ readonly paths: readonly string[]; readonly connections: number }> {
  const before = connectionCount;
  const snapshot = await loadSnapshot(engine, folder);
  const connections = connectionCount - before;
  return { paths: await livePaths(snapshot), connections };
}

test("a table that is opened again does not read its checkpoint again, and sees the commits that came since", async () => {
  const folder = await settledTable();
  expect((await opened(folder)).connections).toBeGreaterThan(0);
  writeCommits(folder, [[add("f2")]], 2);
  expect(await opened(folder)).toEqual({ paths: ["f0", "f1", "f2"], connections: 0 });
  expect(await livePaths(await loadSnapshot(engine, folder, { version: v(1) }))).toEqual(["f0", "f1"]);
});

test("a checkpoint that was written a moment ago is read again", async () => {
  const folder = await settledTable();
  const path = checkpointFile(folder, 1);
  const now = new Date();
  utimesSync(path, now, now);
  await opened(folder);
  expect((await opened(folder)).connections).toBeGreaterThan(0);
});

test("a checkpoint that took the place of another is read, although its name is known", async () => {
  const [folder, other] = [await settledTable(), await settledTable("g1")];
  expect((await opened(folder)).paths).toEqual(["f0", "f1"]);
  rmSync(checkpointFile(folder, 1));
  copyFileSync(checkpointFile(other, 1), checkpointFile(folder, 1));
  settle(checkpointFile(folder, 1), 30);
  expect((await opened(folder)).paths).toEqual(["f0", "g1"]);
});

test("a known checkpoint that was damaged since is passed over for the log from its start", async () => {
  const folder = await settledTable();
  await opened(folder);
  truncateSync(checkpointFile(folder, 1), 100);
  expect(await opened(folder)).toMatchObject({ paths: ["f0", "f1"] });
});
