// test/log/log-compaction.test.ts: log compactions: read where a checksum vouches for what they give, never believed alone.
// PROTOCOL.md, "Log Compaction Files".
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { formatAction } from "../../src/format/action/action-json.ts";
import type { Action, DomainMetadata } from "../../src/format/action/action.ts";
import { formatLogPath } from "../../src/format/action/log-path.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { planSteps } from "../../src/log/listing/log-steps.ts";
import { checksumPath } from "../../src/log/snapshot/verify-checksum.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { writeChecksum } from "../../src/log/publish/write-checksum.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { create, add, livePaths, remove, testEngine, tombstonePaths, txn, v, writeCommits } from "./table-builder.ts";

const engine = testEngine();

/** Paths of the log files that opening a table reads. */
function watched(): { readonly engine: Engine; readonly read: string[] } {
  const read: string[] = [];
  const files = new Proxy(engine.files, {
    get: (target, name, self) => {
      if (name !== "read") return Reflect.get(target, name, self) as unknown;
      return (path: string) => {
        read.push(path.slice(path.lastIndexOf("/") + 1));
        return target.read(path);
      };
    },
  });
  return { engine: { ...engine, files }, read };
}

const domain = (name: string, removed = false): DomainMetadata => ({
  kind: "domainMetadata",
  domain: name,
  configuration: "{}",
  removed,
});

const info = (txnId: string): Action => ({ kind: "commitInfo", operation: "WRITE", txnId });

const commits: readonly (readonly Action[])[] = [
  [info("t0"), ...create, add("f0"), txn("app", 1n), domain("gone")],
  [info("t1"), add("f1"), txn("app", 2n)],
  [info("t2"), remove("f0"), add("f2"), domain("kept")],
  [info("t3"), remove("f2"), add("f3"), txn("other", 1n), domain("gone", true)],
  [info("t4"), add("f4")],
];

/** What action reconciliation leaves of commits 1 to 3. */
const reconciled: readonly Action[] = [
  add("f1"),
  remove("f0"),
  remove("f2"),
  add("f3"),
  txn("app", 2n),
  txn("other", 1n),
  domain("kept"),
  domain("gone", true),
];

async function table(): Promise<string> {
  const folder = temporaryFolder();
  writeCommits(folder, commits);
  for (const at of [3, 4]) await writeChecksum(engine, await loadSnapshot(engine, folder, { version: v(at) }));
  return folder;
}

function compactionPath(folder: string, first: number, last: number): string {
  return join(
    folder,
    "_delta_log",
    formatLogPath({ kind: "compaction", firstVersion: v(first), lastVersion: v(last) }),
  );
}

function writeCompaction(folder: string, range: readonly [number, number], actions: readonly Action[]): void {
  writeFileSync(compactionPath(folder, ...range), actions.map((action) => `${formatAction(action)}\n`).join(""));
}

async function stateOf(on: Engine, folder: string, at?: number): Promise<unknown> {
  const snapshot = await loadSnapshot(on, folder, at === undefined ? {} : { version: v(at) });
  const { version, transactions, domains, timestampMs } = snapshot;
  const files = [await livePaths(snapshot), await tombstonePaths(snapshot)];
  const totals = await snapshot.files.totals();
  return { version, files, totals, timestampMs, apps: new Map(transactions), domains: new Set(domains.keys()) };
}

const named = (names: readonly string[], part: string): boolean => names.some((name) => name.includes(part));

describe("a log compaction", () => {
  test.each([3, 4])(
    "is read in place of the commits that it stands for, with the same table at version %i",
    async (at) => {
      const folder = await table();
      const before = await stateOf(engine, folder, at);
      writeCompaction(folder, [1, 3], reconciled);
      const { engine: watching, read } = watched();
      expect(await stateOf(watching, folder, at)).toEqual(before);
      expect(named(read, "compacted")).toBe(true);
      expect(named(read, "00000000000000000002.json")).toBe(false);
    },
  );

  test("is read after a checkpoint", async () => {
    const folder = await table();
    await writeCheckpoint(engine, await loadSnapshot(engine, folder, { version: v(0) }));
    const before = await stateOf(engine, folder);
    writeCompaction(folder, [1, 3], reconciled);
    const { engine: watching, read } = watched();
    expect(await stateOf(watching, folder)).toEqual(before);
    expect(named(read, "compacted")).toBe(true);
  });

  test("is not read for a version that lies before its end, or where no checksum vouches for what it gives", async () => {
    const folder = await table();
    writeCompaction(folder, [1, 3], []);
    const { engine: watching, read } = watched();
    await stateOf(watching, folder, 2);
    rmSync(checksumPath(folder, v(4)));
    await stateOf(watching, folder);
    expect(named(read, "compacted")).toBe(false);
  });

  test("that is damaged in any way changes nothing", async () => {
    const folder = await table();
    const before = await stateOf(engine, folder);
    const rest = (lost: number): readonly Action[] => reconciled.filter((_, index) => index !== lost);
    writeCompaction(folder, [1, 3], reconciled);
    const path = compactionPath(folder, 1, 3);
    const text = readFileSync(path, "utf8");
    const damages = ["", "no action at all\n", text.slice(0, 100), text.replace('"f3"', '"__proto__":1,"f3"')];
    for (const damage of [...damages, Buffer.from([0xff, 0xfe])]) {
      writeFileSync(path, damage);
      expect(await stateOf(engine, folder)).toEqual(before);
    }
    // A tombstone that is lost hides nothing here, and readers do without it.
    for (const [lost, action] of reconciled.entries()) {
      writeCompaction(folder, [1, 3], rest(lost));
      if (action.kind !== "remove" || action.path === "f0") expect(await stateOf(engine, folder)).toEqual(before);
    }
    rmSync(path);
    mkdirSync(path);
    expect(await stateOf(engine, folder)).toEqual(before);
  });

  test("does not stand in for a commit that is missing: a gap stays a gap (law L1)", async () => {
    const folder = await table();
    writeCompaction(folder, [1, 3], reconciled);
    rmSync(join(folder, "_delta_log", "00000000000000000002.json"));
    await expect(stateOf(engine, folder)).rejects.toMatchObject({
      code: "CORRUPT_LOG",
      context: { missingVersion: 2 },
    });
  });
});

test("whatever compactions overlap, each commit of a run is read once, by itself or in a compaction", () => {
  const range = fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 12 }));
  fc.assert(
    fc.property(fc.nat(8), fc.nat(8), fc.array(range), (start, length, ranges) => {
      const run = Array.from({ length }, (_, index) => v(start + index));
      const files = ranges.map(([first, more]) => ({
        firstVersion: v(first),
        lastVersion: v(first + more),
        path: "p",
      }));
      const covered: number[] = [];
      for (const step of planSteps(run, files)) {
        const first = covered.length + start;
        if (step.kind === "compaction")
          expect(files).toContainEqual({ firstVersion: first, lastVersion: step.version, path: "p" });
        for (let at = first; at <= step.version; at += 1) covered.push(at);
      }
      expect(covered).toEqual(run);
    }),
  );
});
