// test/log/held-groups.test.ts: row groups of a checkpoint go into the next one as their bytes are, where all their actions hold; it says what one
// made action by action says. PROTOCOL.md, "Checkpoints" and "Action Reconciliation".
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { sqlFilePath } from "../../src/engine/base/sql-quote.ts";
import type { Action, AddFile } from "../../src/format/action/action.ts";
import { loadSnapshot, refreshSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  allFiles,
  checkpointFile,
  metadata,
  protocol,
  remove,
  testEngine,
  txn,
  writeCommits,
} from "./table-builder.ts";

const dayMs = 24 * 60 * 60 * 1000;
const startMs = 1_700_000_000_000;
const clock = manualClock(startMs);
const plain = testEngine(clock);

/** How many row groups each checkpoint took over. */
const taken: number[] = [];
const engine: Engine = {
  ...plain,
  parquet: {
    ...plain.parquet,
    append: async (path, sources) => {
      const isDone = await plain.parquet.append(path, sources);
      taken.push(isDone ? sources.reduce((sum, { groups }) => sum + groups.length, 0) : 0);
      return isDone;
    },
  },
};

const described = (more: Readonly<Record<string, string>> = {}) =>
  metadata({ "delta.checkpoint.writeStatsAsStruct": "true", ...more }, ["day"]);

function fileOf(index: number, more: Partial<AddFile> = {}): AddFile {
  const day = index % 9 === 0 ? null : `2024-01-${String((index % 28) + 1).padStart(2, "0")}`;
  const stats = `{"numRecords":${index},"minValues":{"id":${index}},"maxValues":{"id":${index + 5}},"nullCount":{"id":0}}`;
  return add(`a%20b/f${index}`, {
    partitionValues: new Map([["day", day]]) as AddFile["partitionValues"],
    sizeBytes: index,
    ...(index % 11 !== 0 && { stats }),
    ...(index % 13 === 0 && { tags: new Map([["k", "v"]]) }),
    ...(index % 2 === 0 && { baseRowId: BigInt(index), defaultRowCommitVersion: 0n }),
    ...more,
  });
}

const files = (from: number, count: number): readonly AddFile[] =>
  Array.from({ length: count }, (_, index) => fileOf(from + index));

const groupRows = 16_384;
const vector = { storageType: "u", pathOrInlineDv: "v", sizeInBytes: 1, cardinality: 1 } as const;
const gone = (index: number, more: object = {}): Action =>
  remove(`a b/f${index}`, { deletionTimestampMs: clock.nowMs(), ...more });

interface Round {
  readonly name: string;
  readonly actions: () => readonly Action[];
  /** Whether the table is opened anew. */
  readonly isReopened: boolean;
  readonly taken: number;
}

// The first row group has the header; the second and third lie behind it.
const rounds: readonly Round[] = [
  { name: "files are added", actions: () => [...files(100_000, 50), txn("app", 1n)], isReopened: false, taken: 2 },
  { name: "one of them is removed", actions: () => [gone(100_003)], isReopened: false, taken: 2 },
  {
    name: "a file of a row group is removed by another spelling",
    actions: () => [gone(groupRows + 500)],
    isReopened: true,
    taken: 1,
  },
  {
    name: "one is added anew with a vector",
    actions: () => [gone(2 * groupRows + 900), fileOf(2 * groupRows + 900, { deletionVector: vector })],
    isReopened: false,
    taken: 1,
  },
  {
    name: "very many are removed",
    actions: () =>
      files(40, groupRows + 20_000).map(({ path }) => remove(path, { deletionTimestampMs: clock.nowMs() })),
    isReopened: true,
    taken: 0,
  },
  { name: "nothing of these is spoken of", actions: () => [fileOf(7, { sizeBytes: 1 })], isReopened: false, taken: 2 },
  {
    name: "the tombstones expire",
    actions: () => {
      clock.advance(8 * dayMs);
      return [fileOf(200_000)];
    },
    isReopened: true,
    taken: 0,
  },
  {
    name: "the form of statistics changes",
    actions: () => [described({ "delta.checkpoint.writeStatsAsJson": "false" })],
    isReopened: false,
    taken: 0,
  },
];

async function differences(left: string, right: string): Promise<readonly unknown[]> {
  await using connection = await plain.sql.connect();
  const [a, b] = [left, right].map((path) => `SELECT * FROM read_parquet(${sqlFilePath(path)})`);
  return await connection.rows(
    `SELECT * FROM ((${a} EXCEPT ALL ${b}) UNION ALL (${b} EXCEPT ALL ${a})) ORDER BY add.path LIMIT 2`,
  );
}

test("a checkpoint of row groups taken over says what one made action by action says, whatever happened since", async () => {
  const table = temporaryFolder();
  writeCommits(table, [[protocol, described(), ...files(0, 3 * groupRows)]]);
  let snapshot = await loadSnapshot(engine, table);
  await writeCheckpoint(engine, snapshot);
  for (const [index, round] of rounds.entries()) {
    const version = index + 1;
    writeCommits(table, [round.actions()], version);
    snapshot = round.isReopened ? await loadSnapshot(engine, table) : await refreshSnapshot(engine, snapshot);
    taken.length = 0;
    await writeCheckpoint(engine, snapshot);
    const other = temporaryFolder();
    cpSync(table, other, { recursive: true });
    for (const name of readdirSync(join(other, "_delta_log")))
      if (name.includes("checkpoint")) rmSync(join(other, "_delta_log", name));
    await writeCheckpoint(plain, await loadSnapshot(plain, other));
    console.log(round.name, taken);
    expect(await differences(checkpointFile(table, version), checkpointFile(other, version))).toEqual([]);
  }
}, 300_000);
