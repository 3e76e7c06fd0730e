// test/log/write-v2-checkpoint.test.ts: checkpoints of version 2 that we write (v2Checkpoint), and the cleaning of their sidecars;
// checkpointProtection. PROTOCOL.md, "V2 Spec", "Metadata Cleanup".
import { existsSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Protocol } from "../../src/format/action/action.ts";
import { cleanLog } from "../../src/log/publish/clean-log.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  commitFile,
  livePaths,
  metadata,
  remove,
  setCommitTime,
  testEngine,
  txn,
  v,
  writeCommits,
} from "./table-builder.ts";

const dayMs = 86_400_000;
const midnight = 20_000 * dayMs;
const engine = testEngine(manualClock(midnight + 5));

const protocolWith = (...features: readonly string[]): Protocol => ({
  kind: "protocol",
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: features.filter((name) => name === "v2Checkpoint"),
  writerFeatures: features,
});
const v2 = protocolWith("v2Checkpoint", "domainMetadata");
const policy = { "delta.checkpointPolicy": "v2" };
const domain = { kind: "domainMetadata", domain: "mine", configuration: "{}", removed: false } as const;

const names = (folder: string, ...parts: readonly string[]): readonly string[] => {
  const directory = join(folder, "_delta_log", ...parts);
  return existsSync(directory) ? readdirSync(directory).toSorted() : [];
};
const checkpoints = (folder: string): readonly string[] => names(folder).filter((name) => name.includes("checkpoint."));

describe("a checkpoint of version 2", () => {
  test("keeps files and tombstones in a sidecar, all else in lines that name it, and stands for the commits", async () => {
    const folder = temporaryFolder();
    const recent = { deletionTimestampMs: midnight };
    writeCommits(folder, [
      [v2, metadata(policy), add("f0"), txn("app", 7n), domain],
      [add("f1", { stats: '{"numRecords":3}' }), remove("f0", recent)],
    ]);
    await writeCheckpoint(engine, await loadSnapshot(engine, folder));
    const [name = "", ...others] = checkpoints(folder);
    expect(others).toEqual([]);
    expect(name).toMatch(/^0{19}1\.checkpoint\.[0-9a-f-]{36}\.json$/);
    const lines = readFileSync(join(folder, "_delta_log", name), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines.map((line) => Object.keys(line)[0])).toEqual([
      "checkpointMetadata",
      "protocol",
      "metaData",
      "txn",
      "domainMetadata",
      "sidecar",
    ]);
    const [sidecar = ""] = names(folder, "_sidecars");
    expect(lines.at(-1)).toMatchObject({ sidecar: { path: sidecar } });
    expect(lines[0]).toMatchObject({
      checkpointMetadata: { version: 1, tags: { sidecarNumActions: "2", numOfAddFiles: "1" } },
    });
    for (const at of [0, 1]) rmSync(commitFile(folder, at));
    const snapshot = await loadSnapshot(engine, folder);
    expect([snapshot.version, await livePaths(snapshot)]).toEqual([1, ["f1"]]);
    expect(snapshot.transactions.get("app")?.version).toBe(7n);
    expect(snapshot.domains.get("mine")).toEqual(domain);
    const tombstones: string[] = [];
    for await (const chunk of snapshot.tombstones()) tombstones.push(...chunk.map(({ path }) => path));
    expect(tombstones).toEqual(["f0"]);
    const hint = JSON.parse(readFileSync(join(folder, "_delta_log", "_last_checkpoint"), "utf8")) as object;
    expect(hint).toMatchObject({ version: 1, v2Checkpoint: { path: name }, size: 6, numOfAddFiles: 1 });
  });

  test("of an empty table has no sidecar, and a policy without its feature is no policy", async () => {
    const folder = temporaryFolder();
    writeCommits(folder, [[v2, metadata(policy)]]);
    await writeCheckpoint(engine, await loadSnapshot(engine, folder));
    expect(names(folder, "_sidecars")).toEqual([]);
    rmSync(commitFile(folder, 0));
    expect((await loadSnapshot(engine, folder)).version).toBe(0);
    const plain = temporaryFolder();
    writeCommits(plain, [[protocolWith("appendOnly"), metadata(policy), add("f0")]]);
    await writeCheckpoint(engine, await loadSnapshot(engine, plain));
    expect(checkpoints(plain)).toEqual(["00000000000000000000.checkpoint.parquet"]);
  });

  test("that is damaged is passed over for an older one", async () => {
    const folder = temporaryFolder();
    writeCommits(folder, [[v2, metadata(policy), add("f0")], [add("f1")], [add("f2")]]);
    for (const at of [1, 2]) await writeCheckpoint(engine, await loadSnapshot(engine, folder, { version: v(at) }));
    const newest = JSON.parse(
      readFileSync(join(folder, "_delta_log", checkpoints(folder)[1] ?? ""), "utf8")
        .split("\n")
        .at(-2) ?? "{}",
    ) as {
      sidecar: { path: string };
    };
    rmSync(join(folder, "_delta_log", "_sidecars", newest.sidecar.path));
    rmSync(commitFile(folder, 0));
    expect(await livePaths(await loadSnapshot(engine, folder))).toEqual(["f0", "f1", "f2"]);
  });
});

/** Version n was committed `agesInDays[n]` days ago; all log files of it are as old. */
async function aged(
  protocol: Protocol,
  settings: Readonly<Record<string, string>>,
  agesInDays: readonly number[],
): Promise<string> {
  const folder = temporaryFolder();
  const all = { ...settings, "delta.logRetentionDuration": "interval 10 days" };
  writeCommits(folder, [
    [protocol, metadata(all), add("f0")],
    ...agesInDays.slice(1).map((_, at) => [add(`f${at + 1}`)]),
  ]);
  for (const at of agesInDays.keys())
    if (at % 2 === 1) await writeCheckpoint(engine, await loadSnapshot(engine, folder, { version: v(at) }));
  for (const [at, age] of agesInDays.entries()) setCommitTime(folder, at, midnight - age * dayMs);
  return folder;
}

describe("cleaning the log", () => {
  test("takes the sidecars that no checkpoint names when they are a day old, and no others", async () => {
    const folder = await aged(v2, policy, [40, 30, 20, 15, 5, 1]);
    writeFileSync(join(folder, "_delta_log", "_sidecars", "young.parquet"), "");
    for (const name of names(folder, "_sidecars")) {
      const time = (name === "young.parquet" ? midnight - 1000 : midnight - 3 * dayMs) / 1000;
      utimesSync(join(folder, "_delta_log", "_sidecars", name), time, time);
    }
    expect(names(folder, "_sidecars")).toHaveLength(4);
    await cleanLog(engine, await loadSnapshot(engine, folder));
    expect(checkpoints(folder)).toHaveLength(2);
    expect(names(folder, "_sidecars")).toHaveLength(3);
    expect(names(folder, "_sidecars")).toContain("young.parquet");
    for (const at of [3, 4, 5])
      expect(await livePaths(await loadSnapshot(engine, folder, { version: v(at) }))).toHaveLength(at + 1);
  });

  test.each([
    ["3", 3],
    ["4", 0],
    ["what", 0],
  ])("before a version that is protected (%s) happens whole or not at all", async (before, firstLeft) => {
    const protocol = { ...protocolWith("checkpointProtection"), minReaderVersion: 1 };
    const { readerFeatures: _, ...writerOnly } = protocol;
    const settings = { "delta.requireCheckpointProtectionBeforeVersion": before };
    const folder = await aged(writerOnly, settings, [40, 30, 20, 15, 5, 1]);
    await cleanLog(engine, await loadSnapshot(engine, folder));
    expect(existsSync(commitFile(folder, 0))).toBe(firstLeft === 0);
    expect(existsSync(commitFile(folder, 3))).toBe(true);
  });
});
