// test/log/write-checkpoint.test.ts: nothing that the protocol keeps is lost in a checkpoint, and what has expired is.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Action, AddFile } from "../../src/format/action/action.ts";
import { parseStats } from "../../src/format/value/file-stats.ts";
import { loadSnapshot, refreshSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { manualClock } from "../engine/manual-clock.ts";
import {
  add,
  allFiles,
  checkpointFile,
  commitFile,
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

const nowMs = 1_700_000_000_000;
const dayMs = 86_400_000;
const engine = testEngine(manualClock(nowMs));

async function checkpointOnly(actions: readonly Action[]): Promise<string> {
  const table = temporaryFolder();
  writeCommits(table, [actions]);
  await writeCheckpoint(engine, await loadSnapshot(engine, table));
  rmSync(commitFile(table, 0));
  return table;
}

const text = fc.string({ unit: "binary", maxLength: 12 }).filter((one) => !/\p{Surrogate}/u.test(one));
const textMap = fc.dictionary(text, text, { maxKeys: 3 }).map((entries) => new Map(Object.entries(entries)));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const file = fc.record(
  {
    path: text.filter((one) => one !== ""),
    partitionValues: fc
      .dictionary(text, fc.option(text), { maxKeys: 3 })
      .map((entries) => new Map(Object.entries(entries))),
    sizeBytes: fc.maxSafeNat(),
    modificationTimeMs: fc.maxSafeNat(),
    stats: text,
    tags: textMap,
    deletionVector: fc.record({
      storageType: fc.constantFrom("u", "i", "p"),
      pathOrInlineDv: text,
      offset: fc.nat(),
      sizeInBytes: fc.nat(),
      cardinality: fc.nat(),
    }),
    baseRowId: int64,
    defaultRowCommitVersion: int64,
    clusteringProvider: text,
  },
  { requiredKeys: ["path", "partitionValues", "sizeBytes", "modificationTimeMs"] },
);

test("every field of every file comes back from a checkpoint as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(file, { selector: (one) => one.path, maxLength: 6 }), async (files) => {
      const adds = files.map((one): AddFile => ({ kind: "add", dataChange: false, ...one }));
      const table = temporaryFolder();
      writeCommits(table, [[protocol, metadata(), ...adds]]);
      const before = await loadSnapshot(engine, table);
      await writeCheckpoint(engine, before);
      rmSync(commitFile(table, 0));
      expect(await allFiles(await loadSnapshot(engine, table))).toEqual(await allFiles(before));
    }),
    { seed: 20, numRuns: 60 },
  );
});

test("metadata, protocol, transactions and domains come back as they were, 64-bit numbers whole", async () => {
  const described = {
    ...metadata({ "a key": "ü", "delta.appendOnly": "false" }, ["day"]),
    name: "n",
    description: 'it\'s "quoted"',
    format: { provider: "parquet", options: new Map([["x", "y"]]) },
  };
  const domain: Action = { kind: "domainMetadata", domain: "d", configuration: '{"a":1}', removed: false };
  const gone: Action = { kind: "domainMetadata", domain: "gone", configuration: "", removed: true };
  const table = await checkpointOnly([
    protocol,
    described,
    txn("big", 2n ** 63n - 1n, 5),
    txn("plain", -1n),
    domain,
    gone,
  ]);
  const snapshot = await loadSnapshot(engine, table);
  expect(snapshot.metadata).toEqual(described);
  expect(snapshot.protocol).toEqual(protocol);
  expect([...snapshot.transactions.values()]).toEqual([txn("big", 2n ** 63n - 1n, 5), txn("plain", -1n)]);
  expect([...snapshot.domains.values()]).toEqual([domain]);
});

test("tombstones are kept for delta.deletedFileRetentionDuration and no longer, without statistics and tags", async () => {
  const old = remove("old", { deletionTimestampMs: nowMs - 7 * dayMs });
  const young = remove("young", {
    deletionTimestampMs: nowMs - 7 * dayMs + 1,
    stats: "{}",
    tags: new Map([["a", "b"]]),
    sizeBytes: 9,
    extendedFileMetadata: true,
    partitionValues: new Map([["p", null]]),
  });
  const { deletionTimestampMs: _, ...timeless } = remove("timeless");
  const snapshot = await loadSnapshot(engine, await checkpointOnly([protocol, metadata(), old, young, timeless]));
  const kept: unknown[] = [];
  for await (const chunk of snapshot.tombstones()) kept.push(...chunk);
  const { stats: _stats, tags: _tags, ...plain } = young;
  expect(kept).toEqual([{ ...plain, dataChange: false }]);
});

const statsText =
  '{"numRecords":3,"minValues":{"id":-9007199254740993,"day":"0001-01-01"},"maxValues":{"id":9223372036854775807,"day":"2020-02-29"},"nullCount":{"id":0,"day":1}}';

test.each([
  ["true", "false"],
  ["true", "true"],
  ["false", "true"],
])("statistics survive with writeStatsAsJson %s and writeStatsAsStruct %s", async (json, struct) => {
  const settings = { "delta.checkpoint.writeStatsAsJson": json, "delta.checkpoint.writeStatsAsStruct": struct };
  const table = await checkpointOnly([protocol, metadata(settings), add("a", { stats: statsText }), add("b")]);
  const [a, b] = await allFiles(await loadSnapshot(engine, table));
  expect(parseStats(a?.stats ?? "")).toEqual(parseStats(statsText));
  expect(b?.stats).toBeUndefined();
  await using connection = await engine.sql.connect();
  const columns = await connection.rows(
    `SELECT name FROM parquet_schema('${checkpointFile(table, 0)}') WHERE name IN ('stats', 'stats_parsed')`,
  );
  const wanted = [...(json === "true" ? ["stats"] : []), ...(struct === "true" ? ["stats_parsed"] : [])];
  expect(columns.map((row) => row["name"])).toEqual(wanted);
});

test("decimal bounds keep every digit, and times their microseconds, in typed statistics", async () => {
  const fields = [
    { name: "d", type: "decimal(38,20)", nullable: true, metadata: {} },
    { name: "f", type: "decimal(38,38)", nullable: true, metadata: {} },
    { name: "t", type: "timestamp", nullable: true, metadata: {} },
    { name: "x", type: "double", nullable: true, metadata: {} },
  ];
  const schemaString = JSON.stringify({ type: "struct", fields });
  const settings = { "delta.checkpoint.writeStatsAsJson": "false" };
  const stats =
    '{"numRecords":1,"minValues":{"d":-123456789012345678.90123456789012345678,"f":-0.12345678901234567890123456789012345678,"t":"2020-01-01T00:00:00.123456Z","x":"-Infinity"},"maxValues":{"d":1.00000000000000000001,"f":0.12345678901234567890123456789012345678,"t":"2020-01-01T00:00:00.120Z","x":"NaN"},"nullCount":{"d":0,"f":0,"t":0,"x":0}}';
  const table = await checkpointOnly([protocol, { ...metadata(settings), schemaString }, add("a", { stats })]);
  const [a] = await allFiles(await loadSnapshot(engine, table));
  expect(parseStats(a?.stats ?? "")).toEqual(parseStats(stats));
});

test("partition values are typed beside their text, and read back from the types where the text is absent", async () => {
  const settings = { "delta.checkpoint.writeStatsAsStruct": "true" };
  const files = [
    add("a", { partitionValues: new Map([["day", "2020-02-29"]]) }),
    add("b", { partitionValues: new Map([["day", null]]) }),
  ];
  const table = await checkpointOnly([protocol, metadata(settings, ["day"]), ...files]);
  const path = checkpointFile(table, 0);
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(
    `SELECT add.partitionValues_parsed.day::VARCHAR AS day FROM '${path}' WHERE add.path IS NOT NULL ORDER BY add.path`,
  );
  expect(rows).toEqual([{ day: "2020-02-29" }, { day: null }]);
  const typedOnly =
    "struct_pack(path := add.path, size := add.size, modificationTime := add.modificationTime, dataChange := true, partitionValues_parsed := add.partitionValues_parsed)";
  const other = join(table, "other.parquet");
  await connection.run(
    `COPY (SELECT * REPLACE (CASE WHEN add.path IS NOT NULL THEN ${typedOnly} END AS add) FROM '${path}') TO '${other}'`,
  );
  writeFileSync(path, readFileSync(other));
  const found = await allFiles(await loadSnapshot(engine, table));
  expect(found.map((one) => [...one.partitionValues])).toEqual([[["day", "2020-02-29"]], [["day", null]]]);
});

test("the hint says what the checkpoint holds, and never moves back", async () => {
  const table = temporaryFolder();
  writeCommits(table, [[protocol, metadata(), add("a")], [add("b")]]);
  const hint = (): unknown => JSON.parse(readFileSync(join(table, "_delta_log", "_last_checkpoint"), "utf8"));
  await writeCheckpoint(engine, await loadSnapshot(engine, table));
  expect(hint()).toMatchObject({
    version: 1,
    size: 4,
    numOfAddFiles: 2,
    sizeInBytes: readFileSync(checkpointFile(table, 1)).length,
  });
  await writeCheckpoint(engine, await loadSnapshot(engine, table, { version: v(0) }));
  expect(hint()).toMatchObject({ version: 1 });
  expect(existsSync(checkpointFile(table, 0))).toBe(true);
  expect(readdirSync(join(table, "_delta_log")).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a table whose path has special characters gets its checkpoint, and is read from it", async () => {
  const table = join(temporaryFolder(), "a [b]*? 'c' %20 #ü");
  writeCommits(table, [[protocol, metadata(), add("a")]]);
  await writeCheckpoint(engine, await loadSnapshot(engine, table));
  rmSync(commitFile(table, 0));
  expect(await livePaths(await loadSnapshot(engine, table))).toEqual(["a"]);
  expect(readdirSync(join(table, "_delta_log")).toSorted()).toEqual([
    "00000000000000000000.checkpoint.parquet",
    "_last_checkpoint",
  ]);
});

test("a damaged checkpoint is replaced", async () => {
  const table = temporaryFolder();
  writeCommits(table, [[protocol, metadata(), add("a")]]);
  writeFileSync(checkpointFile(table, 0), "damaged");
  await writeCheckpoint(engine, await loadSnapshot(engine, table));
  rmSync(commitFile(table, 0));
  expect(await livePaths(await loadSnapshot(engine, table))).toEqual(["a"]);
});

test("a checkpoint of many files stays Parquet and answers as one of few does", async () => {
  const table = temporaryFolder();
  writeCommits(table, [[protocol, metadata(), add("new"), remove("gone", { deletionTimestampMs: nowMs })]]);
  const count = 12_000;
  await writeCheckpoint(engine, await loadSnapshot(engine, table));
  const path = checkpointFile(table, 0);
  await using connection = await engine.sql.connect();
  const many = `SELECT * REPLACE ({path: 'f%20' || i, partitionValues: MAP{}::MAP(VARCHAR, VARCHAR), size: 10, modificationTime: 1, dataChange: false} AS add, NULL AS remove, NULL AS protocol, NULL AS metaData) FROM (SELECT * FROM '${path}' LIMIT 1), range(${count}) t(i)`;
  const slim =
    "{path: add.path, partitionValues: add.partitionValues, size: add.size, modificationTime: add.modificationTime, dataChange: add.dataChange}";
  const other = join(table, "other.parquet");
  await connection.run(
    `COPY (SELECT * REPLACE (CASE WHEN add.path IS NOT NULL THEN ${slim} END AS add) FROM '${path}' UNION ALL SELECT * EXCLUDE (i) FROM (${many})) TO '${other}'`,
  );
  writeFileSync(path, readFileSync(other));
  writeCommits(
    table,
    [
      [
        remove("f 7", { deletionTimestampMs: nowMs }),
        add("f%208", { sizeBytes: 1 }),
        add("extra", { sizeBytes: 5 }),
        remove("never", { deletionTimestampMs: nowMs }),
      ],
    ],
    1,
  );

  const snapshot = await loadSnapshot(engine, table);
  const live = await livePaths(snapshot);
  expect([live.length, (await snapshot.files.totals()).count]).toEqual([count + 1, count + 1]);
  expect((await snapshot.files.totals()).sizeBytes).toBe(10 * (count - 2) + 100 + 1 + 5);
  expect(live.includes("f%207")).toBe(false);
  expect(
    (await snapshot.files.lookup(new Set(["f%207", "f%208", "f%209", "extra", "none"])))
      .map((one) => `${one.path}:${one.sizeBytes}`)
      .toSorted(),
  ).toEqual(["extra:5", "f%208:1", "f%209:10"]);
  expect(await tombstonePaths(snapshot)).toEqual(["f 7", "gone", "never"]);

  writeCommits(
    table,
    [[remove("f%209", { deletionTimestampMs: nowMs }), remove("extra", { deletionTimestampMs: nowMs })]],
    2,
  );
  const next = await refreshSnapshot(engine, snapshot);
  expect(await next.files.totals()).toEqual({ count: count - 1, sizeBytes: 10 * (count - 3) + 101 });
  expect([(await snapshot.files.totals()).count, (await livePaths(snapshot)).length]).toEqual([count + 1, count + 1]);
  await writeCheckpoint(engine, next);
  const [liveNext, tombstonesNext] = [await livePaths(next), await tombstonePaths(next)];
  rmSync(path);
  for (const at of [0, 1]) rmSync(commitFile(table, at));
  const again = await loadSnapshot(engine, table);
  expect([await livePaths(again), await tombstonePaths(again)]).toEqual([liveNext, tombstonesNext]);
  // The checkpoint that `next` rests on is gone: a refresh finds another one.
  const refreshed = await refreshSnapshot(engine, next);
  expect(refreshed).not.toBe(next);
  expect(await livePaths(refreshed)).toEqual(liveNext);
});
