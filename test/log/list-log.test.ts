// test/log/list-log.test.ts: a log that is looked into while commits come: a folder may then show a later one and not an earlier.
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { commitFile, livePaths, numbered, numberedFiles, testEngine, v } from "./table-builder.ts";

const engine = testEngine();

/** An engine whose looks into folders miss a file each, in turn; later looks miss nothing. */
function overlooking(...names: readonly string[]): Engine {
  const left = [...names];
  const entries: Engine["files"]["entries"] = async (path) => {
    const missed = left.shift();
    return (await engine.files.entries(path)).filter(({ name }) => name !== missed);
  };
  return { ...engine, files: { ...engine.files, entries } };
}

test.each([
  ["a commit between others", ["00000000000000000003.json"]],
  ["the first commit", ["00000000000000000000.json"]],
  ["one commit, and then an earlier one", ["00000000000000000003.json", "00000000000000000002.json"]],
])("a table is opened whole while commits come, though a look into its log misses %s", async (_, missed) => {
  const snapshot = await loadSnapshot(overlooking(...missed), numberedFiles(5));
  expect(snapshot.version).toBe(4);
  expect(await livePaths(snapshot)).toEqual(numbered(4));
});

test("after a checkpoint, too, a commit that a look into the log misses is looked for again", async () => {
  const folder = numberedFiles(6);
  await writeCheckpoint(engine, await loadSnapshot(engine, folder, { version: v(2) }));
  for (const at of [0, 1, 2]) rmSync(commitFile(folder, at));
  const snapshot = await loadSnapshot(overlooking("00000000000000000003.json"), folder);
  expect(await livePaths(snapshot)).toEqual(numbered(5));
  rmSync(commitFile(folder, 3));
  await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({
    code: "CORRUPT_LOG",
    context: { missingVersion: 3 },
  });
});
