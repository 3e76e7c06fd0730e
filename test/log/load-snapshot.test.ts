// test/log/load-snapshot.test.ts: opening tables whose log is damaged, cleaned, or lied about.
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { loadSnapshot, tableExists } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  allFiles,
  checkpointFile,
  commitFile,
  create,
  livePaths,
  metadata,
  numbered,
  numberedFiles,
  protocol,
  setCommitTime,
  testEngine,
  txn,
  v,
  writeCommits,
} from "./table-builder.ts";

const engine = testEngine();

async function checkpointAt(folder: string, at: number): Promise<void> {
  await writeCheckpoint(engine, await loadSnapshot(engine, folder, { version: v(at) }));
}

const damages: readonly (readonly [string, (path: string) => void])[] = [
  ["empty", (path) => truncateSync(path, 0)],
  ["cut in half", (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2))],
  ["without its last byte", (path) => truncateSync(path, readFileSync(path).length - 1)],
  ["not Parquet", (path) => writeFileSync(path, "this is no Parquet file")],
  ["zeroes", (path) => writeFileSync(path, new Uint8Array(readFileSync(path).length))],
  [
    "zeroes in its first half",
    (path) => {
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0, 0, bytes.length / 2));
    },
  ],
];

test.each(damages)(
  "a checkpoint that is %s is replaced by an older one, or by the log from its start",
  async (_, damage) => {
    const folder = numberedFiles(6);
    await checkpointAt(folder, 2);
    await checkpointAt(folder, 4);
    damage(checkpointFile(folder, 4));
    expect(await livePaths(await loadSnapshot(engine, folder))).toEqual(numbered(5));
    damage(checkpointFile(folder, 2));
    expect(await livePaths(await loadSnapshot(engine, folder))).toEqual(numbered(5));
    rmSync(commitFile(folder, 0));
    await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({ code: "CORRUPT_LOG" });
  },
);

test.each(["protocol", "metaData"])("a checkpoint that can be read and has no %s is CORRUPT_LOG", async (action) => {
  const folder = numberedFiles(3);
  await checkpointAt(folder, 1);
  const file = checkpointFile(folder, 1);
  await using connection = await engine.sql.connect();
  await connection.run(`COPY (SELECT * FROM read_parquet('${file}') WHERE ${action} IS NULL) TO '${file}'`);
  await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({ code: "CORRUPT_LOG", context: { action } });
});

test("a damaged checkpoint is not passed over for an older version when it alone knows the newest", async () => {
  const folder = numberedFiles(4);
  await checkpointAt(folder, 3);
  rmSync(commitFile(folder, 3));
  expect((await loadSnapshot(engine, folder)).version).toBe(3);
  truncateSync(checkpointFile(folder, 3), 10);
  await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({ code: "CORRUPT_LOG" });
});

test.each([
  "",
  "{",
  "null",
  '{"version":99,"size":1}',
  '{"version":0}',
  '{"version":2,"size":5,"checksum":"0"}',
  "\u0000\u0000",
])("a _last_checkpoint of %j does no harm", async (text) => {
  const folder = numberedFiles(4);
  await checkpointAt(folder, 2);
  writeFileSync(join(folder, "_delta_log", "_last_checkpoint"), text);
  const snapshot = await loadSnapshot(engine, folder);
  expect([snapshot.version, await livePaths(snapshot)]).toEqual([3, numbered(3)]);
});

test("folders above a table may be called as if they were partitions", async () => {
  const folder = join(temporaryFolder(), "add=1", "metaData=2");
  mkdirSync(dirname(folder), { recursive: true });
  renameSync(numberedFiles(3), folder);
  await checkpointAt(folder, 1);
  rmSync(commitFile(folder, 0)); // the checkpoint alone knows
  const snapshot = await loadSnapshot(engine, folder);
  expect(await livePaths(snapshot)).toEqual(numbered(2));
});

test("a multi-part checkpoint is read from all its parts, and passed over while one is missing", async () => {
  const folder = numberedFiles(4);
  await checkpointAt(folder, 3);
  const whole = checkpointFile(folder, 3);
  const part = (number: number): string =>
    whole.replace("checkpoint.parquet", `checkpoint.000000000${number}.0000000002.parquet`);
  await using connection = await engine.sql.connect();
  await connection.run(
    `COPY (SELECT * FROM read_parquet('${whole}') WHERE add.path IS NULL OR add.path < 'f2') TO '${part(1)}'`,
  );
  await connection.run(`COPY (SELECT add FROM read_parquet('${whole}') WHERE add.path >= 'f2') TO '${part(2)}'`);
  rmSync(whole);
  const hidden = join(folder, "hidden");
  copyFileSync(part(2), hidden);
  rmSync(part(2));
  expect(await livePaths(await loadSnapshot(engine, folder))).toEqual(numbered(3));
  copyFileSync(hidden, part(2));
  for (let at = 0; at < 4; at += 1) rmSync(commitFile(folder, at));
  expect(await livePaths(await loadSnapshot(engine, folder))).toEqual(numbered(3));
  rmSync(part(2));
  await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
});

test("foreign columns of a checkpoint are passed over, missing ones are null, and unknown fields of a file are kept", async () => {
  const folder = numberedFiles(2);
  await using connection = await engine.sql.connect();
  const types =
    "STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER) AS protocol, NULL::STRUCT(id VARCHAR, schemaString VARCHAR, partitionColumns VARCHAR[]) AS metaData";
  const sql = `SELECT NULL::${types}, {path: 'x', partitionValues: MAP{'p': NULL, 'q': 'é'}, size: 7::BIGINT, modificationTime: 5::BIGINT, dataChange: true, novelty: 'kept'} AS add, 1 AS surprise
    UNION ALL SELECT {minReaderVersion: 1, minWriterVersion: 2}, NULL, NULL, 2
    UNION ALL SELECT NULL, {id: 'i', schemaString: '{"type":"struct","fields":[]}', partitionColumns: []::VARCHAR[]}, NULL, 3`;
  await connection.run(`COPY (${sql}) TO '${checkpointFile(folder, 1)}'`);
  const snapshot = await loadSnapshot(engine, folder);
  expect(await allFiles(snapshot)).toEqual([
    add("x", {
      partitionValues: new Map([
        ["p", null],
        ["q", "é"],
      ]),
      sizeBytes: 7,
      modificationTimeMs: 5,
      unknown: { novelty: "kept" } as never,
    }),
  ]);
});

test("a folder without a log is TABLE_NOT_FOUND", async () => {
  const folder = temporaryFolder();
  expect(await tableExists(engine, folder)).toBe(false);
  await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
  mkdirSync(join(folder, "_delta_log"));
  await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
  writeCommits(folder, [create]);
  expect(await tableExists(engine, folder)).toBe(true);
});

test("a file in the place of a table or of its log is TABLE_NOT_FOUND", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  await expect(loadSnapshot(engine, join(folder, "file"))).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
  writeFileSync(join(folder, "_delta_log"), "");
  await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
});

test("a log without metadata or protocol, or with a schema that makes no sense, is CORRUPT_LOG", async () => {
  const wrong = [{ schemaString: "{" }, { partitionColumns: ["x"] }];
  const broken = wrong.map((part) => [protocol, { ...metadata(), ...part }]);
  for (const actions of [[protocol, add("x")], [metadata()], ...broken, []]) {
    const folder = temporaryFolder();
    writeCommits(folder, [actions]);
    await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({ code: "CORRUPT_LOG" });
  }
});

test("a table that needs more than this build has is refused by the name of each feature", async () => {
  const folder = temporaryFolder();
  writeCommits(folder, [
    [
      {
        kind: "protocol",
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ["newFeature", "otherFeature"],
        writerFeatures: ["newFeature", "otherFeature"],
      },
      metadata(),
    ],
  ]);
  await expect(loadSnapshot(engine, folder)).rejects.toThrow(/newFeature.*otherFeature/);
  await expect(loadSnapshot(engine, folder)).rejects.toMatchObject({ code: "UNSUPPORTED_FEATURE" });
});

test("a version and a timestamp together are refused", async () => {
  await expect(loadSnapshot(engine, numberedFiles(1), { version: v(0), timestampMs: 1 })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("a snapshot's time is the modification time of its commit file", async () => {
  const folder = numberedFiles(3);
  for (const [at, time] of [2_000, 1_000, 1_000].entries()) setCommitTime(folder, at, time);
  expect((await loadSnapshot(engine, folder)).timestampMs).toBe(1_000);
});

test("transactions expire by delta.setTransactionRetentionDuration, those without a time at once", async () => {
  const folder = temporaryFolder();
  const now = engine.clock.nowMs();
  const day = 86_400_000;
  const actions = [
    protocol,
    metadata({ "delta.setTransactionRetentionDuration": "interval 1 days" }),
    txn("old", 1n, now - 2 * day),
    txn("new", 2n, now),
    txn("timeless", 3n),
  ];
  writeCommits(folder, [actions]);
  expect([...(await loadSnapshot(engine, folder)).transactions.keys()]).toEqual(["new"]);
});

test("the files of given paths can be looked up", async () => {
  const folder = numberedFiles(5);
  const found = await (await loadSnapshot(engine, folder)).files.lookup(new Set(["f3", "f1", "absent"]));
  expect(found.map((file) => file.path).toSorted()).toEqual(["f1", "f3"]);
});

test("a copied table, whose commit files have new times, still reads the same", async () => {
  const folder = numberedFiles(2);
  const copy = temporaryFolder();
  mkdirSync(join(copy, "_delta_log"));
  for (const at of [0, 1]) copyFileSync(commitFile(folder, at), commitFile(copy, at));
  utimesSync(commitFile(copy, 1), 1, 1);
  expect(await livePaths(await loadSnapshot(engine, copy))).toEqual(numbered(1));
});
