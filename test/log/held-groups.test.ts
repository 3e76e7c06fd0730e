// test/log/held-groups.test.ts: row groups of a checkpoint go into the next one as their bytes are, where all their actions hold; it says what one
// made action by action says. PROTOCOL.md, "Checkpoints" and "Action Reconciliation".
import { cpSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { sqlFilePath } from "../../src/engine/base/sql-quote.ts";
import type { Action, AddFile } from "../../src/format/action/action.ts";
import { loadSnapshot, refreshSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { add, allFiles, metadata, protocol, remove, testEngine, txn, writeCommits } from "./table-builder.ts";

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
      // A file that is being made is put together in the same way.
      const older = sources.filter((source) => !source.path.endsWith(".more"));
      taken.push(isDone ? older.reduce((sum, { groups }) => sum + groups.length, 0) : 0);
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
    partitionValues: new Map([["day", day]]),
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
}

// The first row group has the header; the second and third lie behind it.
const rounds: readonly Round[] = [
  { name: "files are added", actions: () => [...files(100_000, 50), txn("app", 1n)], isReopened: false },
  { name: "one of them is removed", actions: () => [gone(100_003)], isReopened: false },
  {
    name: "a file of a row group is removed by another spelling",
    actions: () => [gone(groupRows + 500)],
    isReopened: true,
  },
  {
    name: "one is added anew with a vector",
    actions: () => [gone(2 * groupRows + 900), fileOf(2 * groupRows + 900, { deletionVector: vector })],
    isReopened: false,
  },
  {
    name: "very many are removed",
    actions: () =>
      files(40, groupRows + 20_000).map(({ path }) => remove(path, { deletionTimestampMs: clock.nowMs() })),
    isReopened: true,
  },
  { name: "nothing of these is spoken of", actions: () => [fileOf(7, { sizeBytes: 1 })], isReopened: false },
  {
    name: "the tombstones expire",
    actions: () => {
      void clock.advance(8 * dayMs);
      return [fileOf(200_000)];
    },
    isReopened: true,
  },
  {
    name: "the form of statistics changes",
    actions: () => [described({ "delta.checkpoint.writeStatsAsJson": "false" })],
    isReopened: false,
  },
];

async function differences(left: readonly string[], right: readonly string[]): Promise<readonly unknown[]> {
  await using connection = await plain.sql.connect();
  const [a, b] = [left, right].map((paths) => `SELECT * FROM read_parquet([${paths.map(sqlFilePath).join(", ")}])`);
  return await connection.rows(
    `SELECT * FROM ((${a} EXCEPT ALL ${b}) UNION ALL (${b} EXCEPT ALL ${a})) ORDER BY add.path LIMIT 2`,
  );
}

const partSize = "spark.databricks.delta.checkpoint.partSize";
const v2Protocol = {
  ...protocol,
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["v2Checkpoint"],
  writerFeatures: ["v2Checkpoint"],
};

interface Layout {
  readonly name: string;
  readonly on: (engine: Engine) => Engine;
  readonly first: Action;
  readonly properties: Readonly<Record<string, string>>;
}

const layouts: readonly Layout[] = [
  { name: "one file", on: (on) => on, first: protocol, properties: {} },
  { name: "parts", on: (on) => ({ ...on, conf: new Map([[partSize, "25000"]]) }), first: protocol, properties: {} },
  {
    name: "sidecars",
    on: (on) => ({ ...on, conf: new Map([[partSize, "20000"]]) }),
    first: v2Protocol,
    properties: { "delta.checkpointPolicy": "v2" },
  },
];

/** The Parquet files that hold the file actions of a checkpoint. */
function filesOf(table: string, at: number): readonly string[] {
  const log = join(table, "_delta_log");
  const own = readdirSync(log).filter((name) => name.startsWith(`${String(at).padStart(20, "0")}.checkpoint.`));
  const lines = own
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readFileSync(join(log, name), "utf8").trim().split("\n"));
  const named = lines.flatMap((line) => (JSON.parse(line) as { sidecar?: { path: string } }).sidecar?.path ?? []);
  const parquet = own.filter((name) => name.endsWith(".parquet")).map((name) => join(log, name));
  return [...parquet, ...named.map((name) => join(log, "_sidecars", name))];
}

async function withoutCheckpoints(table: string): Promise<string> {
  const other = temporaryFolder();
  cpSync(table, other, { recursive: true });
  for (const name of readdirSync(join(other, "_delta_log")))
    if (name.includes("checkpoint") || name === "_sidecars")
      rmSync(join(other, "_delta_log", name), { recursive: true });
  return other;
}

test.each(layouts)(
  "a checkpoint in $name of row groups taken over says what one made action by action says",
  async ({ on, first, properties }) => {
    const table = temporaryFolder();
    const [ours, theirs] = [on(engine), on(plain)];
    writeCommits(table, [[first, described(properties), ...files(0, 3 * groupRows)]]);
    let snapshot = await loadSnapshot(ours, table);
    await writeCheckpoint(ours, snapshot);
    for (const [index, round] of rounds.entries()) {
      const version = index + 1;
      writeCommits(table, [round.actions()], version);
      snapshot = round.isReopened ? await loadSnapshot(ours, table) : await refreshSnapshot(ours, snapshot);
      taken.length = 0;
      await writeCheckpoint(ours, snapshot);
      const count = taken.reduce((sum, groups) => sum + groups, 0);
      if (index === 0) expect(count).toBeGreaterThan(0);
      // Rows of another form are made anew.
      if (index === rounds.length - 1) expect(count).toBe(0);
      const other = await withoutCheckpoints(table);
      await writeCheckpoint(theirs, await loadSnapshot(theirs, other));
      expect(await differences(filesOf(table, version), filesOf(other, version))).toEqual([]);
    }
    expect((await allFiles(await loadSnapshot(ours, table))).length).toBe((await snapshot.files.totals()).count);
  },
  300_000,
);
