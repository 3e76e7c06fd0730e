// test/log/checkpoint-layout.test.ts: in how many files, and in which format, a checkpoint lies. PROTOCOL.md, "Multi-part checkpoint",
// "Sidecar Files", "UUID-named checkpoint".
import { copyFileSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import type { Action, Protocol } from "../../src/format/action/action.ts";
import { hashPartition } from "../../src/format/text/spark-hash.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { Session } from "../../src/session/door/session.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  allFiles,
  commitFile,
  metadata,
  protocol,
  remove,
  testEngine,
  tombstonePaths,
  txn,
  writeCommits,
} from "./table-builder.ts";

const nowMs = 1_700_000_000_000;
const engine = testEngine(manualClock(nowMs));
const partSizeName = "spark.databricks.delta.checkpoint.partSize";
const formatName = "spark.databricks.delta.checkpointV2.topLevelFileFormat";

const withConf = (conf: Readonly<Record<string, string>>): Engine => ({
  ...engine,
  conf: new Map(Object.entries(conf)),
});

const v2: Protocol = {
  kind: "protocol",
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["v2Checkpoint"],
  writerFeatures: ["v2Checkpoint"],
};
const policy = metadata({ "delta.checkpointPolicy": "v2" });
const fileCount = 20;

/** Versions 0 and 1: twenty files, one with a deletion vector, and two tombstones. */
function table(start: readonly Action[]): string {
  const folder = temporaryFolder();
  const vector = {
    storageType: "u",
    pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^",
    sizeInBytes: 34,
    cardinality: 2,
  } as const;
  const adds = Array.from({ length: fileCount }, (_, n) => add(`f${n}`, { stats: `{"numRecords":${n}}` }));
  writeCommits(folder, [
    [...start, ...adds, add("gone"), txn("app", 7n)],
    [
      remove("gone", { deletionTimestampMs: nowMs - 1 }),
      remove("f3", { deletionTimestampMs: nowMs - 1 }),
      add("f3", { deletionVector: vector }),
    ],
  ]);
  return folder;
}

const checkpoints = (folder: string): readonly string[] =>
  readdirSync(join(folder, "_delta_log"))
    .filter((name) => name.includes(".checkpoint."))
    .toSorted();
const sidecars = (folder: string): readonly string[] => readdirSync(join(folder, "_delta_log", "_sidecars"));

/** All that a version says, once with the commits and once from the checkpoint alone. */
async function stateOf(folder: string): Promise<unknown> {
  const snapshot = await loadSnapshot(engine, folder);
  const { version, transactions, protocol: says } = snapshot;
  const files = (await allFiles(snapshot)).map((file) => ({ ...file, dataChange: true }));
  return { version, files, tombstones: await tombstonePaths(snapshot), transactions: new Map(transactions), says };
}

async function checkpointed(start: readonly Action[], conf: Readonly<Record<string, string>>): Promise<string> {
  const folder = table(start);
  const before = await stateOf(folder);
  await writeCheckpoint(withConf(conf), await loadSnapshot(engine, folder));
  for (const at of [0, 1]) rmSync(commitFile(folder, at));
  expect(await stateOf(folder)).toEqual(before);
  return folder;
}

describe("a classic checkpoint", () => {
  const classic = [protocol, metadata()];

  test("is one file where nothing else is said, and as many parts as its size asks for where it is", async () => {
    expect(checkpoints(await checkpointed(classic, {}))).toEqual(["00000000000000000001.checkpoint.parquet"]);
    const parts = checkpoints(await checkpointed(classic, { [partSizeName]: "5" }));
    expect(parts).toHaveLength(5);
    expect(parts.at(-1)).toBe("00000000000000000001.checkpoint.0000000005.0000000005.parquet");
    expect(checkpoints(await checkpointed(classic, { [partSizeName]: "22" }))).toHaveLength(1);
  });

  test("in parts is named as such by the hint", async () => {
    const folder = await checkpointed(classic, { [partSizeName]: "8" });
    const hint = JSON.parse(readFileSync(join(folder, "_delta_log", "_last_checkpoint"), "utf8")) as unknown;
    expect(hint).toMatchObject({ version: 1, parts: 3, size: 25, numOfAddFiles: 20 });
  });

  test("may have parts without a row", async () => {
    await checkpointed(classic, { [partSizeName]: "1" });
  });

  test("has each row in the part that the hash of its path names, so that parts of two writers may be mixed", async () => {
    const conf = { [partSizeName]: "5" };
    const [one, other] = [await checkpointed(classic, conf), await checkpointed(classic, conf)];
    const before = await stateOf(one);
    for (const [index, name] of checkpoints(one).entries())
      if (index % 2 === 0) copyFileSync(join(other, "_delta_log", name), join(one, "_delta_log", name));
    expect(await stateOf(one)).toEqual(before);
  });

  test("stays one file where the table supports checkpoints of version 2, whose feature forbids parts", async () => {
    expect(checkpoints(await checkpointed([v2, metadata()], { [partSizeName]: "5" }))).toHaveLength(1);
  });
});

describe("a checkpoint of version 2", () => {
  test.each(["json", "parquet"])(
    "has its file actions in sidecars of at most partSize, named by a file of %s",
    async (format) => {
      const folder = await checkpointed([v2, policy], { [partSizeName]: "8", [formatName]: format });
      expect(checkpoints(folder)).toEqual([
        expect.stringMatching(new RegExp(`^0{19}1\\.checkpoint\\.[0-9a-f-]{36}\\.${format}$`)),
      ]);
      expect(sidecars(folder)).toHaveLength(3);
    },
  );

  test("has one sidecar where nothing is said", async () => {
    expect(sidecars(await checkpointed([v2, policy], {}))).toHaveLength(1);
  });
});

test("the hash of a text is Spark's", () => {
  // SELECT pmod(hash(path), 1000) in Spark 4.2
  const sparks = { "": 372, a: 170, abcd: 100, "part=ü/x.parquet": 797 };
  for (const [text, partition] of Object.entries(sparks)) expect(hashPartition(text, 1000), text).toBe(partition);
  expect(hashPartition(null, 5)).toBe(2);
});

test.each([{ [partSizeName]: "0" }, { [partSizeName]: "many" }, { [formatName]: "orc" }])(
  "a session with %o is refused by the name of the setting",
  async (conf) => {
    await expect(Session.open({ warehouse: temporaryFolder(), conf })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      context: { setting: Object.keys(conf)[0] },
    });
  },
);
