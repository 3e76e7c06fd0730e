// test/log/copied-checkpoint.test.ts: a checkpoint that follows a large one takes its columns over, and holds the same rows as one that was made
// action by action. PROTOCOL.md, "Checkpoints" and "Action Reconciliation".
import { cpSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { sqlFilePath } from "../../src/engine/base/sql-quote.ts";
import type { Action, AddFile, DeletionVectorDescriptor, Metadata } from "../../src/format/action/action.ts";
import { heldFileCountMax } from "../../src/log/checkpoint/checkpoint-base.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  allFiles,
  checkpointFile,
  livePaths,
  metadata,
  protocol,
  remove,
  testEngine,
  tombstonePaths,
  txn,
  v,
  writeCommits,
} from "./table-builder.ts";

const engine = testEngine();

const field = (name: string, type: string) => ({ name, type, nullable: true, metadata: {} });
const plainFields = [field("id", "long"), field("name", "string"), field("at", "timestamp"), field("day", "date")];
const partitionFields = [field("p", "integer"), field("q", "string"), field("raw", "binary"), field("t", "timestamp")];
const partitionColumns = ["p", "q", "raw", "t"];

function metadataOf(configuration: Readonly<Record<string, string>>, more: readonly object[] = []): Metadata {
  const fields = [...plainFields, ...more, ...partitionFields];
  return { ...metadata(configuration, partitionColumns), schemaString: JSON.stringify({ type: "struct", fields }) };
}

const vectorOf = (index: number): DeletionVectorDescriptor => ({
  storageType: "u",
  pathOrInlineDv: `vector${index}`,
  ...(index % 2 === 0 && { offset: index }),
  sizeInBytes: 10,
  cardinality: 2,
});

function fileOf(index: number): AddFile {
  const bounds = (value: number): object => ({
    id: value,
    name: `n${value}"ü`,
    at: "2024-01-01T00:00:00.123Z",
    day: "1969-12-31",
  });
  const stats = JSON.stringify({
    numRecords: index,
    minValues: index % 5 === 0 ? {} : bounds(index),
    maxValues: bounds(index + 7),
    nullCount: { id: 0, name: index },
    tightBounds: index % 3 !== 0,
  });
  const values: readonly (readonly [string, string | null])[] = [
    ["p", index % 7 === 0 ? null : String(index % 7)],
    ["q", ["a b/c", "ß", null][index % 3] ?? null],
    ["raw", index % 4 === 0 ? null : "\u0001ü"],
    ["t", index % 6 === 0 ? null : "2024-05-06 07:08:09.123456"],
  ];
  return add(`q=a%20b/f${index}`, {
    partitionValues: new Map(values as readonly (readonly [string, string])[]),
    sizeBytes: index,
    modificationTimeMs: 1_700_000_000_000 + index,
    ...(index % 11 !== 0 && { stats }),
    ...(index % 13 === 0 && { tags: new Map([["k", "v"]]) }),
    ...(index % 10 === 0 && { deletionVector: vectorOf(index) }),
    ...(index % 2 === 0 && { baseRowId: BigInt(index), defaultRowCommitVersion: 0n }),
    ...(index % 17 === 0 && { clusteringProvider: "liquid" }),
  });
}

const count = heldFileCountMax + 100;
const recentMs = Date.now();

/** Removed, added anew, with another vector, by another spelling of their paths; tombstones that hold and that have expired. */
const later: readonly (readonly Action[])[] = [
  [
    remove("q=a%20b/f1", { deletionTimestampMs: recentMs }),
    remove("q=a b/f2", {
      deletionTimestampMs: recentMs,
      partitionValues: new Map([["p", "1"]]),
      sizeBytes: 3,
    }),
    remove("q=a%20b/f20", { deletionTimestampMs: recentMs, deletionVector: vectorOf(20) }),
    add("q=a%20b/f20", { deletionVector: vectorOf(21) }),
  ],
  [add("new"), txn("app", 3n), remove("q=a%20b/f30", { deletionTimestampMs: recentMs })],
  [remove("new", { deletionTimestampMs: recentMs }), add("q=a%20b/f1", { sizeBytes: 5 })],
];

interface Form {
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  readonly more?: readonly object[];
  readonly isCopied: boolean;
}

const writing = (json: boolean, struct: boolean): Record<string, string> => ({
  "delta.checkpoint.writeStatsAsJson": String(json),
  "delta.checkpoint.writeStatsAsStruct": String(struct),
});

const forms: readonly Form[] = [
  { before: writing(true, true), after: writing(true, true), isCopied: true },
  { before: writing(true, false), after: writing(true, true), isCopied: true },
  { before: writing(true, true), after: writing(false, true), isCopied: true },
  { before: writing(true, true), after: writing(true, false), isCopied: true },
  // A decimal would pass a double on its way out of JSON.
  { before: writing(true, false), after: writing(true, true), more: [field("d", "decimal(20,3)")], isCopied: false },
];

/** The engine, with all statements that it is asked noted. */
function noting(statements: string[]): Engine {
  const connect: Engine["sql"]["connect"] = async () => {
    const connection = await engine.sql.connect();
    const run = connection.run.bind(connection);
    connection.run = (sql, texts) => {
      statements.push(sql);
      return run(sql, texts);
    };
    return connection;
  };
  return { ...engine, sql: { connect, register: () => undefined, close: async () => undefined } };
}

async function differences(left: readonly string[], right: readonly string[]): Promise<readonly unknown[]> {
  await using connection = await engine.sql.connect();
  const rows = (paths: readonly string[]): string =>
    `SELECT * FROM read_parquet([${paths.map(sqlFilePath).join(", ")}])`;
  const [a, b] = [rows(left), rows(right)];
  return await connection.rows(
    `SELECT * FROM ((${a} EXCEPT ALL ${b}) UNION ALL (${b} EXCEPT ALL ${a})) ORDER BY add.path LIMIT 2`,
  );
}

test.each(forms)(
  "a checkpoint after a large one says what one made action by action says, with columns taken over: $isCopied, from $before to $after",
  async ({ before, after, more, isCopied }) => {
    const table = temporaryFolder();
    const files = Array.from({ length: count }, (_, index) => fileOf(index));
    const tombstones = [
      remove("gone", { deletionTimestampMs: recentMs, partitionValues: new Map([["p", "1"]]) }),
      remove("gone with a vector", { deletionTimestampMs: recentMs, deletionVector: vectorOf(4) }),
      remove("q=a%20b/back", { deletionTimestampMs: recentMs }),
      remove("long gone", { deletionTimestampMs: 1 }),
    ];
    writeCommits(table, [[protocol, metadataOf(before, more), txn("app", 1n), ...files, ...tombstones]]);
    await writeCheckpoint(engine, await loadSnapshot(engine, table));
    writeCommits(table, [...later, [metadataOf(after, more), add("q=a b/back")]], 1);

    const other = temporaryFolder();
    cpSync(table, other, { recursive: true });
    rmSync(checkpointFile(other, 0));
    rmSync(join(other, "_delta_log", "_last_checkpoint"));
    await writeCheckpoint(engine, await loadSnapshot(engine, other));

    const statements: string[] = [];
    const noted = noting(statements);
    await writeCheckpoint(noted, await loadSnapshot(noted, table));
    expect(statements.findLast((sql) => sql.startsWith("COPY"))?.includes("ANTI JOIN")).toBe(isCopied);
    expect(await differences([checkpointFile(table, 4)], [checkpointFile(other, 4)])).toEqual([]);
  },
);

test("a checkpoint without statistics as JSON is taken over as one with them", async () => {
  const table = temporaryFolder();
  const files = Array.from({ length: count }, (_, index) => fileOf(index));
  writeCommits(table, [[protocol, metadataOf(writing(false, true)), ...files]]);
  await writeCheckpoint(engine, await loadSnapshot(engine, table));
  writeCommits(table, [...later, [metadataOf(writing(true, true))]], 1);
  const before = await loadSnapshot(engine, table);
  const expected = [await allFiles(before), await tombstonePaths(before)];
  await writeCheckpoint(engine, before);
  for (let at = 0; at < 4; at += 1) rmSync(join(table, "_delta_log", `${String(at).padStart(20, "0")}.json`));
  rmSync(checkpointFile(table, 0));
  const after = await loadSnapshot(engine, table, { version: v(4) });
  const kept = (found: readonly AddFile[]): readonly AddFile[] => found.map((file) => ({ ...file, dataChange: false }));
  expect([kept(await allFiles(after)), await tombstonePaths(after)]).toEqual([
    kept(expected[0] as readonly AddFile[]),
    expected[1],
  ]);
});

const partSize = "spark.databricks.delta.checkpoint.partSize";
const v2 = { "delta.checkpointPolicy": "v2" };
const v2Protocol = {
  ...protocol,
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["v2Checkpoint"],
  writerFeatures: ["v2Checkpoint"],
};

/** Rows of all Parquet files of a version's checkpoint, and how many each has, by the number of its part or, of sidecars, ascending. */
async function rowsOf(
  table: string,
  at: number,
): Promise<{ readonly paths: readonly string[]; readonly counts: unknown }> {
  const log = join(table, "_delta_log");
  const parts = readdirSync(log).filter((name) => name.startsWith(`${String(at).padStart(20, "0")}.checkpoint.`));
  const isV2 = parts.some((name) => name.endsWith(".json"));
  const lines = isV2
    ? readFileSync(join(log, parts[0] ?? ""), "utf8")
        .trim()
        .split("\n")
    : [];
  const named = lines.flatMap((line) => (JSON.parse(line) as { sidecar?: { path: string } }).sidecar?.path ?? []);
  const paths = isV2
    ? named.map((name) => join(log, "_sidecars", name))
    : parts.map((name) => join(log, name)).toSorted();
  const counts: number[] = [];
  for (const path of paths)
    counts.push((await engine.parquet.metadata(path)).rowGroups.reduce((sum, { rowCount }) => sum + rowCount, 0));
  return { paths, counts };
}

test.each([
  { layout: "parts", first: protocol, properties: {} },
  { layout: "sidecars", first: v2Protocol, properties: v2 },
])(
  "columns are taken over into $layout of the size asked for, and from them",
  async ({ layout, first, properties }) => {
    const table = temporaryFolder();
    const sized: Engine = { ...engine, conf: new Map([[partSize, "4000"]]) };
    const files = Array.from({ length: count }, (_, index) => fileOf(index));
    const described = metadataOf({ ...writing(true, true), ...properties });
    const gone = remove("gone", { deletionTimestampMs: recentMs });
    writeCommits(table, [[first, described, ...files, gone]]);
    const write = async (on: Engine, at: string): Promise<void> => writeCheckpoint(on, await loadSnapshot(on, at));
    await write(sized, table);
    writeCommits(table, later, 1);
    const other = temporaryFolder();
    cpSync(table, other, { recursive: true });
    for (const name of readdirSync(join(other, "_delta_log")))
      if (name.includes("checkpoint") || name === "_sidecars")
        rmSync(join(other, "_delta_log", name), { recursive: true });
    await write(sized, other);

    const statements: string[] = [];
    await write({ ...noting(statements), conf: sized.conf }, table);
    expect(statements.some((sql) => sql.startsWith("COPY") && sql.includes("ANTI JOIN"))).toBe(true);
    const [ours, theirs] = [await rowsOf(table, 3), await rowsOf(other, 3)];
    if (layout === "parts") {
      expect(ours.counts).toEqual(theirs.counts);
      for (const [part, path] of ours.paths.entries())
        expect(await differences([path], [theirs.paths[part] ?? ""])).toEqual([]);
    }
    expect(ours.paths.length).toBeGreaterThan(2);
    expect(Math.max(...(ours.counts as number[]))).toBeLessThan(4500);
    expect(await differences(ours.paths, theirs.paths)).toEqual([]);
    // What was taken over from several files serves as well.
    writeCommits(table, [[remove("q=a%20b/f99", { deletionTimestampMs: recentMs })]], 4);
    const before = await loadSnapshot(engine, table);
    await write(engine, table);
    expect(await livePaths(await loadSnapshot(engine, table))).toEqual(await livePaths(before));
  },
);
