// test/log/write-compaction.test.ts: log compactions that this engine writes. PROTOCOL.md, "Log Compaction Files".
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import type { Action } from "../../src/format/action/action.ts";
import { formatLogPath } from "../../src/format/action/log-path.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { afterCommit } from "../../src/log/publish/post-commit.ts";
import { parseCommit } from "../../src/log/listing/read-commit.ts";
import { writeChecksum } from "../../src/log/publish/write-checksum.ts";
import { writeCompaction } from "../../src/log/publish/write-compaction.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { add, commitFile, create, livePaths, remove, testEngine, tombstonePaths, txn, v } from "./table-builder.ts";
import { writeCommits } from "./table-builder.ts";

const engine = testEngine();

const withConf = (conf: Readonly<Record<string, string>>): Engine => ({
  ...engine,
  conf: new Map(Object.entries(conf)),
});
const useForReads = "spark.databricks.delta.deltaLog.minorCompaction.useForReads";

const pathOf = (table: string, first: number, last: number): string =>
  join(table, "_delta_log", formatLogPath({ kind: "compaction", firstVersion: v(first), lastVersion: v(last) }));

const contentOf = (path: string): readonly Action[] => parseCommit(readFileSync(path), path);

async function stateOf(on: Engine, table: string): Promise<unknown> {
  const snapshot = await loadSnapshot(on, table);
  const { version, transactions, domains, protocol, metadata } = snapshot;
  const files = [(await livePaths(snapshot)).toSorted(), (await tombstonePaths(snapshot)).toSorted()];
  return { version, protocol, metadata, files, totals: await snapshot.files.totals(), transactions, domains };
}

test("a compaction holds what the protocol's example has, the newest word on each thing, and nothing of single commits", async () => {
  const table = temporaryFolder();
  const info: Action = { kind: "commitInfo", operation: "WRITE" };
  const cdc: Action = { kind: "cdc", path: "c", partitionValues: new Map(), sizeBytes: 1, dataChange: false };
  writeCommits(table, [
    [info, ...create],
    [info, add("f2"), remove("f1")],
    [info, add("f3"), add("f4"), cdc, txn("app", 4389n)],
    [info, remove("f3"), txn("app", 4390n)],
  ]);
  expect(await writeCompaction(engine, table, { firstVersion: v(1), lastVersion: v(3) })).toBe(true);
  const [adds, removes] = [
    [add("f2"), add("f4")],
    [remove("f1"), remove("f3")],
  ];
  expect(new Set(contentOf(pathOf(table, 1, 3)))).toEqual(new Set([...adds, ...removes, txn("app", 4390n)]));
});

test("whatever the commits, what a compaction holds comes to the same as they do, and is read in their place", async () => {
  const name = fc.integer({ min: 0, max: 4 });
  const action = fc.oneof(
    fc.record({ name, size: fc.nat(9) }).map((file): Action => add(`f${file.name}`, { sizeBytes: file.size })),
    name.map((file): Action => remove(`f${file}`, { deletionTimestampMs: Date.now() })),
    fc.record({ name, at: fc.nat(9) }).map((app): Action => txn(`a${app.name}`, BigInt(app.at))),
    fc.record({ name, removed: fc.boolean() }).map((domain): Action => ({
      kind: "domainMetadata",
      domain: `d${domain.name}`,
      configuration: "{}",
      removed: domain.removed,
    })),
  );
  const history = fc.array(fc.array(action, { maxLength: 5 }), { minLength: 3, maxLength: 9 });
  const run = fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 8 }));
  await fc.assert(
    fc.asyncProperty(history, run, async (commits, [start, more]) => {
      const table = temporaryFolder();
      writeCommits(table, [create, ...commits]);
      const before = await stateOf(engine, table);
      await writeChecksum(engine, await loadSnapshot(engine, table));
      const [first, last] = [Math.min(start, commits.length - 1), Math.min(start + more, commits.length)];
      const isWritten = await writeCompaction(engine, table, { firstVersion: v(first), lastVersion: v(last) });
      const content = isWritten ? contentOf(pathOf(table, first, last)) : [];

      // The same table with the compaction as a commit, and nothing in the commits after it that it stands for.
      const other = temporaryFolder();
      const stands = (at: number): readonly Action[] => (at === first ? content : []);
      const all = [create, ...commits].map((actions, at) => (at < first || at > last ? actions : stands(at)));
      writeCommits(other, all);
      expect(await stateOf(engine, other)).toEqual(before);

      const read: string[] = [];
      const watching = { ...engine, files: watched(read) };
      expect(await stateOf(watching, table)).toEqual(before);
      expect(read.includes(pathOf(table, first, last))).toBe(isWritten);
      expect(read.includes(commitFile(table, first))).toBe(!isWritten);
    }),
    { seed: 42, numRuns: 100 },
  );
});

const watched = (read: string[]): Engine["files"] => ({
  ...engine.files,
  read: (path) => {
    read.push(path);
    return engine.files.read(path);
  },
});

test("one is written after each so many commits where the session says how many, and none otherwise", async () => {
  const table = temporaryFolder();
  writeCommits(table, [create]);
  const compacting = withConf({ "alluvium.logCompaction.interval": "3" });
  for (let at = 1; at <= 8; at += 1) {
    writeCommits(table, [[add(`f${at}`)]], at);
    const snapshot = await loadSnapshot(engine, table);
    expect(await afterCommit(at < 6 ? compacting : engine, snapshot)).toEqual([]);
  }
  const found = readdirSync(join(table, "_delta_log")).filter((name) => name.endsWith(".compacted.json"));
  expect(found.map((name) => name.split(".").slice(0, 2).map(Number))).toEqual([
    [0, 2],
    [3, 5],
  ]);
});

test("a setting that cannot be read is told, and the commit stands", async () => {
  const table = temporaryFolder();
  writeCommits(table, [create]);
  for (const interval of ["1", "-3", "ten"]) {
    const failures = await afterCommit(
      withConf({ "alluvium.logCompaction.interval": interval }),
      await loadSnapshot(engine, table),
    );
    expect(failures).toMatchObject([{ step: "compaction", cause: { code: "INVALID_ARGUMENT" } }]);
  }
});

test("where a commit of the run is gone, or says what this build does not know, none is written", async () => {
  const table = temporaryFolder();
  const unknown: Action = { kind: "unknown", name: "novelty", value: {} };
  writeCommits(table, [create, [add("a")], [unknown], [add("b")]]);
  const write = (first: number, last: number): Promise<boolean> =>
    writeCompaction(engine, table, { firstVersion: v(first), lastVersion: v(last) });
  expect(await write(1, 3)).toBe(false);
  rmSync(commitFile(table, 2));
  expect(await write(1, 3)).toBe(false);
  expect(existsSync(pathOf(table, 1, 3))).toBe(false);
  expect(await write(0, 1)).toBe(true);
  expect(await write(0, 1)).toBe(false);
});

test("compactions are passed over where the session says so", async () => {
  const table = temporaryFolder();
  writeCommits(table, [create, [add("a")], [add("b")], [add("c")]]);
  await writeChecksum(engine, await loadSnapshot(engine, table));
  await writeCompaction(engine, table, { firstVersion: v(1), lastVersion: v(2) });
  const read: string[] = [];
  const watch = (on: Engine): Engine => ({ ...on, files: watched(read) });
  await loadSnapshot(watch(withConf({ [useForReads]: "false" })), table);
  expect(read.some((path) => path.includes("compacted"))).toBe(false);
  await loadSnapshot(watch(engine), table);
  expect(read.some((path) => path.includes("compacted"))).toBe(true);
});
