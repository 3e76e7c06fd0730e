// test/log/folder-names.test.ts: tables in folders of any name.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { add, commitFile, create, livePaths, testEngine, v, writeCommits } from "./table-builder.ts";

const engine = testEngine();

test("folders above a table may be called as if they were partitions, of the columns of a checkpoint too", async () => {
  const folder = join(temporaryFolder(), "add=1", "metaData=2");
  writeCommits(folder, [[...create, add("f0")], [add("f1")], [add("f2")]]);
  await writeCheckpoint(engine, await loadSnapshot(engine, folder, { version: v(1) }));
  rmSync(commitFile(folder, 0)); // the checkpoint alone knows
  expect(await livePaths(await loadSnapshot(engine, folder))).toEqual(["f0", "f1", "f2"]);
});
