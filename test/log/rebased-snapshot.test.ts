// test/log/rebased-snapshot.test.ts: a table that is followed for long lets go of what a checkpoint of its own says, and says the same. PROTOCOL.md,
// "Action Reconciliation".
import { expect, test } from "vitest";
import type { Action } from "../../src/format/action/action.ts";
import { loadSnapshot, refreshSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { LogSnapshot } from "../../src/log/snapshot/log-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  allFiles,
  metadata,
  protocol,
  remove,
  testEngine,
  tombstonePaths,
  txn,
  writeCommits,
} from "./table-builder.ts";

const engine = testEngine();
const other = testEngine();
const recentMs = Date.now();

const fileOf = (index: number): Action => add(`a%20b/f${index}`, { sizeBytes: index, dataChange: false });
const gone = (path: string): Action => remove(path, { deletionTimestampMs: recentMs });
const vector = { storageType: "u", pathOrInlineDv: "v", sizeInBytes: 1, cardinality: 1 } as const;

async function contentOf(snapshot: Snapshot): Promise<unknown> {
  const files = await allFiles(snapshot);
  const found = await snapshot.files.lookup(new Set(["a%20b/f3", "a%20b/f7", "a%20b/f9", "late0"]));
  return {
    files: files.map((file) => ({ ...file, dataChange: false })).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    tombstones: (await tombstonePaths(snapshot)).toSorted(),
    totals: await snapshot.files.totals(),
    found: found.map(({ path }) => path).toSorted(),
    transactions: [...snapshot.transactions],
  };
}

const baseOf = (snapshot: Snapshot): unknown => (snapshot instanceof LogSnapshot ? snapshot.parts.lineage.base : null);

const later: readonly (readonly Action[])[] = [
  [gone("a b/f3"), fileOf(100_000)],
  [fileOf(3), gone("a%20b/f4"), txn("app", 1n)],
  [gone("a%20b/f7"), add("a%20b/f7", { deletionVector: vector })],
  [gone("a b/f100000"), gone("a b/f3")],
  Array.from({ length: 50 }, (_, index) => add(`late${index}`)),
];

test("a snapshot that rests on a checkpoint written meanwhile says what one loaded anew says, commit by commit", async () => {
  const table = temporaryFolder();
  const files = Array.from({ length: 20_500 }, (_, index) => fileOf(index));
  writeCommits(table, [[protocol, metadata(), ...files, gone("old")]]);
  const first = await loadSnapshot(engine, table);
  // Commits go on while the checkpoint is written.
  writeCommits(table, [[gone("a%20b/f9"), fileOf(200_000)]], 1);
  let snapshot = await refreshSnapshot(engine, first);
  expect(baseOf(snapshot)).toBeNull();
  await writeCheckpoint(engine, first);
  for (const [index, actions] of later.entries()) {
    writeCommits(table, [actions], index + 2);
    const held = snapshot;
    const before = await contentOf(held);
    snapshot = await refreshSnapshot(engine, snapshot);
    expect(baseOf(snapshot)).not.toBeNull();
    expect(await contentOf(snapshot)).toEqual(await contentOf(await loadSnapshot(other, table)));
    expect(await contentOf(held)).toEqual(before);
  }
}, 120_000);
