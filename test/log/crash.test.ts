// test/log/crash.test.ts: the process dies, or the power fails, at each operation of a commit and of what follows it.
// Laws L1-L3 and L6.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import type { Engine } from "../../src/engine/base/engine.ts";
import type { Protocol } from "../../src/format/action/action.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { afterCommit } from "../../src/log/publish/post-commit.ts";
import { publishCommit } from "../../src/log/publish/publish-commit.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import type { CrashEngine } from "../engine/crash-engine.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { add, livePaths, metadata, protocol, testEngine, v, writeCommits } from "./table-builder.ts";

const sql = duckdbEngine();
afterAll(() => sql.close());
const plain = testEngine();

const v2Protocol: Protocol = {
  kind: "protocol",
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["v2Checkpoint"],
  writerFeatures: ["v2Checkpoint"],
};

/** A table of two commits, on which the third and its checkpoint are made. */
function table(policy = "classic"): string {
  const root = temporaryFolder();
  mkdirSync(join(root, "_delta_log"));
  const settings = { "delta.checkpointInterval": "2", "delta.checkpointPolicy": policy };
  writeCommits(root, [[policy === "v2" ? v2Protocol : protocol, metadata(settings), add("f0")], [add("f1")]]);
  return root;
}

interface Outcome {
  readonly isReported: boolean;
  readonly hasCrashed: boolean;
  readonly operations: readonly string[];
}

async function commitUntil({ engine, disk }: CrashEngine, root: string): Promise<Outcome> {
  let isReported = false;
  try {
    await commit(engine, root, () => (isReported = true));
  } catch {
    // The process is dead; what counts is what is on the disk.
  }
  return { isReported, hasCrashed: disk.hasCrashed, operations: disk.operations };
}

async function commit(engine: Engine, root: string, reported: () => void): Promise<void> {
  expect(await publishCommit(engine, root, v(2), [add("f2")])).toBe("created");
  reported();
  await afterCommit(engine, await loadSnapshot(engine, root));
}

async function expectWhole(root: string, isReported: boolean): Promise<void> {
  const snapshot = await loadSnapshot(plain, root);
  const files = await livePaths(snapshot);
  if (isReported) expect(snapshot.version).toBe(2);
  expect(files).toEqual(snapshot.version === 2 ? ["f0", "f1", "f2"] : ["f0", "f1"]);
  // And the table goes on from there.
  await publishCommit(plain, root, v(snapshot.version + 1), [add("next")]);
  const next = await loadSnapshot(plain, root);
  expect(await afterCommit(plain, next)).toEqual([]);
  expect(await livePaths(await loadSnapshot(plain, root))).toEqual([...files, "next"]);
}

const operationsMax = 100;

const runs = (["classic", "v2"] as const).flatMap((policy) => [1, 2, 3].map((seed) => [policy, seed] as const));

test.each(runs)(
  "dying at any operation of a commit and its %s checkpoint loses nothing that was reported (seed %i)",
  async (policy, seed) => {
    for (let crashAt = 1; ; crashAt += 1) {
      expect(crashAt).toBeLessThan(operationsMax);
      const root = table(policy);
      const outcome = await commitUntil(crashEngine({ root, crashAt, seed, sql }), root);
      await expectWhole(root, outcome.isReported);
      if (!outcome.hasCrashed) break;
    }
  },
);

test.each(runs)(
  "a power cut at any operation of a commit and its %s checkpoint loses nothing that was reported (seed %i)",
  async (policy, seed) => {
    for (let crashAt = 1; ; crashAt += 1) {
      expect(crashAt).toBeLessThan(operationsMax);
      const root = table(policy);
      const crash = crashEngine({ root, crashAt, seed, sql });
      const outcome = await commitUntil(crash, root);
      crash.disk.powerCut(seed);
      await expectWhole(root, outcome.isReported);
      if (!outcome.hasCrashed) break;
    }
  },
);

test("a commit and what follows it are these operations, in this order", async () => {
  const root = table();
  const { operations } = await commitUntil(crashEngine({ root, sql }), root);
  expect(operations).toMatchInlineSnapshot(`
    [
      "syncDirectory .",
      "createFile _delta_log/.tmp-<uuid>",
      "syncFile _delta_log/.tmp-<uuid>",
      "link _delta_log/.tmp-<uuid> _delta_log/00000000000000000002.json",
      "unlink _delta_log/.tmp-<uuid>",
      "syncDirectory _delta_log",
      "createFile _delta_log/00000000000000000002.crc",
      "sql.copy",
      "syncFile _delta_log/.tmp-<uuid>.parquet",
      "rename _delta_log/.tmp-<uuid>.parquet _delta_log/00000000000000000002.checkpoint.parquet",
      "syncDirectory _delta_log",
      "unlink _delta_log/.tmp-<uuid>.parquet",
      "createFile _delta_log/.tmp-<uuid>",
      "rename _delta_log/.tmp-<uuid> _delta_log/_last_checkpoint",
    ]
  `);
});
